"""A bound on what a row keeps: a stuck device must not make it grow, nor push the journey out of it.

Reports of one carrier, kind, node and classifier are a *sort*. Of a sort more than `SORT_MAX` say nothing new:
the first and the last `SORT_MAX / 2` by event time are kept, which is a function of the set, whatever the order
they came in (but for one: a revision that moves a kept report's time does not bring back what was dropped before).
Of one identity the `VERSIONS_MAX` highest versions are kept. When a row is still too long, the
oldest ended journey is let go with its reports; what it amounted to stands, and a report about that time that
comes later is not taken in. So a row holds at most `REPORTS_MAX` reports, some 50 kB, and every report that is
not kept is counted.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from zlib import crc32

from tracker.domain.movement import rank
from tracker.domain.report import Report

SORT_MAX: Final = 20
"""A container comes to a node some six times a year; a report each, from one carrier, is far below."""
VERSIONS_MAX: Final = 4
"""A report is corrected once or twice; estimates may be revised daily, but only the newest counts."""
REPORTS_MAX: Final = 300
"""About eight journeys of forty reports, more than a year; a report takes some 160 bytes of a row."""
SORT_THINNED: Final = 2
"""What is kept of a sort when a row is too long although no journey has ended."""


def sort_of(report: Report) -> int:
    """A 16-bit mark of the report's sort; two sorts may share one, which costs a look and nothing else."""
    return crc32(f"{report.carrier} {report.kind} {report.node} {report.classifier}".encode()) & 0xFFFF


def thinned(reports: Sequence[Report], keep: int = SORT_MAX) -> list[Report]:
    """The reports without the middle of every sort of more than `keep` identities, and without low versions."""
    by_identity: dict[tuple[str, str], list[Report]] = defaultdict(list)
    for report in reports:
        by_identity[report.carrier, report.id].append(report)
    # First by identity: a version may correct the kind or the node, and so be of another sort.
    high = [report for found in by_identity.values() for report in sorted(found, key=rank)[-VERSIONS_MAX:]]
    sorts: dict[tuple[str, ...], dict[str, list[Report]]] = defaultdict(lambda: defaultdict(list))
    for report in high:
        sorts[report.carrier, report.kind, report.node, report.classifier][report.id].append(report)
    kept: list[Report] = []
    for identities in sorts.values():
        versions = sorted(identities.values(), key=lambda found: (found[-1].occurred, found[-1].id))
        if len(versions) > keep:
            versions = [*versions[: keep // 2], *versions[len(versions) - keep // 2 :]]
        kept += [report for found in versions for report in found]
    return kept
