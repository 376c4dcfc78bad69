"""The demo, run once for all tests of its pages, and Debian's Chromium to open them; or why there is none."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final
from urllib.error import URLError

import pytest
import pytest_asyncio

from tests.page.fetched import fetched

REPOSITORY: Final = Path(__file__).parents[2]
CACHE: Final = Path(os.environ.get("TRACKER_CACHE") or REPOSITORY / ".cache")
READY_SECONDS: Final = 240.0
TOKEN: Final = "a-token-of-the-night-duty"  # noqa: S105  # of these tests
"""With which exceptions are taken on."""
AXE: Final = "4.14.1"
"""Version of axe-core, which judges pages by WCAG."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `tracker demo` that has journeys, exceptions and transits.

    A train a day and an hour of traffic: with fewer, or faster, whether a box is late at all when its test comes,
    and whether the clock of the data moves, was a matter of how long the other tests had taken. It ends with the
    module, so that it does not take a part of the machine from tests that do not look at it.
    """
    log = tmp_path_factory.mktemp("demo") / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", "demo", "--port", "0", "--trains-per-day", "1", "--speedup", "1000"],
            cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, "TRACKER_WEB_TOKEN": TOKEN},
        )  # fmt: skip
    try:
        yield _until_ready(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


def _until_ready(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = monotonic() + READY_SECONDS
    while monotonic() < deadline and process.poll() is None:
        address = next((word for word in log.read_text().split() if word.startswith("http://127.0.0.1")), "")
        if address and _has_something(address.rstrip("/.")):
            return address.rstrip("/.")
        sleep(0.5)  # a process of its own is waited for
    raise AssertionError(f"the demo showed nothing within {READY_SECONDS:.0f} s:\n{log.read_text()[-2000:]}")


def _has_something(address: str) -> bool:
    try:
        return bool(fetched(f"{address}/v1/exceptions?severity=critical&limit=1")["exceptions"])
    except (URLError, TimeoutError):
        return False


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Any]:
    """Debian's Chromium."""
    playwright = pytest.importorskip("playwright.async_api", reason="no playwright: make installs it")
    program = shutil.which("chromium") or _without("no chromium on PATH: sudo apt-get install chromium")
    async with playwright.async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield started
        await started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, from npm."""
    folder = CACHE / "axe"
    script = folder / "package" / "axe.min.js"
    if not script.exists():
        npm = shutil.which("npm") or _without("no npm on PATH to fetch axe-core with")
        folder.mkdir(parents=True, exist_ok=True)
        wanted = [npm, "pack", f"axe-core@{AXE}", "--loglevel=error"]
        done = subprocess.run(wanted, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            _without(f"npm could not fetch axe-core: {done.stderr[-300:]}")
        with tarfile.open(folder / f"axe-core-{AXE}.tgz") as archive:
            archive.extractall(folder, filter="data")
    return script.read_text()


def _without(reason: str) -> Any:
    """A run that silently tests less than it should is worth nothing where its green decides."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
