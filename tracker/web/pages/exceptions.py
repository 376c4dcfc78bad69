"""What is wrong: exceptions by incident, why, for how long, what to do next, and who took it on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tracker.domain.exceptions import VOICE, Cause, Rule, Severity
from tracker.web.markup import Html, Shown, number, table, tag
from tracker.web.pages.frame import Reader, framed, moment
from tracker.web.pages.overview import INCIDENTS, incidents_shown
from tracker.web.pages.tables import link
from tracker.web.pages.verdict import NEXT, age, evidence_shown, place_of, taken_on


def exceptions_page(
    reader: Reader, page: Mapping[str, Any], filters: Mapping[str, str], incidents: Sequence[Any]
) -> str:
    """The page of a list of exceptions; `filters` are those it was asked with."""
    say = reader.say
    found = [each for each in page["exceptions"] if each["rule"] not in INCIDENTS]
    groups: dict[str | None, dict[Rule, list[Mapping[str, Any]]]] = {}
    for each in found:
        groups.setdefault(each["incident"], {}).setdefault(Rule(each["rule"]), []).append(each)
    shown = [incidents_shown(reader, incidents), _filters(reader, filters)]
    for incident in sorted(groups, key=lambda name: (name is not None, name or "")):
        caption = say("Not explained by an incident") if incident is None else say("Explained by {name}", name=incident)
        shown.append(tag("h2", caption if incident is None else link(f"/exceptions/{incident}", caption)))
        for rule in sorted(groups[incident], key=VOICE.__getitem__):
            # What to do is the same for all of a rule: said once, the rows stay a line high each.
            advice = tag("p", tag("b", say("What to do next")), ": ", say(NEXT[rule]), class_="dim")
            shown.append(tag("section", exceptions_table(reader, say(rule), groups[incident][rule]), advice))
    if not found:
        shown.append(tag("p", say("Nothing is wrong with what was asked for."), class_="dim"))
    shown.append(tag("p", say("{count} in all", count=number(page["count"]))))
    if page["next"]:
        shown.append(tag("p", link("?" + urlencode({**filters, "cursor": page["next"]}), say("Next page"))))
    return framed(reader, say("Exceptions"), shown)


def exceptions_table(
    reader: Reader, caption: str, found: Iterable[Mapping[str, Any]], *, evident: bool = False
) -> Html:
    """A row per exception; `evident`: of one container, with what to do next and the evidence."""
    say = reader.say
    heads = (
        "Container", "Severity", "What", "Where", "Why", "Age", "Since, UTC", "Deadline, UTC", "Line", "Taken on",
        "What to do next", "Evidence",
    )  # fmt: skip
    shown = heads[1:] if evident else heads[:-2]
    rows: list[Sequence[Shown]] = [
        (
            *([] if evident else [link(f"/containers/{each['container']}", str(each["container"]))]),
            tag("span", say(str(each["severity"])), class_=f"severity {each['severity']}"),
            link(f"/exceptions/{each['id']}", say(str(each["rule"]))),
            place_of(reader, each),
            say(f"cause: {each['cause']}"),
            age(reader, each),
            moment(each["since"]),
            moment(each["deadline"]),
            reader.say.duration(each["threshold_seconds"]),
            taken_on(reader, each),
            *([tag("small", say(NEXT[str(each["rule"])])), evidence_shown(each["evidence"])] if evident else []),
        )
        for each in found
    ]
    return table(caption, [say(head) for head in shown], rows, texts=len(heads))


def _filters(reader: Reader, filters: Mapping[str, str]) -> Html:
    """Links that add a filter, or take it out."""
    say = reader.say
    kinds: Mapping[str, Sequence[str]] = {
        "severity": list(Severity),
        "rule": list(Rule),
        "cause": list(Cause),
        "corridor": list(reader.network.corridors),
        "status": ["open", "resolved"],
    }
    rows = []
    for name, values in kinds.items():
        links: list[Shown] = []
        for value in values:
            chosen = filters.get(name, "open" if name == "status" else None) == value
            query = {key: each for key, each in filters.items() if key != name} | ({} if chosen else {name: value})
            words = value if name == "corridor" else say(f"cause: {value}") if name == "cause" else say(value)
            current = {"aria-current": "true"} if chosen else {}
            links += [tag("a", words, href="/exceptions?" + urlencode(query), **current), " "]
        rows.append(tag("p", tag("b", say(name.capitalize())), " ", *links))
    return tag("nav", *rows, class_="filters", aria_label=say("Filters"))
