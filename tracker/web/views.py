"""What the web shows, as functions given by the composition root: the web knows no stage and no Kafka."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from tracker.aggregates.entries import Statistics
from tracker.domain.network import Direction

Open = Mapping[tuple[str, Direction | None], int]
"""Open journeys by corridor and direction."""

FRESH_SECONDS: Final = 1.0
"""How long figures are shown again instead of being read anew: a crowd of readers must not slow the stream."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Views:
    """Everything the web asks for; all of it about this worker's partitions.

    `container` gives the record of a normalised container number, None when no report about it is known here.
    `exceptions` gives the record of every open one, without evidence. `unready` gives the reasons why this worker
    should not be asked yet, none when it is ready. `metrics` gives body and content type for an `Accept` header.
    """

    statistics: Callable[[], Statistics]
    exceptions: Callable[[], Sequence[Mapping[str, object]]]
    open_journeys: Callable[[], Open]
    container: Callable[[str], Mapping[str, object] | None]
    unready: Callable[[], Sequence[str]]
    metrics: Callable[[str], tuple[bytes, str]]


class Fresh(Generic[T]):
    """A value that is read at most once in `FRESH_SECONDS`."""

    def __init__(self, read: Callable[[], T], clock: Callable[[], float] = time.monotonic) -> None:
        """Reads nothing yet."""
        self._read = read
        self._clock = clock
        self._held: tuple[float, T] | None = None

    def __call__(self) -> T:
        """The value, at most a second old."""
        now = self._clock()
        if self._held is None or now - self._held[0] >= FRESH_SECONDS:
            self._held = (now, self._read())
        return self._held[1]
