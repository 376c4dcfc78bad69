"""What the consumer makes of the partitions it was given; the rest of it is tested on a broker."""

from datetime import timedelta
from typing import Any, cast

from faust.types import TP

from tests.streams.toys import Appending
from tracker.settings import Settings
from tracker.streams.app import build_app
from tracker.streams.consumer import Consumer

SOURCE, CHANGELOG = "rail.movements", "t-journeys-changelog"


def consumer_given(*tps: TP) -> Consumer:
    """A consumer that has not started, and was given these partitions."""
    consumer = cast(Consumer, build_app(Settings(app_id="t"), [], {"journeys": Appending()}).consumer)
    cast(Any, consumer).assignment = lambda: set(tps)
    return consumer


async def test_a_source_comes_with_its_changelog() -> None:
    assert consumer_given(TP(SOURCE, 0), TP(CHANGELOG, 0), TP(SOURCE, 3), TP(CHANGELOG, 3)).unpaired() is None


async def test_a_worker_may_be_given_nothing() -> None:
    assert consumer_given().unpaired() is None


async def test_a_source_without_its_changelog_is_told() -> None:
    told = consumer_given(TP(SOURCE, 0), TP(SOURCE, 1), TP(CHANGELOG, 0)).unpaired()
    assert told == f"given {SOURCE} [0, 1] with {CHANGELOG} [0]"


async def test_a_changelog_without_its_source_is_told() -> None:
    assert consumer_given(TP(CHANGELOG, 0)).unpaired() == f"given {SOURCE} [] with {CHANGELOG} [0]"


def test_a_member_whose_stretches_are_taken_past_aiokafkas_getmany_is_not_taken_for_idle_and_sent_away() -> None:
    # It was, after five minutes, and never joined again: aiokafka does not let a member join that it takes for idle.
    app = build_app(Settings(app_id="t"), [], {"journeys": Appending()})
    assert timedelta(seconds=app.conf.broker_max_poll_interval) >= timedelta(days=365)
