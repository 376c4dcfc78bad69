"""What a trial's faults act upon: a Kafka node, a proxy before it, a tracker's workers, reports that are being sent."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.broker.kafka import Kafka
from tests.broker.whole import Whole, admin_of, consumer_of
from tests.chaos.crew import Crew
from tests.chaos.toxic import Toxic
from tests.hearing import Sent
from tracker.streams.topics import events_topic

PIECE: Final = 500
"""Records between two looks at the clock while they are sent."""
ABORTED: Final = 0.3
"""Share of pieces that are sent first in a transaction that is given up."""
ASK_SECONDS_MAX: Final = 8.0
LOOK_SECONDS: Final = 0.5

Waiting = dict[Any, tuple[int, int]]


class Event(NamedTuple):
    """One fault: when in the trial, what it did, and after how many seconds all partitions moved on again."""

    at: float
    fault: str
    what: str
    recovery: float | None


class Scene:
    """One trial."""

    def __init__(self, kafka: Kafka, toxic: Toxic | None, whole: Whole, crew: Crew, chance: Random) -> None:
        """Nothing happens yet."""
        self.kafka, self.toxic, self.whole, self.crew, self.chance = kafka, toxic, whole, crew, chance
        self.events: list[Event] = []
        self.begun = monotonic()
        self._clients: tuple[AsyncExitStack, Any, Any] | None = None

    @property
    def folder(self) -> Path:
        """Where workers keep rows, a folder each."""
        return self.whole.settings.data_dir

    # -- Reports

    async def feed(self, sents: Sequence[Sent], *, rate: float = 0.0, transactions: bool = False) -> None:
        """Send records in their order, each to any partition; at most `rate` a second.

        With `transactions` all are in transactions, and pieces are sent in ones that are given up, too.
        """
        options = {"transactional_id": self.whole.settings.app_id} if transactions else {}
        producer: Any = AIOKafkaProducer(
            bootstrap_servers=self.kafka.bootstrap, enable_idempotence=True, acks="all", **options
        )
        await producer.start()
        begun = monotonic()
        try:
            for begin in range(0, len(sents), PIECE):
                piece = sents[begin : begin + PIECE]
                if transactions:
                    if self.chance.random() < ABORTED:
                        await producer.begin_transaction()
                        await self._send(producer, piece)
                        await producer.abort_transaction()
                    async with producer.transaction():
                        await self._send(producer, piece)
                else:
                    await self._send(producer, piece)
                if rate:
                    await asyncio.sleep(max(0.0, begun + (begin + len(piece)) / rate - monotonic()))
        finally:
            await producer.stop()

    async def _send(self, producer: Any, sents: Sequence[Sent]) -> None:
        split: defaultdict[tuple[str, int], list[Sent]] = defaultdict(list)
        for sent in sents:
            split[events_topic(sent.carrier), self.chance.randrange(self.whole.settings.partitions)].append(sent)
        for (topic, partition), each in split.items():
            for batch in _batches(producer, each):
                await (await producer.send_batch(batch, topic, partition=partition))

    # -- Progress

    async def waiting(self) -> list[Waiting] | None:
        """Of each stage, partition to its records finished and there; None when no broker says so."""
        try:
            async with asyncio.timeout(ASK_SECONDS_MAX):
                if self._clients is None:
                    stack = AsyncExitStack()
                    admin = await stack.enter_async_context(admin_of(self.kafka.bootstrap))
                    self._clients = stack, admin, await stack.enter_async_context(consumer_of(self.kafka.bootstrap))
                return await self.whole.offsets_by(*self._clients[1:])
        except (KafkaError, OSError, TimeoutError):
            await self.end()
            return None

    async def end(self) -> None:
        """Close the clients that ask."""
        if self._clients is not None:
            stack, self._clients = self._clients[0], None
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(ASK_SECONDS_MAX):
                    await stack.aclose()

    async def comes_to(self, share: float, reports: int, *, seconds: float) -> None:
        """Wait until such a share of the reports went through intake, or until nothing is left of what is there."""
        await self._until(lambda stages: _finished(stages[0]) >= share * reports, f"{share:.0%} taken in", seconds)

    async def comes_to_an_end(self, reports: int, *, seconds: float) -> None:
        """Wait until all stages have finished all there is."""
        await self._until(
            lambda stages: (
                _finished(stages[0]) >= reports and all(done >= end for s in stages for done, end in s.values())
            ),
            "all done",
            seconds,
        )

    async def _until(self, true: Any, what: str, seconds: float) -> None:
        deadline = monotonic() + seconds
        while (stages := await self.waiting()) is None or not true(stages):
            if monotonic() > deadline:
                said = (
                    "no broker" if stages is None else [(_finished(s), sum(e for _, e in s.values())) for s in stages]
                )
                logs = "\n".join(self.whole.log_of(w.process)[-1500:] for w in self.crew.workers.values())
                raise Stuck(f"not within {seconds:.0f} s: {what}; finished and there: {said}\n{logs}")
            await asyncio.sleep(LOOK_SECONDS)

    async def moves_on(self, since: list[Waiting] | None, *, seconds: float) -> None:
        """Wait until every partition that had records waiting has had some of them finished."""
        known = [stage for stage in since or [] if stage]
        await self._until(lambda stages: all(_moved(*pair) for pair in zip(known, stages, strict=False)), "on", seconds)

    def note(self, fault: str, what: str, recovery: float | None) -> None:
        """Keep what happened."""
        self.events.append(Event(round(monotonic() - self.begun, 1), fault, what, recovery))


class Stuck(Exception):
    """Something did not come in time."""


def _finished(stage: Waiting) -> int:
    return sum(done for done, _ in stage.values())


def _moved(before: Waiting, now: Waiting) -> bool:
    return all(
        now.get(tp, (end, end))[0] > done or now.get(tp, (end, end))[0] >= end
        for tp, (done, end) in before.items()
        if done < end
    )


def _batches(producer: Any, sents: Sequence[Sent]) -> Iterator[Any]:
    waiting = list(sents[::-1])
    while waiting:
        batch = producer.create_batch()
        while waiting:
            sent = waiting[-1]
            key = None if sent.received % 2 else b"any"
            if batch.append(key=key, value=sent.body or None, timestamp=sent.received) is None:
                break
            waiting.pop()
        batch.close()
        yield batch
