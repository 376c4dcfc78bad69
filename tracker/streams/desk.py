"""What carriers are told of their feeds as a whole, on their feedback topics.

A wrong clock once; missing numbers when others are missing than it was told of; the scorecard of every day, when it is
over. What was told last stands on `rail.situation`, written right after it: a crash between the two tells it twice.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from tracker.contract.feedback import CLOCK_FAULT, clock_feedback, to_json
from tracker.contract.scorecard import MISSING_FAULT, daily_feedback, missing_feedback, missing_json
from tracker.contract.written import FeedbackRecord
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.streams.board import Board, told_output
from tracker.streams.stage import Output
from tracker.streams.topics import feedback_topic


class Told(NamedTuple):
    """One thing a carrier is told: the fault it is counted as, the record, and what is remembered of it."""

    carrier: str
    fault: str | None
    record: Output
    known: Output


class Desk:
    """Finds what is to be told by the board that all workers share."""

    def __init__(self, board: Board, faults: Callable[[str, Sequence[str]], None]) -> None:
        """`faults` counts a carrier's faults. What the board knows to be told is not told again."""
        self._board, self._faults = board, faults
        self._looked: dict[str, int] = {}

    def said(self, clock: Millis, carriers: Collection[str]) -> Iterator[Told]:
        """What these carriers are to be told at a clock and were not told yet."""
        yield from self._clocks(clock, carriers)
        hour = clock // HOUR
        for carrier in sorted(self._board.carriers() & set(carriers)):
            if self._looked.get(carrier) != hour:  # what is missing changes at whole hours
                self._looked[carrier] = hour
                yield from self._hourly(carrier, clock)

    def told(self, told: Iterable[Told]) -> None:
        """These are written."""
        for each in told:
            self._board.take(each.known.key or b"", each.known.value)
            if each.fault is not None:
                self._faults(each.carrier, [each.fault])

    def _clocks(self, clock: Millis, carriers: Collection[str]) -> Iterator[Told]:
        last: dict[str, int] = {}
        for incident in self._board.situation(clock).incidents:
            carrier = incident.carrier
            if incident.rule != "carrier_clock" or carrier is None or carrier not in carriers:
                continue
            before = self._board.told.get(f"clock:{carrier}", b"")
            if incident.opened > last.setdefault(carrier, int(before) if before.isdigit() else 0):
                last[carrier] = incident.opened
                yield _told("clock", carrier, str(incident.opened), clock_feedback(incident), CLOCK_FAULT)

    def _hourly(self, carrier: str, clock: Millis) -> Iterator[Told]:
        feed = self._board.feed(carrier, clock)
        missing = to_json(missing_json(feed)).decode()
        known = self._board.told.get(f"missing:{carrier}", to_json({"reports": 0, "ranges": []}))
        if known != missing.encode():
            fault = MISSING_FAULT if feed.numbers.count(clock) else None
            yield _told("missing", carrier, missing, missing_feedback(feed), fault)
        today = str(clock // DAY)
        if feed.reports and self._board.told.get(f"card:{carrier}") != today.encode():
            record = daily_feedback(self._board.feed(carrier, clock, Millis(clock // DAY * DAY - 1)))
            yield _told("card", carrier, today, record, None)


def _told(what: str, carrier: str, known: str, record: FeedbackRecord, fault: str | None) -> Told:
    output = Output(feedback_topic(carrier), None, to_json(record))
    return Told(carrier, fault, output, told_output(f"{what}:{carrier}", known.encode()))
