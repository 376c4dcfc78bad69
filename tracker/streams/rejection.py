"""The record on `rail.rejected` of one that broke our code: everything needed to mend the tracker and resend it."""

from base64 import b64encode
from typing import Final

import msgspec

from tracker.contract.written import RejectedRecord
from tracker.domain.faults import CATALOGUE, SEEN_LENGTH_MAX
from tracker.domain.moment import Millis, text
from tracker.streams.stage import Output, Record
from tracker.streams.topics import REJECTED

POISON: Final = "E001"
"""The tracker itself failed on a record."""


def poisoned(record: Record, stage: str, error: BaseException) -> Output:
    """What is kept of a record that made a stage raise.

    Its key is the record's position, so a record rejected twice (after a crash) is known by it.
    """
    entry = CATALOGUE[POISON]
    seen = f"{type(error).__name__}: {error}"
    body: RejectedRecord = {
        "origin": {"topic": record.topic, "partition": record.partition, "offset": record.offset, "index": 0},
        "received_at": text(Millis(record.timestamp)),
        "key": _base64(record.key),
        "raw": _base64(record.value),
        "headers": [(name, _base64(value)) for name, value in record.headers],
        "outcome": "rejected",
        "faults": [
            {
                "code": entry.code,
                "severity": entry.severity,
                "message": entry.meaning,
                "path": "",
                "seen": seen[:SEEN_LENGTH_MAX],
                "expected": f"a record the {stage} stage can take",
                "fix": entry.fix,
            }
        ],
    }
    position = f"{record.topic}-{record.partition}-{record.offset}"
    return Output(REJECTED, position.encode(), msgspec.json.encode(body))


def _base64(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode()
