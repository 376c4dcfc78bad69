"""The small network and the builder of facts as fixtures."""

from collections.abc import Callable

import pytest

from tests.railway import build_fact, small_network
from tracker.domain.facts import Fact
from tracker.domain.network import Network


@pytest.fixture(scope="session")
def network() -> Network:
    """The network of `tests.railway`."""
    return small_network()


@pytest.fixture(scope="session")
def fact() -> Callable[..., Fact]:
    """`tests.railway.build_fact`."""
    return build_fact
