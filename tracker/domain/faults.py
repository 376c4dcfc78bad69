"""What can be wrong with a report: one catalogue, with stable codes in the order that decides.

`E...` rejects, `W...` accepts with a doubt; the hundreds say what about: 1 body, 2 container, 3 time,
4 place, 5 kind, classifier and mode, 6 carrier and identity. A code, once released, is never reused.
"""

from typing import Final, Literal, NamedTuple


class Entry(NamedTuple):
    """One line of the catalogue: what the fault means and what the carrier does about it."""

    code: str
    meaning: str
    fix: str

    @property
    def severity(self) -> Literal["error", "warning"]:
        """`error` rejects the report, `warning` accepts it with a doubt."""
        return "error" if self.code.startswith("E") else "warning"


class Fault(NamedTuple):
    """One fault of one report: the code, where it is, what was seen and what was wanted.

    `seen` is cut to 80 characters: it is a hint for a person, the raw bytes are kept elsewhere.
    """

    code: str
    path: str
    seen: str
    expected: str


def fault(code: str, path: str, seen: object, expected: str) -> Fault:
    """A fault of the catalogue; `seen` may be anything the carrier sent."""
    assert code in CATALOGUE, code
    text = seen if isinstance(seen, str) else repr(seen)
    return Fault(code, path, text if len(text) <= SEEN_LENGTH_MAX else text[: SEEN_LENGTH_MAX - 3] + "...", expected)


SEEN_LENGTH_MAX: Final = 80

CATALOGUE: Final = {
    entry.code: entry
    for entry in (
        Entry(
            "E001",
            "the tracker itself failed on this record",
            "nothing to do: we keep it, mend the tracker and resend it",
        ),
        Entry("E101", "the body is not JSON", "send one JSON value in UTF-8 per record"),
        Entry("E102", "the body is too large", "send at most 65,536 bytes per record; split arrays"),
        Entry("E103", "the report is not a JSON object", "send an object, or an array of objects"),
        Entry("E104", "the format is not one we know", "send the native format: container, kind, occurred_at, node"),
        Entry("E105", "the array holds too many reports", "send at most 500 reports in one record"),
        Entry("E106", "a field has the wrong type or range", "see the field's type in the schema"),
        Entry("E201", "the container number is missing", "give `container`, an ISO 6346 number"),
        Entry("E202", "this is not a container number", "four letters and seven digits, ISO 6346"),
        Entry("E203", "the category letter is not U", "freight containers have U in the fourth place"),
        Entry("E204", "the check digit is wrong", "compare the number with the one painted on the container"),
        Entry("E301", "the event time is missing", "give `occurred_at`"),
        Entry("E302", "the time cannot be read", "RFC 3339, as in 2026-03-01T08:40:00+05:00"),
        Entry("E303", "the time has no offset", "add the offset, as in +05:00 or Z; we never guess one"),
        Entry(
            "E304", "an actual event lies in the future", "send it as estimated or planned, or mend the clock or offset"
        ),
        Entry("E305", "the time lies outside 2000 to 2100", "mend the date"),
        Entry("E401", "the node is missing", "give `node`"),
        Entry("E402", "the node is not known", "use a node id or one of the codes of the network file"),
        Entry("E403", "the code scheme is not known", "one of unlocode, esr, uic, bic, smdg, name"),
        Entry("E501", "the kind is missing", "give `kind`"),
        Entry("E502", "the kind is not known", "use one of the kinds of the native format"),
        Entry("E503", "the classifier is not known", "actual, estimated or planned"),
        Entry("E504", "the mode is not known", "rail, vessel, truck or barge"),
        Entry("E601", "the carrier id is malformed", "2 to 20 of a-z, 0-9 and -"),
        Entry("E602", "the report's id is malformed", "a text of 1 to 100 characters"),
        Entry("E603", "the revision is malformed", "an integer, 0 or more"),
        Entry("E604", "`retracted` is malformed", "true or false"),
        Entry("E605", "the sequence number is malformed", "an integer, 0 or more"),
        Entry("W101", "fields we do not know were left out", "remove them, or check their spelling"),
        Entry(
            "W201",
            "the check digit is wrong; this carrier's numbers are accepted all the same",
            "compare with the number painted on the container",
        ),
        Entry("W202", "the size-type is not known, so TEU is unknown", "send an ISO 6346 size-type such as 45G1"),
        Entry("W203", "the gross mass is implausible", "send kilograms, tare included"),
        Entry("W204", "the wagon number's check digit is wrong", "compare with the number painted on the wagon"),
        Entry("W301", "recorded before it occurred", "check the clocks and offsets of both times"),
        Entry("W302", "the event lies a little in the future", "check the clock"),
        Entry("W303", "reported late", "send reports within 24 hours"),
        Entry(
            "W304",
            "it contradicts more trusted reports and was set aside: too far too fast, or gone before it came",
            "check container number, node and time; retract it, or the other report",
        ),
        Entry("W401", "the place was given only by name", "send a node id or a code"),
        Entry("W402", "the code is that of a neighbouring place", "send the node's own id"),
        Entry(
            "W403", "origin or destination is not known and was left out", "use a node id or a code of the network file"
        ),
        Entry("W601", "the report has no id", "send an id of your own, so that corrections find it"),
    )
}
"""Every fault by code, in the order in which the first of a report decides the class of its rejection."""

_ORDER: Final = {code: place for place, code in enumerate(CATALOGUE)}


def in_order(faults: list[Fault]) -> list[Fault]:
    """The faults of one report in catalogue order."""
    return sorted(faults, key=lambda found: (_ORDER[found.code], found.path))


def rejects(faults: list[Fault]) -> bool:
    """Whether a report with these faults is rejected."""
    return any(found.code[0] == "E" for found in faults)
