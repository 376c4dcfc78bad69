"""The figures of all workers together, put together anew only so often: a crowd of readers must not slow the stream."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from tracker.aggregates.part import Part, Whole, decoded, whole_of
from tracker.domain.network import Network
from tracker.web.peers import Peers

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 2.0
"""How long figures are shown again instead of being put together anew."""
PART_PATH: Final = "/internal/part"
"""Where a worker gives its part, as msgpack."""


class Shown(NamedTuple):
    """Figures, and how many of the other workers did not answer: without them the figures are partial."""

    whole: Whole
    missing: int


class Figures:
    """Gives the figures; at most one reading is under way."""

    def __init__(
        self, part: Callable[[], Part], peers: Peers, network: Network, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Reads nothing yet."""
        self._part, self._peers, self._network, self._clock = part, peers, network, clock
        self._held: tuple[float, Shown] | None = None
        self._lock = asyncio.Lock()

    async def now(self) -> Shown:
        """The figures, at most `FRESH_SECONDS` old."""
        async with self._lock:
            if self._held is None or self._clock() - self._held[0] >= FRESH_SECONDS:
                shown = await self._read()
                self._held = (self._clock(), shown)
            return self._held[1]

    async def _read(self) -> Shown:
        answers = await self._peers.ask_all(PART_PATH)
        parts, missing = [], 0
        for answer in answers:
            try:
                if answer is None:
                    missing += 1
                else:
                    parts.append(decoded(answer.body))
            except msgspec.DecodeError as error:
                log.warning("the figures of another worker can't be read, is it of another version? %s", error)
                missing += 1
        return Shown(whole_of([*parts, self._part()], self._network), missing)
