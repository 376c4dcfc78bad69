"""A registry and the metrics in it, new for each test."""

import pytest
from prometheus_client import CollectorRegistry

from tests.metrics.views import NETWORK
from tracker.metrics.flow import Metrics


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> Metrics:
    return Metrics(registry, NETWORK, ["ktz", "quiet"])
