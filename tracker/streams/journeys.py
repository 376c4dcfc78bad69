"""The journeys stage: movements in, one row per container; facts and word of repeated reports out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from tracker.contract.exceptions import evidence_of, exception_json
from tracker.contract.expected import change_json
from tracker.contract.feedback import carrier_id, feedback, set_aside_fault, to_json
from tracker.contract.journeys import standing_at
from tracker.contract.records import fact_bytes, fact_record, read_movement, subject_of
from tracker.domain.canary import is_canary
from tracker.domain.changes import look
from tracker.domain.container import ContainerRow, Rules, reports_of
from tracker.domain.exceptions import RailException
from tracker.domain.flows import Note
from tracker.domain.journey import SILENCE_ABANDONS
from tracker.domain.moment import HOUR, Millis
from tracker.domain.noting import apply_noting, note_anew
from tracker.domain.proof import Proof, prove
from tracker.domain.rejudge import Judge, rejudged
from tracker.domain.report import Outcome, Report
from tracker.domain.ruling import Ruling, apply
from tracker.domain.testifying import Cells, recount
from tracker.domain.transport import DERIVED
from tracker.streams.clock import Clock
from tracker.streams.counted import JourneysObserver, tell, tell_proofs
from tracker.streams.deadlines import Brief, Deadlines, Labels
from tracker.streams.flows import Flows
from tracker.streams.noting import Noting
from tracker.streams.packing import pack, unpack
from tracker.streams.stage import Output, Record
from tracker.streams.survey import Survey
from tracker.streams.testimonies import Statements
from tracker.streams.topics import EXCEPTIONS, EXPECTED
from tracker.streams.whereabouts import Known, Open, known_of


class _Held:
    """A row while a batch or a sweep works on it, with what happened to it and is not yet stored."""

    __slots__ = ("container", "gone", "happened", "judged", "noted", "proofs", "received", "row", "said")

    def __init__(self, row: ContainerRow, container: str) -> None:
        self.row = row
        self.container = container
        self.happened: list[tuple[str, Ruling, bool]] = []
        self.judged: list[RailException] = []
        self.proofs: list[Proof] = []
        self.noted: list[Note] = []
        self.gone: list[Note] = []
        self.received = Millis(0)
        self.said: list[tuple[Cells, int]] = []

    def recount(self, rules: Rules) -> None:
        """Count anew what its reports say of carriers."""
        gone, new = recount(self.row, reports_of(self.row), rules)
        self.said += [(gone, -1), (new, 1)]


class JourneysStage:
    """Folds reports into journeys; see the module."""

    name = "journeys"

    def __init__(
        self,
        rules: Rules,
        observer: JourneysObserver,
        judge_at: Callable[[Millis], Judge] | None = None,
        clock: Clock | None = None,
        *,
        replay: bool = False,
    ) -> None:
        """`judge_at` gives what judging needs at a clock; without it nothing is judged. `clock` sees received times.

        `replay`: of what is judged nobody is told, also of what holds now.
        """
        self._replay = replay
        self._rules = rules
        self._observer = observer
        self._judge_at = judge_at
        self._clock = clock
        self._swept = Millis(0)
        self._watermark: Callable[[Iterable[str]], Millis] = lambda carriers: Millis(0)
        self._open: dict[int, dict[bytes, Known]] = {}
        self._deadlines: dict[int, Deadlines] = {}
        self._noting = Noting()
        self._testimonies: dict[int, Statements] = {}
        self._places: dict[Open, Open] = {}  # corridors x directions x nodes x states: some 10,000 at most

    def read(self, record: Record) -> tuple[bytes, Any]:
        """The container number and the report."""
        container, report = read_movement(record.value or b"")
        return container.encode(), report

    def load(self, body: bytes | None, partition: int, key: bytes) -> _Held:
        """The container's row."""
        return _Held(unpack(body), key.decode())

    def apply(self, row: _Held, event: Report, record: Record) -> Iterable[Output]:
        """Take the report into the row; give the facts it withdrew, then those it added."""
        if self._judge_at is None:
            ruling = apply(row.row, row.container, event, self._rules)
        else:
            ruling, notes = apply_noting(row.row, row.container, event, self._rules)
            row.noted += notes
        follows = event.id.startswith(DERIVED)
        # Of a report that follows from others, or was corrected by us, carriers are told nothing: they did not send it.
        is_told = not follows and event.corrected is None and ruling.outcome is not None
        row.happened.append((event.carrier, ruling, follows or event.corrected is not None))
        row.received = max(row.received, event.received)
        if ruling.outcome is not None:
            row.row.judgement.heard(event.received)
        outputs: list[Output] = []
        for op, facts in (("withdrawn", ruling.withdrawn), ("added", ruling.added)):
            for fact in () if is_canary(row.container) else facts:
                source = (record.partition, record.offset, len(outputs))
                key = subject_of(fact, self._rules.network)
                outputs.append(Output("rail.facts", key.encode(), fact_bytes(fact_record(fact, op, source))))  # type: ignore[arg-type]  # a literal from the tuple above
        if is_told and ruling.outcome is not None and ruling.outcome is not Outcome.ACCEPTED:
            said = feedback(carrier_id(event.id), event.source, ruling.outcome, ())
            outputs.append(Output(f"carrier.{event.carrier}.feedback", None, to_json(said)))
        for report in ruling.set_aside:
            said = feedback(carrier_id(report.id), report.source, Outcome.ACCEPTED, (set_aside_fault(report),))
            outputs.append(Output(f"carrier.{report.carrier}.feedback", None, to_json(said)))
        return outputs

    def sweep(self, row: _Held, upto: Millis) -> list[Output]:
        """Judge the row up to a clock; gives the versions of exceptions to be published."""
        assert self._judge_at is not None, "nothing is due without it"
        if row.row.testimony.behind:
            row.recount(self._rules)
        judge = self._judge_at(upto)
        row.judged, position = rejudged(row.row, row.container, judge, upto)
        row.proofs = prove(row.row, row.container, judge, upto)
        last = {version.id: version.version for version in row.judged}
        reports = reports_of(row.row) if row.judged else []
        outputs: list[Output] = []
        for each in row.judged:
            # Of the past nobody is told, but of what still holds.
            still = each.is_open and each.version == last[each.id]
            replay = self._replay or (upto - each.at > REPLAY_AFTER and not still)
            said = exception_json(each, row.container, evidence_of(each, reports), replay=replay)
            outputs.append(Output(EXCEPTIONS, each.id.encode(), to_json(said)))
        for change in () if is_canary(row.container) else look(row.row, row.container, position, judge, upto):
            record = change_json(change, row.container, replay=self._replay)
            outputs.append(Output(EXPECTED, change.id.encode(), to_json(record)))
        return outputs

    def note(self, row: _Held) -> list[Output]:
        """Note anew what its reports tell of flows, where they came out of order, and compare carriers' words."""
        if row.row.testimony.differs:
            row.recount(self._rules)
        if row.row.noted.behind is not None:
            row.gone, row.noted = note_anew(row.row, row.container, self._rules)
        return []

    def dump(self, row: _Held) -> bytes | None:
        """The row's body."""
        return pack(row.row)

    def settled(self, partition: int, rows: Sequence[tuple[bytes, _Held]]) -> None:
        """Count what is now certain, and note where the containers are."""
        view = self._open.setdefault(partition, {})
        deadlines = self._deadlines.setdefault(partition, Deadlines())
        judged, happened = list[RailException](), list[tuple[str, Ruling, bool]]()
        testimonies = self._testimonies.setdefault(partition, Statements())
        for key, held in rows:
            self._note(view, key, held.row)
            differs = held.row.testimony.differs
            self._noting.note(partition, key, held.row.noted, held.gone, held.noted, differs=differs)
            held.gone, held.noted = [], []
            deadlines.note(key, held.row.judgement)
            if self._clock is not None:
                self._clock.saw(held.received)
            if not is_canary(held.container):
                judged += held.judged
                happened += held.happened
                tell_proofs(self._observer, held.proofs)
                for cells, sign in held.said:
                    testimonies.add(cells, sign)
            held.said.clear()
            held.judged.clear()
            held.proofs.clear()
            held.happened.clear()
        tell(self._observer, judged, happened)

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Find the open journeys of the restored rows."""
        view: dict[bytes, Known] = {}
        deadlines, testimonies = Deadlines(), Statements()
        self._noting.begin(partition)
        for key, body in rows:
            row = unpack(body)
            self._noting.note(partition, key, row.noted, (), row.noted.all(), differs=row.testimony.differs)
            self._note(view, key, row)
            deadlines.note(key, row.judgement)
            if not is_canary(key.decode()):
                testimonies.add(row.testimony.cells())
            if self._clock is not None:
                self._clock.saw(row.judgement.clock)
        self._open[partition], self._deadlines[partition] = view, deadlines
        self._testimonies[partition] = testimonies

    def revoked(self, partition: int) -> None:
        """Forget the partition."""
        self._open.pop(partition, None)
        self._deadlines.pop(partition, None)
        self._testimonies.pop(partition, None)
        self._noting.drop(partition)

    def due(self, upto: Millis) -> dict[int, list[bytes]]:
        """Partition to the keys that have to be judged at a clock: with news, a deadline, or a new explanation."""
        if self._judge_at is None:
            return {}
        knowledge = self._judge_at(upto).knowledge
        self._watermark = knowledge.watermark
        turned = bool(knowledge.turns(self._swept, upto))
        self._swept = upto
        found = {partition: each.due(upto, turned=turned) for partition, each in self._deadlines.items()}
        return {partition: keys for partition, keys in found.items() if keys}

    def behind(self) -> dict[int, list[bytes]]:
        """Partition to the keys whose reports came out of order since they were noted, or are to be compared."""
        return self._noting.behind()

    def flows(self) -> Mapping[int, Flows]:
        """What the containers of each partition tell of flows."""
        return self._noting.flows

    def testimonies(self) -> Mapping[int, Statements]:
        """What the containers of each partition say of carriers."""
        return self._testimonies

    def put_back(self, partition: int, keys: Iterable[bytes]) -> None:
        """These were due and could not be judged: they are due again, if the partition is still ours."""
        if partition in self._deadlines:
            self._deadlines[partition].again(keys)

    def exceptions(self, *, is_open: bool = True) -> Iterable[tuple[Deadlines, bytes, Brief]]:
        """Every open exception of this worker's containers, with who has the whole; or those resolved of late."""
        for deadlines in self._deadlines.values():
            for key, each in deadlines.open() if is_open else deadlines.over():
                yield deadlines, key, each

    def children(self) -> dict[int, Counter[str]]:
        """Partition to how many open exceptions each incident explains."""
        return {partition: each.children for partition, each in self._deadlines.items()}

    def exception_counts(self) -> Counter[Labels]:
        """How many of them there are, by rule, severity, cause and corridor."""
        return sum((each.counts for each in self._deadlines.values()), Counter[Labels]())

    def survey(self, clock: Millis) -> Survey:
        """Where the open journeys are at the clock."""
        return Survey(self._open.values(), Millis(clock - SILENCE_ABANDONS), self._watermark)

    def _note(self, view: dict[bytes, Known], key: bytes, row: ContainerRow) -> None:
        journey = row.journeys[-1] if row.journeys else None
        if journey is None or journey.status != "open" or is_canary(key.decode()):
            view.pop(key, None)
            return
        stand = standing_at(journey, journey.last, self._rules.network)
        node = None if stand is None else stand.node
        left = journey.visits[-1].node if stand is None and journey.visits else None
        place = Open(journey.corridor, journey.direction, node, row.judgement.state, left)
        # The same number object where nothing came after: a hundred thousand of them weigh 3 MB.
        since = journey.last if stand is None or stand.since == journey.last else stand.since
        view[key] = known_of(self._places.setdefault(place, place), journey.last, since, row.judgement)


REPLAY_AFTER: Final = HOUR
"""A version of longer ago than this is history, made up for when a worker comes back."""
