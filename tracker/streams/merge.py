"""Records of several partitions in one order of time, as far as is fetched. Pure: no Faust, no clock, no loop.

A backlog lies in many partitions (twelve of every carrier), and each could be read as far as it was fetched. A
container's reports, which come from several carriers, would then be days apart, and a third of them would
refold its row and take facts back only to give them again. Taken in order of their time, one in ten does.
Within a partition the order stays that of the partition: a record counts as late as the latest before it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain, groupby
from operator import itemgetter
from typing import NamedTuple

from faust.types import TP

from tracker.streams.batches import Batch
from tracker.streams.stage import Record


class Portion(NamedTuple):
    """Records of one batch that are taken together, and the offset that is finished with them."""

    batch: Batch
    records: Sequence[Record]
    offset: int


class Opened:
    """A batch in work: its records, and how many of them are taken already."""

    __slots__ = ("batch", "records", "taken", "times")

    def __init__(self, batch: Batch, records: list[Record]) -> None:
        """Nothing is taken."""
        self.batch, self.records, self.taken = batch, records, 0
        self.times = list(accumulate((record.timestamp for record in records), max))

    def take(self, count: int) -> Portion:
        """The next `count` records."""
        records = self.records[self.taken : self.taken + count]
        self.taken += count
        done = self.taken >= len(self.records)
        return Portion(self.batch, records, self.batch.next if done else records[-1].offset + 1)

    @property
    def is_done(self) -> bool:
        """Whether all is taken."""
        return self.taken >= len(self.records)


def shares(opened: Mapping[TP, Opened], most: int) -> dict[TP, int]:
    """How many records to take of each partition, at most `most` in all: the earliest; 0 of a batch without any.

    Not later than the last record of any partition, since more of it may be on its way, unless that would be
    less than an eighth of what could be taken: a partition that has ended must not hold up the others for ever.
    """
    waiting = {tp: len(each.records) - each.taken for tp, each in opened.items()}
    if sum(waiting.values()) <= most:
        return waiting
    times = {tp: each.times[each.taken :] for tp, each in opened.items()}
    horizon = min(each.times[-1] for each in opened.values() if each.times)
    limit = min(most, max(most // 8, sum(bisect_right(those, horizon) for those in times.values())))
    last = sorted(chain.from_iterable(times.values()))[limit - 1]  # quick: each partition's are in order already
    taken = {tp: bisect_left(those, last) for tp, those in times.items()}
    left = limit - sum(taken.values())
    for tp in sorted(times):  # of that very time as many as there is still room for
        more = min(left, bisect_right(times[tp], last) - taken[tp])
        taken[tp] += more
        left -= more
    return {tp: count for tp, count in taken.items() if count or opened[tp].is_done}


def in_time(portions: Sequence[Portion]) -> Iterator[tuple[int, list[Record]]]:
    """The records of all portions in order of time, in runs: the place of the portion, and its records."""
    if len(portions) == 1:
        yield 0, list(portions[0].records)
        return
    marked = [
        (at, place, record)
        for place, portion in enumerate(portions)
        for at, record in zip(accumulate((r.timestamp for r in portion.records), max), portion.records, strict=True)
    ]
    marked.sort(key=itemgetter(0))
    for place, run in groupby(marked, key=itemgetter(1)):
        yield place, [record for _, _, record in run]
