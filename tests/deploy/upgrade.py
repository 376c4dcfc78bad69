"""An upgrade from an earlier version, on processes and a real Kafka: `python -m tests.deploy.upgrade COMMIT`.

Two workers of that commit work off a half of the reports and are stopped one after the other, each followed by one of
today; these take over the earlier one's rows and work off the rest. Prints how long each step takes, and what is not as
`tracker batch` has it in the end; the exit status is 1 then.
"""

import asyncio
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from random import Random
from time import monotonic

from tests.broker.jars import REPOSITORY
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.chaos.judge import arrived, astray, diverging
from tests.chaos.load import expected, load
from tests.deploy.disasters import say

REPORTS = 8_000


async def upgrade(commit: str) -> list[str]:
    """All steps; what differs in the end."""
    with tempfile.TemporaryDirectory() as name, Kafka() as kafka:
        folder, chance = Path(name), Random(1)
        earlier = _checked_out(commit, folder / "earlier")
        whole = Whole(kafka.bootstrap, folder, partitions=4, app_id="upgraded")
        await whole.begin()
        sents = load(whole.world, 1, REPORTS, native=True, faults="default")
        await whole.feed(sents[: REPORTS // 2], chance)
        old = {each: whole.start(each, at=earlier) for each in ("a", "b")}
        await whole.comes_to(lambda done: done.all, seconds=120)
        say(f"two workers of {commit}: {REPORTS // 2} reports worked off")
        for each, worker in old.items():
            begun = monotonic()
            say(f"  worker {each} of {commit}: SIGTERM, exit status {await whole.stop(worker)}")
            new = whole.start(each)
            await whole.ready(new)
            say(f"  worker {each} of today: ready {monotonic() - begun:.1f} s after that")
        await whole.feed(sents[REPORTS // 2 :], chance)
        await whole.comes_to(lambda done: done.all, seconds=120)
        say(f"  {REPORTS - REPORTS // 2} further reports worked off")
        for worker in list(whole.workers):
            if worker.poll() is None:
                await whole.stop(worker)
        oracle, places = expected(whole.world, sents), await arrived(whole)
        return [*astray(sents, places), *diverging(whole, await whole.written(), places, oracle)]


def _checked_out(commit: str, folder: Path) -> Path:
    archive = subprocess.run(["git", "archive", commit], cwd=REPOSITORY, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


if __name__ == "__main__":
    differing = asyncio.run(upgrade(*sys.argv[1:]))
    say("\n".join(differing) if differing else "everything as tracker batch has it")
    sys.exit(1 if differing else 0)
