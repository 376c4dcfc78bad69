"""What intake makes of a report, and by which rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tracker.domain.faults import Fault
from tracker.domain.moment import DAY, MINUTE
from tracker.domain.report import Report


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """The tolerances of intake; all defaults are those of the contract.

    `future`: an actual this much after its received time is still accepted, with a doubt (clocks differ).
    `late`: an actual received longer after its event time than this is warned about. `mass_kg`: what a
    container with its tare can plausibly weigh. `lenient`: carriers whose wrong check digits are accepted.
    `transports`: carriers whose native reports are joined with what they tell of trains and vessels.
    """

    future: int = 15 * MINUTE
    late: int = DAY
    mass_kg: tuple[float, float] = (1_500, 36_000)
    lenient: frozenset[str] = frozenset()
    transports: frozenset[str] = frozenset()


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What became of one report in a body: accepted when `report` is there, else rejected.

    `id` is the carrier's own, None when it gave none or a malformed one. `raw` are the report's bytes as they came,
    `place` that in the body. `delay`: received less event time in ms, of every actual whose time can be read, rejected
    or not; negative where it says what has not happened yet. `transport`: the train or vessel that the report names, in
    a format that tells of those apart; a report without `container` is about it, and `containers` are those it lists.
    `lag`: received time less that at which the carrier's system learned of it (ms), where `delay` and both are known.
    """

    place: int
    raw: bytes
    faults: Sequence[Fault]
    container: str | None = None
    report: Report | None = None
    id: str | None = None
    sequence: int | None = None
    delay: int | None = None
    transport: str | None = None
    containers: tuple[str, ...] = ()
    lag: int | None = None


def lenient_carriers(policies: Mapping[str, str]) -> frozenset[str]:
    """The carriers whose container policy is `lenient`."""
    return frozenset(carrier for carrier, policy in policies.items() if policy == "lenient")
