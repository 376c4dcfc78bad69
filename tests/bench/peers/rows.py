"""What each contender has left: its rows, read from where it would restore them, to be compared with what must be."""

import pickle
import sqlite3
import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.peers.job import Corridor, read_box, read_corridor

Rows = Mapping[bytes, bytes]
"""Key to the last body."""


class Form(NamedTuple):
    """Where rows are, and how they are read. A topic is named with `{app}` in place of the application id."""

    boxes: str
    corridors: str
    key: Callable[[bytes], bytes]
    box: Callable[[bytes], int]
    """Reports of a container's row; 0: it is none."""
    corridor: Callable[[bytes], Corridor]


def _count(body: bytes) -> int:
    return read_box(body).count


def _same(key: bytes) -> bytes:
    return key


POSITION: Final = 8
"""Bytes in front of the tracker's rows."""

OURS: Final = Form(
    "{app}-journeys-changelog",
    "{app}-subjects-changelog",
    _same,
    lambda body: _count(body[POSITION:]) if body[POSITION:] else 0,
    lambda body: read_corridor(body[POSITION:]),
)
FAUST: Final = Form("{app}-boxes-changelog", "{app}-corridors-changelog", _same, _count, read_corridor)
BARE: Final = Form("{app}-rail.movements-changelog", "{app}-rail.facts-changelog", _same, _count, read_corridor)
QUIX: Final = Form(
    "changelog__{app}--rail.movements--default",
    "changelog__{app}--rail.facts--default",
    lambda key: key.split(b"|")[0],
    _count,
    read_corridor,
)
STREAMS: Final = Form(
    "{app}-boxes-changelog",
    "{app}-corridors-changelog",
    _same,
    lambda body: int.from_bytes(body[:4], "big"),
    lambda body: Corridor(*struct.unpack(">4q", body)),
)
BYTEWAX: Final = Form("boxes", "corridors", _same, _count, read_corridor)


def bytewax_rows(folder: Path, step: str) -> Rows:
    """The last snapshots of a step in Bytewax's recovery store."""
    found: dict[bytes, bytes] = {}
    for file in folder.glob("part-*.sqlite3"):
        with closing(sqlite3.connect(file)) as store:
            wanted: Iterable[tuple[str, bytes]] = store.execute(
                "select state_key, ser_change from snaps where step_id = ? order by snap_epoch", (f"peer.{step}",)
            )
            found |= {key.encode(): pickle.loads(change) for key, change in wanted}  # noqa: S301  # made a minute ago
    return found
