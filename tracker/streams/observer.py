"""What the engine tells about itself while it runs. `metrics.py` implements this; silence is the default.

Calls come from the event loop's thread and must not block: some are made for every batch.
"""

from typing import Protocol


class Observer(Protocol):
    """Listens to the engine. Times are seconds of a monotonic clock unless said otherwise."""

    def batch(self, stage: str, topic: str, partition: int, records: int, seconds: float) -> None:
        """A stage finished `records` records of a partition: outputs, rows and offset are in place."""

    def lag(self, topic: str, partition: int, records: int, seconds: float | None) -> None:
        """`records` wait in a partition of ours; the last one handled was stamped `seconds` ago (0 when none waits).

        None when that can't be said: the records' stamps are not of this machine's time (`clock="data"`).
        """

    def rows(self, stage: str, count: int) -> None:
        """A stage has `count` rows in this worker, rows given up (graves) included."""

    def rebalanced(self, seconds: float) -> None:
        """A rebalance took `seconds` from the loss of the partitions to the first fetch after it."""

    def recovered(self, stage: str, records: int, seconds: float) -> None:
        """`records` changelog records of a stage's table were restored in `seconds`."""

    def committed(self, partitions: int) -> None:
        """The offsets of that many partitions were committed."""

    def poison(self, stage: str, topic: str, partition: int, offset: int) -> None:
        """A record broke our code and was rejected."""

    def swept(self, containers: int, seconds: float) -> None:
        """A sweep judged so many containers in so many seconds."""

    def invariant(self, name: str) -> None:
        """Something that must never happen did; `name` is from a closed set (`INVARIANTS`)."""


INVARIANTS = ("batch_dropped", "changelog_hole", "lost_to_retention", "not_owner", "second_writer", "unjudged")
"""Every name the engine gives to `Observer.invariant`, so that the series can begin at zero.

`batch_dropped`: Faust dropped a fetched batch, we went back for it (harmless, expected around rebalances).
`changelog_hole`: the same while rows were restored. `lost_to_retention`: input was deleted
before it was read. `not_owner`: a batch was given up because the partition is no longer ours (harmless).
`second_writer`: someone else wrote into a changelog of ours, the worker stops. `unjudged`: a fault of ours kept
containers from being judged; they stay as they were.
"""


class Silence:
    """An observer that ignores everything."""

    def batch(self, stage: str, topic: str, partition: int, records: int, seconds: float) -> None:
        """Ignored."""

    def lag(self, topic: str, partition: int, records: int, seconds: float | None) -> None:
        """Ignored."""

    def rows(self, stage: str, count: int) -> None:
        """Ignored."""

    def rebalanced(self, seconds: float) -> None:
        """Ignored."""

    def recovered(self, stage: str, records: int, seconds: float) -> None:
        """Ignored."""

    def committed(self, partitions: int) -> None:
        """Ignored."""

    def poison(self, stage: str, topic: str, partition: int, offset: int) -> None:
        """Ignored."""

    def swept(self, containers: int, seconds: float) -> None:
        """Ignored."""

    def invariant(self, name: str) -> None:
        """Ignored."""
