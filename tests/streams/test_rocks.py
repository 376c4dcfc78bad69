"""Rows on disk: a database that is damaged is thrown away and read from the changelog anew."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from faust.types import TP

from tests.streams.toys import Appending
from tracker.settings import Settings
from tracker.streams.app import build_app
from tracker.streams.runtime import Broken

CHANGELOG = TP("one-appending-changelog", 0)
ROWS = {b"key-%d" % number: Random(number).randbytes(200) for number in range(2_000)}


def opened(folder: Path) -> Any:
    """A store as a worker has it at its start."""
    pytest.importorskip("rocksdict")
    app = build_app(Settings(app_id="one", store="rocksdb", data_dir=folder), ["ktz"], {"journeys": Appending()})
    app._create_directories()
    return app.row_tables[0].store


def filled(folder: Path) -> Path:
    """The files of a store with rows, closed."""
    store = opened(folder)
    store.write(0, ROWS, 5)
    store._db_for_partition(0).flush()
    path: Path = store.partition_path(0)
    store._dbs.clear()
    return path


def test_rows_and_how_far_they_reach_outlive_the_worker(tmp_path: Path) -> None:
    filled(tmp_path)
    again = opened(tmp_path)
    assert dict(again.rows(0)) == ROWS
    assert again.persisted_offset(CHANGELOG) == 5


def lose(path: Path) -> None:
    next(path.glob("*.sst")).unlink()


def blank(path: Path) -> None:
    (path / "CURRENT").write_bytes(b"garbage")


@pytest.mark.parametrize("damage", [lose, blank])
def test_a_damaged_database_is_begun_anew(damage: Callable[[Path], None], tmp_path: Path) -> None:
    damage(filled(tmp_path))
    again = opened(tmp_path)
    assert again.persisted_offset(CHANGELOG) is None, "everything is read from the changelog"
    assert dict(again.rows(0)) == {}
    again.write(0, ROWS, 5)
    assert again.read(0, b"key-7") == ROWS[b"key-7"]


def test_what_shows_its_damage_when_it_is_read_stops_the_worker_and_is_begun_anew_by_the_next(tmp_path: Path) -> None:
    [table] = filled(tmp_path).glob("*.sst")
    content = table.read_bytes()
    table.write_bytes(content[:1_000] + bytes(len(content) - 5_000) + content[-4_000:])
    store = opened(tmp_path)
    with pytest.raises(Broken, match="Corruption"):
        _ = [store.read(0, key) for key in ROWS]
    store._dbs.clear()
    again = opened(tmp_path)
    assert again.persisted_offset(CHANGELOG) is None
    assert dict(again.rows(0)) == {}


def test_a_database_that_another_worker_holds_is_not_thrown_away(tmp_path: Path) -> None:
    filled(tmp_path)
    holder = opened(tmp_path)
    assert holder.read(0, b"key-1") == ROWS[b"key-1"]
    with pytest.raises(Broken, match="lock"):
        opened(tmp_path).read(0, b"key-1")
    assert dict(holder.rows(0)) == ROWS
