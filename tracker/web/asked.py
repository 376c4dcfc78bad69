"""What a reader asks of a list: filters, how many, and where to go on. All of it is checked and bounded."""

import base64
import binascii
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from multidict import MultiMapping

LIMIT: Final = 100
LIMIT_MAX: Final = 500
"""Records in one answer: asked for none in particular, and at most. A journey's takes a third of a millisecond."""
CURSOR_LENGTH_MAX: Final = 400
ASKED_LENGTH_MAX: Final = 60
"""How much of what was asked an error repeats."""


class BadQuestion(Exception):
    """Something is wrong with what was asked; the message says seen, wanted."""


class Asked(NamedTuple):
    """A question for a list: `after` is the place of the last record of the page before, "" for the first page."""

    filters: Mapping[str, str]
    after: str
    limit: int


Query = MultiMapping[str]
"""The query of an address; a dictionary is one."""


def asked(query: Query, filters: Mapping[str, Collection[str] | None]) -> Asked:
    """The question of a query; `filters` are the names it may have, with what each may be (None: anything).

    Raises `BadQuestion`.
    """
    for name in query:
        if name not in filters and name not in _PAGING:
            raise BadQuestion(f"no filter {cut(name)!r}; there are {', '.join((*filters, *_PAGING))}")
        if len(query.getall(name)) > 1:
            raise BadQuestion(f"{name} more than once; wanted one")
    chosen = {name: query[name] for name in filters if name in query}
    for name, value in chosen.items():
        known = filters[name]
        if known is not None and value not in known:
            raise BadQuestion(f"{name} {cut(value)!r}; wanted one of {', '.join(sorted(known))}")
    limit = query.get("limit", str(LIMIT))
    if not (limit.isascii() and limit.isdecimal()) or not 0 < int(limit[:6]) <= LIMIT_MAX:
        raise BadQuestion(f"limit {cut(limit)!r}; wanted 1 to {LIMIT_MAX}")
    return Asked(chosen, _place(query.get("cursor", "")), int(limit))


def cursor(place: str) -> str:
    """The cursor that goes on after a place."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def cut(text: str) -> str:
    """The beginning of what was asked."""
    return text if len(text) <= ASKED_LENGTH_MAX else text[:ASKED_LENGTH_MAX] + "..."


_PAGING: Final = ("limit", "cursor")


def _place(given: str) -> str:
    try:
        if len(given) > CURSOR_LENGTH_MAX:
            raise ValueError
        return base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadQuestion(f"cursor {cut(given)!r}; wanted what `next` of an answer said") from None
