"""The subjects stage: operations on facts become cells, cells become the corridors' figures.

A row is one cell (`aggregates.cell`): one hour of event time of one group, with the marks that let a
repeated operation be told. The figures that pages and metrics read are running sums per partition, built of
the cells when a partition comes and fed with each cell once it is stored.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import msgspec
from msgspec.structs import replace

from tracker.aggregates.cell import Cell, Effect, Slot, read_cell, read_slot, slot_of
from tracker.aggregates.entries import Statistics
from tracker.aggregates.group import Group, group_of
from tracker.aggregates.standing import Standing
from tracker.aggregates.statistics import statistics_of
from tracker.aggregates.tally import Tally
from tracker.aggregates.volume import Volume
from tracker.aggregates.windows import WINDOWS, Totals, Windows
from tracker.aggregates.years import Years
from tracker.contract.records import fact_of, read_fact
from tracker.domain.facts import Fact
from tracker.domain.moment import HOUR, Millis, hour_of
from tracker.domain.network import Network
from tracker.streams.clock import Clock
from tracker.streams.stage import Output, Record

NEGATIVE_DURATION: Final = "negative_duration"
NEGATIVE_COUNT: Final = "negative_count"
INVARIANTS: Final = (NEGATIVE_DURATION, NEGATIVE_COUNT)
"""Every name this stage gives to `SubjectsObserver.invariant`.

`negative_duration`: a fact ends before it starts. `negative_count`: a cell has more facts withdrawn than
added, so somewhere an addition was lost.
"""


class SubjectsObserver(Protocol):
    """What the subjects stage tells once its rows are stored."""

    def outdated(self, facts: int) -> None:
        """So many facts were older than any window shows, and left out."""

    def invariant(self, name: str) -> None:
        """Something that must never happen did: one of `INVARIANTS`."""


class Operation(msgspec.Struct, frozen=True, gc=False):
    """One record of `rail.facts`, decoded: add (sign 1) or withdraw (sign -1) a fact."""

    fact: Fact
    sign: int
    source: tuple[int, int, int]


@dataclass(slots=True)
class Row:
    """A cell being changed, with what changed it and is not yet stored.

    `before` and `years`: the hour and the years it was stored with.
    """

    slot: Slot
    cell: Cell
    before: int
    years: dict[int, Volume]
    counted: list[Fact] = field(default_factory=list)
    outdated: int = 0


class SubjectsStage:
    """Folds `rail.facts` into cells and keeps the windows of the partitions it owns.

    Memory: see `aggregates.windows`; one `Windows` per partition owned.
    """

    name: Final = "subjects"

    def __init__(self, network: Network, clock: Clock, observer: SubjectsObserver) -> None:
        """`clock` ends the windows; with a data clock the facts' ends move it too."""
        self._network = network
        self._clock = clock
        self._observer = observer
        self._windows: dict[int, Windows] = {}
        self._years: dict[int, dict[tuple[Group, int], Volume]] = {}

    # The stage: called by the engine.

    def read(self, record: Record) -> tuple[bytes, Operation]:
        """The cell's key and the operation. Raises `msgspec.DecodeError` or `ValueError` on what is no fact."""
        if record.value is None:
            raise ValueError("a fact record has a value; this one is a tombstone")
        read = read_fact(record.value)
        fact = fact_of(read)
        slot = slot_of(group_of(fact, self._network), hour_of(fact.end))
        return slot.key(), Operation(fact, 1 if read.op == "added" else -1, read.source)

    def load(self, body: bytes | None, partition: int, key: bytes) -> Row:
        """The cell of a stored body, or an empty one."""
        cell = Cell() if body is None else read_cell(body)
        return Row(read_slot(key), cell, cell.hour, _copied(cell.years))

    def apply(self, row: Row, event: Operation, record: Record) -> Iterable[Output]:
        """Apply an operation that was not applied before; nothing is emitted."""
        match row.cell.apply(event.fact, self._network, sign=event.sign, source=event.source):
            case Effect.COUNTED:
                row.counted.append(event.fact)
            case Effect.OUTDATED:
                row.outdated += 1
            case Effect.REPEATED:
                pass
        return ()

    def dump(self, row: Row) -> bytes:
        """The cell's body; a row is never given up, the group's next round takes it over."""
        return row.cell.body()

    def settled(self, partition: int, rows: Sequence[tuple[bytes, Any]]) -> None:
        """Takes the stored cells over into the windows."""
        windows = self._windows.setdefault(partition, Windows())
        years = self._years.setdefault(partition, {})
        for _, row in rows:
            _sum_years(years, row.slot.group, row.years, -1)
            _sum_years(years, row.slot.group, row.cell.years, 1)
            if row.before != row.cell.hour:
                windows.put(row.slot.group, row.before, Tally())
            windows.put(row.slot.group, row.cell.hour, row.cell.tally)
            self._tell(row)

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Builds the partition's windows of its cells."""
        windows = Windows()
        years: dict[tuple[Group, int], Volume] = {}
        for key, body in rows:
            cell, group = read_cell(body), read_slot(key).group
            windows.put(group, cell.hour, cell.tally)
            _sum_years(years, group, cell.years, 1)
            # A clock of the data must not start before what the rows have already seen.
            self._clock.saw(Millis(cell.hour * HOUR + 1))
        self._windows[partition], self._years[partition] = windows, years

    def revoked(self, partition: int) -> None:
        """Drops the partition's sums."""
        self._windows.pop(partition, None)
        self._years.pop(partition, None)

    # The view: read by pages and metrics.

    def totals(self, until: Millis | None = None) -> Totals:
        """The sums of every window over the partitions owned; `until` None: the clock. Only to be read."""
        at = self._clock.now() if until is None else until
        joined: dict[str, dict[Group, Tally]] = {name: {} for name in WINDOWS}
        for windows in self._windows.values():
            # A group lies in one partition (`group_of`), so the partitions' sums are joined, not added.
            for name, groups in windows.at(at).items():
                joined[name].update(groups)
        return joined

    def hours(self, wanted: Callable[[Group], bool], span: range) -> Iterator[tuple[Group, int, Tally]]:
        """What hours of a span hold of the groups that are wanted, of the partitions owned."""
        for windows in self._windows.values():
            yield from windows.hours(wanted, span)

    def years(self) -> Years:
        """The sums of calendar years over the partitions owned. Only to be read."""
        return {place: volume for years in self._years.values() for place, volume in years.items()}

    def statistics(self, until: Millis | None = None, standing: Standing | None = None) -> Statistics:
        """The figures of `corridors.json` for the partitions owned, without the window `all`."""
        at = self._clock.now() if until is None else until
        return statistics_of(self.totals(at), self._network, at, standing, self.years())

    def _tell(self, row: Row) -> None:
        for fact in row.counted:
            self._clock.saw(fact.end)
            if fact.start is not None and fact.end < fact.start:
                self._observer.invariant(NEGATIVE_DURATION)
        if row.outdated:
            self._observer.outdated(row.outdated)
        if row.cell.tally.count < 0:
            self._observer.invariant(NEGATIVE_COUNT)
        row.before, row.years, row.outdated = row.cell.hour, _copied(row.cell.years), 0
        row.counted.clear()


def _sum_years(sums: dict[tuple[Group, int], Volume], group: Group, years: Mapping[int, Volume], sign: int) -> None:
    for year, volume in years.items():
        sums.setdefault((group, year), Volume()).merge(volume, sign)


def _copied(years: Mapping[int, Volume]) -> dict[int, Volume]:
    return {year: replace(volume) for year, volume in years.items()}
