"""A proxy in front of a Kafka node that can be made slow, narrow or dead: Shopify's toxiproxy, built by Go once."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.request import Request, urlopen

from tests.broker.jars import REPOSITORY, MissingTool
from tests.broker.kafka import free_ports
from tracker.broker.lifeline import tied

MODULE: Final = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0"
_PROXY: Final = "kafka"
_START_SECONDS_MAX: Final = 20.0


def build() -> Path:
    """The program, built unless it is there (10 s). Raises `MissingTool` without Go."""
    folder = Path(os.environ.get("TRACKER_CACHE") or REPOSITORY / ".cache") / "toxiproxy"
    program = folder / "server"
    if not program.exists():
        if shutil.which("go") is None:
            raise MissingTool("network faults need toxiproxy, and that Go 1.24 or newer on PATH: install it")
        subprocess.run(["go", "install", MODULE], check=True, env=os.environ | {"GOBIN": str(folder)})
    return program


class Toxic:
    """A running proxy: `port` leads to whatever `begin` was given."""

    def __init__(self, port: int) -> None:
        """Nothing runs before it is entered."""
        self.port, (self._control,) = port, free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the program and wait until it answers."""
        command = [str(build()), "-host", "127.0.0.1", "-port", str(self._control)]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(tied(command), stdin=quiet, stdout=quiet, stderr=quiet)
        deadline = time.monotonic() + _START_SECONDS_MAX
        while True:
            try:
                self._ask("GET", "/version")
                return self
            except OSError:
                assert time.monotonic() < deadline, "toxiproxy does not answer"
                time.sleep(0.05)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the program."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def begin(self, upstream: str) -> None:
        """Lead to a listener."""
        self._ask("POST", "/proxies", {"name": _PROXY, "listen": f"127.0.0.1:{self.port}", "upstream": upstream})

    def cut(self) -> None:
        """Close all connections and take no new ones."""
        self._ask("POST", f"/proxies/{_PROXY}", {"enabled": False})

    def mend(self) -> None:
        """As if nothing had been."""
        self._ask("POST", "/reset")

    def slow(self, milliseconds: int) -> None:
        """Half of it each way."""
        for stream in ("upstream", "downstream"):
            self._toxin("latency", stream, {"latency": milliseconds // 2, "jitter": 0})

    def narrow(self, kilobytes_a_second: int) -> None:
        """So much each way, over each connection."""
        for stream in ("upstream", "downstream"):
            self._toxin("bandwidth", stream, {"rate": kilobytes_a_second})

    def _toxin(self, kind: str, stream: str, attributes: dict[str, int]) -> None:
        said = {"name": f"{kind}-{stream}", "type": kind, "stream": stream, "attributes": attributes}
        self._ask("POST", f"/proxies/{_PROXY}/toxics", said)

    def _ask(self, method: str, path: str, said: dict[str, Any] | None = None) -> None:
        body = None if said is None else json.dumps(said).encode()
        request = Request(f"http://127.0.0.1:{self._control}{path}", body, method=method)
        with urlopen(request, timeout=5) as answer:  # noqa: S310 (ours)
            answer.read()
