"""Reports of a port that ships do not leave for twelve days: a sixth of the boxes of each train, three trains a day."""

from collections.abc import Iterator
from typing import Final
from zlib import crc32

from tests.hearing import Sent
from tracker.domain.moment import DAY, Millis
from tracker.service import World
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.scenario import Scenario, Storm
from tracker.simulate.simulation import Simulation

PORT: Final = "KZ-AKTAU"
_SHARE: Final = 6
_FROM: Final = 20
_DAYS: Final = 12


def storm(world: World, days: float = 37.0, seed: int = 3) -> Iterator[Sent]:
    """The reports in order of received time; the storm lasts from the 20th to the 32nd day."""
    start = Traffic().start
    begun = Millis(start + _FROM * DAY)
    traffic = Traffic(
        seed=seed,
        days=days,
        trains_per_day=3.0,
        corridors=frozenset({"middle"}),
        faults=fault_rates("default"),
        scenario=Scenario(events=(Storm(start=begun, end=Millis(begun + _DAYS * DAY), node=PORT),)),
    )
    for sent in Simulation(world.network, [carrier.id for carrier in world.carriers], traffic):
        if crc32(sent.key) % _SHARE == 0:
            yield Sent(sent.carrier, sent.received_at, sent.body)
