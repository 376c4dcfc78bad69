"""What the web shows, as functions given by the composition root: the web knows no stage and no Kafka."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.aggregates.closer import CorridorPart, NodePart
from tracker.aggregates.part import Part

Record = Mapping[str, object]
"""A record of `/v1`, as it is told."""


@dataclass(frozen=True, slots=True)
class Views:
    """Everything the web asks for; all of it about this worker's partitions, but for `owner` and `others`.

    `part` gives this worker's part of the figures, `node` and `corridor` those of one of them looked at closely.
    `journeys` gives the records of open journeys that fit a filter, the first so many in order of their containers
    after a container number, and how many fit. `exceptions` gives those of exceptions in the same way, open ones unless
    a filter says otherwise, in the order of `lists.newest_first` and without evidence. `container` gives the record of
    a normalised container number, None when no report about it is known here. `unready` gives the reasons why this
    worker should not be asked yet, none when it is ready. `carriers` are the ids of the carriers file, and `carrier`
    gives the scorecard of one of them and its days, as every worker knows it. `metrics` gives body and content type for
    an `Accept` header. `search` goes through this worker's containers for a text: for each what is found in it, or
    None.

    `owner` gives the address of the worker that has a container, None where it is this one or not known; `others` the
    addresses of all workers but this. `acknowledgement` gives that of an exception, as every worker knows it.
    """

    part: Callable[[], Part]
    node: Callable[[str], NodePart]
    corridor: Callable[[str], CorridorPart]
    journeys: Callable[[Mapping[str, str], str, int], tuple[Sequence[Record], int]]
    exceptions: Callable[[Mapping[str, str], str, int], tuple[Sequence[Record], int]]
    container: Callable[[str], Record | None]
    unready: Callable[[], Sequence[str]]
    metrics: Callable[[str], tuple[bytes, str]]
    carriers: Collection[str] = ()
    carrier: Callable[[str], Record] = lambda carrier: {}
    search: Callable[[str], Iterator[Record | None]] = lambda text: iter(())
    owner: Callable[[str], str | None] = lambda number: None
    others: Callable[[], Collection[str]] = lambda: ()
    acknowledgement: Callable[[str], Record | None] = lambda exception: None

    def acknowledged(self, exception: Record) -> Record:
        """The record of an exception, with who took it on."""
        return {**exception, "acknowledgement": self.acknowledgement(str(exception["id"]))}
