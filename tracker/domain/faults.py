"""What can be wrong with a report: one catalogue, with stable codes in the order that decides.

What each means and looks like is in `tracker.domain.catalogue`, a module per hundred.

`E...` rejects, `W...` accepts with a doubt; the hundreds say what about: 1 body, 2 container, 3 time,
4 place, 5 kind, classifier and mode, 6 carrier and identity. A code, once released, is never reused.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from tracker.domain.catalogue import body, container, event_time, identity, kind, place


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
    for entry in sorted(
        (
            *body.ENTRIES,
            *container.ENTRIES,
            *event_time.ENTRIES,
            *place.ENTRIES,
            *kind.ENTRIES,
            *identity.ENTRIES,
        ),
        key=lambda entry: entry.code,
    )
}
"""Every fault by code, in the order in which the first of a report decides the class of its rejection."""

_ORDER: Final = {code: place for place, code in enumerate(CATALOGUE)}


def in_order(faults: list[Fault]) -> list[Fault]:
    """The faults of one report in catalogue order."""
    return sorted(faults, key=lambda found: (_ORDER[found.code], found.path))


def rejects(faults: Iterable[Fault]) -> bool:
    """Whether a report with these faults is rejected."""
    return any(found.code[0] == "E" for found in faults)
