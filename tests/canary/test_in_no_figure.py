"""What canaries do is published as exceptions and counted nowhere: no metric, list, fact or incident knows it."""

import json
from random import Random
from typing import Any, Final

from prometheus_client import CollectorRegistry

from tests.canary.test_travel import NETWORK, START, travel
from tests.streams.test_stages import CARRIERS, INTAKE, RULES, Table, delivered
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.situation import KnownSituation
from tracker.batch import Batch
from tracker.contract.endpoints import Subscription
from tracker.domain.canary import CARRIER, is_canary
from tracker.domain.lines import Lines
from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.rejudge import Judge
from tracker.domain.thresholds import Thresholds
from tracker.metrics.exposition import expose
from tracker.metrics.flow import Metrics
from tracker.metrics.gauges import Gauges
from tracker.notify.version import read_version
from tracker.notify.wanted import is_wanted
from tracker.streams.clock import DataClock
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.stage import Output, Record
from tracker.streams.subjects import SubjectsStage
from tracker.streams.topics import EXCEPTIONS, MOVEMENTS, events_topic
from tracker.streams.whereabouts import Wanted

ANY: Final = frozenset(("warning", "critical"))
LINES: Final = Lines(NETWORK, Thresholds())


def judge_at(clock: Millis) -> Judge:
    return Judge(RULES, LINES, KnownSituation(Ledger(), NETWORK, clock))


class Tracker:
    """The stages in a row with their metrics, without Kafka."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        metrics = Metrics(self.registry, NETWORK, CARRIERS)
        clock = DataClock()
        self.intake, self.journeys = IntakeStage(INTAKE, metrics), JourneysStage(RULES, metrics, judge_at)
        self.subjects = SubjectsStage(NETWORK, clock, metrics)
        self.registry.register(Gauges(NETWORK, self.intake, self.journeys, self.subjects, clock))
        self._tables = Table(self.intake, Random(1)), Table(self.journeys, Random(2))
        self._offset = 0

    def take(self, interval: int) -> list[Output]:
        """The canaries' reports of an interval; gives everything that the stages wrote."""
        canaries = travel()
        topic, at = events_topic(CARRIER), canaries.begins(interval)
        records = [
            Record(topic, 0, self._offset + place, at, None, json.dumps(each.body).encode(), ())
            for place, each in enumerate(canaries.sent_at(interval))
        ]
        self._offset += len(records)
        outputs = self._tables[0].process(0, records)
        for records in delivered(outputs, MOVEMENTS).values():
            moved = [each._replace(partition=0, offset=self._offset * 100 + each.offset) for each in records]
            outputs += self._tables[1].process(0, moved)
        return outputs + self._sweep(Millis(at + MINUTE))

    def _sweep(self, upto: Millis) -> list[Output]:
        outputs: list[Output] = []
        for key in self.journeys.due(upto).get(0, []):
            position, body = self._tables[1].rows[0][key]
            row = self.journeys.load(body, 0, key)
            outputs += self.journeys.sweep(row, upto)
            self._tables[1].rows[0][key] = position, self.journeys.dump(row)
            self.journeys.settled(0, [(key, row)])
        return outputs

    def restart(self) -> None:
        """Restore the rows, as after a crash."""
        for table in self._tables:
            stage: Any = table.stage
            stage.revoked(0)
            stage.recovered(0, [(key, body) for key, (_, body) in table.rows[0].items() if body is not None])

    def shown(self) -> list[str]:
        """All metrics but those of the process."""
        text = expose(self.registry, "")[0].decode()
        return [line for line in text.splitlines() if not line.startswith(("process_", "# HELP process_"))]


def test_a_late_canary_is_published_and_nothing_else_of_canaries_is_seen() -> None:
    tracker = Tracker()
    before = tracker.shown()
    for interval in range(START, START + 6):
        outputs = tracker.take(interval)
        topics = {each.topic for each in outputs}
        assert topics <= {MOVEMENTS, EXCEPTIONS, f"carrier.{CARRIER}.feedback"}
        told = [json.loads(each.value or b"") for each in outputs if each.topic == EXCEPTIONS]
        late = [each for each in told if each["container"] == travel().late(interval)]
        assert [(each["rule"], each["status"], each["severity"]) for each in late if not each["suppressed_by"]] == [
            ("held", "open", "critical")
        ]
        versions = [read_version(each.value or b"") for each in outputs if each.topic == EXCEPTIONS]
        assert not any(is_wanted(each, (Subscription(severity=ANY),), NETWORK) for each in versions)
        canarys = {str(each.said.container) for each in versions if is_wanted(each, (), NETWORK, canary=True)}
        assert canarys >= {travel().late(interval)}
        assert_unseen(tracker, before, Millis(travel().begins(interval) + HOUR))
    tracker.restart()
    assert_unseen(tracker, before, Millis(travel().begins(START + 6)))
    assert tracker.take(START + 6)  # and after a restart it goes on


def assert_unseen(tracker: Tracker, before: list[str], clock: Millis) -> None:
    assert tracker.shown() == before
    journeys, intake = tracker.journeys, tracker.intake
    assert [*journeys.exceptions(), *journeys.exceptions(is_open=False)] == []
    survey = journeys.survey(clock)
    assert (dict(journeys.exception_counts()), dict(survey.under_way())) == ({}, {})
    assert (survey.stays(), dict(survey.standing())) == ({}, {})
    assert survey.listing(Wanted(), "", 10) == ([], 0)
    assert [hour for flows in journeys.flows().values() for hour in flows.changes()] == []
    assert (list(intake.days()), intake.watermarks(), intake.received(), intake.delays()) == ([], {}, {}, {})


def test_batch_leaves_canaries_out() -> None:
    batch = Batch(INTAKE, RULES)
    for each in travel().sent_at(START):
        assert is_canary(each.container)
        batch.take(CARRIER, json.dumps(each.body).encode(), travel().begins(START))
    until = travel().begins(START + 1)
    assert batch.summary(batch.conclude(until)) == Batch(INTAKE, RULES).summary(Batch(INTAKE, RULES).conclude(until))
