"""What is wrong: exceptions by incident, why, since when, and what to do next."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from tracker.domain.exceptions import Cause, Rule, Severity
from tracker.web.markup import Html, Shown, duration, number, table, tag
from tracker.web.pages.frame import Reader, framed, moment
from tracker.web.pages.overview import INCIDENTS, incidents_shown
from tracker.web.pages.tables import link

NEXT: Final[Mapping[str, str]] = {
    "held": "Ask the broker which document customs wants.",
    "wrong_way": "Ask the carrier where the wagon goes, and have it turned.",
    "late": "Tell the consignee the new arrival; ask the carrier for a plan.",
    "dwell": "Ask the terminal what it waits for: wagons, vessel, papers.",
    "run": "Ask the carrier for the train's or vessel's position.",
    "silent": "Ask the carrier whether reports are held up, then where the box is.",
    "missed": "Ask the carrier to send the report that is missing.",
    "impossible": "Ask the carriers which report is right, and to retract the other.",
}
"""A line per rule: what the person on duty does next."""


def exceptions_page(
    reader: Reader, page: Mapping[str, Any], filters: Mapping[str, str], incidents: Sequence[Any]
) -> str:
    """The page of a list of exceptions; `filters` are those it was asked with."""
    say = reader.say
    found = [each for each in page["exceptions"] if each["rule"] not in INCIDENTS]
    groups: dict[str | None, list[Mapping[str, Any]]] = {}
    for each in found:
        groups.setdefault(each["incident"], []).append(each)
    shown = [incidents_shown(reader, incidents), _filters(reader, filters)]
    for incident in sorted(groups, key=lambda name: (name is not None, name or "")):
        caption = say("Not explained by an incident") if incident is None else say("Explained by {name}", name=incident)
        shown.append(tag("section", exceptions_table(reader, caption, groups[incident])))
    if not found:
        shown.append(tag("p", say("Nothing is wrong with what was asked for."), class_="dim"))
    shown.append(tag("p", say("{count} in all", count=number(page["count"]))))
    if page["next"]:
        shown.append(tag("p", link("?" + urlencode({**filters, "cursor": page["next"]}), say("Next page"))))
    return framed(reader, say("Exceptions"), shown)


def exceptions_table(reader: Reader, caption: str, found: Iterable[Mapping[str, Any]]) -> Html:
    """A row per exception."""
    say = reader.say
    rows: list[Sequence[Shown]] = [
        (
            link(f"/containers/{each['container']}", str(each["container"])),
            tag("span", say(str(each["severity"])), class_=f"severity {each['severity']}"),
            say(str(each["rule"])),
            place_of(reader, each),
            say(f"cause: {each['cause']}"),
            moment(each["since"]),
            moment(each["deadline"]),
            duration(each["threshold_seconds"]),
            tag("small", say(NEXT[str(each["rule"])])) if str(each["rule"]) in NEXT else "",
        )
        for each in found
    ]
    heads = ("Container", "Severity", "What", "Where", "Why", "Since, UTC", "Deadline, UTC", "Line", "What to do next")
    return table(caption, [say(head) for head in heads], rows, texts=9)


def place_of(reader: Reader, record: Mapping[str, Any]) -> Shown:
    """The node or leg of an exception."""
    if record.get("node"):
        return link(f"/nodes/{record['node']}", reader.name_of(str(record["node"])))
    leg = str(record.get("leg") or "")
    return " – ".join(reader.name_of(end) for end in leg.split("--")) if leg else ""


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
