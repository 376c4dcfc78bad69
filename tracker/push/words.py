"""What a word in a column does to an event: value tables and rules, made ready. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tracker.push.cell import fold, pattern
from tracker.push.mapping import Change, Rule, ValueTable

_ANYTHING: Final = re.compile(".+")


class StopRow(Exception):
    """A word that ends a row. `expected`: by the mapping it is no movement; else the mapping lacks the word."""

    def __init__(self, reason: str, *, expected: bool) -> None:
        """The reason is for the summary, where rows of one reason are counted together."""
        self.reason, self.expected = reason, expected


class _Words:
    """Words of one column to what each does: whole words first, then those with `*`, in their order."""

    def __init__(self, values: Mapping[str, Change]) -> None:
        self._whole = {fold(word): change for word, change in values.items() if "*" not in word}
        self._open = [(pattern(word), change) for word, change in values.items() if "*" in word]

    def find(self, folded: str) -> Change | None:
        if (change := self._whole.get(folded)) is not None:
            return change
        return next((change for shape, change in self._open if shape.fullmatch(folded)), None) if folded else None


class WordTable:
    """A value table made ready."""

    def __init__(self, table: ValueTable) -> None:
        """Folds the words and compiles those with `*`, once."""
        self._table = table
        self._words = _Words(table.values)

    def apply(self, texts: Mapping[str, str], folded: Mapping[str, str], body: dict[str, Any]) -> None:
        """Changes the event by the word in the row; `StopRow` when the row is not to be sent."""
        table = self._table
        change = self._words.find(folded[table.column])
        if change is not None:
            _change(body, change)
        elif folded[table.column]:
            word = texts[table.column]
            if table.unmapped == "pass":
                body[table.field] = word
            else:
                reason = f"{table.column} {word!r} is not in the mapping"
                raise StopRow(reason, expected=table.unmapped == "skip")


class WordRule:
    """A rule made ready."""

    def __init__(self, rule: Rule) -> None:
        """Compiles the words of its condition, once."""
        self._change = rule.set
        self._when: list[tuple[str, list[re.Pattern[str]]]] = [
            (column, [_shape(word) for word in words]) for column, words in rule.when.items()
        ]

    def apply(self, folded: Mapping[str, str], body: dict[str, Any]) -> None:
        """Changes the event when every named column holds one of its words; `StopRow` as above."""
        if all(any(shape.fullmatch(folded[column]) for shape in shapes) for column, shapes in self._when):
            _change(body, self._change)


def _shape(word: str) -> re.Pattern[str]:
    return pattern(word) if word != "*" else _ANYTHING


def _change(body: dict[str, Any], change: Change) -> None:
    if change.skip is not None:
        raise StopRow(change.skip, expected=True)
    body.update(change.given())
    for name in change.unset:
        body.pop(name, None)
