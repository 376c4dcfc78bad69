"""One exception or incident: what is wrong, why, by what evidence, what to do next, and who took it on."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.contract.acknowledgements import BY_MAX, NOTE_MAX
from tracker.web.markup import Html, Shown, tag
from tracker.web.pages.frame import Reader, framed, moment, named_facts
from tracker.web.pages.tables import link
from tracker.web.pages.verdict import NEXT, age, evidence_shown, incident_place, place_of, taken_on


def exception_page(
    reader: Reader, exception: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]], *, may: bool, wrong: str = ""
) -> str:
    """The page of an exception or incident.

    `may`: whether anybody may acknowledge here. `wrong`: why what was just sent was not taken.
    """
    say, box = reader.say, exception["container"]
    severity = tag("span", say(str(exception["severity"])), class_=f"severity {exception['severity']}")
    status = say("open") if exception["status"] == "open" else say("resolved")
    facts: list[tuple[str, Shown]] = [
        ("State", tag("span", f"{status}, ", severity)),
        ("Where", incident_place(reader, exception) if box is None else place_of(reader, exception)),
        ("Why", say(f"cause: {exception['cause']}")),
        ("Since, UTC", moment(exception["since"])),
        ("Deadline, UTC", moment(exception["deadline"])),
        ("Resolved, UTC", moment(exception["resolved_at"])),
        ("Line", reader.say.duration(exception["threshold_seconds"])),
        ("Age", age(reader, exception)),
    ]
    if box is not None:
        facts.insert(0, ("Container", link(f"/containers/{box}", str(box))))
    if exception["incident"]:
        facts.append(("Explained by", link(f"/exceptions/{exception['incident']}", str(exception["incident"]))))
    content = [named_facts(reader, facts)]
    if exception["rule"] in NEXT:
        content.append(tag("p", tag("b", say("What to do next")), ": ", say(NEXT[str(exception["rule"])])))
    content.append(_acknowledgement(reader, exception, may, wrong))
    if evidence:
        content.append(tag("section", tag("h2", say("Evidence")), evidence_shown(evidence), class_="card"))
    return framed(
        reader, say("{rule}: {id}", rule=say(str(exception["rule"])), id=exception["id"]), content, live=False
    )


def _acknowledgement(reader: Reader, exception: Mapping[str, Any], may: bool, wrong: str) -> Html:
    say = reader.say
    content: list[Shown] = [tag("h2", say("Taken on"))]
    if exception["acknowledgement"] is None:
        content.append(tag("p", say("Nobody has taken it on."), class_="dim"))
    else:
        content.append(tag("p", taken_on(reader, exception)))
    if wrong:
        content.append(tag("p", wrong, class_="unready", role="alert"))
    content.append(_form(reader, exception) if may else tag("p", say("Nothing is entered here."), class_="dim"))
    return tag("section", *content, class_="card")


def _form(reader: Reader, exception: Mapping[str, Any]) -> Html:
    """A form that needs no script: the token goes with it, and is kept nowhere but by the browser, if its user wants.

    No cookie gives a right to anything, so that no other page can send it in a user's name.
    """
    say = reader.say
    return tag(
        "form",
        *_field(reader, "by", "Who", {"maxlength": str(BY_MAX), "required": "required", "autocomplete": "name"}),
        *_field(reader, "note", "Note", {"maxlength": str(NOTE_MAX), "autocomplete": "off"}),
        *_field(
            reader,
            "token",
            "Token",
            {"type": "password", "required": "required", "autocomplete": "current-password", "maxlength": "200"},
        ),
        tag("button", say("Take it on")),
        action=f"/exceptions/{exception['id']}",
        method="post",
        class_="taking",
    )


def _field(reader: Reader, name: str, words: str, attributes: Mapping[str, str]) -> tuple[Html, Html]:
    return (
        tag("label", reader.say(words), for_=f"taking-{name}"),
        tag("input", **{"id": f"taking-{name}", "name": name, **attributes}),
    )
