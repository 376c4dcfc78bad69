"""The journal: what was told to whom and what is owed, in the compacted topic `rail.notifications`.

A record's key is endpoint and exception, its value the account; its partition is that of the exception, so that who
owns a partition of `rail.exceptions` reads and writes the journal's of the same number. Beside the accounts each
partition holds one record of how far `rail.exceptions` was read: written after the accounts that follow from it, in
the same order as the broker stores them. So a crash repeats reading, and loses nothing.

Steps of a delivery, and what a crash between two of them leaves: (1) what is owed is written and acknowledged; (2) it
is sent; (3) the endpoint answers; (4) the answer is written and acknowledged, before anything else of that exception is
sent. Between 2 and 4 it is in doubt and is sent again, under the same id. After 4 it is never sent again.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from tracker.contract.written import UntoldRecord
from tracker.notify.account import Account, Owed
from tracker.notify.lanes import TOPICS, lane_of, place_of, position_key
from tracker.settings import Settings
from tracker.streams.connection import secured
from tracker.streams.topics import NOTIFICATIONS, UNTOLD

ACK_SECONDS: Final = 15.0
"""How long a write may go unacknowledged before the notifier stops itself."""
READ_SECONDS: Final = 300.0
"""Within which a partition must be read at its assignment."""
_POSITIONS: Final = {position_key(lane_of(topic, 0)): topic for topic in TOPICS}


class Unwritten(KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """The journal could not be written; the notifier must stop."""


class Kept(NamedTuple):
    """What the journal holds of a partition. `position`: the next offset to read, None before the first start."""

    accounts: list[Account]
    position: int | None


class Journal:
    """Writes accounts in the order in which they change; what changes meanwhile goes with the next write."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected before `start`."""
        self._settings = settings
        self._producer: Any = None
        self._changed: dict[tuple[str, str], tuple[Account, bool]] = {}
        self._positions: dict[int, int] = {}
        self._written: asyncio.Future[None] | None = None
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Connect. Raises `KafkaError`."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.brokers, acks="all", enable_idempotence=self._settings.idempotent,
            linger_ms=0, max_request_size=4 * 1024 * 1024, **secured(self._settings).options(),
        )  # fmt: skip
        await self._producer.start()

    async def stop(self) -> None:
        """Close the connection."""
        if self._producer is not None:
            await self._producer.stop()

    async def save(
        self, accounts: Iterable[Account] = (), positions: Mapping[int, int] | None = None, *, gone: bool = False
    ) -> None:
        """Write accounts as they are now (`gone`: they are no more), then positions; returns when both are safe."""
        for each in accounts:
            self._changed[each.endpoint, each.exception] = (each, gone)
        self._positions |= positions or {}
        if not self._changed and not self._positions:
            return
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        self._wake.set()
        # Shielded: who is cancelled must not take the others' answer with him.
        await asyncio.shield(self._written)

    async def run(self) -> None:
        """Write what is to be saved, until cancelled. Raises `Unwritten`."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, {}
            positions, self._positions = self._positions, {}
            written, self._written = self._written, None
            try:
                await self._write(changed, positions)
            except (KafkaError, TimeoutError) as error:
                raise Unwritten(f"{NOTIFICATIONS} could not be written: {error!r}") from error
            if written is not None:
                written.set_result(None)

    async def _write(self, changed: dict[tuple[str, str], tuple[Account, bool]], positions: dict[int, int]) -> None:
        sends = []
        async with asyncio.timeout(ACK_SECONDS):
            for account, gone in changed.values():
                key = f"{account.endpoint}:{account.exception}".encode()
                value = None if gone else _encode(account)
                _, partition = place_of(account.partition)
                sends.append(await self._producer.send(NOTIFICATIONS, value, key, partition=partition))
            for lane, position in positions.items():
                value, (_, partition) = str(position).encode(), place_of(lane)
                sends.append(await self._producer.send(NOTIFICATIONS, value, position_key(lane), partition=partition))
            await asyncio.gather(*sends)

    async def dead_letter(self, account: Account, owed: Owed, words: str) -> None:
        """Keep what could not be told on `rail.untold`. Raises `Unwritten`."""
        value: UntoldRecord = {
            "endpoint": account.endpoint, "exception": account.exception, "version": owed.version,
            "first_tried_ms": owed.tried, "error": words, "record": owed.record,
        }  # fmt: skip
        key = f"{account.endpoint}:{account.exception}".encode()
        try:
            async with asyncio.timeout(ACK_SECONDS):
                await self._producer.send_and_wait(UNTOLD, _encode(value), key)
        except (KafkaError, TimeoutError) as error:
            raise Unwritten(f"{UNTOLD} could not be written: {error!r}") from error


async def read_journal(settings: Settings, lanes: Collection[int]) -> dict[int, Kept]:
    """What the journal holds of some lanes. Raises `KafkaError`."""
    places = [TopicPartition(NOTIFICATIONS, at) for at in sorted({place_of(lane)[1] for lane in lanes})]
    accounts: dict[int, dict[bytes, Account]] = {place.partition: {} for place in places}
    positions: dict[int, int] = {}
    if not places:
        return {}
    # `earliest` by setting: a seek may lose against the reset of a position that is new.
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=settings.brokers, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        **secured(settings).options(),
    )  # fmt: skip
    try:
        await consumer.start()
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        async with asyncio.timeout(READ_SECONDS):
            while [place for place in places if await consumer.position(place) < ends[place]]:
                for place, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        if (topic := _POSITIONS.get(record.key)) is not None:
                            positions[lane_of(topic, place.partition)] = int(record.value)
                        else:
                            _take(accounts[place.partition], record.key, record.value)
    except TimeoutError:
        raise KafkaError(f"{NOTIFICATIONS} was not read to its end within {READ_SECONDS:g} s") from None
    finally:
        await consumer.stop()
    return {
        lane: Kept(
            [each for each in accounts[place_of(lane)[1]].values() if each.partition == lane], positions.get(lane)
        )
        for lane in lanes
    }


def _take(accounts: dict[bytes, Account], key: bytes, value: bytes | None) -> None:
    """One record. What was answered stays answered, though an instance that was paused wrote its older word later."""
    before = accounts.pop(key, None)
    if value is None:
        return
    account = accounts[key] = _decode(value)
    if before is not None and before.told > account.told:
        account.told, account.told_at, account.delivery = before.told, before.told_at, before.delivery
        account.standing = before.standing
        account.owed = [owed for owed in account.owed if owed.version > before.told]


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Account).decode
