"""Carriers' feeds: how much they report, how late, what is wrong with it and what to do about that."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.domain.faults import CATALOGUE
from tracker.web.markup import Html, Shown, number, share, tag
from tracker.web.pages.frame import Reader, framed, moment, named_facts
from tracker.web.pages.tables import link, section


def carriers_page(reader: Reader, cards: Sequence[Mapping[str, Any]]) -> str:
    """A row per carrier."""
    rows: list[Sequence[Shown]] = [
        (
            link(f"/carriers/{card['carrier']}", str(card["carrier"])),
            _state(reader, card),
            moment(card["heard_at"]),
            number(card["reports"]),
            number(card["rejected"]),
            share(card["rejected"] / card["reports"] if card["reports"] else None),
            reader.say.duration(card["delay"]["p50_seconds"]),
            reader.say.duration(card["delay"]["p90_seconds"]),
            share(card["delay"]["within_12h"]),
            share(card["completeness"]["share"]),
            reader.say.duration(card["usual_gap_seconds"]),
            number(card["missing"]["reports"]),
        )
        for card in cards
    ]
    heads = (
        "Carrier", "State", "Last heard, UTC", "Reports", "Rejected", "Share rejected", "Delay p50", "Delay p90",
        "Within 12 h", "Complete", "Usual gap", "Never came",
    )  # fmt: skip
    days = cards[0]["window_days"] if cards else 0
    told = tag("p", reader.say("Reports, faults and delays of {days} days.", days=days), class_="dim")
    return framed(reader, reader.say("Carriers"), [section(reader.say, "Feeds", heads, rows, texts=3), told])


def carrier_page(reader: Reader, card: Mapping[str, Any]) -> str:
    """One carrier's scorecard, each fault with what to do about it."""
    say = reader.say
    facts: list[tuple[str, Shown]] = [
        ("State", _state(reader, card)),
        ("Last heard, UTC", moment(card["heard_at"])),
        ("Reports", number(card["reports"])),
        ("Rejected", number(card["rejected"])),
        ("Delay p50", reader.say.duration(card["delay"]["p50_seconds"])),
        ("Delay p90", reader.say.duration(card["delay"]["p90_seconds"])),
        ("Within 12 h", share(card["delay"]["within_12h"])),
        ("Complete", _complete(reader, card["completeness"])),
        ("Usual gap", reader.say.duration(card["usual_gap_seconds"])),
        ("Never came", number(card["missing"]["reports"])),
    ]
    rows: list[Sequence[Shown]] = [
        (code, *say.fault(code), number(count))
        for code, count in sorted(card["faults"].items(), key=lambda item: (-item[1], item[0]))
        if code in CATALOGUE
    ]
    shown: list[Html] = [named_facts(reader, facts), _days(reader, card["days"])]
    shown.append(section(say, "Faults", ("Code", "What is wrong", "What to do about it", "Reports"), rows, texts=3))
    gaps = [(f"{each['first']} – {each['last']}",) for each in card["missing"]["ranges"][::-1]]
    shown.append(section(say, "Numbers that never came", ("Sequence",), gaps, texts=1))
    return framed(reader, say("Carrier {name}", name=card["carrier"]), shown)


def _complete(reader: Reader, completeness: Mapping[str, Any]) -> Html:
    """The share of the milestones that it should have told of, and of how many."""
    counts = reader.say(
        "{told} of {expected} milestones", told=number(completeness["told"]), expected=number(completeness["expected"])
    )
    return tag("span", share(completeness["share"]), " ", tag("small", counts))


def _days(reader: Reader, days: Sequence[Mapping[str, Any]]) -> Html:
    """How the feed went by day: a bar of its reports with the rejected ones in it, and how late they came."""
    say, most = reader.say, max((each["reports"] for each in days), default=0)
    rows: list[Sequence[Shown]] = [
        (
            each["day"],
            _bar(each["reports"], each["rejected"], most),
            number(each["reports"]),
            number(each["rejected"]),
            share(each["rejected"] / each["reports"] if each["reports"] else None),
            number(each["faults"]),
            reader.say.duration(each["delay_p50_seconds"]),
            reader.say.duration(each["delay_p90_seconds"]),
            share(each["within_12h"]),
        )
        for each in reversed(days)
    ]
    heads = (
        "Day, UTC", "", "Reports", "Rejected", "Share rejected", "Faults told", "Delay p50", "Delay p90", "Within 12 h"
    )  # fmt: skip
    return section(say, "By day", heads, rows, texts=1)


def _bar(reports: int, rejected: int, most: int) -> Html:
    if not reports:
        return Html("")
    bars = (
        tag("rect", width=f"{100 * reports / most:.1f}", height="10", y="1", class_="median"),
        tag("rect", width=f"{100 * rejected / most:.1f}", height="10", y="1", class_="late"),
    )
    return tag("svg", *bars, viewBox="0 0 100 12", width="100", height="12", aria_hidden="true")


def _state(reader: Reader, card: Mapping[str, Any]) -> Html:
    say = reader.say
    if card["clock"] is not None:
        return tag("span", say("clock {hours} h off", hours=f"{card['clock']['hours']:+d}"), class_="severity critical")
    if card["heard_at"] is None:
        return tag("span", say("never heard"), class_="dim")
    if card["quiet"]:
        return tag("span", say("quiet"), class_="severity critical")
    return tag("span", say("reports"), class_="state on_time")
