"""`tracker batch`: the whole decision chain without Kafka, from files of reports to files of results.

The oracle of the stream's tests and the tool for backtests. It takes no short cuts of the stream: every
container's row is folded once from all its reports, and statistics are added up from the final facts. So it
needs memory for all reports (about 1 kB each).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.completeness import Completeness, completeness_of, reporters_of
from tracker.aggregates.feed import Feed, feed_of, window
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.sequences import Numbers, follow_all
from tracker.aggregates.standing import standing_of
from tracker.aggregates.statistics import corridor_statistics
from tracker.contract.baselines import baseline_json
from tracker.contract.feedback import CLOCK_FAULT, carrier_id, clock_feedback, feedback, rejected, set_aside_fault
from tracker.contract.intake import Intake, Reading
from tracker.contract.journeys import NO_OUTLOOK, expectation_json, journey_json, standing_at, status_of
from tracker.contract.records import fact_record
from tracker.contract.scorecard import scorecard_json
from tracker.contract.sendings import Sendings
from tracker.contract.sent_lines import headers_of, read_lines
from tracker.contract.transports import Transports
from tracker.contract.written import RejectedRecord
from tracker.domain.canary import CARRIER as CANARY
from tracker.domain.container import ContainerRow, Rules, aside_of, facts_of_row, fold, reports_of
from tracker.domain.correction import Correction, correction_of
from tracker.domain.disruption import Disruption
from tracker.domain.facts import Fact
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, Millis, from_datetime, text
from tracker.domain.movement import holding, is_same_version, is_same_word, movements, rank
from tracker.domain.network import Direction
from tracker.domain.proof import Proof, prove, summary_of
from tracker.domain.rejudge import Judge
from tracker.domain.report import Outcome, Report
from tracker.domain.thresholds import Thresholds
from tracker.judged import Verdicts, judge_all


@dataclass(slots=True)
class Batch:
    """Everything taken in so far: `take` adds a record, `conclude` folds, `write` puts the results into files."""

    intake: Intake
    rules: Rules
    reports: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    versions: dict[str, dict[tuple[str, str], list[Report]]] = field(default_factory=dict)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[RejectedRecord] = field(default_factory=list)
    carriers: dict[str, Sendings] = field(default_factory=dict)
    days: dict[tuple[str, int], CarrierDay] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    disruptions: Sequence[Disruption] = ()
    transports: Transports = field(default_factory=Transports)
    corrections: Sequence[Correction] = ()

    def take(self, carrier: str, body: bytes, received: Millis, headers: Iterable[tuple[str, bytes]] = ()) -> None:
        """Take in one record. Records are to come in order of received time: that is what outcomes depend on."""
        if carrier == CANARY:
            return  # what canaries report is in no figure
        card = self.carriers.setdefault(carrier, Sendings())
        topic = f"carrier.{carrier}.events"
        for reading in self.intake.read(carrier, body, received, 0, card.records):
            self.reports += 1
            outcome = Outcome.REJECTED if reading.report is None else self._accept(reading, reading.report)
            codes = [fault.code for fault in reading.faults]
            self.days.setdefault((carrier, received // DAY), CarrierDay()).take(
                received, reading.report, reading.container, reading.delay, reading.sequence, codes, reading.lag
            )
            source = (0, card.records, reading.place)
            if outcome is Outcome.REJECTED:
                self.rejected.append(rejected(carrier, topic, source, received, reading.raw, headers, reading.faults))
            if outcome is not Outcome.ACCEPTED or reading.faults:
                self.feedback.append({"carrier": carrier} | feedback(reading.id, source, outcome, reading.faults))
            self.outcomes[outcome] += 1
            self.faults.update(fault.code for fault in reading.faults)
            card.count(outcome, reading)
        if (correction := correction_of(self.corrections, carrier, received)) is not None:
            for reading in self.intake.read(carrier, body, received, 0, card.records, correction):
                if reading.report is not None:
                    self._accept(reading, reading.report)
        card.records += 1

    def _accept(self, reading: Reading, report: Report) -> Outcome:
        """Keep a report, and what follows from it for the containers aboard where it names a transport."""
        outcome = None if reading.container is None else self._keep(reading.container, report)
        ruling = self.transports.take(reading, report)
        for container, version in ruling.changes:
            self._keep(container, version)
        return outcome or ruling.outcome or Outcome.DUPLICATE

    def _keep(self, container: str, report: Report) -> Outcome:
        held = self.versions.setdefault(container, {}).setdefault((report.carrier, report.id), [])
        if any(is_same_word(version, report) for version in held):
            if not any(is_same_version(version, report) for version in held):
                held.append(report)
            return Outcome.DUPLICATE
        outcome = Outcome.ACCEPTED if not held or rank(report) > max(map(rank, held)) else Outcome.SUPERSEDED
        held.append(report)
        return outcome

    def by_container(self) -> dict[str, list[Report]]:
        """Container to all versions of all its reports that say anything new."""
        return {
            container: [report for held in versions.values() for report in held]
            for container, versions in self.versions.items()
        }

    def rows(self, shown: Callable[[Sequence[str]], Iterable[str]] = iter) -> Iterator[tuple[str, ContainerRow]]:
        """Every container with its row, in order of container number; `shown` may report progress."""
        reports = self.by_container()
        for container in shown(sorted(reports)):
            yield container, fold(reports[container], container, self.rules)

    def conclude(self, until: Millis, shown: Callable[[Sequence[str]], Iterable[str]] = iter) -> "Results":
        """Fold everything taken in, as of the clock `until`; `shown` may report progress over the containers."""
        network, authority = self.rules.network, self.rules.authority
        lines = Lines(network, self.thresholds)
        ledger = Ledger()
        for (carrier, day), counted in self.days.items():
            ledger.day(carrier, day, counted)
        verdicts = judge_all(self.by_container(), self.rules, lines, until, ledger, shown, self.disruptions)
        judge = Judge(self.rules, lines, verdicts.situation)
        days = window(until // DAY)
        reporters = reporters_of((carrier, counted) for (carrier, day), counted in self.days.items() if day in days)
        complete = completeness_of(ledger.testimonies, days, reporters, self.rules.mandatory)
        results = Results(until, verdicts, complete)
        for container, row in self.rows(shown):
            results.movements += len(movements(holding(reports_of(row)), authority))
            results.aside += aside_of(row)
            results.facts += facts_of_row(row, container, self.rules)
            results.proofs += prove(row, container, judge, until)
            for journey in row.journeys:
                results.statuses[status_of(journey, until)] += 1
                seen = verdicts.outlooks.get(journey.id, NO_OUTLOOK)
                results.journeys.append(journey_json(journey, container, until, network, seen))
                if (stand := standing_at(journey, until, network)) is not None:
                    results.stands.append((stand.node, journey.direction, stand.since))
        for report in results.aside:
            self._doubt(report)
        for incident in verdicts.situation.incidents:
            if incident.rule == "carrier_clock" and incident.carrier is not None:
                told = clock_feedback(incident)
                self.feedback.append({"carrier": incident.carrier} | told)
                self.faults[CLOCK_FAULT] += 1
                self.carriers[incident.carrier].faults[CLOCK_FAULT] += 1
        results.journeys.sort(key=lambda journey: str(journey["journey"]))
        return results

    def _doubt(self, report: Report) -> None:
        """Tell a carrier of a report that was set aside in the end."""
        doubt = set_aside_fault(report)
        said = feedback(carrier_id(report.id), report.source, Outcome.ACCEPTED, (doubt,))
        self.feedback.append({"carrier": report.carrier} | said)
        self.faults[doubt.code] += 1
        self.carriers[report.carrier].faults[doubt.code] += 1

    def summary(self, results: "Results") -> dict[str, Any]:
        """The content of `summary.json`."""
        return {
            "until": text(results.until),
            "reports": self.reports,
            "outcomes": {outcome.value: self.outcomes[outcome] for outcome in Outcome},
            "faults": dict(sorted(self.faults.items())),
            "movements": results.movements,
            "journeys": {status: results.statuses[status] for status in ("open", "ended", "returned", "abandoned")},
            "facts": dict(sorted(Counter(fact.kind.value for fact in results.facts).items())),
            "exceptions": results.verdicts.by_rule,
            "expected": summary_of(results.proofs),
            "carriers": {
                carrier: scorecard_json(self._feed(carrier, results)) | card.as_json()
                for carrier, card in sorted(self.carriers.items())
            },
        }

    def _feed(self, carrier: str, results: "Results") -> Feed:
        days = {day: counted for (name, day), counted in self.days.items() if name == carrier}
        numbers = follow_all(Numbers(), ((day, days[day].seen, days[day].reach) for day in sorted(days)))
        complete = results.completeness.get(carrier, Completeness())
        return feed_of(carrier, days, results.until, results.verdicts.situation, numbers, complete)

    def write(self, results: "Results", out: Path) -> None:
        """Write all result files into a folder. `OSError` when that can't be done."""
        records = sorted(
            (fact_record(fact, "added", (0, 0, 0)) for fact in results.facts), key=lambda record: record.id
        )
        out.mkdir(parents=True, exist_ok=True)
        _lines(out / "journeys.jsonl", results.journeys)
        _lines(out / "facts.jsonl", records)
        _lines(out / "exceptions.jsonl", results.verdicts.records(self.by_container()))
        _lines(out / "expected.jsonl", map(expectation_json, sorted(results.verdicts.expected)))
        _lines(out / "baselines.jsonl", map(baseline_json, results.verdicts.situation.learned()))
        _lines(out / "rejected.jsonl", self.rejected)
        _lines(out / "feedback.jsonl", self.feedback)
        standing = standing_of(results.stands)
        corridors = corridor_statistics(results.facts, self.rules.network, results.until, standing)
        _text(out / "corridors.json", corridors)
        _text(out / "summary.json", self.summary(results))


@dataclass(slots=True)
class Results:
    """What follows from all reports at a clock; `stands`: node, direction and coming of who stands somewhere."""

    until: Millis
    verdicts: Verdicts
    completeness: Mapping[str, Completeness]
    movements: int = 0
    journeys: list[dict[str, Any]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    aside: list[Report] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    stands: list[tuple[str, Direction | None, Millis]] = field(default_factory=list)


def run(files: Sequence[Path], batch: Batch, until: Millis | None) -> Millis:
    """Take in all reports of the files received up to `until` (default: the last), in order of received time."""
    sent = sorted(
        ((from_datetime(line.received_at), line.carrier, body, line) for line, body in read_lines(files)),
        key=lambda entry: entry[:3],
    )
    end = until if until is not None else sent[-1][0] if sent else Millis(0)
    for received, carrier, body, line in sent:
        if received <= end:
            batch.take(carrier, body, received, headers_of(line))
    return end


def _lines(path: Path, records: Iterable[object]) -> None:
    with path.open("wb") as file:
        for record in records:
            file.write(_encode(record) + b"\n")


def _text(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


_encode = msgspec.json.Encoder().encode
