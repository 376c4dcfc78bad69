"""The overview: what is under way, what is wrong with it, and where."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from tracker.aggregates.incidents import IncidentRule
from tracker.aggregates.part import Whole
from tracker.domain.exceptions import Cause, Rule, Severity
from tracker.web.markup import Html, Shown, number, share, table, tag
from tracker.web.pages.frame import Reader, framed, moment
from tracker.web.pages.rail_map import rail_map
from tracker.web.pages.tables import corridors_table, crossings_table, link, targets_table
from tracker.web.pages.verdict import NEXT, incident_place, taken_on

INCIDENTS: Final[tuple[str, ...]] = get_args(IncidentRule)
INCIDENTS_SHOWN: Final = 8
CAUSES: Final = tuple(Cause)


def overview(reader: Reader, whole: Whole, incidents: Sequence[Mapping[str, Any]]) -> str:
    """The page; `incidents` are the records of the open ones."""
    say = reader.say
    stopped = {str(each["node"]) for each in incidents if each["rule"] == "node_stopped"}
    aside = tag(
        "div",
        incidents_shown(reader, incidents[:INCIDENTS_SHOWN]),
        _wrong(reader, whole),
        targets_table(reader, whole.statistics),
        class_="aside",
    )
    content = [
        _tiles(reader, whole, len(incidents)),
        tag("div", rail_map(reader, whole, stopped), aside, class_="beside"),
        corridors_table(reader, whole),
        crossings_table(reader, whole.statistics),
    ]
    return framed(reader, say("Overview"), content)


def incidents_shown(reader: Reader, incidents: Iterable[Mapping[str, Any]]) -> Html:
    """The open incidents, each with how much it explains."""
    say = reader.say
    lines = [
        tag(
            "li",
            link(f"/exceptions/{each['id']}", say(str(each["rule"]))),
            " ",
            incident_place(reader, each),
            " ",
            say("since"),
            " ",
            moment(each["since"]),
            *([" · ", say("explains {count}", count=each["children"])] if each.get("children") else []),
            " · ",
            taken_on(reader, each),
            tag("small", say(NEXT[str(each["rule"])])),
        )
        for each in incidents
    ]
    shown: Shown = tag("ul", *lines) if lines else tag("p", say("No open incident."), class_="dim")
    return tag("section", tag("h2", say("Open incidents")), shown, class_="card incidents")


def _tiles(reader: Reader, whole: Whole, incidents: int) -> Html:
    say, statistics = reader.say, whole.statistics
    states = Counter[str]()
    for (_, _, state), count in whole.open.items():
        states[state] += count
    firsts = {corridor.id: corridor.sections[0].id for corridor in reader.network.corridors.values()}
    day = [e for e in statistics["corridors"] if e["window"] == "24h" and firsts.get(e["corridor"]) == e["section"]]
    standing = {(e["node"], e["direction"]): e["containers"] for e in statistics["nodes"]}
    critical = sum(count for (_, severity, _, _), count in whole.wrong.items() if severity == Severity.CRITICAL)
    tiles = (
        ("/corridors", "open journeys", number(sum(whole.open.values())), ""),
        ("/exceptions?rule=late", "late journeys", number(states["late"]), "bad" if states["late"] else ""),
        ("/exceptions?severity=critical", "critical exceptions", number(critical), "bad" if critical else ""),
        ("/exceptions", "open incidents", number(incidents), "bad" if incidents else ""),
        ("/nodes", "containers standing at nodes", number(sum(standing.values())), ""),
        ("/corridors", "TEU counted, 24 h", number(sum(entry["teu"] or 0.0 for entry in day)), ""),
        ("/corridors", "transits end to end, 24 h", number(sum(entry["transits"] for entry in day)), ""),
    )
    return tag(
        "section",
        *(tag("a", tag("b", value), say(name), href=path, class_=f"tile {kind}") for path, name, value, kind in tiles),
        class_="tiles",
        aria_label=say("Now"),
    )


def _wrong(reader: Reader, whole: Whole) -> Html:
    """Open critical exceptions by rule and cause."""
    say, counts = reader.say, Counter[tuple[str, str]]()
    for (rule, severity, cause, _), count in whole.wrong.items():
        if severity == Severity.CRITICAL:
            counts[rule, cause] += count
    total = sum(counts.values())
    rows: list[Sequence[Shown]] = []
    for rule in Rule:
        of_rule = [counts[rule, cause] for cause in CAUSES]
        if sum(of_rule):
            shown = [number(count) if count else "" for count in of_rule]
            path = f"/exceptions?rule={rule}&severity=critical"
            rows.append((link(path, say(rule)), number(sum(of_rule)), share(sum(of_rule) / total), *shown))
    heads = [say("Critical"), say("All"), say("Share"), *(say(f"cause: {cause}") for cause in CAUSES)]
    if not rows:
        return tag(
            "section", tag("h2", say("Critical")), tag("p", say("Nothing critical."), class_="dim"), class_="card"
        )
    return tag("section", table(say("Critical exceptions by cause"), heads, rows))
