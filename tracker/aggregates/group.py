"""Which figure a fact counts in: its group, a closed set made of what the fact says about itself.

A fact has exactly one group, so that one row changes per fact, and all facts of a group have the same subject
(`contract.records.subject_of`), so that a group's rows lie in one partition. Groups are wire format (they are
the first half of a row's key): a tagged array each; add kinds, never change one.
"""

from typing import assert_never

import msgspec

from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.network import Direction, Network


class Transits(msgspec.Struct, frozen=True, array_like=True, tag="transit"):
    """Transits of a corridor's section."""

    corridor: str
    section: str | None
    direction: Direction | None


class Dwells(msgspec.Struct, frozen=True, array_like=True, tag="dwell"):
    """Stays at a node; at a border each side is a stay of its own."""

    node: str | None
    side: Side | None
    direction: Direction | None


class Runs(msgspec.Struct, frozen=True, array_like=True, tag="run"):
    """Runs over a single leg."""

    leg: str
    direction: Direction | None


class LongRuns(msgspec.Struct, frozen=True, array_like=True, tag="long_run"):
    """Runs past way points that nobody reported, by the journey's corridor: counted, but in no leg's figures."""

    corridor: str
    direction: Direction | None


class Crossings(msgspec.Struct, frozen=True, array_like=True, tag="crossing"):
    """Passages of a crossing or counting leg by journeys of one corridor; the only source of volume.

    Laden apart from empty because volume is published so, unknown (None) apart from both.
    """

    corridor: str
    leg: str | None
    direction: Direction | None
    laden: bool | None


Group = Transits | Dwells | Runs | LongRuns | Crossings
"""Some 500 exist on the shipped network: 56 transits, 150 dwells, 140 runs, 150 crossings."""


def group_of(fact: Fact, network: Network) -> Group:
    """The group a fact counts in; O(1)."""
    match fact.kind:
        case FactKind.TRANSIT:
            return Transits(fact.corridor, fact.section, fact.direction)
        case FactKind.DWELL:
            return Dwells(fact.node, fact.side, fact.direction)
        case FactKind.RUN:
            leg = _leg(fact, network)
            return LongRuns(fact.corridor, fact.direction) if leg is None else Runs(leg, fact.direction)
        case FactKind.CROSSING:
            return Crossings(fact.corridor, _leg(fact, network), fact.direction, fact.laden)
        case _:
            assert_never(fact.kind)


def _leg(fact: Fact, network: Network) -> str | None:
    leg = network.between.get((fact.origin or "", fact.goal or ""))
    return None if leg is None else leg.id
