"""Whether what was handed on from one stage to the next is taken in there.

A consumer learns of a new record with its next fetch. So that it says nothing waits is no proof: what another stage
wrote a moment ago, here or on another worker, may not have been seen. The end of the partition, asked for after that
stage gave its word, is one.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from faust.types import TP

from tracker.domain.moment import Millis


class Consumed(Protocol):
    """What a consumer knows of its partitions."""

    def lags(self) -> Iterable[tuple[TP, int, Millis | None]]:
        """Its partitions, what waits there as far as it was seen, and the stamp of the last record finished."""

    def finished_below(self, tp: TP) -> int:
        """Everything of a partition below this offset is finished."""


async def caught_up(
    topic: str,
    consumer: Consumed,
    ends: Callable[[str, Iterable[int]], Awaitable[Mapping[int, int]]],
    wait: Callable[[], Awaitable[bool]],
) -> set[int] | None:
    """The consumer's partitions of a topic, once all that was written to them before the call is finished.

    `ends` asks the broker for the ends of partitions; `wait` waits a little, and is False when that was too long. Then
    the answer is None.
    """
    mine = {tp.partition for tp, _, _ in consumer.lags() if tp.topic == topic}
    wanted = await ends(topic, mine) if mine else {}
    while any(consumer.finished_below(TP(topic, partition)) < end for partition, end in wanted.items()):
        if not await wait():
            return None
    return mine
