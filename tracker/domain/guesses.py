"""Carriers' own estimates of arrivals, and how far off they were: what they are trusted by is what they proved.

An estimate is held against the arrival at its node: the last that was received so long before it, if it came since the
container was where it was then; one of before knows less than we do. So is what the network's plain hours would have
said then of that box, knowing where it was. What both were off by is noted as flows are, by whole hours and by the
minute in which the arrival was known, so that every worker and `tracker batch` learn the same. Ours is never worse than
the plain hours by much, and mostly better: a carrier must have beaten them well.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.network import Network
from tracker.domain.passage import Visited
from tracker.domain.report import Classifier, Kind, Report
from tracker.domain.template import usual_spread

LEADS: Final = {"24h": 24 * HOUR, "72h": 72 * HOUR, "7d": 7 * DAY}
"""How long before an arrival an estimate is held against it."""
OFF_MOST: Final = 30 * 24
"""Hours: what is off by more counts as off by so much."""
BETTER: Final = 0.6
"""An estimate is taken from carriers that were off by less than so much of what the plain hours were: ours is off by
0.75 to 0.9 of it."""
_MARKS: Final = ("guess", "plain")
"""Of what a carrier said, and of what the plain hours would have."""


class Estimate(NamedTuple):
    """A carrier's estimate of the arrival `at` a node, and when it was received."""

    received: Millis
    at: Millis
    node: str
    carrier: str


class Guessed(NamedTuple):
    """How far off the estimates of a carrier were, so long before arrivals: milliseconds, too late is positive.

    Of `samples` boxes that became known in so many minutes (`trains`). `median`: what they are off by as a rule; `low`
    and `high`: four of five lie between; `error`: the mean of what is left once the median is taken off; `plain`: that
    of the network's hours, of the same boxes.
    """

    samples: int
    trains: int
    median: int
    low: int
    high: int
    error: int
    plain: int

    @property
    def is_better(self) -> bool:
        """Whether it has proved better than ours."""
        return self.error < BETTER * self.plain


def estimate_of(report: Report) -> Estimate | None:
    """The estimated arrival that a report tells of, if it does."""
    if report.classifier is not Classifier.ESTIMATED or report.kind is not Kind.ARRIVED or report.retracted:
        return None
    return Estimate(report.received, report.occurred, report.node, report.carrier)


def guess_place(carrier: str, lead: str, mark: str = "guess") -> str:
    """In place of a node in notes: whose estimates, and how long before.

    >>> guess_place("ktz-express", "72h"), guess_of("guess:ktz-express:72h"), guess_of("KZ-AKTAU")
    ('guess:ktz-express:72h', ('guess', 'ktz-express', '72h'), None)
    """
    return f"{mark}:{carrier}:{lead}"


def guess_of(place: str) -> tuple[str, str, str] | None:
    """Mark, carrier and lead of such a place; None of a node."""
    mark, colon, rest = place.partition(":")
    if not colon or mark not in _MARKS:
        return None
    carrier, _, lead = rest.rpartition(":")
    return mark, carrier, lead


def guesses(
    visited: Sequence[Visited],
    estimates: Sequence[Estimate],
    corridor: str,
    network: Network,
) -> Counter[tuple[str, int]]:
    """What the estimates of a journey's nodes were off by, and the plain hours: place of a note, and hours."""
    found: Counter[tuple[str, int]] = Counter()
    for node, came, _ in visited[1:] if estimates else ():
        of = sorted(each for each in estimates if each.node == node)
        for lead, before in LEADS.items():
            clock = Millis(came - before)
            since = next((each[1] for each in reversed(visited) if each[1] <= clock), clock)
            last = {each.carrier: each.at for each in of if since <= each.received <= clock}
            plain = _plainly(visited, node, corridor, network, clock) if last else None
            if plain is None:
                continue
            for carrier, at in last.items():
                found[guess_place(carrier, lead), _off(at, came)] += 1
                found[guess_place(carrier, lead, "plain"), _off(plain, came)] += 1
    return found


def _off(at: Millis, came: Millis) -> int:
    return max(-OFF_MOST, min(OFF_MOST, round((at - came) / HOUR)))


def _plainly(visited: Sequence[Visited], goal: str, corridor: str, network: Network, clock: Millis) -> Millis | None:
    """When the network's hours would have had it at a node, knowing at a clock where it was; None: no way is known."""
    node, came, gone = next((each for each in reversed(visited) if each[1] <= clock), visited[0])
    way = usual_spread(network, corridor, node, goal)
    if way is None:
        return None
    if gone is not None and gone <= clock:
        return Millis(max(clock, gone + round(way.median * HOUR)))
    stay = network.corridors[corridor].stays.get(node, network.nodes[node].stay)
    stood = 0.0 if stay is None or node == visited[0][0] else stay.planned
    return Millis(max(clock, came + round(stood * HOUR)) + round(way.median * HOUR))


def last_estimate(estimates: Iterable[Estimate], node: str, since: Millis) -> Estimate | None:
    """The last that was received of a node since a moment."""
    return max((each for each in estimates if each.node == node and each.received >= since), default=None)
