"""Exceptions in words, for people."""

from collections.abc import Mapping
from typing import Any, Final

from tracker.notify.version import Version

_RULES: Final = {
    "held": "held by customs",
    "wrong_way": "going the wrong way",
    "late": "late",
    "dwell": "standing too long",
    "run": "too long on its way",
    "silent": "not heard of",
    "missed": "a milestone was not reported",
    "impossible": "reported at two places at once",
    "node_stopped": "departures have stopped",
    "carrier_silent": "a carrier reports nothing",
    "carrier_clock": "a carrier's clock is wrong",
    "pipeline_behind": "nothing is received",
    "expected": "is expected at another time",
}


def headline(version: Version) -> str:
    """One line: what, who, where.

    A line break in what others wrote would begin a line of its own in a mail: there is none.
    """
    said = version.said
    who = said.container or said.carrier or ""
    where = said.node or said.leg
    told = _RULES.get(said.rule, said.rule)
    parts = [told if not who else f"{who} {told}", f"at {where}" if said.node else f"on {where}" if where else ""]
    return " ".join(" ".join(part for part in parts if part).split())


def lines_of(version: Version) -> list[str]:
    """The headline, and what is known, each on a line."""
    record = version.content()
    if version.is_change:
        return _change(version, record)
    state = "over" if not version.is_open else said_severity(version)
    lines = [f"{headline(version)} ({state})"]
    since, reason = record.get("since"), record.get("reason")
    lines.append(f"    since {since}, an exception since {version.deadline}" + (f", over: {reason}" if reason else ""))
    about = [
        f"{name} {record[name]}"
        for name in ("corridor", "direction", "carrier", "journey", "cause", "children")
        if record.get(name) is not None
    ]
    lines.append(f"    {', '.join(map(str, about))}; {version.said.id} version {version.said.version}")
    return [" ".join(line.split()) if at == 0 else f"    {' '.join(line.split())}" for at, line in enumerate(lines)]


def _change(version: Version, record: Mapping[str, Any]) -> list[str]:
    """What is expected now and was before; once it is there, when it came."""
    previous, current = record.get("previous") or {}, record.get("current")
    if current is not None:
        now = f"expected {current['at']} (from {current['low']} to {current['high']}), before that {previous.get('at')}"
    else:
        came = record.get("arrived_at")
        now = f"{record.get('reason')}{f' {came}' if came else ''}, expected {previous.get('at')}"
    named = ("corridor", "direction", "carrier", "journey")
    about = ", ".join(f"{name} {record[name]}" for name in named if record.get(name))
    lines = [headline(version), f"    {now}", f"    {about}; {version.said.id} version {version.said.version}"]
    return [" ".join(line.split()) if at == 0 else f"    {' '.join(line.split())}" for at, line in enumerate(lines)]


def said_severity(version: Version) -> str:
    """The severity, as it is written."""
    return version.said.severity
