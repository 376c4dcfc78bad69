"""Where the header of a table is, and in which places the declared columns stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from tracker.push.cell import Line, as_text, fold
from tracker.push.mapping import Column

HEADER_LINE_MAX: Final = 20
"""Reports begin with a title, a date, a recipient; below this line nobody looks for a header."""


@dataclass(frozen=True, slots=True)
class Header:
    """The line that looks most like the header. `places` maps declared columns to positions in it.

    `missing`: declared columns it does not have, optional ones left out. `twice`: columns for which one
    name stands in two places. Either of them makes it unusable.
    """

    line: int
    width: int
    places: Mapping[str, int]
    missing: tuple[str, ...]
    twice: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether every column that must be there is there once."""
        return not self.missing and not self.twice


def find_header(lines: Iterable[Line], columns: Mapping[str, Column]) -> Header:
    """The first usable header in the first lines, else the best of the unusable ones."""
    best = Header(1, 0, {}, tuple(name for name, column in columns.items() if not column.optional))
    for line, cells in islice(lines, HEADER_LINE_MAX):
        header = _header(line, [as_text(cell) for cell in cells], columns)
        if header.usable and header.places:
            return header
        if len(header.places) > len(best.places):
            best = header
    return best


def _header(line: int, texts: list[str], columns: Mapping[str, Column]) -> Header:
    where: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        where.setdefault(fold(text), []).append(place)
    where.pop("", None)
    places: dict[str, int] = {}
    missing: list[str] = []
    twice: list[str] = []
    for name, column in columns.items():
        found = next((where[key] for key in map(fold, column.names) if key in where), [])
        if len(found) > 1:
            twice.append(name)
        elif not found and not column.optional:
            missing.append(name)
        if found:
            places[name] = found[0]
    width = max((place + 1 for place, text in enumerate(texts) if text), default=0)
    return Header(line, width, places, tuple(missing), tuple(twice), tuple(text for text in texts if text))
