"""A steady flow of reports, sent by the wall's clock beside many open journeys; of two kinds.

Fresh: of other containers, which come to a terminal and leave it on a train; what is told happened minutes ago.

The journeys' own: these are simulated ones, each taken several times under other numbers, and so are the reports that
come next of each. 100,000 journeys make 150,000 reports a day: in a minute at 5,000 a second each tells the next two
days of its life. So what is sent happened up to some days ago, each report opens a row of fifty others, and the next
sweep judges nearly every journey: twice the work of a fresh report.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from time import monotonic, time
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from tests.bench.memory import Rows
from tests.hearing import Sent
from tracker.domain.container import ContainerRow
from tracker.domain.identifiers import check_digit, container_fault
from tracker.domain.moment import MINUTE, Millis, text
from tracker.streams.packing import pack
from tracker.streams.topics import events_topic
from tracker.streams.writer import partition_of

TICK_SECONDS: Final = 0.05
_CONTAINER: Final = re.compile(rb'"container":"(\w{11})"')
_SEQUENCE: Final = re.compile(rb',"sequence":\d+')
"""A carrier numbers each report once."""


class Copies:
    """The numbers under which each container is taken: its own, and others of owners `XAA` to `XZZ`."""

    def __init__(self, times: int) -> None:
        """So many of each."""
        self._times, self._serial = times, map(self._number, count())
        self._numbers: dict[bytes, list[bytes]] = {}

    def of(self, container: bytes) -> list[bytes]:
        """The numbers of a container; none of what is no container's number."""
        if container not in self._numbers:
            others = [next(self._serial) for _ in range(self._times - 1)]
            is_one = container_fault(container.decode(errors="replace")) is None
            self._numbers[container] = [container, *others] if is_one else []
        return self._numbers[container]

    @staticmethod
    def _number(serial: int) -> bytes:
        owner, number = divmod(serial, 1_000_000)
        plain = f"X{chr(65 + owner // 26)}{chr(65 + owner % 26)}U{number:06d}"
        return f"{plain}{check_digit(plain)}".encode()

    def rows(self, rows: dict[str, ContainerRow], partitions: int) -> Rows:
        """The rows of all."""
        made: dict[tuple[int, bytes], bytes] = {}
        for container, row in rows.items():
            body, own = pack(row), container.encode()
            for key in self.of(own):
                made[partition_of(key, partitions), key] = body.replace(own, key)
        return made

    def reports(self, sents: Iterable[Sent]) -> Iterator[Sent]:
        """The reports of all; those that name none of the containers in its usual form are left out."""
        for sent in sents:
            if (found := _CONTAINER.search(sent.body)) is not None:
                body = _SEQUENCE.sub(b"", sent.body)
                for number in self.of(found[1]):
                    yield sent._replace(body=body.replace(found[1], number))


STEPS: Final = ("stuffed", "gate_in", "customs_held", "customs_released", "loaded", "departed")
WAVE: Final = 10_000
"""Containers that come together: at 5,000 reports a second each tells its next step two seconds later."""


def fresh(carriers: Sequence[str], number: int, now: Millis) -> Sent:
    """A report of a container that nobody heard of before, or its next step, which happened minutes ago."""
    wave, place = divmod(number, WAVE * len(STEPS))
    step, box = divmod(place, WAVE)
    plain = f"FLWU{wave * WAVE + box:06d}"
    said = {
        "container": f"{plain}{check_digit(plain)}", "kind": STEPS[step], "node": "KZ-ALTYNKOL", "id": f"F-{number}",
        "occurred_at": text(Millis(now - (len(STEPS) - step) * MINUTE)), "iso_code": "45G1", "laden": True,
        "train": f"{7000 + box // 55}", "booking": f"BK{box:06d}",
    }  # fmt: skip
    return Sent(carriers[box % len(carriers)], now, json.dumps(said).encode())


async def send(brokers: str, partitions: int, made: Callable[[int, Millis], Sent], total: int, rate: float) -> float:
    """Send reports at a steady rate, received when they are sent; how many a second went out."""
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers, acks=1, max_batch_size=2**20)
    async with producer:
        begun, done, last = monotonic(), 0, []
        for tick in count():
            due, now = min(total, int((monotonic() - begun) * rate)), Millis(round(time() * 1000))
            split: defaultdict[str, list[bytes]] = defaultdict(list)
            for sent in (made(number, now) for number in range(done, due)):
                split[sent.carrier].append(sent.body)
            done = due
            for carrier, bodies in split.items():
                batch = producer.create_batch()
                for body in bodies:
                    assert batch.append(key=None, value=body, timestamp=now) is not None, "more than fits a batch"
                batch.close()
                last.append(await producer.send_batch(batch, events_topic(carrier), partition=tick % partitions))
            if done == total:
                await asyncio.gather(*last)
                return done / (monotonic() - begun)
            await asyncio.sleep(max(0.0, begun + (tick + 1) * TICK_SECONDS - monotonic()))
    raise AssertionError
