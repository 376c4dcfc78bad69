"""The figures of all workers together, put together anew only so often: a crowd of readers must not slow the stream."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from tracker.aggregates.part import Part, Whole, decoded, whole_of
from tracker.domain.network import Network
from tracker.streams.seldom import hold
from tracker.web.peers import Peers

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 2.0
"""How long figures are shown again instead of being put together anew, at least; see `seldom`."""
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
        self._held: Shown | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def now(self) -> Shown:
        """The figures, seconds old at most."""
        async with self._lock:
            if self._held is None or self._clock() >= self._until:
                self._held, took = await self._read()
                self._until = self._clock() + hold(took, FRESH_SECONDS)
            return self._held

    async def _read(self) -> tuple[Shown, float]:
        """The figures, and for how many seconds putting them together held the loop."""
        answers = await self._peers.ask_all(PART_PATH)
        parts, missing, began = [], 0, self._clock()
        for answer in answers:
            try:
                if answer is None:
                    missing += 1
                else:
                    parts.append(decoded(answer.body))
            except msgspec.DecodeError as error:
                log.warning("the figures of another worker can't be read, is it of another version? %s", error)
                missing += 1
        mine = self._part()
        took = self._clock() - began
        await asyncio.sleep(0)  # both take tens of milliseconds: what else waits has its turn between
        began = self._clock()
        shown = Shown(whole_of([*parts, mine], self._network), missing)
        return shown, took + self._clock() - began
