"""One real Apache Kafka node on this machine, for the tests marked `broker`, the measurements and the demonstrations.

A KRaft node, broker and controller in one, PLAINTEXT on free ports of 127.0.0.1, its data in a folder of its own that
goes when it is closed. It is up in two to three seconds. What it needs of the machine: see `jars`.

    with Kafka() as kafka:
        ...  # clients connect to kafka.bootstrap
        kafka.kill()  # as a power cut
        kafka.start()  # same ports, same data
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.broker.jars import fetch_jars, find_java
from tracker.broker.lifeline import tied

START_SECONDS_MAX: Final = 180.0
"""Two to three seconds on an idle machine; the rest is for a machine whose two cores are taken."""

STOP_SECONDS_MAX: Final = 20.0
"""An ordered stop takes well under a second; a node that hangs is killed after this."""

_STARTED = "Kafka Server started"
"""The broker logs this once its listeners answer and the controller lets it lead partitions."""

_CLUSTER: Final = "dHJhY2tlci10ZXN0LWtmaw"
"""One id for all: they never meet. A random one begins with "-" once in 64 times, and is taken for an option."""

_FOLDER: Final = "tracker-kafka-"
"""Begins the name of a node's folder; the process id of its starter follows."""

_LOG_SETTINGS: Final = """\
status = error
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = OUT
logger.started.name = kafka.server.KafkaRaftServer
logger.started.level = info
"""


class BrokerFailed(Exception):
    """The node did not start, or went while it was starting; the message carries the end of its log."""


class Kafka:
    """A Kafka node that can be started, stopped, killed and frozen; as a context manager it is started and closed.

    `settings` are added to the broker's own or replace them (`server.properties` names). `protocols` are those of more
    listeners, beside the one in the open. Ports and data stay the same over restarts. Every method returns when the
    thing is done. `proxy` is the port of a proxy to `behind_proxy`: who comes that way is sent back to the proxy.
    """

    def __init__(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        heap_megabytes: int = 512,
        protocols: Sequence[str] = (),
        proxy: int | None = None,
    ) -> None:
        """Prepare a node that is not yet running; nothing is fetched or written before `start`."""
        self._proxy = proxy
        self._settings = dict(settings or {})
        self._heap_megabytes = heap_megabytes
        self._port, self._controller_port, self._proxied_port, *more = free_ports(3 + len(protocols))
        self._more = dict(zip(protocols, more, strict=True))
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients connect: `127.0.0.1:PORT`, the same for the life of this object."""
        return f"127.0.0.1:{self._port}"

    def address(self, protocol: str) -> str:
        """Where clients of one of the protocols connect."""
        return f"127.0.0.1:{self._more[protocol]}"

    @property
    def behind_proxy(self) -> str:
        """Where a proxy connects."""
        return f"127.0.0.1:{self._proxied_port}"

    @property
    def pid(self) -> int:
        """The process id of the running node, for `/proc`."""
        return self._running().pid

    @property
    def log(self) -> str:
        """All that the node has printed since it was made; empty before the first start."""
        file = None if self._folder is None else self._folder / "kafka.log"
        return file.read_text(errors="replace") if file is not None and file.exists() else ""

    def start(self) -> None:
        """Start the node and wait until it answers; on the first start its storage is made.

        Raises:
            MissingTool: no Java or no Maven.
            FetchFailed: Maven could not bring the jars.
            BrokerFailed: it did not come up within `START_SECONDS_MAX`.
        """
        assert self._process is None, "the node runs already"
        java = [find_java(), *("-XX:+UseSerialGC", "-Xms128m", f"-Xmx{self._heap_megabytes}m")]
        java += ["-cp", str(fetch_jars() / "*")]
        if self._folder is None:
            _remove_orphans()
            self._folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
            self._format(java)
        folder = self._folder
        seen = len(self.log)
        with (folder / "kafka.log").open("ab") as log:
            self._process = subprocess.Popen(
                tied([*java, f"-Dlog4j2.configurationFile={folder}/log4j2.properties", "kafka.Kafka", self._file()]),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Its own process group: Ctrl-C in a terminal reaches the tests, and they decide what becomes of it.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while _STARTED not in self.log[seen:]:
            exited = self._process.poll() is not None
            if exited or time.monotonic() > deadline:
                what = "exited while starting" if exited else f"was not up after {START_SECONDS_MAX:.0f} s"
                self.kill()
                raise BrokerFailed(f"Kafka on {self.bootstrap} {what}; the end of its log:\n{self.log[seen:][-4000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the node in order (SIGTERM), as an operator would; what it holds is written out."""
        process = self._running()
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None

    def kill(self) -> None:
        """End the node at once (SIGKILL), as a crash would; frozen or not."""
        process = self._running()
        process.kill()
        process.wait()
        self._process = None

    def freeze(self) -> None:
        """Halt the node (SIGSTOP): its connections stay open and nothing answers, as a stalled disk or a long pause."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen node go on."""
        self._running().send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop in order and start again, on the same ports and data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Kill the node if it runs and remove its folder; can be called again."""
        if self._process is not None:
            self.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        """Start the node; a start that fails leaves nothing behind."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the node."""
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the node is not running"
        return self._process

    def _file(self) -> str:
        return f"{self._folder}/server.properties"

    def _format(self, java: list[str]) -> None:
        """Write the settings and make the storage of a node of its own cluster."""
        assert self._folder is not None
        properties = self._properties(self._folder) | self._settings
        Path(self._file()).write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
        (self._folder / "log4j2.properties").write_text(_LOG_SETTINGS)
        done = subprocess.run(
            # TieredStopAtLevel=1: the optimising compiler does not pay in a program that lives half a second.
            [
                *(*java, "-XX:TieredStopAtLevel=1", "kafka.tools.StorageTool"),
                *("format", "--cluster-id", _CLUSTER, "--config", self._file()),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise BrokerFailed(f"Kafka could not make its storage (exit status {done.returncode}):\n{done.stdout}")

    def _properties(self, folder: Path) -> dict[str, str]:
        """One node that is a whole cluster, and does not wait for others."""
        listener, controller = f"PLAINTEXT://{self.bootstrap}", f"CONTROLLER://127.0.0.1:{self._controller_port}"
        more = [f"{protocol}://{self.address(protocol)}" for protocol in self._more]
        told = list(more)
        if self._proxy is not None:
            more.append(f"PROXIED://{self.behind_proxy}")
            told.append(f"PROXIED://127.0.0.1:{self._proxy}")
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "listeners": ",".join([listener, controller, *more]),
            "advertised.listeners": ",".join([listener, *told]),
            "listener.security.protocol.map": ",".join(
                [
                    *("PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT", "PROXIED:PLAINTEXT"),
                    *(f"{each}:{each}" for each in self._more),
                ]
            ),
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(folder / "data"),
            # A misspelt topic name is a failed test, never a new topic.
            "auto.create.topics.enable": "false",
            # One node: one copy of the internal topics, and few partitions, since each costs files and start-up time.
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            # Three seconds by default, to let more members join; a test's group is complete when its workers are up.
            "group.initial.rebalance.delay.ms": "0",
            # A killed node may register again only when its old self has missed its heartbeats: 9 s by default.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
        }


def _remove_orphans() -> None:
    """Remove the folders of nodes whose starters were killed: a measurement's may hold gigabytes."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}[0-9]*-*"):
        starter = int(folder.name.removeprefix(_FOLDER).split("-")[0])
        try:
            os.kill(starter, 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            pass  # another user's, and alive


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nothing listened on just now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
