"""What all tests share: how hypothesis looks for examples."""

import os
from pathlib import Path

from hypothesis import HealthCheck, configuration, settings

# Beside the other caches, not in a folder of its own at the top of the repository.
configuration.set_hypothesis_home_dir(Path(__file__).parents[1] / ".cache" / "hypothesis")

# A deadline per example measures the machine: two cores may be taken by a Kafka node. pytest-timeout ends what hangs.
# Where CI is set the examples are the same in every run, so that a change is judged by what it changes.
settings.register_profile("tracker", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "tracker-ci", settings.get_profile("tracker"), derandomize=True, database=None, print_blob=True
)
settings.load_profile("tracker-ci" if os.environ.get("CI") else "tracker")
