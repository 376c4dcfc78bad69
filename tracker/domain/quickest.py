"""The quickest way between two nodes of a graph of hours."""

import heapq
from collections.abc import Iterable, Mapping


def quickest(
    runs: Iterable[tuple[str, str, float, float]], stays: Mapping[str, float], a: str, b: str
) -> tuple[str, ...] | None:
    """The nodes after `a` up to `b` on the way of fewest hours; None when no way leads there.

    `runs`: two neighbours with the hours there and back; `stays`: the hours at nodes that are passed through.
    """
    near: dict[str, list[tuple[str, float]]] = {}
    for one, other, there, back in runs:
        near.setdefault(one, []).append((other, there))
        near.setdefault(other, []).append((one, back))
    queue: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    done: set[str] = set()
    while queue:
        hours, way = heapq.heappop(queue)
        at = way[-1] if way else a
        if at == b:
            return way
        if at in done:
            continue
        done.add(at)
        for node, run in near.get(at, ()):
            if node not in done:
                cost = hours + run + (stays.get(node, 0.0) if node != b else 0.0)
                heapq.heappush(queue, (cost, (*way, node)))
    return None
