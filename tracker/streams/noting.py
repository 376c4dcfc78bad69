"""What this worker's containers tell of flows, by partition, and which of them have to be noted anew first."""

from collections.abc import Iterable

from tracker.domain.canary import is_canary
from tracker.domain.flows import Note, Noted
from tracker.streams.flows import Flows


class Noting:
    """A part of the journeys stage."""

    def __init__(self) -> None:
        """Nothing is noted."""
        self.flows: dict[int, Flows] = {}
        self._behind: dict[int, set[bytes]] = {}

    def note(
        self, partition: int, key: bytes, noted: Noted, gone: Iterable[Note], new: Iterable[Note], *, differs: bool
    ) -> None:
        """A row is stored with these notes; some of them are new, others are gone.

        `differs`: a second carrier's word in it was not compared yet, which is to be done before anything is judged.
        """
        if is_canary(key.decode()):
            return  # a canary is no flow
        flows = self.flows.setdefault(partition, Flows())
        flows.add(gone, -1)
        flows.add(new)
        behind = self._behind.setdefault(partition, set())
        if differs or noted.behind is not None:
            behind.add(key)
        else:
            behind.discard(key)

    def begin(self, partition: int) -> None:
        """The partition is ours now, and nothing is known of its rows yet."""
        self.flows[partition], self._behind[partition] = Flows(), set()

    def drop(self, partition: int) -> None:
        """The partition is no longer ours."""
        self.flows.pop(partition, None)
        self._behind.pop(partition, None)

    def behind(self) -> dict[int, list[bytes]]:
        """Partition to the keys whose reports came out of order since they were noted."""
        return {partition: sorted(keys) for partition, keys in self._behind.items() if keys}
