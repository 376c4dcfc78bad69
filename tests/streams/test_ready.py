"""Whether a worker may be asked: not while it stops, has no tables, or is behind."""

from collections.abc import Iterable
from time import time

import pytest
from faust.types import TP

from tests.streams.toys import Appending
from tracker.domain.moment import SECOND, Millis
from tracker.settings import Settings
from tracker.streams.app import TrackerApp, build_app
from tracker.streams.topics import MOVEMENTS

AIM: float = 60.0
Lags = Iterable[tuple[TP, int, Millis | None]]


def worker(lags: Lags, **settings: str) -> TrackerApp:
    """One whose tables are restored and whose partitions lag so; nothing of it is started."""
    app = build_app(Settings(app_id="one", **settings), ["ktz"], {"journeys": Appending()})  # type: ignore[arg-type]  # of texts
    app.tables.actives_ready = True
    app.rebalancing = False
    app.__dict__["_lags"] = lambda: lags
    return app


@pytest.mark.parametrize(("waiting", "age", "told"), [
    (0, 3_600, []),
    (0, None, []),
    (5, 30, []),
    (5, None, ["rail.movements-3 is not begun"]),
    (5, 90, ["rail.movements-3 is 90 s behind"]),
])  # fmt: skip
def test_a_worker_is_behind_when_records_wait_and_what_it_handled_last_is_old(
    waiting: int, age: float | None, told: list[str]
) -> None:
    stamp = None if age is None else ago(age)
    told_now = worker([(TP(MOVEMENTS, 3), waiting, stamp)]).unready(AIM)
    assert [words[:19] for words in told_now] == [words[:19] for words in told]


def ago(seconds: float) -> Millis:
    return Millis(int((time() - seconds) * SECOND))


def test_a_worker_whose_tables_are_restored_is_asked_later() -> None:
    app = worker([])
    assert app.unready(AIM) == []
    app.tables.actives_ready = False
    assert app.unready(AIM) == ["partitions are being assigned or tables restored"]


def test_a_worker_that_stops_says_why() -> None:
    app = worker([])
    app.runtime.control.halt("rail.facts-1: 3 records, TimeoutError()")
    assert app.unready(AIM) == ["stopping: rail.facts-1: 3 records, TimeoutError()"]


def test_by_the_clock_of_the_data_a_records_age_says_nothing() -> None:
    assert worker([(TP(MOVEMENTS, 3), 5, ago(90 * 86_400))], clock="data").unready(AIM) == []
