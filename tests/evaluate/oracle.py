"""`python -m tests.evaluate.oracle JUDGED OTHER...`: how far off an oracle is, to know what an aim asks.

It knows where each container truly is and by which way it goes on, and from the truth of other seeds how long every
stay and leg takes; of what lasts already it knows how long. What it does not know is what chance will draw, and what
others have just met on the way: the little that a tracker may know beyond it. The folders are those that
`make evaluate ARGS='--folder ...'` leaves.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Final

import click

from tests.evaluate.arrivals import HORIZONS, Rivals
from tests.evaluate.lines import HOUR, Lines
from tests.evaluate.truth import Truth, Way, read_truth
from tracker.contract.network_file import load_network

DRAWS: Final = 200
"""Futures drawn for each question: their median is within a tenth of a deviation of the true one."""


class Oracle:
    """Knows how long stays and legs take, in hours, ascending."""

    def __init__(self, truths: Sequence[Truth]) -> None:
        self._stays: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
        self._runs: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        self._chance = Random(1)
        for way in (way for truth in truths for way in truth.ways):
            for stay in way.stays[1:]:
                if stay.arrived is not None and stay.departed is not None:
                    self._stays[way.corridor, way.direction, stay.node].append((stay.departed - stay.arrived) / HOUR)
            for near, far in pairwise(way.stays):
                if near.departed is not None and far.arrived is not None:
                    self._runs[near.node, far.node].append((far.arrived - near.departed) / HOUR)
        for times in (*self._stays.values(), *self._runs.values()):
            times.sort()

    def rest(self, way: Way, now: int) -> float | None:
        """The median of the hours until it arrives; None where nothing like it was ever seen."""
        at = way.place_at(now)
        here, onward = way.stays[at], [stay.node for stay in way.stays[at:]]
        parts = [times for a, b in pairwise(onward) if (times := self._runs[a, b])]
        parts += [times for node in onward[1:-1] if (times := self._stays[way.corridor, way.direction, node])]
        if here.departed is not None and here.departed <= now:
            since, lasting = here.departed, self._runs[here.node, onward[1]]
            parts = parts[1:]
        else:
            since, lasting = here.arrived or way.began, self._stays[way.corridor, way.direction, here.node]
        stood = (now - since) / HOUR
        left = lasting[bisect_right(lasting, stood) :]
        if not left:
            return None
        draw = self._chance.choice
        return median(draw(left) - stood + sum(draw(part) for part in parts) for _ in range(DRAWS))


@click.command(help=__doc__)
@click.argument("judged", type=click.Path(exists=True, path_type=Path))
@click.argument("others", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True)
def main(judged: Path, others: tuple[Path, ...]) -> None:
    truth = read_truth(judged / "truth.json")
    oracle, rivals = (
        Oracle([read_truth(other / "truth.json") for other in others]),
        Rivals(Lines(load_network()), truth),
    )
    for hours in HORIZONS:
        off, plain = list[float](), list[float]()
        for way in truth.ways:
            left, arrived = way.stays[0].departed, way.arrived
            if left is None or arrived is None or not left <= (asked := arrived - hours * HOUR) <= truth.until:
                continue
            if (rest := oracle.rest(way, asked)) is not None:
                off.append(abs(rest - hours))
                plain.append(abs(rivals.template(way, asked) - arrived) / HOUR)
        click.echo(f"{hours} h before: oracle {fmean(off):.1f} h, template {fmean(plain):.1f} h, {len(off)} arrivals")


if __name__ == "__main__":
    main()
