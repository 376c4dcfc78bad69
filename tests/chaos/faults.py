"""The faults of a trial. Each is made, and where it can be, unmade; then the trial waits until work goes on."""

import asyncio
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from tests.broker.jars import MissingTool
from tests.chaos.crew import Worker
from tests.chaos.scene import Scene

LIBFAKETIME: Final = tuple(
    f"/usr/lib/{machine}-linux-gnu/faketime/libfaketimeMT.so.1" for machine in ("x86_64", "aarch64")
)
"""Debian's."""

Act = Callable[[Scene], Awaitable[str]]
"""Makes a fault; gives what was done, in words."""


class Fault(NamedTuple):
    """A fault by name; `weight` is how often it is drawn.

    `network`: workers connect through a proxy. `store`: where rows must be for it to mean something; None: anywhere.
    """

    name: str
    act: Act
    weight: int
    network: bool = False
    store: str | None = None


async def kill(scene: Scene) -> str:
    """SIGKILL; again at once under its stable name, or after the group has given it up."""
    worker = _one(scene)
    scene.crew.kill(worker)
    pause = scene.chance.choice((0.0, 0.0, scene.whole.settings.session_seconds + 1))
    await asyncio.sleep(pause)
    scene.crew.again(worker)
    return f"SIGKILL {worker.name}, again after {pause:.0f} s"


async def kill_all(scene: Scene) -> str:
    """All at once, as when the machine goes."""
    workers = scene.crew.running
    for worker in workers:
        scene.crew.kill(worker)
    for worker in workers:
        scene.crew.again(worker)
    return f"SIGKILL {' '.join(worker.name for worker in workers)}"


async def stop(scene: Scene) -> str:
    """SIGTERM, and it joins again."""
    worker = _one(scene)
    await scene.crew.stop(worker)
    scene.crew.again(worker)
    return f"SIGTERM {worker.name}, {scene.crew.stops[-1]:.1f} s"


async def stop_restoring(scene: Scene) -> str:
    """SIGTERM in the middle of a start: while it connects, joins, or restores its rows."""
    worker = _one(scene)
    scene.crew.kill(worker)
    scene.crew.again(worker)
    waited = scene.chance.uniform(0.5, 6.0)
    await asyncio.sleep(waited)
    await scene.crew.stop(worker)
    scene.crew.again(worker)
    return f"SIGTERM {worker.name} {waited:.1f} s after its start, {scene.crew.stops[-1]:.1f} s"


async def wipe(scene: Scene) -> str:
    """SIGKILL, and its disk is gone: rows come from the changelogs."""
    worker = _one(scene)
    scene.crew.kill(worker)
    shutil.rmtree(scene.folder / worker.name, ignore_errors=True)
    scene.crew.again(worker)
    return f"SIGKILL {worker.name}, its rows on disk are gone"


async def corrupt(scene: Scene) -> str:
    """SIGKILL, and some of its files hold something else: with rows in memory there are none."""
    worker = _one(scene)
    scene.crew.kill(worker)
    files = [
        path
        for path in sorted((scene.folder / worker.name).rglob("*"))
        if path.suffix in {".sst", ".log"} or path.name.startswith(("CURRENT", "MANIFEST"))
    ]
    hurt = [path for path in files if scene.chance.random() < 0.3 and path.stat().st_size > 0]
    for path in hurt:
        content = bytearray(path.read_bytes())
        begin = scene.chance.randrange(len(content))
        content[begin : begin + 4_096] = scene.chance.randbytes(len(content[begin : begin + 4_096]))
        path.write_bytes(bytes(content))
    scene.crew.again(worker)
    return f"SIGKILL {worker.name}, {len(hurt)} of {len(files)} files of rows overwritten"


async def clock(scene: Scene) -> str:
    """A worker starts again on a machine whose clock is an hour off."""
    worker = _one(scene)
    await scene.crew.stop(worker)
    off = scene.chance.choice(("+3600s", "-3600s"))
    worker.environment = {**worker.environment, **stepped(off)}
    scene.crew.again(worker)
    return f"the clock of {worker.name} is off by {off}"


