"""Settings come from the environment, and a wrong one is one clear line."""

from typing import Any

import pytest

from tracker.settings import BadSettings, Settings, load_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)


def test_defaults_suit_one_machine() -> None:
    settings = load_settings()
    assert (settings.brokers, settings.partitions, settings.store) == ("127.0.0.1:9092", 12, "memory")


def test_the_environment_and_then_the_caller_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PARTITIONS", "24")
    monkeypatch.setenv("TRACKER_APP_ID", "one")
    settings = load_settings(app_id="two")
    assert (settings.partitions, settings.app_id) == (24, "two")


@pytest.mark.parametrize(("name", "value", "told"), [
    ("PARTITIONS", "many", "TRACKER_PARTITIONS: seen 'many'; "),
    ("PARTITIONS", "0", "greater than or equal to 1"),
    ("BROKERS", "kafka", "TRACKER_BROKERS: 'kafka' is not host:port; write for instance 127.0.0.1:9092"),
    ("BROKERS", "kafka:9092,:1", "':1' is not host:port"),
    ("STORE", "disk", "'memory' or 'rocksdb'"),
    ("HEARTBEAT_SECONDS", "4", "more than a third of session_seconds 10; set TRACKER_HEARTBEAT_SECONDS to 3.33333"),
    ("SESSION_SECONDS", "60", "session_seconds 60 is more than 30"),
    ("APP_ID", "No Spaces", "TRACKER_APP_ID"),
])  # fmt: skip
def test_a_wrong_setting_is_one_line_with_what_was_seen(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TRACKER_{name}", value)
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PARTITIONS", "many")
    monkeypatch.setenv("TRACKER_STORE", "disk")
    with pytest.raises(BadSettings, match=r"TRACKER_PARTITIONS.*; TRACKER_STORE"):
        load_settings()


def test_a_session_takes_three_heartbeats_exactly() -> None:
    assert Settings(session_seconds=9, heartbeat_seconds=3).heartbeat_seconds == 3


@pytest.mark.parametrize("name", ["WEB_TOKEN", "CANARY_WORD"])
def test_a_secret_that_is_wrong_is_refused_without_being_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TRACKER_{name}", "hush-hush")
    with pytest.raises(BadSettings, match=f"TRACKER_{name}: seen what is secret; .*at least 16") as refused:
        load_settings()
    assert "hush" not in str(refused.value)


def test_settings_that_are_printed_show_no_secret() -> None:
    secrets = [name for name in Settings.model_fields if name.endswith(("password", "token", "word"))]
    assert secrets == ["sasl_password", "tls_key_password", "web_token", "canary_word"]
    hidden: dict[str, Any] = {name: f"hush-hush-{name}" for name in secrets}
    assert "hush" not in repr(Settings(sasl_user="u", **hidden))
