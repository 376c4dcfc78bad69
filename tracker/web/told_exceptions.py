"""Lists of exceptions and incidents of one worker, as they are asked for: filtered, newest first, a page at a time."""

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any, Final

from tracker.contract.exceptions import exception_json
from tracker.domain.exceptions import Rule
from tracker.domain.moment import Millis, text
from tracker.streams.deadlines import Brief, Deadlines
from tracker.web.lists import newest_first

_FIELDS: Final = {"node": "place"}
"""Fields of an exception that the outside knows by another name; a leg's id is no node's."""


def listed(
    incidents: Sequence[Mapping[str, Any]],
    exceptions: Iterable[tuple[Deadlines, bytes, Brief]],
    wanted: Mapping[str, str],
    after: str,
    limit: int,
) -> tuple[list[Mapping[str, Any]], int]:
    """The records that fit, the first after a place, and how many fit; exceptions come with who has the whole."""
    found: list[tuple[str, Callable[[], Mapping[str, Any]]]] = [
        (newest_first(each["deadline"], each["id"]), partial(dict, each))
        for each in incidents
        if all(each.get(name) == value for name, value in wanted.items())
    ]
    count = len(found)
    if "rule" not in wanted or wanted["rule"] in set(Rule):
        for name, value in wanted.items():
            exceptions = filter(partial(_has, attrgetter(_FIELDS.get(name, name)), value), exceptions)
        # Numbers sort as the texts do, and cost a tenth of them where tens of thousands are open.
        ordered = [(-each.deadline, each.id, deadlines, key) for deadlines, key, each in exceptions]
        count += len(ordered)
        if after:
            ordered = [each for each in ordered if newest_first(text(Millis(-each[0])), each[1]) > after]
        found += [
            (newest_first(text(Millis(-deadline)), name), partial(_whole, deadlines, key, name))
            for deadline, name, deadlines, key in heapq.nsmallest(limit, ordered, key=itemgetter(0, 1))
        ]
    first = heapq.nsmallest(limit, (each for each in found if each[0] > after), key=itemgetter(0))
    return [record() for _, record in first], count


def _has(field: Callable[[Any], str], value: str, listed: tuple[Deadlines, bytes, Brief]) -> bool:
    return field(listed[2]) == value


def _whole(deadlines: Deadlines, key: bytes, name: str) -> Mapping[str, Any]:
    return exception_json(deadlines.whole(key, name), key.decode(), ())
