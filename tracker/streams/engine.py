"""Portions of several partitions through one stage: fold, outputs, rows.

The order makes results exact at a delivery of at least once:

1. fold the records into rows, in memory;
2. write the outputs and wait for their acknowledgement;
3. write the rows, each with its position: acknowledged by the changelog, then to the store;
4. the caller lets the offset be committed.

A crash after 1 leaves nothing. After 2, the outputs are written again with the same positions in them, by which
their readers tell them. After 3, the records are read again and skipped, because the rows' positions are not
below theirs. A row that fails to be written leaves all three undone for its partition, and the worker stops.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Final, Protocol, Self

from tracker.streams.batches import Owner
from tracker.streams.fold import CarefulFold, Fold, Spoiled, Sweep
from tracker.streams.merge import Portion, in_time
from tracker.streams.observer import Observer
from tracker.streams.stage import Output, Settling, Stage, SweepingStage, Work

log = logging.getLogger(__name__)

SWEPT: Final = 100
"""Rows judged and then written together: some 50 ms, or half a second where they have to be judged anew."""

SLICE: Final = 50
"""Most records folded between two looks at the clock; fewer where they take long, as trains' reports do."""
SLICE_SECONDS: Final = 0.005
"""How long is worked before the event loop has a turn, so that acknowledgements, commits, rebalances and pages go on.

An acknowledgement takes some ten turns of the loop, and the worker gives up what takes `ack_seconds`. A page takes
five, and in each one stage, or the sweep, works for so long. A turn costs 20 us."""


class Rows(Protocol):
    """A stage's rows, and the way to write them."""

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The stored row of a key; None where there is none."""

    async def outputs(self, outputs: Iterable[Output]) -> None:
        """Write and wait for the acknowledgement."""

    async def rows(self, batch: Owner, rows: Mapping[bytes, bytes]) -> None:
        """Write rows of the batch's partition: changelog acknowledged, then the store."""


class Engine:
    """Runs one stage."""

    def __init__(self, stage: Stage, rows: Rows, observer: Observer, working: asyncio.Lock | None = None) -> None:
        """Nothing is done before `process`. `working`: shared by the engines of a worker; one works at a time."""
        self._stage, self._rows, self._observer = stage, rows, observer
        self._working = working or asyncio.Lock()

    async def process(self, portions: Sequence[Portion]) -> None:
        """All effects of these portions, of a partition each, are in place when this returns.

        Raises what `Rows` raises: then of some portions all effects may be in place and of others none or some.
        """
        begun = monotonic()
        try:
            folds, outputs, rows = await self._fold(Fold, portions)
        except Spoiled:
            folds, outputs, rows = await self._fold(CarefulFold, portions)
        for fold in folds:
            if fold.poison:
                await self._rows.outputs(fold.rejected())
                self._tell(fold)
        if outputs:
            await self._rows.outputs(outputs)
        await _all(self._rows.rows(portion.batch, changed) for portion, changed in zip(portions, rows, strict=True))
        seconds = (monotonic() - begun) / max(1, sum(len(portion.records) for portion in portions))
        async with _Turn(self._working) as turn:
            for fold, (batch, records, _) in zip(folds, portions, strict=True):
                if isinstance(self._stage, Settling):
                    self._stage.settled(batch.tp.partition, fold.settled())
                    await turn.over()
                self._observer.batch(self._stage.name, *batch.tp, len(records), seconds * len(records))

    async def sweep(self, owner: Owner, keys: Sequence[bytes], work: Work) -> None:
        """Work on rows of a partition, as by `stage.sweep`; outputs, then rows, as for a batch, positions unchanged.

        Raises what `Rows` raises.
        """
        stage, partition = self._stage, owner.tp.partition
        assert isinstance(stage, SweepingStage)
        for begin in range(0, len(keys), SWEPT):
            sweep = Sweep(stage, partition, self._reader(partition))
            async with _Turn(self._working) as turn:
                for key in keys[begin : begin + SWEPT]:
                    sweep.judge(key, work)
                    await turn.over()
            for key, error in sweep.poison[:1]:
                log.error("%s could not judge %d rows, first %r", stage.name, len(sweep.poison), key, exc_info=error)
            if sweep.poison:
                self._observer.invariant("unjudged")
            if sweep.outputs:
                await self._rows.outputs(sweep.outputs)
            await self._rows.rows(owner, sweep.rows)
            stage.settled(partition, sweep.settled)
            await asyncio.sleep(0)

    def _tell(self, fold: Fold) -> None:
        """Count the poison records, and log the first with its traceback: a fault of ours may break thousands."""
        name = self._stage.name
        for record, _ in fold.poison:
            self._observer.poison(name, record.topic, record.partition, record.offset)
        first, error = fold.poison[0]
        where = f"{first.topic}-{first.partition}-{first.offset}"
        log.error("%s rejected %d records, first %s", name, len(fold.poison), where, exc_info=error)

    async def _fold(
        self, kind: type[Fold], portions: Sequence[Portion]
    ) -> tuple[list[Fold], list[Output], list[dict[bytes, bytes]]]:
        """Fold all, in one order of time; their outputs in that order, and the rows of each. Raises `Spoiled`."""
        outputs: list[Output] = []
        places = [each.batch.tp.partition for each in portions]
        folds = [kind(self._stage, partition, self._reader(partition), outputs) for partition in places]
        rows, size = [], 1
        async with _Turn(self._working) as turn:
            for place, run in in_time(portions):
                begin = 0
                while begin < len(run):
                    folds[place].feed(run[begin : begin + size])
                    begin += size
                    size = max(1, size // 2) if await turn.over() else min(SLICE, size + 1)
            for fold in folds:
                rows.append(fold.rows())
                await turn.over()
        return folds, outputs, rows

    def _reader(self, partition: int) -> Callable[[bytes], bytes | None]:
        return lambda key: self._rows.read(partition, key)


class _Turn:
    """Our turn to work: of all engines of a worker one has it, for a slice of time, then the loop and the next."""

    def __init__(self, working: asyncio.Lock) -> None:
        self._working = working
        self._is_ours = False
        self._began = 0.0

    async def __aenter__(self) -> Self:
        await self._working.acquire()  # the lock is fair: who waits gets it before who had it just now
        self._is_ours, self._began = True, monotonic()
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._is_ours:  # not when we were cancelled between two turns
            self._working.release()

    async def over(self) -> bool:
        """Whether it was over: then the others had theirs, and a new one of ours has begun."""
        if monotonic() - self._began < SLICE_SECONDS:
            return False
        await asyncio.sleep(0)  # before it is given on, or the next would work in this very turn of the loop
        self._is_ours = False
        self._working.release()
        await self.__aenter__()
        return True


async def _all(writes: Iterable[Awaitable[None]]) -> None:
    """Wait for all, also when one fails: what is still under way must not outlive the round."""
    for result in await asyncio.gather(*writes, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
