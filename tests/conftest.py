"""What all tests share: how hypothesis looks for examples, and whether the programs are there that judge deploy/."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, configuration, settings

from scripts.programs import PACKAGES, Missing, find

# Beside the other caches, not in a folder of its own at the top of the repository.
configuration.set_hypothesis_home_dir(Path(__file__).parents[1] / ".cache" / "hypothesis")

# A deadline per example measures the machine: two cores may be taken by a Kafka node. pytest-timeout ends what hangs.
# Where CI is set the examples are the same in every run, so that a change is judged by what it changes.
settings.register_profile("tracker", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "tracker-ci", settings.get_profile("tracker"), derandomize=True, database=None, print_blob=True
)
settings.load_profile("tracker-ci" if os.environ.get("CI") else "tracker")


@pytest.hookimpl(trylast=True)  # after `-m` has taken out what is not asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests marked `programs` where one of the programs is missing; with CI set, fail the run instead."""
    wanted = [item for item in items if item.get_closest_marker("programs") is not None]
    if not wanted:
        return
    try:
        for program in (program for programs in PACKAGES.values() for program in programs):
            find(program)
    except Missing as missing:
        if os.environ.get("CI"):
            raise pytest.UsageError(f"the tests marked `programs` must run where CI is set: {missing}") from None
        skip = pytest.mark.skip(reason=str(missing))
        for item in wanted:
            item.add_marker(skip)
