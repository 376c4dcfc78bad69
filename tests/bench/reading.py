"""Readers of the pages, in a process of their own so that what else is measured does not hold them up.

Started by `tests.bench.pages`: what to ask comes as JSON on the standard input, what it took goes out as JSON.
"""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle
from statistics import quantiles
from time import monotonic, perf_counter
from typing import Final, NamedTuple

from aiohttp import ClientSession

ALIVE: Final = "/healthz"
"""Asked with every fourth page: it takes no work, so its time is the wait for the worker's turn."""


class Took(NamedTuple):
    """Milliseconds of one page: from the question to the last byte, and of these those of its handler."""

    seen: float
    handled: float


Times = dict[str, list[Took]]
"""By sort of page."""


class Reader:
    """Asks for pages, and notes how long each took."""

    def __init__(self, client: ClientSession, paths: Sequence[str]) -> None:
        """`paths` are asked in turn."""
        self._client, self._paths = client, cycle(paths)
        self.took: defaultdict[str, list[Took]] = defaultdict(list)

    async def ask(self, path: str | None = None) -> None:
        """Ask for a path, or for the next page."""
        path = path or next(self._paths)
        begun = perf_counter()
        async with self._client.get(path) as response:
            assert response.status == 200, (path, response.status, await response.text())
            await response.read()
            handled = response.headers.get("Server-Timing", "").partition("dur=")[2]
        seen = 1000 * (perf_counter() - begun)
        self.took[path.split("/")[1] or "overview"].append(Took(seen, float(handled or 0)))

    async def keep_on(self, per_second: float, seconds: float) -> None:
        """Ask so often for so long, whether or not what was asked before is answered."""
        begun, asked = monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while (passed := monotonic() - begun) < seconds:
                while asked < passed * per_second:
                    group.create_task(self.ask())
                    if not asked % 4:
                        group.create_task(self.ask(ALIVE))
                    asked += 1
                await asyncio.sleep(0.4 / per_second)


def told(times: Times, when: str) -> str:
    """A line per sort of page."""
    lines = [f"{when:28}{'asked':>7}{'p50':>8}{'p90':>8}{'p99':>8}{'most':>8}   ms seen; handler p50, p99"]
    for name, took in sorted(times.items()):
        seen, handled = (sorted(each) for each in zip(*took, strict=True))
        shown = "".join(f"{_at(seen, share):8.1f}" for share in (50, 90, 99, 100))
        lines.append(f"  {name:26}{len(took):7}{shown}   {_at(handled, 50):.1f}, {_at(handled, 99):.1f}")
    return "\n".join(lines)


def _at(ordered: Sequence[float], percent: int) -> float:
    if percent == 100 or len(ordered) < 2:
        return ordered[-1]
    return quantiles(ordered, n=100, method="inclusive")[percent - 1]


async def read(address: str, paths: Sequence[str], per_second: float, seconds: float) -> Times:
    """Readers of this process: one after the other where `per_second` is 0, each path once."""
    async with ClientSession(address) as client:
        reader = Reader(client, paths)
        if per_second:
            await reader.keep_on(per_second, seconds)
        else:
            for path in paths:
                await reader.ask(path)
        return dict(reader.took)


async def reading(address: str, paths: Sequence[str], per_second: float = 0, seconds: float = 0) -> Times:
    """The same by a process of their own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.reading", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    asked = {"address": address, "paths": paths, "per_second": per_second, "seconds": seconds}
    answer, _ = await process.communicate(json.dumps(asked).encode())
    assert process.returncode == 0, "the readers failed"
    return {name: [Took(*each) for each in took] for name, took in json.loads(answer).items()}


if __name__ == "__main__":
    json.dump(asyncio.run(read(**json.load(sys.stdin))), sys.stdout)
