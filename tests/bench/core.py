"""What all contenders share: the stages of a worker, whole, with its metrics; only the engine differs."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from tracker.domain.moment import Millis
from tracker.domain.rejudge import Judge
from tracker.metrics.flow import Metrics
from tracker.service import load_world
from tracker.settings import Settings
from tracker.streams.clock import WallClock
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.subjects import SubjectsStage
from tracker.streams.transports import TransportsStage


@dataclass(frozen=True, slots=True)
class Core:
    """The stages, and the ids of the carriers they know."""

    intake: IntakeStage
    transports: TransportsStage
    journeys: JourneysStage
    subjects: SubjectsStage
    carriers: list[str]


def build_core(settings: Settings, judge_at: Callable[[Millis], Judge] | None = None) -> Core:
    """The stages as `tracker.service` puts them together; nothing is judged unless it is said with what."""
    world = load_world(settings)
    carriers = [carrier.id for carrier in world.carriers]
    metrics = Metrics(CollectorRegistry(), world.network, carriers)
    return Core(
        IntakeStage(world.intake, metrics),
        TransportsStage(metrics),
        JourneysStage(world.rules, metrics, judge_at),
        SubjectsStage(world.network, WallClock(), metrics),
        carriers,
    )
