"""A whole worker put together: network, stages, engine, metrics and web. Nothing here is global."""

import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from prometheus_client import CollectorRegistry

from tracker.aggregates.feed import Feed
from tracker.aggregates.part import Part, part_of
from tracker.contract.acknowledgements import acknowledgement_json
from tracker.contract.carrier_days import days_json
from tracker.contract.carriers_file import Carrier, load_carriers
from tracker.contract.intake import Intake, IntakeRules, lenient_carriers
from tracker.contract.journeys import container_json, journey_json, standing_at
from tracker.contract.network_file import load_network
from tracker.contract.scorecard import scorecard_json
from tracker.contract.thresholds_file import load_thresholds
from tracker.domain.chronicle import position_in
from tracker.domain.container import ContainerRow, Rules, reports_of
from tracker.domain.lines import Lines
from tracker.domain.moment import MINUTE, Millis, text
from tracker.domain.network import Network
from tracker.domain.outlook import Outlook, outlook
from tracker.domain.places import Places
from tracker.domain.rejudge import Judge
from tracker.domain.report import Kind
from tracker.domain.thresholds import Thresholds
from tracker.metrics.exposition import expose
from tracker.metrics.feeds import Feeds
from tracker.metrics.flow import Metrics
from tracker.metrics.gauges import Gauges
from tracker.metrics.nodes import Nodes
from tracker.metrics.restoring import Restoring
from tracker.settings import Settings
from tracker.streams.acknowledged import AcknowledgementBook
from tracker.streams.app import TrackerApp, build_app
from tracker.streams.board import Board
from tracker.streams.book import Book
from tracker.streams.clock import DataClock, WallClock
from tracker.streams.closely import Closely
from tracker.streams.deadlines import Labels
from tracker.streams.desk import Desk
from tracker.streams.incidents import LEADING
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.looking import look_through
from tracker.streams.packing import unpack
from tracker.streams.seldom import Seldom
from tracker.streams.subjects import SubjectsStage
from tracker.streams.survey import Survey
from tracker.streams.sweeper import Sweeps
from tracker.streams.transports import TransportsStage
from tracker.streams.whereabouts import Wanted
from tracker.streams.worker import Extra, run_worker
from tracker.web.application import address_of, build_web, listen, serve
from tracker.web.told_exceptions import listed
from tracker.web.views import Views

log = logging.getLogger(__name__)

SURVEY_SECONDS: Final = 1.0
"""How long what was seen of open journeys is shown again: to look at 100,000 takes 20 ms."""
LAG_READY_SECONDS: Final = 60.0
"""A worker further behind than this should not be asked: the aim is "report to metric within 60 s"."""


