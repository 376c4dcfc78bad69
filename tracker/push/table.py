"""Tables as carriers send them: CSV in two encodings and three separators, or XLSX.

Memory is bounded: a file is read as a stream, once to find its form and once for its rows.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracker.push.cell import Cell, Line, TableError
from tracker.push.header import HEADER_LINE_MAX, Header, find_header
from tracker.push.mapping import Mapping as TableMapping
from tracker.push.sheet import sheet_lines
from tracker.push.text_file import csv_lines, encoding_and_lines

_SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_XLSX_MAGIC: Final = b"PK\x03\x04"
_XLS_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_HEADER_TEXTS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: its number in the file, and the cells of the declared columns.

    A column that the table does not have is the empty text. `overlong`: there are more cells than the
    header has, so a separator stood inside a text and the columns cannot be trusted.
    """

    line: int
    cells: Mapping[str, Cell]
    overlong: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no declared column holds anything."""
        return all(cell == "" for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table. `length` estimates its rows, for progress bars; None when nobody knows."""

    form: str
    header_line: int
    length: int | None
    rows: Iterator[Row]


def open_table(path: Path, mapping: TableMapping) -> Table:
    """The table in `path` with the columns that `mapping` declares; `TableError` when there is none.

    The separator is the one with which a header is found.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror}); give an existing table") from None
    if magic == _XLS_MAGIC:
        raise TableError(f"{path}: the old Excel format; save it as .xlsx or as CSV")
    if magic == _XLSX_MAGIC:
        with closing(sheet_lines(path, mapping.sheet)) as lines:
            header = _checked(path, find_header(lines, mapping.columns), mapping)
        return Table("XLSX", header.line, None, _rows(sheet_lines(path, mapping.sheet), header, mapping))
    encoding, length = encoding_and_lines(path)
    encoding = encoding if mapping.encoding == "auto" else mapping.encoding
    found: dict[str, Header] = {}
    for separator in _SEPARATORS if mapping.separator == "auto" else (mapping.separator,):
        with closing(csv_lines(path, encoding, separator)) as lines:
            found[separator] = find_header(lines, mapping.columns)
    best = max(found, key=lambda separator: (found[separator].usable, len(found[separator].places)))
    header = _checked(path, found[best], mapping)
    rows = _rows(csv_lines(path, encoding, best), header, mapping)
    return Table(f"CSV, {encoding}, {_SEPARATORS[best]}", header.line, max(0, length - header.line), rows)


def _checked(path: Path, header: Header, mapping: TableMapping) -> Header:
    if header.usable:
        return header
    seen = ", ".join(map(repr, header.texts[:_HEADER_TEXTS_SHOWN])) or "nothing"
    if header.twice:
        name = header.twice[0]
        raise TableError(
            f"{path}: line {header.line}: the column {name!r} is there twice; rename one of them, seen {seen}"
        )
    name = header.missing[0]
    wanted = " or ".join(map(repr, mapping.columns[name].names))
    raise TableError(
        f"{path}: no header with every column in the first {HEADER_LINE_MAX} lines; nearest is line {header.line}, "
        f"which has no {name!r} ({wanted}), seen {seen}"
    )


def _rows(lines: Iterator[Line], header: Header, mapping: TableMapping) -> Iterator[Row]:
    absent: dict[str, Cell] = dict.fromkeys(mapping.columns, "")
    for line, cells in lines:
        if line > header.line:
            here = {name: cells[place] for name, place in header.places.items() if place < len(cells)}
            yield Row(line, absent | here, any(cell != "" for cell in cells[header.width :]))
