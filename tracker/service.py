"""A whole worker put together: network, stages, engine, metrics and web. Nothing here is global."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from prometheus_client import CollectorRegistry

from tracker.contract.carriers_file import Carrier, load_carriers
from tracker.contract.exceptions import exception_json
from tracker.contract.intake import Intake, IntakeRules, lenient_carriers
from tracker.contract.journeys import container_json
from tracker.contract.network_file import load_network
from tracker.contract.thresholds_file import load_thresholds
from tracker.domain.chronicle import position_in
from tracker.domain.container import Rules
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis
from tracker.domain.network import Network
from tracker.domain.outlook import outlook
from tracker.domain.places import Places
from tracker.domain.rejudge import Judge
from tracker.domain.thresholds import Thresholds
from tracker.metrics.exposition import expose
from tracker.metrics.flow import Metrics
from tracker.metrics.gauges import Gauges
from tracker.metrics.restoring import Restoring
from tracker.settings import Settings
from tracker.streams.app import TrackerApp, build_app
from tracker.streams.board import Board
from tracker.streams.clock import DataClock, WallClock
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.packing import unpack
from tracker.streams.subjects import SubjectsStage
from tracker.streams.sweeper import Sweeps
from tracker.streams.worker import run_worker
from tracker.web.application import build_web, listen, serve
from tracker.web.views import Views

log = logging.getLogger(__name__)

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
        return Rules(self.network, {carrier.id: rank for rank, carrier in enumerate(self.carriers)})

    @property
    def intake(self) -> Intake:
        """Reads carriers' bodies."""
        policies = {carrier.id: carrier.policy for carrier in self.carriers}
        return Intake(Places(self.network), IntakeRules(lenient=lenient_carriers(policies)))


def load_world(settings: Settings) -> World:
    """What the settings' files say. Raises `UnusableFile`: that of the network, the carriers or the thresholds."""
    network = load_network(settings.network)
    return World(network, load_carriers(settings.carriers), load_thresholds(settings.thresholds, network))


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
        board = Board(world.network)
        seen = DataClock()
        lines = Lines(world.network, world.thresholds)
        self._judge_at: Callable[[Millis], Judge] = lambda clock: Judge(world.rules, lines, board.situation(clock))
        self._journeys = JourneysStage(world.rules, metrics, self._judge_at, seen)
        self._subjects = SubjectsStage(world.network, clock, metrics)
        registry.register(Gauges(world.network, self._intake, self._journeys, self._subjects, clock))
        stages = {stage.name: stage for stage in (self._intake, self._journeys, self._subjects)}
        sweeps = Sweeps(
            WallClock() if settings.clock == "wall" else seen, self._intake.days, board, settings.clock == "wall"
        )
        self.app: TrackerApp = build_app(settings, ids, stages, metrics, sweeps if settings.judge else None)
        registry.register(Restoring(lambda: self.app.restoring))
        self._web = partial(
            serve,
            build_web(world.network, self._views(registry)),
            listen(settings.web_host, settings.web_port),
            started=started or (lambda address: log.info("figures at %s", address)),
        )

    def run(self, last_resort: Callable[[int], None] = os._exit) -> int:
        """Run until told to stop; the exit status. `last_resort` ends a stop that hangs (see `run_worker`)."""
        return run_worker(self.app, extra_services=[self._web], last_resort=last_resort)

    def _views(self, registry: CollectorRegistry) -> Views:
        return Views(
            statistics=lambda: self._subjects.statistics(standing=self._journeys.standing(self._clock.now())),
            exceptions=self._exceptions,
            open_journeys=lambda: self._journeys.open_journeys(self._clock.now()),
            container=self._container,
            unready=lambda: self.app.unready(LAG_READY_SECONDS),
            metrics=lambda accept: expose(registry, accept),
        )

    def _exceptions(self) -> list[Mapping[str, Any]]:
        return [exception_json(each, number, ()) for number, each in self._journeys.exceptions()]

    def _container(self, number: str) -> Mapping[str, Any] | None:
        body = self.app.row("journeys", number.encode())
        if body is None:
            return None
        row, clock = unpack(body), self._clock.now()
        judge = self._judge_at(clock)
        position = position_in(row, judge.rules, judge.lines)
        watched = judge.watched(position, row.judgement.step)
        found = outlook(position, row.judgement.exceptions, watched, judge.lines, clock)
        return container_json(number, row, clock, self._world.network, found)
