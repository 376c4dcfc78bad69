"""What traffic is asked for: how much, how long, and how wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import ClassVar, Final, Self

from tracker.domain.moment import Millis
from tracker.simulate.scenario import NO_SCENARIO, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRates:
    """Shares of the true milestones that go wrong on their way, each between 0 and 1.

    `late_6_hours` includes `late_24_hours`. The faults of `content` exclude each other on one report, the
    rest are drawn independently. Defaults are estimates: no figures about rail carriers are published.
    """

    missing: float = 0.02
    """The milestone is never reported."""
    bad_check_digit: float = 0.005
    wrong_offset: float = 0.003
    """The digits of the local clock with another zone's offset: one to eight whole hours off."""
    no_offset: float = 0.002
    unknown_node: float = 0.01
    future: float = 0.001
    """An actual that says it happens hours after it was received."""
    retraction: float = 0.002
    """Another, false report goes out besides the true one and is taken back later."""
    revision: float = 0.01
    """First a wrong time, then the right one under the same id."""
    no_id: float = 0.01
    duplicate: float = 0.03
    """The same bytes again."""
    two_sources: float = 0.05
    """A second carrier reports the same fact under its own id, some minutes off."""
    late_6_hours: float = 0.08
    late_24_hours: float = 0.02
    not_json: float = 0.0005
    """A record that is no JSON goes out besides the true one."""
    alias: float = 0.10
    """The node is given by a foreign code or by name: right, and inconvenient."""

    CONTENT: ClassVar = (
        "missing",
        "bad_check_digit",
        "wrong_offset",
        "no_offset",
        "unknown_node",
        "future",
        "retraction",
        "revision",
        "no_id",
    )

    DELIVERY: ClassVar = ("duplicate", "two_sources", "late_6_hours", "late_24_hours", "not_json", "alias")

    def __post_init__(self) -> None:
        """Refuses with a ValueError what is no share, or more than one content fault per report."""
        for name in (f.name for f in fields(self)):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"fault rate {name} is {getattr(self, name)}, wanted 0 to 1")
        if (total := sum(getattr(self, name) for name in self.CONTENT)) > 1:
            raise ValueError(f"rates of {', '.join(self.CONTENT)} sum up to {total:.2f}, wanted 1 at most")
        if self.late_24_hours > self.late_6_hours:
            raise ValueError("late_24_hours is a part of late_6_hours and can't be greater")

    def times(self, factor: float) -> Self:
        """All rates multiplied; those that may reach 1 stay there. ValueError when the content faults pass 1."""
        return replace(
            self,
            **{
                f.name: getattr(self, f.name) * factor
                if f.name in self.CONTENT
                else min(1.0, getattr(self, f.name) * factor)
                for f in fields(self)
            },
        )


NO_FAULTS: Final = FaultRates(**{f.name: 0.0 for f in fields(FaultRates)})


def fault_rates(text: str) -> FaultRates:
    """The rates an option names: `none`, `default`, or a number that multiplies the defaults.

    >>> fault_rates("none").missing, fault_rates("2").missing
    (0.0, 0.04)
    """
    if text == "none":
        return NO_FAULTS
    if text == "default":
        return FaultRates()
    try:
        return FaultRates().times(float(text))
    except ValueError as error:
        raise ValueError(f"faults: {text!r} seen, wanted none, default or a factor from 0 to 15 ({error})") from None


SHARES: Final[Mapping[str, float]] = {
    "northern": 30,
    "middle": 30,
    "central-asia": 14,
    "trans-siberian": 10,
    "middle-btk": 8,
    "southern": 4,
    "instc-east": 4,
}
"""Trains per corridor in proportion. Not the real volumes: there the northern corridor outweighs all others."""

REPORTERS: Final[Mapping[str, str]] = {
    "CN": "cr-express",
    "KZ": "ktz-express",
    "RU": "utlc",
    "BY": "utlc",
    "MN": "utlc",
    "PL": "utlc",
    "DE": "utlc",
    "vessel": "kmtf",
    "AZ": "adyc",
    "GE": "gr-log",
    "TR": "gr-log",
    "RO": "gr-log",
    "UZ": "uti-cargo",
    "TM": "uti-cargo",
    "IR": "uti-cargo",
}
"""Packaged carriers by country and at sea. With another carriers file the first carrier reports what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Options of one simulation; equal options give equal bytes."""

    seed: int = 1
    start: Millis = Millis(1_772_323_200_000)
    """Moment the first train is ordered (default 2026-03-01T00:00:00Z); nothing is under way before."""
    days: float = 60.0
    """Event time that is simulated; reports received later do not exist unless `drain`."""
    drain: bool = False
    """No new trains after `days`, but what is under way arrives and is reported."""
    trains_per_day: float = 6.0
    """Trains ordered a day over all corridors (54 to 62 forty foot units each), exponential gaps."""
    shares: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    """Trains per corridor in proportion; corridors not named get 5."""
    corridors: frozenset[str] | None = None
    """Only these; None means all."""
    imbalance: float = 7.0
    """Laden trains west per laden train east (China - Europe 2025: 7). On north-south corridors it is 2."""
    exports: float = 0.15
    """Share of trains that begin at an inland terminal of Kazakhstan instead of an end of the corridor."""
    empties: float = 0.08
    """Share of trains that carry empty containers back."""
    plan_margin: float = 1.05
    """Arrivals are planned so many times the planned hours after departure. Of slow ways these are medians: with 1.05
    every sixth laden journey is three days late by chance alone, with 1.2 every fifteenth."""
    storms: float = 0.0
    """Port closures: 0 none, 1 as long as the Caspian ports close, month by month."""
    containers: int | None = None
    """Numbers in the pool; None: what `trains_per_day` needs at five journeys a year."""
    faults: FaultRates = NO_FAULTS
    reporters: Mapping[str, str] = field(default_factory=lambda: dict(REPORTERS))
    """Carrier by country code, or by `vessel` for what happens at sea; the first carrier reports what is left."""
    scenario: Scenario = NO_SCENARIO
    """What happens on purpose."""

    def __post_init__(self) -> None:
        """Refuses with a ValueError what can't be simulated."""
        for name, low in (
            ("days", 0.0), ("trains_per_day", 0.0), ("imbalance", 0.0), ("plan_margin", 0.0), ("storms", 0.0),
        ):  # fmt: skip
            if getattr(self, name) < low or (name != "storms" and getattr(self, name) == low):
                raise ValueError(f"{name} is {getattr(self, name)}, wanted more than {low:g}")
        for name in ("exports", "empties"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, wanted 0 to 1")
