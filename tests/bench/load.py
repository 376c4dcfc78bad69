"""The reports of a measurement: simulated once, the same for every contender, in Kafka before any clock starts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final
from zlib import crc32

import yaml

from tracker.contract.carriers_file import Carrier
from tracker.domain.moment import Millis
from tracker.domain.network import Network
from tracker.simulate.options import FaultRates, Traffic
from tracker.simulate.output import Pace, producing, send
from tracker.simulate.saying import Sent
from tracker.simulate.simulation import Simulation

FEW: Final = "few-"
"""In front of the carriers' ids of the smaller load."""

_SLICES: Final = 10_000
_NO_PACE: Final = Pace(speedup=0.0, rate=0.0, fast_until=Millis(0))


@dataclass(frozen=True, slots=True)
class Load:
    """Reports, and the carriers that have sent them. A carrier's topic holds the reports of one load only."""

    carriers: tuple[Carrier, ...]
    reports: Sequence[Sent]

    @property
    def ids(self) -> list[str]:
        """The ids of the carriers."""
        return [carrier.id for carrier in self.carriers]

    def carriers_file(self, folder: Path) -> Path:
        """A carriers file that a contender can be started with."""
        file = folder / f"carriers-{len(self.reports)}.yaml"
        known = [{"id": each.id, "name": each.name, "policy": each.policy} for each in self.carriers]
        file.write_text(yaml.safe_dump({"carriers": known}))
        return file

    async def send(self, brokers: str) -> None:
        """Write the reports into the carriers' topics, which must exist, stamped with their received times."""
        async with producing(brokers, idempotent=True, wait_seconds=30.0) as producer:
            async for _ in send(producer, self.reports, self.ids, _NO_PACE):
                pass


def simulated(network: Network, carriers: tuple[Carrier, ...], reports: int) -> Load:
    """Native reports with the default faults, in the order in which they were received."""
    traffic = Traffic(days=3_650.0, faults=FaultRates())
    simulation = Simulation(network, [carrier.id for carrier in carriers], traffic)
    return Load(carriers, list(islice(simulation, reports)))


def thinned(load: Load, share: float) -> Load:
    """All reports of a share of the containers: fewer, but the same mix of kinds, histories and facts."""
    few = tuple(Carrier(FEW + carrier.id, carrier.name, carrier.policy) for carrier in load.carriers)
    kept: Iterable[Sent] = (sent for sent in load.reports if crc32(sent.key) % _SLICES < share * _SLICES)
    return Load(few, [sent._replace(carrier=FEW + sent.carrier) for sent in kept])
