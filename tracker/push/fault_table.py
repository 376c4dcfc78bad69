"""The faults that were found, as a table: how many, what they look like, what to do. The words are the catalogue's."""

from collections.abc import Iterator

from tracker.domain.faults import CATALOGUE
from tracker.push.check import Check

_INDENT = " " * 10


def fault_table(check: Check, unit: str = "line", *, good: bool = False) -> Iterator[str]:
    """The table in catalogue order; `unit` is what places count, `good` shows a report without the fault too."""
    for code in sorted(check.found, key=list(CATALOGUE).index):
        found, entry = check.found[code], CATALOGUE[code]
        decides = f", decides {check.classes[code]:,}" if check.classes[code] else ""
        yield f"{found.count:>9,} {code} {entry.meaning}{decides}"
        for place, (where, fault) in enumerate(found.examples):
            seen = f"{fault.path or 'body'} {fault.seen!r}, wanted {fault.expected}"
            yield f"{_INDENT}{'also' if place else 'first'} in {unit} {where}: {seen}"
        yield f"{_INDENT}usual cause: {entry.cause}"
        yield f"{_INDENT}to do: {entry.fix}"
        if good and entry.good:
            yield f"{_INDENT}good: {entry.good[-1].raw.decode()}"
