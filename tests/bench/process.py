"""A contender as a process of its own: started, waited for, weighed by what the kernel says about it."""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from tracker.broker.lifeline import tied

START_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 15.0

_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Weight:
    """What a process has used since its start: CPU seconds, user's and system's; most resident bytes."""

    cpu_seconds: float
    resident_bytes_max: int


class Contender:
    """A process that prints `ready` when its partitions are assigned and its tables restored."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        """`arguments` of this Python, or a program by its path and its arguments. It runs from here on."""
        self._log = log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                tied(arguments if arguments[0].startswith("/") else [sys.executable, *arguments]),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it in order, or else by force."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def ready(self) -> None:
        """Wait for its word."""
        deadline = monotonic() + START_SECONDS_MAX
        while not any(line.split()[-1:] == ["ready"] for line in self._log.read_text(errors="replace").splitlines()):
            self.check()
            if monotonic() > deadline:
                raise TimeoutError(f"not ready after {START_SECONDS_MAX:.0f} s; see {self._log}")
            await asyncio.sleep(0.01)

    def check(self) -> None:
        """Raises RuntimeError when it has ended."""
        if (status := self._process.poll()) is not None:
            raise RuntimeError(f"ended with status {status}:\n{self._log.read_text(errors='replace')[-3000:]}")

    def check_alone(self) -> None:
        """Raises AssertionError when it has children, whose CPU `weigh` would not count."""
        children = [file.read_text().split() for file in Path(f"/proc/{self.pid}/task").glob("*/children")]
        assert not any(children), f"{self.pid} has children: {children}"

    def weigh(self) -> Weight:
        """What it has used until now."""
        return weight_of(self.pid)


def weight_of(pid: int) -> Weight:
    """What a process has used until now."""
    # After the name in brackets: state, then the numbers 4 and on of proc(5); 14 and 15 are the times.
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Weight((int(stat[11]) + int(stat[12])) / _TICKS, int(status["VmHWM"].split()[0]) * 1024)
