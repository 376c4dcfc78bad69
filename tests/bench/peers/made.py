"""Brings what the peers need, once, into `.cache`: a venv (Faust pins click, so it is their own), jars, a Java class.

Versions are pinned in `requirements.txt` and `pom.xml` beside this file.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.broker.jars import FetchFailed, MissingTool, find_java

HERE: Final = Path(__file__).parent
REPOSITORY: Final = HERE.parents[2]
CACHE: Final = Path(os.environ.get("TRACKER_CACHE") or REPOSITORY / ".cache")


def peers_python() -> str:
    """The Python that has Quix Streams and Bytewax. Raises `FetchFailed`."""
    wanted = HERE / "requirements.txt"
    folder = CACHE / f"bench-peers-{_mark(wanted)}"
    if not (folder / "made").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([f"{folder}/bin/pip", "install", "--quiet", "--only-binary", ":all:", "--requirement", str(wanted)])
        (folder / "made").touch()
    return f"{folder}/bin/python"


def java_command() -> list[str]:
    """How Kafka Streams is started. Raises `MissingTool`, `FetchFailed`."""
    for program in ("javac", "mvn"):
        if shutil.which(program) is None:
            raise MissingTool(f"{program} wanted on PATH for Kafka Streams: install openjdk-17-jdk-headless and maven")
    source, pom = HERE / "Peer.java", HERE / "pom.xml"
    folder = CACHE / f"bench-streams-{_mark(source, pom)}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([
            *("mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", "--file", str(pom)),
            *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}/jars"),
        ])  # fmt: skip
        _run(["javac", "-cp", f"{folder}/jars/*", "-d", f"{folder}/classes", str(source)])
        (folder / "made").touch()
    # Serial: one thread of processing and a small heap; threads of a collector would take the cores from it.
    return [find_java(), "-XX:+UseSerialGC", "-Xms1g", "-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp", f"{folder}/jars/*:{folder}/classes", "Peer"]  # fmt: skip


def _mark(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        raise FetchFailed(f"{command[0]} ended with status {done.returncode}:\n{done.stdout[-3000:]}")
