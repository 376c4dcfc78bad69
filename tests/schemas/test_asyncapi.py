"""The AsyncAPI document as the official parser sees it, and as the tracker really is."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from scripts.schemas.records import RECORDS
from tests.schemas.parser import REPOSITORY, parsed
from tracker.settings import Settings
from tracker.streams.topics import plan

DOCUMENT: Final = REPOSITORY / "schemas" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return loaded


def test_the_parser_finds_nothing_wrong() -> None:
    said = parsed(DOCUMENT)
    assert said["valid"]
    # Told as information only: that a newer version of AsyncAPI than 3.0 exists.
    assert [each for each in said["diagnostics"] if each["code"] != "asyncapi-latest-version"] == []


def test_the_parser_would_find_a_reference_to_nothing(document: dict[str, Any], tmp_path: Path) -> None:
    document["channels"]["movements"] = document["channels"]["railMovements"] | {"messages": {"m": {"$ref": "#/gone"}}}
    broken = tmp_path / "asyncapi.yaml"
    broken.write_text(yaml.safe_dump(document))
    assert not parsed(broken)["valid"]


def test_every_topic_but_changelogs_is_a_channel_with_its_settings(document: dict[str, Any]) -> None:
    planned = {spec.name: spec for spec in plan(Settings(), ["{carrier}"]) if not spec.name.endswith("-changelog")}
    channels = {channel["address"]: channel["bindings"]["kafka"] for channel in document["channels"].values()}
    assert set(channels) == set(planned)
    for topic, binding in channels.items():
        assert binding["partitions"] == planned[topic].partitions
        config = {name: value if isinstance(value, list) else str(value) for name, value in
                  binding["topicConfiguration"].items()}  # fmt: skip
        wanted = dict(planned[topic].config)
        assert config == wanted | {"cleanup.policy": wanted["cleanup.policy"].split(",")}


def test_every_record_is_a_message_with_examples(document: dict[str, Any]) -> None:
    messages = document["components"]["messages"]
    assert [message["name"] for message in messages.values()] == [record.name for record in RECORDS]
    assert all(message["examples"] for message in messages.values() if message["name"] != "rail.situation")
