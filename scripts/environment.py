"""Makes `.venv` and keeps it equal to `requirements.lock`; the Makefile calls it before everything that needs it.

Standard library only: it runs before anything is installed. Every package comes from the lock file with its hash, and
only as a wheel, so that nothing is compiled and no build fetches more. The tracker itself goes in as an editable
install, made by the hatchling of the lock file without the network, so that `.venv/bin/tracker` exists and runs the
sources as they are. When lock file, project file, Python and place are those of the last time, it is done in an
instant and says nothing.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[1]
VENV: Final = REPOSITORY / ".venv"
LOCK: Final = REPOSITORY / "requirements.lock"
PROJECT: Final = REPOSITORY / "pyproject.toml"
STAMP: Final = VENV / "made-from.txt"

PYTHON_MIN: Final = (3, 11)


class Unable(Exception):
    """The environment cannot be made; the message says what was seen, what is wanted and what to do."""


def main() -> int:
    """Bring `.venv` up to date; gives the exit status."""
    try:
        wanted = fingerprint()
        if STAMP.exists() and STAMP.read_text() == wanted:
            return 0
        make_venv(fresh=not fits())
        install_packages()
        install_tracker()
        STAMP.write_text(wanted)
    except Unable as unable:
        print(f"make: {unable}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nmake: interrupted; the next `make` goes on from here", file=sys.stderr)
        return 130
    print("Ready.", flush=True)
    return 0


def fingerprint() -> str:
    """What the environment depends on: the two files' contents, this Python, and the folder, which scripts name."""
    contents = hashlib.sha256(LOCK.read_bytes() + PROJECT.read_bytes()).hexdigest()
    return f"{contents}\n{sys.version}\n{REPOSITORY}\n"


def fits() -> bool:
    """Whether there is a `.venv` of this Python version in this place that packages can be added to."""
    if not (VENV / "bin" / "pip").exists() or str(VENV) not in (VENV / "bin" / "pip").read_text():
        return False  # none, half made, or moved here from another folder
    said = subprocess.run(
        [python(), "-c", "import sys; print(sys.version)"], check=False, capture_output=True, text=True
    )
    return said.stdout.strip() == sys.version


def make_venv(*, fresh: bool) -> None:
    """Make an empty `.venv` in place of what is there, unless what is there will do.

    Raises:
        Unable: this Python cannot make one.
    """
    if sys.version_info < PYTHON_MIN:
        raise Unable(
            f"Python 3.11 or newer wanted, {sys.executable} is {sys.version.split()[0]}: make PYTHON=python3.12"
        )
    if not fresh:
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships Python without it, and venv then fails half way
        import venv
    except ImportError:
        raise Unable(
            f"{sys.executable} has no venv or ensurepip: on Debian and Ubuntu, sudo apt-get install python3-venv"
        ) from None
    step(f"Making {VENV.name} with Python {sys.version.split()[0]}")
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unable(f"{VENV} could not be made: {error}") from None


def install_packages() -> None:
    """Install what the lock file names and `.venv` lacks.

    Raises:
        Unable: pip failed; its words have been shown.
    """
    count = len(re.findall(r"^[\w.-]+(?:\[.*\])?==", LOCK.read_text(), re.MULTILINE))
    step(f"Installing {count} packages from {LOCK.name}, some 100 MB")
    pip("--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK))


def install_tracker() -> None:
    """Put the tracker's command into `.venv`, pointing at these sources.

    Raises:
        Unable: pip failed; its words have been shown.
    """
    step("Installing the command tracker")
    pip("--no-index", "--no-deps", "--no-build-isolation", "--editable", str(REPOSITORY))


def pip(*arguments: str) -> None:
    """Run `pip install`; on a terminal one line shows the package at hand, and pip's own words come only on failure."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    command = [python(), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    with subprocess.Popen(
        [*command, *arguments],
        env=environment | {"PIP_USER": "0", "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = list(shown(process.stdout))
    if process.returncode != 0:
        print("".join(said[-20:]), file=sys.stderr)
        raise Unable(f"pip failed (exit status {process.returncode}); its last words are above")


def shown(lines: Iterable[str]) -> Iterable[str]:
    """The lines as they come; on a terminal, with the package that pip is at shown in place."""
    live = sys.stdout.isatty()
    for line in lines:
        if live and (match := re.match(r"(Collecting|Installing) (\S+)", line)):
            what = match[2] if match[1] == "Collecting" else "unpacking"
            print(f"\r\033[K    {what}", end="", flush=True)
        yield line
    if live:
        print("\r\033[K", end="", flush=True)


def step(what: str) -> None:
    """Tell what is done now."""
    print(f"==> {what}", flush=True)


def python() -> str:
    """The Python inside `.venv`."""
    return str(VENV / "bin" / "python")


if __name__ == "__main__":
    sys.exit(main())
