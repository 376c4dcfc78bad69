"""Learned norms as workers publish them: `rail.baselines`, one record a version, for operators and other programs.

Workers themselves learn from `rail.situation`, all the same. The owner of the first partition of movements publishes
a version when its clock has come to it. Before that it has read what is on the topic, so that a version is written
once, whoever writes, and is not written again when workers that start anew learn it from what is left of flows.
"""

from collections.abc import Iterable
from typing import Final

from tracker.contract.baselines import baseline_json
from tracker.contract.feedback import to_json
from tracker.domain.moment import DAY, Millis
from tracker.domain.norms import Norms
from tracker.streams.stage import Output
from tracker.streams.topics import BASELINES

KEPT_DAYS: Final = 60
"""For so long a version can be looked up: as long as a journey may be judged anew from its beginning."""


class Baselines:
    """What was published by all workers; a part of the board."""

    def __init__(self) -> None:
        """Nothing was."""
        self._published: set[int] = set()

    def take(self, key: bytes, value: bytes | None) -> None:
        """One record of the topic. What is not a version's is none of ours."""
        if key.isdigit():
            (self._published.discard if value is None else self._published.add)(int(key))

    def news(self, learned: Iterable[Norms], upto: Millis) -> list[Output]:
        """The versions to be published at a clock, in their order; of those before the last one published none."""
        since = max(self._published, default=upto // DAY - KEPT_DAYS)
        return [
            Output(BASELINES, _key(norms.version), to_json(baseline_json(norms)))
            for norms in learned
            if norms.version > since
        ]

    def forgotten(self, upto: Millis) -> list[Output]:
        """What need not be looked up any more."""
        old = [version for version in self._published if version <= upto // DAY - KEPT_DAYS]
        return [Output(BASELINES, _key(version), None) for version in sorted(old)]


def _key(version: int) -> bytes:
    return str(version).encode()
