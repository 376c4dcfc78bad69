"""Faust's assignor, with an address that may change: who of the group has which partition, and where to ask it.

Every member tells the leader its address, the leader tells all who has which partitions. Faust takes it for
impossible that a member's own address comes back different; a member with a stable name that restarts on another port
within its session gets back what it had told before.
"""

from typing import Any, cast

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from faust.assignor.client_assignment import ClientMetadata
from faust.assignor.partition_assignor import PartitionAssignor


class Assignor(PartitionAssignor):
    """Knows the addresses of the group."""

    def on_assignment(self, assignment: Any) -> None:
        """Take the part that was given; an address of ours that is out of date is replaced by the one of now."""
        given = cast(Any, ClientMetadata.loads(self._decompress(assignment.user_data)))
        if given.url != str(self._url):
            for spread in (given.changelog_distribution, given.external_topic_distribution):
                if given.url in spread:
                    spread[str(self._url)] = spread.pop(given.url)
            given.url = str(self._url)
            assignment = ConsumerProtocolMemberAssignment(
                assignment.version, assignment.assignment, self._compress(given.dumps())
            )
        super().on_assignment(assignment)

    def addresses(self, topic: str) -> dict[int, str]:
        """Partition of a changelog to the address of the worker that has it; empty before the first assignment."""
        return {
            partition: address
            for address, topics in self.changelog_distribution.items()
            for partition in topics.get(topic, ())
        }
