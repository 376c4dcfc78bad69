"""Faults of carrier and identity: E6.. and W6.."""

from typing import Final

from tracker.domain.catalogue.entry import GOOD, GOOD_REPORT, Entry, Sent, report

ENTRIES: Final = (
    Entry(
        "E601",
        "the carrier id is malformed",
        cause="a topic that was made by hand, or a file whose carrier is misspelt",
        fix="2 to 20 of a-z, 0-9 and -",
        failing=(Sent(GOOD_REPORT, carrier="KTZ_Express"),),
        good=GOOD,
    ),
    Entry(
        "E602",
        "the report's id is malformed",
        cause="a number in place of a text, an empty text, or a text of more than 100 characters",
        fix="a text of 1 to 100 characters",
        failing=report(id=17),
        good=report(id="17"),
    ),
    Entry(
        "E603",
        "the revision is malformed",
        cause="a version such as 1.2, or a number in quotes",
        fix="an integer, 0 or more",
        failing=report(revision="2"),
        good=report(revision=2),
    ),
    Entry(
        "E604",
        "`retracted` is malformed",
        cause="0 and 1, or yes and no, for false and true",
        fix="true or false",
        failing=report(retracted=1),
        good=report(retracted=False),
    ),
    Entry(
        "E605",
        "the sequence number is malformed",
        cause="a number in quotes, or a negative one",
        fix="an integer, 0 or more",
        failing=report(sequence="8"),
        good=report(sequence=8),
    ),
    Entry(
        "W601",
        "the report has no id",
        cause="a table or system that keeps no identity of its reports",
        fix="send an id of your own, so that corrections find it",
        failing=report("id"),
        good=GOOD,
    ),
    Entry(
        "W602",
        "numbers of reports are missing",
        cause="a queue that was cleared, a sender that gave up, or reports without the number they were given",
        fix="send the missing reports again, with their ids and numbers; what is there already is a duplicate",
        failing=(),
        good=(),
    ),
)
