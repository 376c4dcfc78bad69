"""What carriers are told of their feeds as a whole, once each, on their feedback topics.

What was told last stands on `rail.situation`, written right after it: a crash between the two tells it twice.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from tracker.contract.feedback import CLOCK_FAULT, clock_feedback, to_json
from tracker.domain.moment import Millis
from tracker.streams.board import Board, told_output
from tracker.streams.stage import Output
from tracker.streams.topics import feedback_topic


class Told(NamedTuple):
    """One thing a carrier is told: the fault it is counted as, the record, and what is remembered of it."""

    carrier: str
    fault: str
    record: Output
    known: Output


class Desk:
    """Finds what is to be told by the board that all workers share."""

    def __init__(self, board: Board, faults: Callable[[str, Sequence[str]], None]) -> None:
        """`faults` counts a carrier's faults. What the board knows to be told is not told again."""
        self._board, self._faults = board, faults

    def said(self, clock: Millis, carriers: Container[str]) -> Iterator[Told]:
        """What these carriers are to be told at a clock and were not told yet."""
        last: dict[str, int] = {}
        for incident in self._board.situation(clock).incidents:
            carrier = incident.carrier
            if incident.rule != "carrier_clock" or carrier is None or carrier not in carriers:
                continue
            before = self._board.told.get(f"clock:{carrier}", b"")
            if incident.opened > last.setdefault(carrier, int(before) if before.isdigit() else 0):
                last[carrier] = incident.opened
                record = Output(feedback_topic(carrier), None, to_json(clock_feedback(incident)))
                yield Told(carrier, CLOCK_FAULT, record, told_output(f"clock:{carrier}", str(incident.opened).encode()))

    def told(self, told: Iterable[Told]) -> None:
        """These are written."""
        for each in told:
            self._board.take(each.known.key or b"", each.known.value)
            self._faults(each.carrier, [each.fault])
