"""The notifier: reads `rail.exceptions` and `rail.expected`, keeps a book per endpoint, and runs a desk for each.

Steps of a batch: take it into the books; write what changed into the journal, then how far was read, and wait for both;
then let the desks go. A crash before that reads the batch again, which changes nothing: an account knows the newest
version it has seen. The position is the journal's and not the group's, which a broker forgets after a week.

At the very first start nothing is told of what is over: a partition is read to its end before anything goes.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Sequence
from random import Random
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from tracker.domain.moment import SECOND, Millis
from tracker.notify.account import Account
from tracker.notify.book import Book
from tracker.notify.journal import Journal, read_journal
from tracker.notify.lanes import TOPICS, lane_of, place_of
from tracker.notify.observer import Observer
from tracker.notify.office import Office
from tracker.notify.version import read_version
from tracker.settings import Settings
from tracker.streams.connection import secured

log = logging.getLogger(__name__)

POLL_MS: Final = 200
RECORDS_MAX: Final = 500
"""Records between two writes of the journal."""
FORGETS_SECONDS: Final = 60.0
REBALANCE_MS: Final = 20_000
"""How long others wait for an instance that finishes what it has under way, or that died while it joined.

Longer than one try may take (15 s), and well below the 40 s after which aiokafka gives a request up: with a minute, a
notifier killed in the middle of a join was seen to hold up the others for a hundred seconds.
"""


class AnyDesk(Protocol):
    """What the notifier asks of a desk."""

    book: Book

    def restore(self, accounts: Sequence[Account]) -> None:
        """Go on with accounts of the journal."""

    def look_at(self, accounts: Iterable[Account]) -> None:
        """These accounts changed, and that is in the journal."""

    async def drop(self, partition: int) -> None:
        """Give a partition up."""

    async def settle(self) -> None:
        """Wait until nothing is under way."""

    async def run(self) -> None:
        """Send what is due, until cancelled."""


class MakeDesks(Protocol):
    """Makes the desks of an office."""

    def __call__(self, office: Office) -> list[AnyDesk]:
        """One per endpoint."""


class _Reading:
    """How far a partition is read. `history`: its end at the very first start, None once that is behind."""

    def __init__(self, history: int | None) -> None:
        self.history = history
        self.position = 0
        self.stamp = Millis(0)
        self.is_at_end = False


class Notifier(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """One instance; see the module."""

    def __init__(self, settings: Settings, make_desks: MakeDesks, observer: Observer) -> None:
        """Nothing is connected before `run`."""
        self._settings, self._make_desks, self._observer = settings, make_desks, observer
        self._journal = Journal(settings)
        self._readings: dict[int, _Reading] = {}
        self._consumer: Any = None
        self._taking = asyncio.Lock()
        self._beat = 0.0
        self._broken: BaseException | None = None
        self.desks: list[AnyDesk] = []
        self.heard = 0.0
        """When the broker was last heard of, in seconds of the monotonic clock."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop`. Raises `KafkaError` when the world is broken."""
        await self._journal.start()
        try:
            async with asyncio.TaskGroup() as group:
                office = Office(
                    self._journal, self._observer, wall, self._released, group.create_task, Random()  # noqa: S311  # jitter
                )  # fmt: skip
                self.desks = self._make_desks(office)
                running = [group.create_task(self._journal.run())]
                running += [group.create_task(desk.run()) for desk in self.desks]
                try:
                    await self._read(stop)
                finally:
                    for task in running:
                        task.cancel()
        finally:
            await self._journal.stop()

    async def _read(self, stop: asyncio.Event) -> None:
        settings = self._settings
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.brokers, group_id=f"{settings.app_id}-notify", enable_auto_commit=False,
            auto_offset_reset="earliest", isolation_level="read_committed", group_instance_id=settings.instance,
            session_timeout_ms=int(settings.session_seconds * 1000), rebalance_timeout_ms=REBALANCE_MS,
            heartbeat_interval_ms=int(settings.heartbeat_seconds * 1000), max_poll_interval_ms=30 * REBALANCE_MS,
            **secured(settings).options(),
        )  # fmt: skip
        self._consumer.subscribe([*TOPICS], listener=self)
        try:
            await self._consumer.start()
            self._watch_heartbeats()
            forgets = time.monotonic() + FORGETS_SECONDS
            while not stop.is_set():
                fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
                self.heard = time.monotonic()
                if self._broken is not None:
                    raise self._broken
                await self._take(fetched)
                if time.monotonic() > forgets:
                    forgets = time.monotonic() + FORGETS_SECONDS
                    await self._forget()
            self._readings = {}  # nothing new begins
            await asyncio.gather(*(desk.settle() for desk in self.desks))
        finally:
            await self._consumer.stop()

    async def _take(self, fetched: dict[Any, list[Any]]) -> None:
        async with self._taking:
            positions = await self._noted(fetched)
        if positions:
            offsets = {TopicPartition(*place_of(lane)): each for lane, each in positions.items()}
            try:
                await self._consumer.commit(offsets)
            except KafkaError as error:  # only for those who watch the group's lag
                log.debug("offsets were not committed: %r", error)

    async def _noted(self, fetched: dict[Any, list[Any]]) -> dict[int, int]:
        """Take records in and have it in the journal; gives how far partitions were read."""
        changed: dict[int, dict[tuple[str, str], Account]] = {}
        now, positions = wall(), dict[int, int]()
        for place, records in fetched.items():
            lane = lane_of(place.topic, place.partition)
            reading = self._readings.get(lane)
            if reading is None:
                continue  # revoked meanwhile
            mine = changed.setdefault(lane, {})
            for record in records:
                stamp = Millis(min(record.timestamp, now))
                reading.position, reading.stamp = record.offset + 1, max(reading.stamp, stamp)
                for account in self._taken(record, stamp):
                    mine[account.endpoint, account.exception] = account
            positions[lane] = reading.position
        for lane, reading in self._readings.items():
            end = self._consumer.highwater(TopicPartition(*place_of(lane)))
            reading.is_at_end = end is not None and reading.position >= end
            if reading.history is not None:
                positions.pop(lane, None)
                mine = changed.pop(lane, {})
                if reading.position >= reading.history:
                    changed[lane] = self._begin(lane)
                    positions[lane] = reading.position
                    reading.history = None
        accounts = [account for mine in changed.values() for account in mine.values()]
        settled = [account for account in accounts if account.is_settled(now)]
        await self._journal.save([account for account in accounts if not account.is_settled(now)], positions)
        if settled:
            await self._journal.save(settled, gone=True)
        for desk in self.desks:
            desk.book.let_go(each for each in settled if each.endpoint == desk.book.endpoint.name)
            desk.look_at([each for each in accounts if each.endpoint == desk.book.endpoint.name])
        return positions

    def _taken(self, record: Any, stamp: Millis) -> Iterable[Account]:
        if record.value is None:
            return
        try:
            version = read_version(record.value)
        except ValueError as error:
            self._observer.unreadable()
            log.warning("%s-%d, offset %d is of no use: %s", record.topic, record.partition, record.offset, error)
            return
        for desk in self.desks:
            account = desk.book.take(version, lane_of(record.topic, record.partition), stamp)
            if account is not None:
                yield account

    def _begin(self, partition: int) -> dict[tuple[str, str], Account]:
        """The history of a partition is read: what of it is told."""
        found: dict[tuple[str, str], Account] = {}
        for desk in self.desks:
            for account in desk.book.accounts.values():
                if account.partition == partition:
                    account.forget_history()
                    found[account.endpoint, account.exception] = account
        return found

    async def _forget(self) -> None:
        async with self._taking:
            gone = [account for desk in self.desks for account in desk.book.forget(wall())]
            await self._journal.save(gone, gone=True)

    def _released(self, partition: int, due: Millis) -> bool:
        reading = self._readings.get(partition)
        if reading is None or reading.history is not None or not self._has_lease():
            return False
        return reading.is_at_end or reading.stamp >= due

    def _has_lease(self) -> bool:
        """Whether the group has heard from us lately enough: who was paused may have lost its partitions to another."""
        lease = self._settings.session_seconds - 2 * self._settings.heartbeat_seconds
        return time.monotonic() - self._beat < lease

    def _watch_heartbeats(self) -> None:
        coordinator = self._consumer._coordinator
        beat = coordinator._do_heartbeat

        async def timed_beat() -> bool:
            begun = time.monotonic()
            if answered := bool(await beat()):
                self._beat = begun
            return answered

        coordinator._do_heartbeat = timed_beat

    async def on_partitions_revoked(self, revoked: Collection[Any]) -> None:
        """Finish what is under way; what is owed is another's."""
        partitions = [lane_of(place.topic, place.partition) for place in revoked]
        async with self._taking:  # what is being written is written before another reads it
            for partition in partitions:
                self._readings.pop(partition, None)
        await asyncio.gather(*(desk.drop(partition) for desk in self.desks for partition in partitions))

    async def on_partitions_assigned(self, assigned: Collection[Any]) -> None:
        """Go on where the journal is."""
        self._beat = time.monotonic()  # the group just answered
        try:
            await self._begin_with(list(assigned))
        except BaseException as error:
            self._broken = error  # aiokafka only logs what a listener raises, and would go on without the journal
            raise

    async def _begin_with(self, assigned: list[Any]) -> None:
        if not assigned:
            return
        kept = await read_journal(self._settings, [lane_of(place.topic, place.partition) for place in assigned])
        ends = await self._consumer.end_offsets(assigned)
        begins = await self._consumer.beginning_offsets(assigned)
        for place in assigned:
            lane = lane_of(place.topic, place.partition)
            accounts, position = kept[lane]
            reading = self._readings[lane] = _Reading(ends[place] if position is None else None)
            reading.position = max(position or 0, begins[place])
            self._consumer.seek(place, reading.position)
            if position is not None:
                for desk in self.desks:
                    desk.restore([each for each in accounts if each.endpoint == desk.book.endpoint.name])
        log.info("tells of %d partitions", len(self._readings))


def wall() -> Millis:
    """Now, by the machine's clock."""
    return Millis(time.time_ns() * SECOND // 1_000_000_000)