def stepped(by: str) -> dict[str, str]:
    """The environment of a process whose wall clock is off, as libfaketime takes it; the monotonic one is not."""
    library = next((path for path in map(Path, LIBFAKETIME) if path.exists()), None)
    if library is None:
        raise MissingTool("a clock that is off needs libfaketime: on Debian, apt-get install faketime")
    return {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


async def scale(scene: Scene) -> str:
    """Two more join, then leave."""
    more = [scene.crew.start(name) for name in ("more-1", "more-2")]
    for worker in more:
        await scene.crew.ready(worker)
    await asyncio.sleep(scene.chance.uniform(0, 3))
    for worker in more:
        await scene.crew.stop(worker)
    return "two more workers join and leave"


async def pause(scene: Scene) -> str:
    """SIGSTOP beyond the session, SIGCONT: back from the dead it must not write an old row over a new one."""
    worker = _one(scene)
    seconds = scene.whole.settings.session_seconds + scene.chance.uniform(1, 5)
    await _paused(worker, seconds)
    return f"SIGSTOP {worker.name} for {seconds:.1f} s"


async def blink(scene: Scene) -> str:
    """A pause that ends about when the group gives the worker up."""
    worker = _one(scene)
    seconds = scene.whole.settings.session_seconds + scene.chance.uniform(-1.0, 0.5)
    await _paused(worker, seconds)
    return f"SIGSTOP {worker.name} for {seconds:.1f} s"


async def _paused(worker: Worker, seconds: float) -> None:
    process = worker.process
    process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        process.send_signal(signal.SIGCONT)


async def broker_stop(scene: Scene) -> str:
    """The broker is stopped in order and started again."""
    away = scene.chance.uniform(0, 8)
    await asyncio.to_thread(scene.kafka.stop)
    await asyncio.sleep(away)
    await asyncio.to_thread(scene.kafka.start)
    return f"broker SIGTERM, back after {away:.1f} s"


async def broker_kill(scene: Scene) -> str:
    """The broker crashes, and is started again: sometimes after workers have given up."""
    away = scene.chance.choice((0.0, 3.0, 20.0))
    scene.kafka.kill()
    await asyncio.sleep(away)
    await asyncio.to_thread(scene.kafka.start)
    return f"broker SIGKILL, back after {away:.0f} s"


async def broker_freeze(scene: Scene) -> str:
    """Connections stay open and nothing is answered, as with a stalled disk."""
    seconds = scene.chance.choice((3.0, 12.0, 22.0))
    scene.kafka.freeze()
    try:
        await asyncio.sleep(seconds)
    finally:
        scene.kafka.thaw()
    return f"broker SIGSTOP for {seconds:.0f} s"


async def unreachable(scene: Scene) -> str:
    """No way to the broker for a minute: workers stop themselves, and whoever starts meanwhile waits."""
    seconds = scene.chance.choice((5.0, 60.0))
    assert scene.toxic is not None
    await asyncio.to_thread(scene.toxic.cut)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(scene.toxic.mend)
    return f"no way to the broker for {seconds:.0f} s"


async def slow(scene: Scene) -> str:
    """Half a second for every answer."""
    assert scene.toxic is not None
    await asyncio.to_thread(scene.toxic.slow, 500)
    await asyncio.sleep(15)
    await asyncio.to_thread(scene.toxic.mend)
    return "500 ms to and from the broker for 15 s"


async def narrow(scene: Scene) -> str:
    """Little bandwidth."""
    assert scene.toxic is not None
    await asyncio.to_thread(scene.toxic.narrow, 30)
    await asyncio.sleep(15)
    await asyncio.to_thread(scene.toxic.mend)
    return "30 kB/s to and from the broker for 15 s"


def _one(scene: Scene) -> Worker:
    return scene.chance.choice(scene.crew.running)


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType({
    fault.name: fault
    for fault in (
        Fault("kill", kill, 6),
        Fault("kill-all", kill_all, 2),
        Fault("stop", stop, 3),
        Fault("stop-restoring", stop_restoring, 2),
        Fault("wipe", wipe, 2, store="rocksdb"),
        Fault("corrupt", corrupt, 2, store="rocksdb"),
        Fault("clock", clock, 2),
        Fault("scale", scale, 3),
        Fault("pause", pause, 4),
        Fault("blink", blink, 2),
        Fault("broker-stop", broker_stop, 2),
        Fault("broker-kill", broker_kill, 2),
        Fault("broker-freeze", broker_freeze, 2),
        Fault("unreachable", unreachable, 2, network=True),
        Fault("slow", slow, 2, network=True),
        Fault("narrow", narrow, 2, network=True),
    )
})  # fmt: skip
