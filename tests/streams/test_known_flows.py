"""What workers tell each other of flows adds up to what a batch knows, piece by piece, whoever was faster."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest

from tests.aggregates.notes import FOUR, NETWORK, clock, regular, told
from tests.results import Unheard
from tests.storm import PORT, storm
from tracker.aggregates.incidents import Incident
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.stops import stops
from tracker.aggregates.usual import Days
from tracker.contract.records import movement_bytes
from tracker.domain.chronicle import followed
from tracker.domain.container import reports_of
from tracker.domain.delay_bins import BINS, SLOT, SLOTS
from tracker.domain.flows import OVER, Flow, Note
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.domain.position import Position
from tracker.domain.rejudge import Judge
from tracker.domain.report import Report
from tracker.domain.testifying import recount
from tracker.service import World, load_world
from tracker.settings import Settings
from tracker.streams.board import Board
from tracker.streams.flows import Flows, flow_key
from tracker.streams.journeys import JourneysStage
from tracker.streams.known_flows import KnownFlows
from tracker.streams.stage import Output, Record
from tracker.streams.writer import partition_of

PARTITIONS = 3
Cells = Counter[tuple[int, Flow, int, int]]


def cells(ledger: Ledger, until: Millis | None = None) -> Cells:
    """Everything a ledger notes of flows, known up to a clock: what, flow, hour and minute."""
    return Counter(
        {
            (what, flow, hour, minute): count
            for what, cohorts in enumerate((ledger.came, ledger.left, ledger.out, ledger.over, ledger.guesses))
            for flow, hours in cohorts.items()
            for hour, cohort in hours.items()
            for minute, count in zip(cohort.minutes, cohort.counts, strict=True)
            if until is None or minute * MINUTE <= until
        }
    )


def notes_of(ledger: Ledger) -> Iterator[Note]:
    """A ledger as the notes it is made of, in the order in which they became known."""
    for (what, flow, hour, minute), count in sorted(cells(ledger).items(), key=lambda each: each[0][3]):
        assert what <= OVER, "of flows alone"
        yield from [Note(flow, what, hour, minute, 1 if count > 0 else -1)] * abs(count)


def as_known(incidents: list[Incident], until: Millis) -> list[Incident]:
    """Incidents as they were known at a clock."""
    return [
        each if each.resolved is not None and each.resolved <= until else each._replace(resolved=None)
        for each in incidents
        if each.opened <= until
    ]


def publish(known: KnownFlows, partitions: list[Flows], chance: Random) -> None:
    """Every partition tells what it knows, in any order, some of it twice."""
    said = [output for at, flows in enumerate(partitions) for output in known.unlike(at, flows)]
    for output in chance.sample(said, len(said)) + said[: len(said) // 4]:
        known.take(output.key or b"", output.value)


@pytest.mark.parametrize("seed", range(4))
def test_flows_published_in_pieces_by_several_partitions_tell_the_stops_that_a_batch_tells(seed: int) -> None:
    chance, batch, known = Random(seed), Ledger(), KnownFlows(NETWORK)
    regular(batch, FOUR, stopped=(480, 600))
    notes, partitions, at = list(notes_of(batch)), [Flows() for _ in range(PARTITIONS)], 0
    whole, wrong = stops(batch, NETWORK, clock(FOUR)), list[tuple[Flows, Note]]()
    assert [(rule, opened) for rule, _, opened, _ in told(whole)] == [("node_stopped", 507)]
    until = clock(0)
    while until < clock(FOUR):
        until = Millis(min(clock(FOUR), until + chance.randint(1, 60) * HOUR + chance.randrange(60) * MINUTE))
        for flows, note in wrong:  # what came out of order put it right
            flows.add([note], -1)
        wrong.clear()
        while at < len(notes) and notes[at].minute * MINUTE <= until + 3 * HOUR:  # some know more already
            flows = chance.choice(partitions)
            flows.add(notes[at : at + 1])
            if chance.random() < 0.01:
                wrong.append((flows, notes[at]._replace(hour=notes[at].hour - 1)))
                flows.add([wrong[-1][1]])
            at += 1
        publish(known, partitions, chance)
        if not wrong:
            ledger = Ledger()
            known.share(ledger)
            assert cells(ledger, until) == cells(batch, until)
            assert known.watch.seen(ledger, until) == as_known(whole, until)
    for flows, note in wrong:
        flows.add([note], -1)
    publish(known, partitions, chance)
    ledger = Ledger()
    known.share(ledger)
    assert cells(ledger) == cells(batch)
    assert known.watch.seen(ledger, until) == whole
    learned = [Days().usual(each, NETWORK, until // DAY) for each in (ledger, batch)]
    assert learned[0] == learned[1] != {}


@cache
def world() -> World:
    """The packaged network and carriers."""
    return load_world(Settings())


@cache
def reported() -> list[tuple[str, Report]]:
    """Container and report of everything reported in a storm."""
    found, intake = [], world().intake
    for at, sent in enumerate(storm(world())):
        for reading in intake.read(sent.carrier, sent.body, sent.received, 0, at):
            if reading.report is not None:
                found.append((str(reading.container), reading.report))
    return found


@cache
def known_to_batch() -> Ledger:
    """The ledger of all that was reported, as `tracker batch` makes it."""
    ledger, boxes = Ledger(), defaultdict[str, list[Report]](list)
    lines = Lines(world().network, world().thresholds)
    for container, report in reported():
        boxes[container].append(report)
    for container, reports in boxes.items():
        places: dict[str, Position] = {}
        steps, row = followed(reports, container, world().rules, lines)
        ledger.says(recount(row, reports_of(row), world().rules)[1])
        for step in steps:
            if step.position is not None:
                ledger.moved(places.get(step.position.journey), step.position, step.received, world().network)
                places[step.position.journey] = step.position
    return ledger


def differences(ledger: Ledger, until: Millis) -> dict[tuple[str, int, int], int]:
    """How carriers' times differ, of ten minutes that are over: who, day and key to how often."""
    return {
        (who, day, key): times
        for (who, day), counts in ledger.differences().items()
        for key, times in counts.items()
        if times and (day * SLOTS + key // BINS + 1) * SLOT <= until
    }


class Worker:
    """The journeys stage with its rows, in some of the partitions."""

    def __init__(self) -> None:
        lines, board = Lines(world().network, world().thresholds), Board(world().network)
        self._stage = JourneysStage(
            world().rules, Unheard(), lambda clock: Judge(world().rules, lines, board.situation(clock))
        )
        self.rows: defaultdict[int, dict[bytes, bytes]] = defaultdict(dict)

    def fold(self, partition: int, container: str, report: Report) -> None:
        """One report."""
        record = Record("rail.movements", partition, 0, 0, container.encode(), movement_bytes(container, report), ())
        key, event = self._stage.read(record)
        row = self._stage.load(self.rows[partition].get(key), partition, key)
        self._stage.apply(row, event, record)
        self._store(partition, key, row)

    def tell(self, board: Board) -> None:
        """Note what came out of order, and publish."""
        for partition, keys in self._stage.behind().items():
            for key in keys:
                row = self._stage.load(self.rows[partition][key], partition, key)
                self._stage.note(row)
                self._store(partition, key, row)
        for partition, flows in self._stage.flows().items():
            for output in board.flows.unlike(partition, flows):
                board.take(output.key or b"", output.value)
        for partition, said in self._stage.testimonies().items():
            for output in board.testimonies.unlike(partition, said):
                board.take(output.key or b"", output.value)

    def give(self, partition: int, other: "Worker", board: Board) -> None:
        """The partition moves to another worker, which restores its rows."""
        other.rows[partition] = self.rows.pop(partition, {})
        other._stage.recovered(partition, list(other.rows[partition].items()))
        other._stage.flows()[partition].all_changed(board.flows.hours(partition))
        other._stage.testimonies()[partition].all_changed(board.testimonies.published(partition))
        self._stage.revoked(partition)

    def _store(self, partition: int, key: bytes, row: object) -> None:
        body = self._stage.dump(row)  # type: ignore[arg-type]  # as it was loaded
        assert body is not None
        self.rows[partition][key] = body
        self._stage.settled(partition, [(key, row)])  # type: ignore[list-item]  # as it was loaded


def test_two_workers_know_of_a_storm_what_a_batch_knows_at_every_clock() -> None:
    chance, board, workers = Random(1), Board(world().network), [Worker(), Worker()]
    owner = {partition: workers[partition % 2] for partition in range(PARTITIONS)}
    # Nearly in order: each may come before or after what was received within twelve hours of it.
    coming = sorted(reported(), key=lambda each: -each[1].received - chance.uniform(0, 12 * HOUR))
    end, seen, words = max(report.received for _, report in coming), 0, 0
    clocks = [Millis(end - back * DAY // 2 // MINUTE * MINUTE) for back in range(60, -1, -4)]
    whole = stops(known_to_batch(), world().network, end)
    assert (PORT, Direction.WESTBOUND) in {(each.node, each.direction) for each in whole}
    for until in clocks:
        while coming and coming[-1][1].received <= until + 13 * HOUR:
            container, report = coming.pop()
            partition = partition_of(container.encode(), PARTITIONS)
            owner[partition].fold(partition, container, report)
        partition = chance.randrange(PARTITIONS)
        before, owner[partition] = owner[partition], chance.choice(workers)
        if before is not owner[partition]:
            before.give(partition, owner[partition], board)
        for worker in workers:
            worker.tell(board)
        ledger = Ledger()
        board.flows.share(ledger)
        assert cells(ledger, until) == cells(known_to_batch(), until)
        ledger.testimonies = dict(board.testimonies.days)
        compared = differences(ledger, until)
        assert compared == differences(known_to_batch(), until)
        words += len(compared)
        found = [each for each in board.situation(until).incidents if each.rule == "node_stopped"]
        assert sorted(found) == sorted(as_known(whole, until))
        seen += len(found)
    assert seen > 0
    assert words > 100


def test_hours_that_are_too_old_are_taken_off_the_board() -> None:
    known, flows = KnownFlows(NETWORK), Flows()
    first = 24 * 20_000 + 1
    [old] = told_on(known, flows, day=0)
    assert old.value is not None
    assert (known.hours(0), known.outdated) == ([first], set())
    known.take(flow_key(1, first + 24 * 62), b'{"KZ-EDGE westbound": [["came", 7, 10, 1]]}')
    assert (known.hours(0), known.outdated) == ([], {flow_key(0, first)})
    known.take(old.key or b"", old.value)
    assert known.hours(0) == [], "too old to be taken again"
    ledger = Ledger()
    known.share(ledger)
    assert {hour for _, _, hour, _ in cells(ledger)} == {7}
    known.take(flow_key(0, first), None)
    assert known.outdated == set()


def told_on(known: KnownFlows, flows: Flows, day: int) -> list[Output]:
    """A box comes on a day, and that is told."""
    hour = 24 * (20_000 + day)
    flows.add([Note(Flow("KZ-EDGE", Direction.WESTBOUND), 0, hour, 60 * hour + 70, 1)])
    said = known.unlike(0, flows)
    for output in said:
        known.take(output.key or b"", output.value)
    return said


def test_what_a_worker_that_was_paused_says_again_is_put_right_by_whom_it_concerns() -> None:
    known, flows = KnownFlows(NETWORK), Flows()
    [old] = told_on(known, flows, day=0)
    flows.add([Note(Flow("KZ-EDGE", Direction.WESTBOUND), 0, 24 * 20_000, 60 * 24 * 20_000 + 71, 1)])
    [new] = known.unlike(0, flows)
    known.take(new.key or b"", new.value)
    assert known.unlike(0, flows) == []
    known.take(old.key or b"", old.value)
    assert known.unlike(0, flows) == [new]


def test_what_is_no_record_of_flows_is_left_out() -> None:
    known = KnownFlows(NETWORK)
    for key, value in (
        (b"flow:0", b"{}"),
        (b"flow:0:x", b"{}"),
        (b"flow:0:1", b"{"),
        (b"flow:0:1", b'{"KZ-NOWHERE westbound": [["came", 1, 1, 1]]}'),
        (b"flow:0:1", b'{"KZ-EDGE westbound": [["stood", 1, 1, 1]]}'),
    ):
        assert not known.take(key, value)
    ledger = Ledger()
    known.share(ledger)
    assert not cells(ledger)
