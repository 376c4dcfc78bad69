"""`tracker demo`: broker, topics, simulated traffic, one worker and its page, in one command.

The worker runs in this process, as in production; the broker is a process of its own, and so is the traffic,
so that the worker has a core to itself. Everything ends with the command and nothing is left behind.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from tracker.broker.embedded import EMBEDDED_SETTINGS, EmbeddedBroker
from tracker.broker.lifeline import tied
from tracker.service import Service, load_world
from tracker.settings import CONNECTION_SETTINGS, PREFIX, Settings, load_settings
from tracker.streams.topics import create_or_check, plan

HISTORY_DAYS: Final = 30.0
"""Sent at once, so that journeys of 15 to 25 days have ended when somebody looks; the longest window is as long."""
PARTITIONS: Final = 4
"""Enough to see that there are several, few enough for a laptop: every one costs the embedded broker a fetch."""
STOP_SECONDS: Final = 4.0
"""Ctrl-C is to be over within five seconds, the broker's end included."""


def run_demo(
    *, speedup: float, days: float, trains_per_day: float, port: int, faults: str, seed: int, quiet: bool = False
) -> int:
    """Run until Ctrl-C; the exit status. Raises `BrokerMissing` or `BrokerFailed` when there is no broker.

    `quiet`: no simulated traffic, only what is sent from elsewhere, and the clock of this machine.
    """
    print("tracker demo: starting the embedded broker ...", flush=True)
    with _running() as broker:
        settings = load_settings(
            **EMBEDDED_SETTINGS,
            **dict.fromkeys(CONNECTION_SETTINGS),
            tls=False,
            brokers=broker.address,
            app_id="tracker-demo",
            partitions=PARTITIONS,
            replication=1,
            clock="wall" if quiet else "data",
            store="memory",
            web_port=port,
            stop_seconds=STOP_SECONDS,
            log_level="warning",
        )
        world = load_world(settings)
        carriers = [carrier.id for carrier in world.carriers]
        print(f"tracker demo: broker at {broker.address}; creating topics ...", flush=True)
        asyncio.run(create_or_check(broker.address, plan(settings, carriers)))
        # History up to now as fast as it goes, then on into the future: a report that a visitor sends with the
        # present time is then neither refused as future nor moves the figures' clock on.
        past = min(HISTORY_DAYS, days / 2)
        start = (datetime.now(UTC) - timedelta(days=past)).isoformat(timespec="seconds")
        traffic = [
            *(sys.executable, "-m", "tracker.cli", "simulate", "--brokers", broker.address, "--no-idempotent"),
            *("--quiet", "--start", start, "--days", str(days), "--speedup", str(speedup), "--fast-days", str(past)),
            *("--trains-per-day", str(trains_per_day), "--faults", faults, "--storms", "1", "--seed", str(seed)),
        ]
        with _beside(None if quiet else traffic) as sender:

            def leave(status: int) -> None:
                # The blocks that would end them are not left any more.
                if sender is not None:
                    sender.kill()
                os.kill(broker.pid, signal.SIGKILL)
                os._exit(status)

            return Service(
                settings, world, started=_announce(settings, "" if quiet else _told(speedup, past, days - past))
            ).run(last_resort=leave)


def _told(speedup: float, past: float, days: float) -> str:
    return f"""
  Simulated traffic: {past:g} days of history at once, then {days:g} days at {speedup:,.0f} times real time,
  which takes {days * 1440 / speedup:.0f} minutes. The first transits show within half a minute."""


def _announce(settings: Settings, traffic: str) -> Callable[[str], None]:
    def started(address: str) -> None:
        print(
            f"""
  page        {address}/
  metrics     {address}/metrics
  figures     {address}/v1/corridors
  readiness   {address}/readyz
  Kafka       {settings.brokers}  (send your own report to carrier.ktz-express.events)
{traffic}
  Stop with Ctrl-C.
""",
            flush=True,
        )

    return started


@contextmanager
def _running() -> Iterator[EmbeddedBroker]:
    """The embedded broker while the block lasts, on a loop of its own."""
    loop = asyncio.new_event_loop()
    broker = EmbeddedBroker()
    loop.run_until_complete(broker.__aenter__())
    try:
        yield broker
    finally:
        loop.run_until_complete(broker.__aexit__(None, None, None))
        loop.close()


@contextmanager
def _beside(command: list[str] | None) -> Iterator[subprocess.Popen[bytes] | None]:
    """A command, if any, running while the block lasts; it gets no Ctrl-C of its own and ends with this process."""
    if command is None:
        yield None
        return
    secrets = {f"{PREFIX}{name}".upper() for name in ("tls", *CONNECTION_SETTINGS)}  # of another broker, not this one
    environment = {name: value for name, value in os.environ.items() if name.upper() not in secrets}
    process = subprocess.Popen(tied(command), stdin=subprocess.DEVNULL, start_new_session=True, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
