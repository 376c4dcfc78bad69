"""The start is refused on libraries the engine was not proved on."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tracker.streams import guard


def test_the_installed_libraries_are_those_that_were_proved() -> None:
    guard.check()


@pytest.mark.parametrize("package", sorted(guard.VERSIONS))
def test_another_release_is_refused_with_one_line(package: str) -> None:
    with pytest.raises(guard.WrongLibraries) as refused:
        guard.check({**guard.VERSIONS, package: "9.9"})
    message = str(refused.value)
    assert "\n" not in message
    assert message.startswith(f"{package} {version(package)} is installed, 9.9 wanted")


def test_a_package_that_is_missing_is_refused() -> None:
    with pytest.raises(guard.WrongLibraries, match="no-such-package none is installed"):
        guard.check({"no-such-package": "1"})


@pytest.mark.parametrize("attribute", [
    "aiokafka.consumer.fetcher:Fetcher._gone",
    "aiokafka.consumer.fetcher:Gone.method",
    "aiokafka.consumer.fetcher:Fetcher.__init__=_records,_gone",
])  # fmt: skip
def test_a_patched_attribute_that_is_gone_is_refused(attribute: str) -> None:
    with pytest.raises(guard.WrongLibraries, match=re.escape(attribute)):
        guard.check({}, [attribute])


def test_what_the_project_pins_is_what_was_proved() -> None:
    pins = Path(__file__).parents[2].joinpath("pyproject.toml").read_text()
    assert all(f'"{package}=={release}"' in pins for package, release in guard.VERSIONS.items())
