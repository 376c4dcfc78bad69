"""What carriers are told of the reports without a fault: how many, once a minute, instead of a record for each.

A record names ranges of offsets, one per partition that this worker has: so many reports in them were accepted without
a fault, and the others have records of their own. A range begins where the one told before ends. After a crash the last
range of a partition is told again, as long or longer, with the same beginning: of two that begin alike the later holds.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from time import time_ns
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

import msgspec

from tracker.contract.feedback import accepted_feedback, to_json
from tracker.contract.written import RangeRecord
from tracker.domain.moment import Millis
from tracker.streams.stage import Output
from tracker.streams.topics import feedback_topic

TELL_SECONDS: Final = 60.0
"""Between two records of a carrier."""


class Clean(msgspec.Struct, array_like=True):
    """Of one carrier and partition: reports without a fault up to the offset `last`, and of them those told of."""

    reports: int = 0
    last: int = -1
    told_reports: int = 0
    told_last: int = -1


class Told(NamedTuple):
    """How far a carrier was told of a partition."""

    reports: int
    last: int


class Marks:
    """How far carriers were told, by partition and carrier; rows carry it along, so that the next owner knows."""

    def __init__(self) -> None:
        """Nobody was told anything."""
        self._told: dict[int, dict[str, Told]] = {}
        self._telling: list[tuple[int, str, Told]] = []

    def begin(self, partition: int, clean: Mapping[str, Clean]) -> None:
        """A partition is ours now; so far was told as its rows know."""
        self._told[partition] = {carrier: Told(each.told_reports, each.told_last) for carrier, each in clean.items()}

    def end(self, partition: int) -> None:
        """A partition is not ours any more."""
        self._told.pop(partition, None)

    def carry(self, partition: int, carrier: str, clean: Clean) -> None:
        """Note in a row what was told since it was stored."""
        clean.told_reports, clean.told_last = self._told.get(partition, {}).get(
            carrier, Told(clean.told_reports, clean.told_last)
        )

    def untold(self, rows: Iterable[tuple[int, str, Clean]], at: Millis) -> list[Output]:
        """A record for each carrier with reports that it was not told of; `told` when they are written."""
        self._telling.clear()
        ranges: dict[str, list[RangeRecord]] = {}
        for partition, carrier, clean in rows:
            told = self._told.get(partition, {}).get(carrier, Told(clean.told_reports, clean.told_last))
            if clean.reports > told.reports:
                ranges.setdefault(carrier, []).append(
                    {
                        "partition": partition,
                        "first": told.last + 1,
                        "last": clean.last,
                        "reports": clean.reports - told.reports,
                    }
                )
                self._telling.append((partition, carrier, Told(clean.reports, clean.last)))
        return [
            Output(feedback_topic(carrier), None, to_json(accepted_feedback(each, at)))
            for carrier, each in sorted(ranges.items())
        ]

    def told(self) -> None:
        """What `untold` gave last is written."""
        for partition, carrier, told in self._telling:
            self._told.setdefault(partition, {})[carrier] = told
        self._telling.clear()


@runtime_checkable
class TellingStage(Protocol):
    """A stage that tells carriers of what was good."""

    def untold(self, at: Millis) -> list[Output]:
        """What carriers are to be told of at a clock."""

    def told(self) -> None:
        """What `untold` gave last is written."""


async def tell(
    stage: TellingStage, app: Any, outputs: Callable[[Iterable[Output]], Awaitable[None]], seconds: float = TELL_SECONDS
) -> None:
    """Tell carriers every `seconds` until the app stops; `outputs` writes records and waits until they are there.

    What it raises ends this: the caller stops the worker.
    """
    while not app.should_stop:
        await app.sleep(seconds)
        if not app.should_stop:
            await outputs(stage.untold(Millis(time_ns() // 1_000_000)))
            stage.told()
