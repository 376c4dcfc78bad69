"""What must hold of the corridors in a network file, their nodes and legs being sound."""

from collections.abc import Iterable, Iterator

from tracker.contract.network_model import CorridorPart, NetworkPart
from tracker.contract.yaml_document import Document, Finding
from tracker.domain.network import OTHER, UNDECIDED, Network

_DIRECTIONS = {("westbound", "eastbound"), ("southbound", "northbound")}
"""Legs are named westbound or southbound, so that is the forward direction of every corridor."""


def broken_corridors(part: NetworkPart, document: Document) -> list[Finding]:
    """All findings about corridors; empty when they can be used."""
    found = [finding for i in range(len(part.corridors)) for finding in _Check(part, i, document).findings()]
    if found:
        return found
    network = part.network()
    return [finding for i in range(len(part.corridors)) for finding in _Order(part, i, document, network).findings()]


class _Corridor:
    """One corridor under check, and the words to say where."""

    def __init__(self, part: NetworkPart, index: int, document: Document) -> None:
        self.part = part
        self.index = index
        self.corridor: CorridorPart = part.corridors[index]
        self._document = document

    def found(self, message: str, *path: str | int, text: str = "") -> Finding:
        """A finding at `path` in this corridor, at the line of `text` below it where it is given."""
        where = ("corridors", self.index, *path)
        line = self._document.line_of(where, text) if text else self._document.line(where)
        return Finding(line, f"corridor {self.corridor.id}: {message}")


class _Check(_Corridor):
    """What can be said of a corridor before its order is known."""

    def findings(self) -> Iterator[Finding]:
        yield from self._names()
        yield from self._legs()
        yield from self._ends()
        yield from self._sections()

    def _names(self) -> Iterator[Finding]:
        corridor = self.corridor
        earlier = self.part.corridors[: self.index]
        if any(other.id == corridor.id for other in earlier):
            yield self.found("is listed already, once wanted", "id")
        if corridor.id in {UNDECIDED, OTHER}:
            yield self.found("the id has a meaning of its own, another wanted", "id")
        if tuple(corridor.directions) not in _DIRECTIONS:
            seen = " and ".join(corridor.directions)
            wanted = "westbound, eastbound or southbound, northbound wanted, in the order of the legs first"
            yield self.found(f"{seen}: {wanted}", "directions")
        parents = {other.id: other.parent for other in self.part.corridors}
        if corridor.parent is not None and corridor.parent not in parents:
            yield self.found(f"parent {corridor.parent!r} not among the corridors", "parent")
        elif corridor.parent is not None and parents[corridor.parent] is not None:
            yield self.found(f"parent {corridor.parent!r} has a parent itself, one level wanted", "parent")

    def _legs(self) -> Iterator[Finding]:
        known = {leg.id for leg in self.part.legs}
        legs = self.corridor.leg_ids
        for leg in dict.fromkeys(legs):
            if leg not in known:
                yield self.found(f"leg {leg} not among the legs", "legs", text=leg)
            elif legs.count(leg) > 1:
                yield self.found(f"leg {leg} is listed {legs.count(leg)} times, once wanted", "legs", text=leg)
        for field, named in (("counting", self.corridor.counting), ("reversed_legs", self.corridor.reversed_legs)):
            for leg in named:
                if leg not in legs:
                    yield self.found(f"{field} leg {leg} not among the corridor's legs", field, text=leg)
        for node in self.corridor.stays:
            if node not in self._nodes():
                yield self.found(f"stay at {node}, which is not on the corridor", "stays", node)

    def _ends(self) -> Iterator[Finding]:
        kinds = {node.id: node.kinds for node in self.part.nodes}
        for field, ends in (("starts", self.corridor.starts), ("finishes", self.corridor.finishes)):
            for node in ends:
                if node not in self._nodes():
                    yield self.found(f"end {node} is not on the corridor", field, text=node)
                elif "border" in kinds[node]:
                    yield self.found(f"end {node} is a border station, where no journey ends", field, text=node)
        for node in _common(self.corridor.starts, self.corridor.finishes):
            yield self.found(f"{node} is both start and finish, one wanted", "finishes", text=node)

    def _sections(self) -> Iterator[Finding]:
        corridor = self.corridor
        first = corridor.sections[0]
        whole = set(first.start) == set(corridor.starts) and set(first.end) == set(corridor.finishes)
        if first.id != "whole" or not whole:
            yield self.found("the first section is `whole`, from the starts to the finishes", "sections", 0)
        seen: set[str] = set()
        for k, section in enumerate(corridor.sections):
            if section.id in seen:
                yield self.found(f"section {section.id} is listed already, once wanted", "sections", k)
            seen.add(section.id)
            for node in (*section.start, *section.end):
                if node not in self._nodes():
                    yield self.found(f"section {section.id}: {node} is not on the corridor", "sections", k, text=node)
            for node in _common(section.start, section.end):
                wanted = f"section {section.id}: {node} is in both sets, one wanted"
                yield self.found(wanted, "sections", k, text=node)

    def _nodes(self) -> set[str]:
        ends = {leg.id: leg.ends for leg in self.part.legs}
        return {node for leg in self.corridor.leg_ids for node in ends.get(leg, ())}


class _Order(_Corridor):
    """What must hold of the order its legs give a corridor."""

    def __init__(self, part: NetworkPart, index: int, document: Document, network: Network) -> None:
        super().__init__(part, index, document)
        self._before = network.before
        self._forward = next(c.bit for c in network.courses if c.corridor == self.corridor.id and c.forward)

    def findings(self) -> Iterator[Finding]:
        circle = sorted(a for (a, b), mask in self._before.items() if a == b and mask & self._forward)
        if circle:
            yield self.found(f"its legs lead in a circle through {', '.join(circle)}; reverse or leave out one", "legs")
            return
        for k, section in enumerate(self.corridor.sections):
            for start in section.start:
                if not any(self._leads(start, end) for end in section.end):
                    wanted = f"section {section.id}: no way leads from {start} to its end"
                    yield self.found(wanted, "sections", k, text=start)
            for end in section.end:
                if not any(self._leads(start, end) for start in section.start):
                    wanted = f"section {section.id}: no way leads to {end} from its start"
                    yield self.found(wanted, "sections", k, text=end)
            for end in section.end:
                if late := [start for start in section.start if self._leads(end, start)]:
                    wanted = f"section {section.id}: {end} comes before {late[0]}, the start first wanted"
                    yield self.found(wanted, "sections", k, text=end)

    def _leads(self, a: str, b: str) -> bool:
        return bool(self._before.get((a, b), 0) & self._forward)


def _common(some: Iterable[str], others: Iterable[str]) -> list[str]:
    return sorted(set(some) & set(others))
