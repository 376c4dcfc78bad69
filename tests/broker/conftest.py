"""The broker of the tests marked `broker`: one Kafka node for the whole run, or the reason why there is none."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.broker.jars import FetchFailed, MissingTool, fetch_jars, find_java, jars_folder
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole


@pytest.hookimpl(trylast=True)  # after `-m` has taken out what is not asked for: then nothing needs to be fetched
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the broker tests with one line where Java or Maven is missing; with CI set, fail the run instead.

    A run that silently tests less than it should is worth nothing where its green decides.
    """
    wanted = [item for item in items if item.get_closest_marker("broker") is not None]
    if not wanted:
        return
    try:
        find_java()
        if not jars_folder().is_dir() and (terminal := config.pluginmanager.get_plugin("terminalreporter")) is not None:
            terminal.write_line("\nFetching Kafka's jars with Maven, once: 43 MB")
        fetch_jars()
    except (MissingTool, FetchFailed) as missing:
        if os.environ.get("CI"):
            raise pytest.UsageError(f"the tests marked `broker` must run where CI is set: {missing}") from None
        skip = pytest.mark.skip(reason=f"no Kafka: {str(missing).splitlines()[0]}")
        for item in wanted:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One running node for all tests of the run.

    Tests share it: each uses topics, groups and app ids of its own. A test that stops, kills or freezes a broker makes
    its own `Kafka()`.
    """
    with Kafka() as node:
        yield node


@pytest_asyncio.fixture
async def whole(kafka: Kafka, tmp_path: Path) -> AsyncIterator[Whole]:
    """A tracker with fresh topics and no worker yet; its workers end with the test."""
    made = Whole(kafka.bootstrap, tmp_path)
    await made.begin()
    yield made
    made.kill_all()
