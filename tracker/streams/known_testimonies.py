"""What the containers of all partitions say of carriers, as every worker reads it: what `tracker batch` counts."""

import logging
from collections import Counter
from typing import Final

import msgspec

from tracker.domain.testimony import KEPT_DAYS
from tracker.streams.stage import Output
from tracker.streams.testimonies import PREFIX, Cells, Statements, read_testimony, testimony_key
from tracker.streams.topics import SITUATION

log = logging.getLogger(__name__)

_NEVER: Final = 1 << 31


class KnownTestimonies:
    """All partitions', a part of the board."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._values: dict[tuple[int, int], bytes] = {}
        self._touched: set[tuple[int, int]] = set()
        self._newest = 0
        self.days: dict[int, Cells] = {}
        """Day to what all partitions say."""
        self.differed_on = _NEVER
        """The day of which the last record that told anything new tells how carriers' times differ."""
        self.outdated: set[bytes] = set()
        """Keys of records that are too old and still on the topic."""

    def take(self, key: bytes, value: bytes | None) -> bool:
        """One record; whether it tells anything new. What is of no use is left out, with a line in the log."""
        try:
            partition, day = map(int, key.removeprefix(PREFIX).split(b":"))
            new = read_testimony(value)
        except (ValueError, msgspec.DecodeError) as error:
            log.warning("a record of %s is of no use: key %r, %r", SITUATION, key[:80], error)
            return False
        place = (partition, day)
        self._touched.add(place)
        if value is None:
            self.outdated.discard(key)
        elif day <= self._newest - KEPT_DAYS:
            self.outdated.add(key)
            return False
        old = self._values.get(place)
        if old == value:
            return False
        before = read_testimony(old)
        is_other = any(key >= 0 and new[who, key] != before[who, key] for who, key in new.keys() | before.keys())
        self.differed_on = day if is_other else _NEVER
        cells = self.days.setdefault(day, Counter())
        cells.update(new)
        cells.subtract(before)
        self.days[day] = +cells
        if value is None:
            del self._values[place]
        else:
            self._values[place] = value
            self._newest = max(self._newest, day)
        self._forget()
        return True

    def unlike(self, partition: int, mine: Statements) -> list[Output]:
        """What has to be published for a partition to be known as it is: of days that changed, here or by another."""
        heard = {place for place in self._touched if place[0] == partition}
        self._touched -= heard
        values = {day: mine.value(day) for day in sorted(mine.changes() | {day for _, day in heard})}
        return [
            Output(SITUATION, testimony_key(partition, day), value)
            for day, value in values.items()
            if value != self._values.get((partition, day)) and (value is None or day > self._newest - KEPT_DAYS)
        ]

    def published(self, partition: int) -> list[int]:
        """The days of which a partition said something."""
        return [day for place, day in self._values if place == partition]

    def _forget(self) -> None:
        for place in [each for each in self._values if each[1] <= self._newest - KEPT_DAYS]:
            del self._values[place]
            self.outdated.add(testimony_key(*place))
        self.days = {day: cells for day, cells in self.days.items() if day > self._newest - KEPT_DAYS}