@dataclass(frozen=True, slots=True)
class World:
    """What the files say: network, carriers and thresholds."""

    network: Network
    carriers: tuple[Carrier, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def rules(self) -> Rules:
        """What the fold needs; the order of the carriers file is the order of authority."""
        authority = {carrier.id: rank for rank, carrier in enumerate(self.carriers)}
        own = {carrier.id: carrier.mandatory for carrier in self.carriers if carrier.mandatory is not None}
        return Rules(self.network, authority, own)

    @property
    def intake(self) -> Intake:
        """Reads carriers' bodies."""
        policies = {carrier.id: carrier.policy for carrier in self.carriers}
        tell = frozenset(carrier.id for carrier in self.carriers if carrier.transports)
        return Intake(Places(self.network), IntakeRules(lenient=lenient_carriers(policies), transports=tell))


def load_world(settings: Settings) -> World:
    """What the settings' files say. Raises `UnusableFile`: that of the network, the carriers or the thresholds."""
    network = load_network(settings.network)
    carriers = load_carriers(settings.carriers)
    sure = frozenset(each.id for each in carriers if Kind.GATE_OUT in (each.mandatory or ()))
    return World(network, carriers, replace(load_thresholds(settings.thresholds, network), gate_outs=sure))


class Service:
    """One worker, ready to run."""

    def __init__(self, settings: Settings, world: World, started: Callable[[str], None] | None = None) -> None:
        """Puts it together; `started` gets the web's address. Raises `guard.WrongLibraries`, `AddressTaken`."""
        ids = [carrier.id for carrier in world.carriers]
        registry = CollectorRegistry()
        metrics = Metrics(registry, world.network, ids)
        clock = WallClock() if settings.clock == "wall" else DataClock()
        self._world, self._clock = world, clock
        self._intake = IntakeStage(world.intake, metrics)
        board = self._board = Board(world.network, world.rules.mandatory, replay=settings.replay)
        seen = self._seen = DataClock()
        self.beside: list[Extra] = []  # what else is to run with the worker, in its loop
        lines = Lines(world.network, world.thresholds)
        self._judge_at: Callable[[Millis], Judge] = lambda clock: Judge(world.rules, lines, board.situation(clock))
        self._judge_now: Callable[[], Judge] = lambda: Judge(world.rules, lines, board.latest)
        judge_at = self._judge_at if settings.judge else None
        self._journeys = JourneysStage(world.rules, metrics, judge_at, seen, replay=settings.replay)
        self._survey: Seldom[Survey] = Seldom(lambda: self._journeys.survey(clock.now()), SURVEY_SECONDS)
        self._subjects = SubjectsStage(world.network, clock, metrics)
        self._closely = Closely(
            clock.now,
            self._survey.get,
            self._subjects,
            self._judge_now,
            lambda key: self.app.row("journeys", key),
        )
        gauges = Gauges(world.network, self._intake, self._journeys, self._subjects, clock, self._incidents)
        registry.register(gauges)
        transports = TransportsStage(metrics)
        stages = {stage.name: stage for stage in (self._intake, transports, self._journeys, self._subjects)}
        sweeps = Sweeps(
            WallClock() if settings.clock == "wall" else seen,
            self._intake.days,
            board,
            Desk(board, metrics.faults),
            settings.clock == "wall",
            metrics.exception,
        )
        at = listen(settings.web_host, settings.web_port)
        self._address = settings.web_advertised or address_of(at, socket.gethostname())
        self.app: TrackerApp = build_app(
            settings, ids, stages, metrics, sweeps if settings.judge else None, self._address
        )
        registry.register(Nodes(world.network, lambda: board.disruptions, clock.now))
        registry.register(Feeds(lambda: self._feeds(ids)))
        registry.register(Restoring(lambda: self.app.restoring))
        self._web = partial(
            serve,
            build_web(
                world.network,
                self._views(registry),
                Book(settings, world.network),
                settings.web_token,
                acknowledgements=AcknowledgementBook(settings, board.acknowledged),
                per_second=settings.web_rate,
            ),
            at,
            started=started or (lambda address: log.info("figures at %s", address)),
        )

    def run(self, last_resort: Callable[[int], None] = os._exit) -> int:
        """Run until told to stop; the exit status. `last_resort` ends a stop that hangs (see `run_worker`)."""
        return run_worker(self.app, extra_services=[self._web, *self.beside], last_resort=last_resort)

    def waiting(self) -> dict[str, int] | None:
        """Stage to records that wait; None while partitions are assigned or tables restored."""
        return None if self.app.restoring else self.app.waiting()

    @property
    def is_judged(self) -> bool:
        """Whether what was due up to the last minute that anything was received in is judged."""
        newest = max(self._seen.now(), self._board.newest) // MINUTE * MINUTE
        return not self.app.runtime.settings.judge or self._board.swept >= newest

    def _feeds(self, carriers: list[str]) -> list[Feed]:
        """The feeds that this worker tells of: all, if it has the first partitions, and none otherwise."""
        return [self._feed(carrier) for carrier in carriers] if self._intake.has_first else []

    def _feed(self, carrier: str) -> Feed:
        # As of the last sweep: for another clock all that is known is put together anew.
        return self._board.feed(carrier, self._board.swept or Millis(self._clock.now() // MINUTE * MINUTE))

    def _carrier(self, carrier: str) -> Mapping[str, Any]:
        feed = self._feed(carrier)
        return {**scorecard_json(feed), "days": days_json(self._board.days(carrier), feed.at)}

    def _views(self, registry: CollectorRegistry) -> Views:
        return Views(
            part=self._part,
            node=self._closely.node,
            corridor=self._closely.corridor,
            journeys=self._listed,
            exceptions=self._exceptions,
            container=self._container,
            unready=lambda: self.app.unready(LAG_READY_SECONDS),
            metrics=lambda accept: expose(registry, accept),
            carriers=[carrier.id for carrier in self._world.carriers],
            carrier=self._carrier,
            search=lambda text: look_through(
                self.app.keys("journeys"), lambda key: self.app.row("journeys", key), text
            ),
            owner=self._owner,
            acknowledgement=self._acknowledgement,
            others=lambda: sorted({*self.app.addresses("journeys").values()} - {self._address}),
        )

    def _acknowledgement(self, exception: str) -> Mapping[str, Any] | None:
        said = self._board.acknowledged.of(exception)
        return None if said is None else {**acknowledgement_json(said)}

    def _part(self) -> Part:
        clock, survey = self._clock.now(), self._survey.get()
        return part_of(
            clock,
            self._subjects.totals(clock),
            self._subjects.years(),
            survey.stays(),
            survey.open_states(),
            survey.under_way(),
            self._journeys.exception_counts(),
        )

    def _owner(self, number: str) -> str | None:
        address = self.app.addresses("journeys").get(self.app.partition(number.encode()))
        return None if address == self._address else address

    def _listed(self, filters: Mapping[str, str], after: str, limit: int) -> tuple[list[Mapping[str, Any]], int]:
        clock, oldest = self._clock.now(), filters.get("order") == "oldest"
        wanted = Wanted(**{name: value for name, value in filters.items() if name != "order"})
        numbers, count = self._survey.get().listing(wanted, after, limit, oldest=oldest)
        return [record for number in numbers if (record := self._journey(number, clock)) is not None], count

    def _journey(self, number: str, clock: Millis) -> Mapping[str, Any] | None:
        """A container's last journey, with where it stands and the rules that hold for it."""
        body = self.app.row("journeys", number.encode())
        if body is None:
            return None
        row = unpack(body)
        journey = row.journeys[-1]
        stand = standing_at(journey, journey.last, self._world.network)
        told = journey_json(journey, number, clock, self._world.network, self._outlook(row, clock))
        return {
            **told,
            "standing": None if stand is None else stand.node,
            "standing_since": text(journey.last if stand is None else stand.since),
            "rules": [each.rule for each in row.judgement.exceptions if each.is_open],
        }

    def _exceptions(self, filters: Mapping[str, str], after: str, limit: int) -> tuple[list[Mapping[str, Any]], int]:
        wanted = {name: value for name, value in filters.items() if name != "status"}
        is_open = filters.get("status", "open") == "open"
        told = self._board.incidents.records() if is_open and self._is_leading else []
        fit = self._journeys.exceptions(is_open=is_open)
        return listed(told, fit, wanted, after, limit)

    @property
    def _is_leading(self) -> bool:
        """Whether this worker publishes incidents: it alone shows and counts them, or all would."""
        return LEADING in self._journeys.flows()

    def _incidents(self) -> Counter[Labels]:
        return self._board.incidents.counts() if self._is_leading else Counter()

    def _container(self, number: str) -> Mapping[str, Any] | None:
        body = self.app.row("journeys", number.encode())
        if body is None:
            return None
        row, clock = unpack(body), self._clock.now()
        told = container_json(number, row, clock, self._world.network, self._outlook(row, clock))
        if told["journeys"] and told["journeys"][-1]["expected"] is not None:
            told["journeys"][-1]["moved"] = self._closely.moved(number, row, clock)
        return told

    def _outlook(self, row: ContainerRow, clock: Millis) -> Outlook:
        judge = self._judge_now()
        position = position_in(row, judge.rules, judge.lines)
        return outlook(position, reports_of(row), row.judgement.exceptions, judge, (row.judgement.step, clock))
