"""Faults of the times: E3.. and W3.."""

from typing import Final

from tracker.domain.catalogue.entry import GOOD, GOOD_REPORT, Entry, Sent, event, report

ENTRIES: Final = (
    Entry(
        "E301",
        "the event time is missing",
        cause="a row without a time, or the field under another name",
        fix="give `occurred_at`",
        failing=report("occurred_at"),
        good=GOOD,
    ),
    Entry(
        "E302",
        "the time cannot be read",
        cause="day before month, seconds since 1970, a date without a time of day, a date that does not exist",
        fix="RFC 3339, as in 2026-03-01T08:40:00+05:00",
        failing=report(occurred_at="01.03.2026 13:40"),
        good=GOOD,
    ),
    Entry(
        "E303",
        "the time has no offset",
        cause="a local time, whose zone only its writer knows (1520 mm railways write Moscow or local time)",
        fix="add the offset, as in +05:00 or Z; we never guess one",
        failing=report(occurred_at="2026-03-01T13:40:00"),
        good=GOOD,
    ),
    Entry(
        "E304",
        "an actual event lies in the future",
        cause="a local time marked Z, a clock ahead, or a plan sent as an actual",
        fix="send it as estimated or planned, or mend the clock or offset",
        failing=report(occurred_at="2026-03-01T13:40:00Z"),
        good=GOOD,
    ),
    Entry(
        "E305",
        "the time lies outside 2000 to 2100",
        cause="an empty date that became 1970-01-01 or 0001-01-01",
        fix="mend the date",
        failing=report(occurred_at="1970-01-01T00:00:00Z"),
        good=GOOD,
    ),
    Entry(
        "W301",
        "recorded before it occurred",
        cause="the two times carry different offsets, or the terminal's clock is ahead",
        fix="check the clocks and offsets of both times",
        failing=report(recorded_at="2026-03-01T08:35:00Z"),
        good=report(recorded_at="2026-03-01T08:55:00Z"),
    ),
    Entry(
        "W302",
        "the event lies a little in the future",
        cause="a clock that is some minutes ahead",
        fix="check the clock",
        failing=report(occurred_at="2026-03-01T09:45:00Z"),
        good=GOOD,
    ),
    Entry(
        "W303",
        "reported late",
        cause="reports gathered for a day or more, or an old file sent again",
        fix="send reports within 24 hours",
        failing=report(occurred_at="2026-02-20T08:40:00Z"),
        good=GOOD,
    ),
    Entry(
        "W304",
        "it contradicts more trusted reports and was set aside: too far too fast, or gone before it came",
        cause="a misread container number, a wrong node, or a time that is off by hours or days",
        fix="check container number, node and time; retract it, or the other report",
        failing=(
            Sent(GOOD_REPORT),
            Sent(GOOD_REPORT | {"kind": "arrived", "node": "PL-LODZ", "id": "A-2"}, received="2026-03-01T09:50:00Z"),
        ),
        good=(
            Sent(GOOD_REPORT),
            Sent(
                GOOD_REPORT
                | {"kind": "arrived", "node": "PL-LODZ", "id": "A-2", "occurred_at": "2026-03-11T10:40:00+01:00"},
                received="2026-03-11T10:00:00Z",
            ),
        ),
    ),
    Entry(
        "W305",
        "since some time all event times seem to be whole hours off",
        cause="local time sent as UTC or with another zone's offset, or a server moved to another zone",
        fix="check clock and offset; if they were wrong tell us the hours and since when, and we correct what came in",
        failing=(),
        good=(),
    ),
    Entry(
        "W306",
        "the time is plain, but not RFC 3339",
        cause="a database's own form of a time",
        fix="write it as in 2026-03-01T08:40:00+05:00",
        failing=event(eventDateTime="2026-03-01 13:40:00+05:00"),
        good=event(),
    ),
)
