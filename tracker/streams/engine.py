"""One portion of a batch through one stage: fold, outputs, rows.

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
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Final, Protocol

from tracker.streams.batches import Batch
from tracker.streams.fold import CarefulFold, Fold, Spoiled
from tracker.streams.observer import Observer
from tracker.streams.stage import Output, Record, Settling, Stage

log = logging.getLogger(__name__)

SLICE: Final = 500
"""Records folded between two turns of the event loop: 5 to 25 ms, so that commits, rebalances and pages go on."""


class Rows(Protocol):
    """A stage's rows, and the way to write them."""

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The stored row of a key; None where there is none."""

    async def outputs(self, outputs: Iterable[Output]) -> None:
        """Write and wait for the acknowledgement."""

    async def rows(self, batch: Batch, rows: Mapping[bytes, bytes]) -> None:
        """Write rows of the batch's partition: changelog acknowledged, then the store."""


class Engine:
    """Runs one stage."""

    def __init__(self, stage: Stage, rows: Rows, observer: Observer) -> None:
        """Nothing is done before `process`."""
        self._stage, self._rows, self._observer = stage, rows, observer
        self._folding = asyncio.Lock()

    async def process(self, batch: Batch, records: Sequence[Record]) -> None:
        """All of these records' effects are in place when this returns. Raises what `Rows` raises."""
        begun = monotonic()
        topic, partition = batch.tp.topic, batch.tp.partition
        # One fold at a time: they share the one core there is, and each holds its batch's records decoded.
        async with self._folding:
            try:
                folded = await self._fold(Fold, partition, records)
            except Spoiled:
                folded = None
            fold, rows = folded or await self._fold(CarefulFold, partition, records)
        if fold.poison:
            await self._rows.outputs(fold.rejected())
            self._tell(fold)
        if fold.outputs:
            await self._rows.outputs(fold.outputs)
        await self._rows.rows(batch, rows)
        if isinstance(self._stage, Settling):
            self._stage.settled(partition, fold.settled())
        self._observer.batch(self._stage.name, topic, partition, len(records), monotonic() - begun)

    def _tell(self, fold: Fold) -> None:
        """Count the poison records, and log the first with its traceback: a fault of ours may break thousands."""
        name = self._stage.name
        for record, _ in fold.poison:
            self._observer.poison(name, record.topic, record.partition, record.offset)
        first, error = fold.poison[0]
        where = f"{first.topic}-{first.partition}-{first.offset}"
        log.error("%s rejected %d records, first %s", name, len(fold.poison), where, exc_info=error)

    async def _fold(
        self, kind: type[Fold], partition: int, records: Sequence[Record]
    ) -> tuple[Fold, dict[bytes, bytes]]:
        fold = kind(self._stage, partition, lambda key: self._rows.read(partition, key))
        for begin in range(0, len(records), SLICE):
            fold.feed(records[begin : begin + SLICE])
            await asyncio.sleep(0)
        return fold, fold.rows()
