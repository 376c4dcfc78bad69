"""Exceptions of all containers, judged over their whole history: what `tracker batch` writes of them.

Two passes. The first takes each container's reports in order of received time and notes, beside where it was known
to be, what tells of everything else: flows, gaps, delays. The second judges each container by that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.aggregates.ledger import Ledger
from tracker.aggregates.situation import KnownSituation
from tracker.contract.exceptions import evidence_of, exception_json, incident_json
from tracker.contract.written import ExceptionRecord
from tracker.domain.chronicle import Step, followed, judged
from tracker.domain.container import Rules, reports_of
from tracker.domain.disruption import Disruption
from tracker.domain.exceptions import RailException
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis
from tracker.domain.outlook import Expectation, Outlook, expectations, outlook
from tracker.domain.position import Position
from tracker.domain.rejudge import Judge
from tracker.domain.report import Report
from tracker.domain.testifying import recount

Reports = Mapping[str, Sequence[Report]]
"""Container to all its reports."""


@dataclass(slots=True)
class Verdicts:
    """What was judged. `versions`: every one, with its container.

    `outlooks`: by journey, of those that are open. `expected`: what was expected of every journey, where it moved.
    """

    situation: KnownSituation
    versions: list[tuple[RailException, str]] = field(default_factory=list)
    outlooks: dict[str, Outlook] = field(default_factory=dict)
    expected: list[Expectation] = field(default_factory=list)

    @property
    def by_rule(self) -> dict[str, int]:
        """How many exceptions there were, by rule, incidents too."""
        rules = {each.id: str(each.rule) for each, _ in self.versions}
        rules |= {each.id: each.rule for each in self.situation.incidents}
        return dict(sorted(Counter(rules.values()).items()))

    def records(self, reports: Reports) -> Iterator[ExceptionRecord]:
        """Every version as it is written, in order of the clock, incidents before what they explain."""
        versions = sorted(self.versions, key=lambda each: (each[0].at, each[0].id, each[0].version))
        children = _Children()
        for at, incident, version in self._incidents():
            while children.seen < len(versions) and versions[children.seen][0].at <= at:
                children.see(versions[children.seen][0])
            children.counted[incident, version] = children.now[incident]
        ends = {each.id: each for each in self.situation.incidents}
        events: list[tuple[Millis, int, str, int, ExceptionRecord]] = [
            (at, 0, name, version, incident_json(ends[name], version, children.counted[name, version]))
            for at, name, version in self._incidents()
        ]
        events += [
            (each.at, 1, each.id, each.version, exception_json(each, box, evidence_of(each, reports[box])))
            for each, box in versions
        ]
        return (record for *_, record in sorted(events, key=lambda event: event[:4]))

    def _incidents(self) -> list[tuple[Millis, str, int]]:
        opened = [(each.opened, each.id, 1) for each in self.situation.incidents]
        ended = [(each.resolved, each.id, 2) for each in self.situation.incidents if each.resolved is not None]
        return sorted([*opened, *ended])


class _Children:
    """Counts the open exceptions of each incident while versions are seen in order."""

    def __init__(self) -> None:
        self.seen = 0
        self.now: Counter[str] = Counter()
        self.counted: dict[tuple[str, int], int] = {}
        self._last: dict[str, str | None] = {}

    def see(self, version: RailException) -> None:
        """One more version."""
        self.seen += 1
        before, after = self._last.get(version.id), version.incident if version.is_open else None
        if before is not None:
            self.now[before] -= 1
        if after is not None:
            self.now[after] += 1
        self._last[version.id] = after


def judge_all(
    reports: Reports,
    rules: Rules,
    lines: Lines,
    until: Millis,
    ledger: Ledger,
    shown: Callable[[Sequence[str]], Iterable[str]] = iter,
    disruptions: Sequence[Disruption] = (),
) -> Verdicts:
    """Judge every container up to the clock `until`, by what was planned to be closed too; `shown` may report progress.

    The ledger knows the carriers' days already; where containers were is noted here.
    """
    steps: dict[str, list[Step]] = {}
    for container in shown(sorted(reports)):
        steps[container], row = followed(reports[container], container, rules, lines)
        ledger.says(recount(row, reports_of(row), rules)[1])
        places: dict[str, Position] = {}
        for step in steps[container]:
            if step.position is not None:
                ledger.moved(places.get(step.position.journey), step.position, step.received, rules.network)
                places[step.position.journey] = step.position
    verdicts = Verdicts(KnownSituation(ledger, rules.network, until, disruptions))
    judge = Judge(rules, lines, verdicts.situation)
    for container in shown(sorted(reports)):
        known = steps.pop(container)
        verdicts.expected += expectations(known, lines, verdicts.situation, until)
        held, made = judged(known, lines, verdicts.situation, until)
        last = next((step for step in reversed(known) if step.received <= until), None)
        if last is not None and last.position is not None:
            found = outlook(last.position, reports[container], held, judge, (last.received, until))
            verdicts.outlooks[last.position.journey] = found
        verdicts.versions += [(version, container) for version in made]
    return verdicts
