"""What a stage of the pipeline is: pure Python that folds records into rows and says what to emit.

A stage knows nothing of Kafka or Faust. The engine (`engine.py`) calls it for one batch of one partition
at a time, in the order of the records, and takes care of delivery: outputs acknowledged, then rows, then
the offset. Exactness rests on three promises a stage makes:

1. `apply` depends on the row, the event and the record only, and changes nothing but the row. It may be
   called again for the same record on a row loaded anew: after a crash, and within a batch in which some
   record broke it. So it keeps no counts and no views; `settled` is the place for those.
2. Everything it gives carries the position of the one record that caused it (the record's partition and
   offset, and an index of its own), so a repeated output can be told.
3. A row belongs to one partition of the stage's input: its key is found in no other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from tracker.domain.moment import Millis
from tracker.streams.flows import Flows
from tracker.streams.testimonies import Statements

Header = tuple[str, bytes]
"""One header of a record: name and value."""


class Record(NamedTuple):
    """One Kafka record. `timestamp` is the broker's or the producer's, in milliseconds of UTC since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


class Output(msgspec.Struct, frozen=True, gc=False):
    """One record to be written. The partition follows from the key (murmur2); no key is partition 0."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()


Work = Callable[[Any], Iterable[Output]]
"""Changes a loaded row, and gives what is to be emitted. What raises leaves the row as it was."""


class Stage(Protocol):
    """Folds one input into rows. `name` is also the name of its table and of its agent."""

    @property
    def name(self) -> str:
        """`intake`, `journeys` or `subjects`."""

    def read(self, record: Record) -> tuple[bytes, Any]:
        """The key of the row a record belongs to, and the decoded event. What raises is a poison record."""

    def load(self, body: bytes | None, partition: int, key: bytes) -> Any:
        """The row, free to be changed, of a stored body; of None where there is no row or it was given up."""

    def apply(self, row: Any, event: Any, record: Record) -> Iterable[Output]:
        """Change the row by one event; what is to be emitted because of it. What raises is a poison record."""

    def dump(self, row: Any) -> bytes | None:
        """The body to be stored; None when the row is no longer needed. Called at least once per changed row."""

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """The partition is now ours and these are all its rows, as (key, body). Replaces what was known of it."""

    def revoked(self, partition: int) -> None:
        """The partition is no longer ours: drop everything kept of it."""


@runtime_checkable
class Settling(Protocol):
    """A stage that wants to know what became of its rows, to keep views and counts. Optional."""

    def settled(self, partition: int, rows: Sequence[tuple[bytes, Any]]) -> None:
        """These rows (key, as `apply` left it) are stored for good. Once per batch, before the next batch begins.

        A crash before this call is followed by `recovered` in whichever worker owns the partition next.
        """


@runtime_checkable
class SweepingStage(Stage, Settling, Protocol):
    """A stage that the clock changes too: it judges rows when due, and tells what they know of flows."""

    def behind(self) -> Mapping[int, Sequence[bytes]]:
        """Partition to the keys of rows that have to be noted before what they tell of flows is published."""

    def note(self, row: Any) -> Iterable[Output]:
        """Note a row: change it; nothing is emitted."""

    def flows(self) -> Mapping[int, Flows]:
        """What is known of flows, by partition of ours."""

    def testimonies(self) -> Mapping[int, Statements]:
        """What is said of carriers, by partition of ours."""

    def children(self) -> Mapping[int, Mapping[str, int]]:
        """Partition of ours to how many open exceptions each incident explains."""

    def due(self, upto: Millis) -> Mapping[int, Sequence[bytes]]:
        """Partition to the keys that have to be judged at a clock."""

    def put_back(self, partition: int, keys: Iterable[bytes]) -> None:
        """These were due and could not be judged: they are due again."""

    def sweep(self, row: Any, upto: Millis) -> Iterable[Output]:
        """Judge a row up to a clock: change it, and give what is to be emitted.

        Doing it twice is harmless, because what is emitted has an identity of its own.
        """
