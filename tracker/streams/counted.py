"""What of the journeys stage is counted, once it is certain: reports, facts, versions of exceptions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from tracker.domain.exceptions import RailException
from tracker.domain.facts import Fact
from tracker.domain.moment import SECOND
from tracker.domain.proof import Proof
from tracker.domain.ruling import Ruling


class JourneysObserver(Protocol):
    """What the journeys stage tells once its rows are stored."""

    def report(self, carrier: str, outcome: str, count: int = 1) -> None:
        """So many reports were accepted, or turned out to be a duplicate or superseded."""

    def faults(self, carrier: str, codes: Sequence[str]) -> None:
        """A report of a carrier turned out to have these faults."""

    def crowded(self, reports: int) -> None:
        """So many reports are not kept, because their container has too many of their sort."""

    def fact(self, fact: Fact, op: str) -> None:
        """A fact was added or withdrawn."""

    def exception(self, rule: str, transition: str) -> None:
        """An exception was `opened`, `changed` or `resolved`."""

    def foretold(self, horizon: str, seconds: float, place: str) -> None:
        """An arrival was expected off by so much, so long before it, and lay in the interval, before or after it."""


def tell(
    observer: JourneysObserver, judged: Iterable[RailException], happened: Sequence[tuple[str, Ruling, bool]]
) -> None:  # fmt: skip
    """Tell what was judged of rows, and what their reports did, by carrier; those of a journey one after the other.

    Of a report that follows from one about a train or vessel the outcome is not told: that was counted.
    """
    for version in judged:
        observer.exception(version.rule, _transition(version))
    counted = Counter((carrier, ruling.outcome) for carrier, ruling, follows in happened if not follows)
    for (carrier, outcome), count in counted.items():
        if outcome is not None:
            observer.report(carrier, outcome, count)
    for _, ruling, _ in happened:
        if ruling.crowded:
            observer.crowded(ruling.crowded)
        for report in ruling.set_aside:
            observer.faults(report.carrier, ("W304",))
        for fact in ruling.withdrawn:
            observer.fact(fact, "withdrawn")
        for fact in ruling.added:
            observer.fact(fact, "added")


def tell_proofs(observer: JourneysObserver, proofs: Iterable[Proof]) -> None:
    """Tell how well arrivals were foretold."""
    for proof in proofs:
        observer.foretold(proof.horizon, proof.error / SECOND, proof.place)


def _transition(version: RailException) -> str:
    return "resolved" if not version.is_open else "opened" if version.version == 1 else "changed"
