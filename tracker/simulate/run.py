"""The body of `tracker simulate`: traffic to a file or to Kafka, the truth beside it, progress on the way."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tracker.domain.moment import DAY, Millis
from tracker.domain.network import Network
from tracker.simulate.options import Traffic
from tracker.simulate.output import Pace, producing, send, write_lines
from tracker.simulate.progress import Progress
from tracker.simulate.saying import Sent
from tracker.simulate.simulation import Simulation, shuffled
from tracker.simulate.truth import TruthFile, truth_file
from tracker.streams.connection import OPEN, Security


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the records of a simulation are handed on."""

    reports: int | None = None
    """Stop after so many records; None: at the end of the simulated time."""
    shuffle: int = 0
    """Records held back to change the order (see `shuffled`); 0 keeps received order."""
    rate: float = 0.0
    """Records a second, at most; 0: no limit. Kafka only."""
    speedup: float = 0.0
    """Simulated seconds per second; 0: as fast as possible. Kafka only."""
    fast_days: float = 0.0
    """Simulated days at the beginning that `speedup` does not slow down, so that journeys can complete early."""
    truth: Path | None = None
    """File for what really happened."""
    progress: bool | None = None
    """Progress on standard error: None only on a terminal."""

    def __post_init__(self) -> None:
        """Refuses with a ValueError what makes no sense."""
        for name in ("shuffle", "rate", "speedup", "fast_days"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}, wanted 0 or more")
        if self.reports is not None and self.reports < 1:
            raise ValueError(f"reports is {self.reports}, wanted 1 or more")


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: records handed on, wall seconds, and the simulation's summary (see `Simulation.summary`)."""

    reports: int
    seconds: float
    summary: dict[str, Any]


def simulate_to_file(network: Network, carriers: Sequence[str], traffic: Traffic, delivery: Delivery, to: Path) -> Done:
    """Writes the records as `tracker batch` reads them, one a line. OSError when a file can't be written."""
    run = _Run(network, carriers, traffic, delivery)
    with run.stack, to.open("wb", buffering=1 << 20) as file:
        for sent in write_lines(file, run.sents()):
            run.sent(sent)
    return run.done()


async def simulate_to_kafka(
    network: Network,
    carriers: Sequence[str],
    traffic: Traffic,
    delivery: Delivery,
    brokers: str,
    *,
    idempotent: bool = True,
    wait_seconds: float = 60.0,
    security: Security = OPEN,
) -> Done:
    """Sends the records to the carriers' topics, which must exist. Raises `output.BrokerOut`.

    Cancelled, it stops at once: up to 2,000 records being put together are not sent. The truth file is whole
    all the same, and tells about those too.
    """
    run = _Run(network, carriers, traffic, delivery)
    pace = Pace(
        speedup=delivery.speedup,
        rate=delivery.rate,
        fast_until=Millis(traffic.start + round(delivery.fast_days * DAY)),
    )
    with run.stack:
        async with producing(brokers, idempotent=idempotent, wait_seconds=wait_seconds, security=security) as producer:
            async for sent in send(producer, run.sents(), carriers, pace):
                run.sent(sent)
    return run.done()


def run_simulate(
    network: Network,
    carriers: Sequence[str],
    traffic: Traffic,
    delivery: Delivery,
    *,
    to: Path | None,
    brokers: str,
    idempotent: bool,
    wait_seconds: float,
    security: Security = OPEN,
) -> Done:
    """The command: to a file when `to` is given, else to Kafka."""
    if to is not None:
        return simulate_to_file(network, carriers, traffic, delivery, to)
    return asyncio.run(
        simulate_to_kafka(
            network,
            carriers,
            traffic,
            delivery,
            brokers,
            idempotent=idempotent,
            wait_seconds=wait_seconds,
            security=security,
        )
    )


class _Run:
    """One run's simulation, truth file, progress line and count. `stack` closes them, whatever ends the run."""

    def __init__(self, network: Network, carriers: Sequence[str], traffic: Traffic, delivery: Delivery) -> None:
        self._delivery, self._seed = delivery, traffic.seed
        self._truth: TruthFile | None = None
        self.simulation = Simulation(
            network, carriers, traffic, lambda journey: self._truth.journey(journey) if self._truth else None
        )
        self.stack = ExitStack()
        if delivery.truth is not None:
            self._truth = self.stack.enter_context(truth_file(delivery.truth))
        self.stack.callback(self._end)
        for name, word in self.simulation.skipped.items():
            print(f"simulate: {name} carries no traffic: {word}", file=sys.stderr)
        self._progress = Progress(sys.stderr, traffic.start, self.simulation.until, shown=delivery.progress)
        self._began = time.monotonic()
        self._count = 0

    def sents(self) -> Iterator[Sent]:
        limited = islice(self.simulation, self._delivery.reports)
        return shuffled(limited, self._delivery.shuffle, self._seed)

    def sent(self, sent: Sent) -> None:
        self._count += 1
        self._progress.update(self._count, sent.received_at)

    def done(self) -> Done:
        return Done(self._count, time.monotonic() - self._began, self.simulation.summary())

    def _end(self) -> None:
        self._progress.end(self.simulation.clock)
        if self._truth is not None:
            for journey in self.simulation.under_way():
                self._truth.journey(journey)
            self._truth.summary(self.simulation.summary())
