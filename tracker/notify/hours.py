"""When an endpoint may be told: quiet hours, messages per hour, digests. Pure; time is an argument."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from tracker.contract.endpoints import Quiet
from tracker.domain.moment import HOUR, Millis, from_datetime, to_datetime


def quiet_until(quiet: Quiet | None, clock: Millis) -> Millis | None:
    """When the quiet hours that hold at a clock end; None when none do."""
    if quiet is None:
        return None
    local = to_datetime(clock).astimezone(quiet.zone)
    now, begins, ends = local.time(), quiet.begins, quiet.ends
    if not (begins <= now < ends if begins < ends else now >= begins or now < ends):
        return None
    day = local.date() + timedelta(days=1 if now >= ends else 0)
    return from_datetime(datetime.combine(day, ends, quiet.zone))


class Allowance:
    """Messages of the last hour, against a limit."""

    def __init__(self, per_hour: int | None) -> None:
        """None: no limit."""
        self._limit = per_hour
        self._begun: deque[Millis] = deque()

    def begin_with(self, told: Iterable[Millis]) -> None:
        """Messages that were sent before: what the journal knows."""
        self._begun = deque(sorted([*self._begun, *told])[-(self._limit or 0) :] if self._limit else ())

    def spent_until(self, clock: Millis) -> Millis | None:
        """When the next message may go; None: now."""
        while self._begun and self._begun[0] <= clock - HOUR:
            self._begun.popleft()
        if self._limit is None or len(self._begun) < self._limit:
            return None
        return Millis(self._begun[-self._limit] + HOUR)

    def spend(self, clock: Millis) -> None:
        """A message goes."""
        if self._limit is not None:
            self._begun.append(clock)
