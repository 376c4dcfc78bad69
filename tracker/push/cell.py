"""One cell of a table, and how words are compared. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time

Cell = str | datetime | time
"""A cell: text, or what a spreadsheet keeps as a date or a time of day. Empty is the empty text."""

Line = tuple[int, Sequence[Cell]]
"""A line of a table: its number in the file, counted from 1, and all its cells."""


class TableError(Exception):
    """A file that is no table we can read; the message is one line: seen, wanted, what to do."""


def fold(text: str) -> str:
    r"""A word as it is compared: case and runs of spaces, of any kind, don't matter.

    >>> fold("  Freight\xa0Charges  Settled ")
    'freight charges settled'
    """
    return " ".join(text.replace("\ufeff", " ").split()).casefold()


def as_text(cell: Cell) -> str:
    """The cell as text without surrounding spaces; a spreadsheet's time in ISO form."""
    return cell.isoformat() if isinstance(cell, date | time) else cell.strip()


def pattern(word: str) -> re.Pattern[str]:
    """What a folded cell must match whole: the word, in which `*` stands for any text.

    >>> bool(pattern("Loaded on * at port").fullmatch(fold("LOADED on 'ABC 12' at Port")))
    True
    """
    return re.compile(".*".join(re.escape(part) for part in fold(word).split("*")))
