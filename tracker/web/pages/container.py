"""One container: where it has been, planned against actual, who said what, what is wrong, when it will arrive."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tracker.domain.identifiers import container_fault
from tracker.web.markup import Html, Shown, joined, number, table, tag
from tracker.web.pages.exceptions import exceptions_table
from tracker.web.pages.frame import Reader, framed, moment, named_facts
from tracker.web.pages.tables import link, section, way_shown

REPORTS_SHOWN: Final = 300
"""Reports a row holds at most."""
MOVES_SHOWN: Final = 5
"""Moves of the expected arrival that are shown at once: since yesterday, in all but the wildest cases."""
SLIP_SECONDS: Final = 24 * 3600
"""A slip of a day is what whoever waits is told of."""


def container_page(reader: Reader, record: Mapping[str, Any]) -> str:
    """The page of what `/v1/containers/{number}` says."""
    say, number_ = reader.say, str(record["container"])
    journeys = list(record["journeys"])
    content = [_head(reader, record, journeys[-1] if journeys else None)]
    if record["exceptions"]:
        content.append(
            tag("section", exceptions_table(reader, say("Open exceptions"), record["exceptions"], evident=True))
        )
    if journeys and journeys[-1].get("moved"):
        content.append(_moved(reader, journeys[-1]["moved"]))
    content += [_journey(reader, each) for each in reversed(journeys)]
    content.append(_reports(reader, record["reports"]))
    return framed(reader, say("Container {number}", number=number_), content)


def _head(reader: Reader, record: Mapping[str, Any], journey: Mapping[str, Any] | None) -> Html:
    say = reader.say
    facts: list[tuple[str, Shown]] = [("TEU", number(record["teu"], 2))]
    if journey is not None:
        facts += [
            ("State", tag("span", say(str(journey["state"])), class_=f"state {journey['state']}")),
            ("Corridor", str(journey["corridor"])),
            ("Direction", way_shown(say, journey["direction"])),
            ("From", reader.name_of(journey["origin"])),
            ("To", reader.name_of(journey["destination"])),
            ("Laden", say({True: "laden", False: "empty", None: "unknown"}[journey["laden"]])),
        ]
        expected = journey["expected"]
        if expected is not None:
            between = tag(
                "small", say("four of five between"), " ", moment(expected["low"]), " – ", moment(expected["high"])
            )
            facts.append(("Expected, UTC", tag("span", moment(expected["at"]), " ", between)))
        following = journey.get("next")
        if following is not None:
            there = link(f"/nodes/{following['node']}", reader.name_of(following["node"]))
            facts.append(("Next node, UTC", tag("span", there, " ", moment(following["at"]))))
    if container_fault(str(record["container"])) is not None:
        facts.append(("Number", tag("span", say("its check digit is wrong"), class_="unready")))
    return named_facts(reader, facts)


def _moved(reader: Reader, moved: Sequence[Mapping[str, Any]]) -> Html:
    """How the expected arrival moved, the last move first: by how much later or earlier than before."""
    say = reader.say
    rows: list[Sequence[Shown]] = []
    for before, each in zip([None, *moved], moved, strict=False):
        by = None if before is None else _seconds(before["at"], each["at"])
        kind = "" if by is None else "state late" if by >= SLIP_SECONDS else "state on_time" if by < 0 else ""
        shown = "" if by is None else f"{'+' if by > 0 else '−'}{reader.say.duration(abs(by))}"
        rows.append(
            (
                moment(each["made_at"]),
                moment(each["at"]),
                tag("span", shown, class_=kind),
                tag("small", moment(each["low"]), " – ", moment(each["high"])),
            )
        )
    heads = ("Said, UTC", "Expected, UTC", "Moved by", "Four of five between")
    shown_rows = rows[::-1]
    first, more = shown_rows[:MOVES_SHOWN], shown_rows[MOVES_SHOWN:]
    content = [section(say, "How the expected arrival moved", heads, first, texts=4)]
    if more:
        older = section(say, "Before that", heads, more, texts=4)
        content.append(tag("details", tag("summary", say("{count} earlier moves", count=len(more))), older))
    return tag("div", *content)


def _journey(reader: Reader, journey: Mapping[str, Any]) -> Html:
    """A row per visit, with how long it stayed against what is planned there."""
    say = reader.say
    rows: list[Sequence[Shown]] = []
    for visit in journey["visits"]:
        node = reader.network.nodes.get(visit["node"])
        stayed = _between(visit["arrived_at"], visit["departed_at"])
        planned = None if node is None or node.stay is None else node.stay.planned * 3600
        rows.append(
            (
                link(f"/nodes/{visit['node']}", reader.name_of(visit["node"])),
                moment(visit["arrived_at"]),
                _local(visit.get("arrived_at_local")),
                moment(visit["departed_at"]),
                _local(visit.get("departed_at_local")),
                reader.say.duration(stayed),
                reader.say.duration(planned),
                _against(say("stay against plan"), stayed, planned),
                tag("small", say("not reported, follows from the next")) if visit["implied"] else "",
            )
        )
    heads = ("Node", "In, UTC", "local", "Out, UTC", "local", "Stayed", "Planned", "Against plan", "")
    caption = say("Journey {began} {status}", began=str(journey["began_at"])[:10], status=say(str(journey["status"])))
    return tag("section", table(caption, [say(head) if head else "" for head in heads], rows, texts=5))


def _reports(reader: Reader, reports: Sequence[Mapping[str, Any]]) -> Html:
    """Who said what and when it came here, newest first."""
    say = reader.say
    rows: list[Sequence[Shown]] = [
        (
            moment(each["occurred_at"]),
            _local(each.get("occurred_at_local")),
            say(f"kind: {each['kind']}"),
            link(f"/nodes/{each['node']}", reader.name_of(each["node"])),
            say(str(each["classifier"])),
            str(each["carrier"]),
            " ".join(str(each[name]) for name in ("train", "wagon", "vessel", "voyage") if name in each),
            moment(each["received_at"]),
            reader.say.duration(_between(each["occurred_at"], each["received_at"])),
            say("retracted") if each["retracted"] else "",
        )
        for each in list(reports)[::-1][:REPORTS_SHOWN]
    ]
    heads = (
        "Happened, UTC",
        "local",
        "What",
        "Where",
        "",
        "Carrier",
        "Train, wagon, vessel",
        "Received, UTC",
        "after",
        "",
    )
    return tag("section", table(say("Reports"), [say(head) if head else "" for head in heads], rows, texts=8))


def _seconds(before: str, after: str) -> float:
    return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()


def _between(begin: str | None, end: str | None) -> float | None:
    if begin is None or end is None:
        return None
    return max(0.0, _seconds(begin, end))


def _local(text: str | None) -> Html:
    """The clock on the wall there, without the year, which stands beside it: so the table fits a window."""
    return Html("") if text is None else tag("span", text[5:16].replace("T", " ") + " " + text[-6:], class_="dim")


def _against(words: str, stayed: float | None, planned: float | None) -> Html:
    """A bar of the stay, with a mark where it was to end."""
    if stayed is None or not planned:
        return Html("")
    scale = 60 / (2 * planned)
    width, kind = min(72.0, stayed * scale), "median" if stayed <= planned else "late"
    return joined(
        [
            tag(
                "svg",
                tag("rect", width=f"{width:.1f}", height="8", y="2", class_=kind),
                tag("rect", x=f"{planned * scale:.1f}", width="1.5", height="12", class_="due"),
                viewBox="0 0 72 12", width="72", height="12", role="img", aria_label=words,
            )
        ]
    )  # fmt: skip
