"""One figure with its aim, and those of expected arrivals."""

from dataclasses import dataclass
from statistics import fmean

from tests.evaluate.arrivals import Arrivals

_BETTER = 0.75
"""Of the error of the better rival: the aim is at least a quarter less."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `aim` None: for comparison only. `seen` None: there is nothing to tell it from."""

    name: str
    seen: float | None
    aim: float | None = None
    at_least: bool = True
    note: str = ""
    band: float | None = None
    """Where the aim is to be met from both sides: how far off is accepted."""

    @property
    def aim_text(self) -> str:
        """The aim as it is printed."""
        if self.aim is None:
            return ""
        if self.band is not None:
            return f"{self.aim:g} +- {self.band:g}"
        return f"{'>=' if self.at_least else '<='} {self.aim:.4g}"

    @property
    def verdict(self) -> str:
        """Whether the aim is met, in a word."""
        if self.aim is None:
            return ""
        if self.seen is None:
            return "nothing to judge"
        if self.band is not None:
            return "met" if abs(self.seen - self.aim) <= self.band else "MISSED"
        return "met" if (self.seen >= self.aim if self.at_least else self.seen <= self.aim) else "MISSED"


def arrival_figures(found: Arrivals) -> list[Figure]:
    """Errors beside the better of both rivals, the share inside the interval, and how often a person is told."""
    figures: list[Figure] = []
    for hours, errors in found.errors.items():
        if errors.tracker:
            template, empirical = fmean(errors.template), fmean(errors.empirical)
            note = (
                f"template {template:.1f}, empirical {empirical:.1f}, {len(errors.tracker)} of {errors.asked} arrivals"
            )
            seen, aim = fmean(errors.tracker), _BETTER * min(template, empirical)
        else:
            note, seen, aim = f"none of {errors.asked} arrivals", None, 0.0
        figures.append(Figure(f"mean error of arrival, {hours} h before, h", seen, aim, at_least=False, note=note))
        share = errors.inside / errors.intervals if errors.intervals else None
        figures.append(Figure(f"arrivals inside p10 to p90, {hours} h before", share, 0.8, band=0.05))
    changes = found.changes
    figures.append(Figure("told of another day of arrival, per journey", fmean(changes) if changes else None))
    return figures
