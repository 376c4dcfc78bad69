"""Batches, what is held of them, and the chain they form per partition. Pure: no Faust, no clock, no loop.

Faust drops fetched records around rebalances without a word (queues cleared, partitions filtered). So a batch
knows where its fetch began and where the next begins, and the chain knows where the next batch must begin:
whatever was dropped in between shows as a hole and is fetched again.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Any, Final, NamedTuple, Protocol

from faust.types import TP

from tracker.streams.fetched import Stretch, decoded
from tracker.streams.stage import Record


class Held:
    """How much is fetched and not yet finished, per group of topics; and in how many batches per partition.

    Touched by the event loop's thread only.
    """

    BATCHES_MAX: Final = 2
    """Of one partition: one in work, one waiting. What comes meanwhile makes the next one larger, not one more:
    a stage that is behind then works in ever larger batches, which is what lets it catch up."""

    BEHIND_BYTES: Final = 1024 * 1024
    """Half a second of work; at 1,000 reports a second a twentieth of it is held."""

    def __init__(self, bytes_max: int, group_of: Callable[[str], str], groups: int) -> None:
        """`bytes_max` over all `groups`, an equal share each."""
        self._share = bytes_max // groups
        self._bytes_max, self._group_of = bytes_max, group_of
        self._bytes: Counter[str] = Counter()
        self._partitions: Counter[TP] = Counter()

    @property
    def bytes_left(self) -> int:
        """How much more may be fetched; negative when the last fetch went beyond."""
        return self._bytes_max - self._bytes.total()

    @property
    def is_behind(self) -> bool:
        """Whether so much waits that what is fetched now can wait too."""
        return self._bytes.total() > self.BEHIND_BYTES

    def has_room(self, tp: TP) -> bool:
        """Whether more of a partition may be fetched.

        Shares keep a stage that is slow from holding up the others.
        """
        return self._partitions[tp] < self.BATCHES_MAX and self._bytes[self._group_of(tp.topic)] < self._share

    def holds(self, tp: TP) -> bool:
        """Whether a batch of a partition waits or is being processed."""
        return self._partitions[tp] > 0

    def count(self, tp: TP, size: int, batches: int) -> None:
        """A batch of a partition came (1) or went (-1)."""
        self._bytes[self._group_of(tp.topic)] += size * batches
        self._partitions[tp] += batches


class Batch:
    """One stretch of one partition on its way to its agent.

    It counts as held until it is released, or until nothing refers to it: then Faust has dropped it.
    """

    __slots__ = ("_chunks", "_held", "_released", "fetched_at", "generation", "next", "size", "start", "tp")

    def __init__(self, stretch: Stretch, generation: int, fetched_at: float, held: Held) -> None:
        """`generation` is that of the fetch, `fetched_at` seconds of a monotonic clock."""
        self.tp, self.start, self.next = stretch.tp, stretch.start, stretch.next
        self.generation, self.fetched_at = generation, fetched_at
        self._chunks: list[Any] = stretch.chunks
        self.size, self._held, self._released = stretch.size, held, False
        held.count(self.tp, self.size, 1)

    def records(self, since: int) -> list[Record]:
        """The records from an offset on; can be asked for once."""
        chunks, self._chunks = self._chunks, []
        return decoded(self.tp, chunks, since)

    def release(self) -> None:
        """It is finished or refused, and no longer counts as held."""
        if not self._released:
            self._released = True
            self._held.count(self.tp, self.size, -1)

    def __del__(self) -> None:
        """Dropped by Faust, or released long ago."""
        self.release()

    def __repr__(self) -> str:
        """For logs."""
        return f"<{self.tp.topic} {self.tp.partition}: {self.start}..{self.next} of generation {self.generation}>"


class Owner(Protocol):
    """Who writes rows of a partition: a batch, or a sweep (`Sitting`); of the generation in which it began."""

    @property
    def tp(self) -> TP:
        """The source partition."""

    @property
    def generation(self) -> int:
        """Of the consumer group."""


class Sitting(NamedTuple):
    """A sweep's claim to a partition."""

    tp: TP
    generation: int


class Verdict(Enum):
    """How a batch joins the chain of its partition."""

    JOINS = auto()
    """It begins where the one before ended, or earlier: what is known of it already is to be left out."""
    HOLE = auto()
    """What comes before it is missing."""
    UNKNOWN = auto()
    """The partition's chain has not begun: it is not ours (any more), or not sought yet."""


class Chain:
    """Where the next batch of each partition must begin, and what of it may be committed.

    Begun by seeking (`begin`), moved on by what is finished (`finish`), by nothing else.
    """

    def __init__(self) -> None:
        """A chain of no partitions."""
        self._next: dict[TP, int] = {}
        self._done: dict[TP, int] = {}

    def __iter__(self) -> Iterator[TP]:
        """The partitions whose chain has begun."""
        return iter(list(self._next))

    def next(self, tp: TP) -> int | None:
        """The offset the next batch has to begin at; None when the chain has not begun."""
        return self._next.get(tp)

    def done(self, tp: TP) -> int | None:
        """The offset that may be committed; None when nothing was finished since the chain began."""
        return self._done.get(tp)

    def finished(self) -> list[TP]:
        """The partitions with something to commit."""
        return list(self._done)

    def begin(self, tp: TP, offset: int) -> None:
        """The partition was sought to this offset."""
        self._next[tp] = offset
        self._done.pop(tp, None)

    def judge(self, tp: TP, start: int) -> Verdict:
        """How a batch that begins at `start` joins."""
        expected = self._next.get(tp)
        if expected is None:
            return Verdict.UNKNOWN
        return Verdict.HOLE if start > expected else Verdict.JOINS

    def finish(self, tp: TP, offset: int) -> None:
        """Everything below an offset is finished: state written, outputs acknowledged."""
        if tp in self._next:
            self._next[tp] = self._done[tp] = max(offset, self._next[tp])

    def forget(self) -> None:
        """The partitions are no longer ours."""
        self._next.clear()
        self._done.clear()
