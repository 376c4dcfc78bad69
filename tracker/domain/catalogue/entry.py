"""What the catalogue says of one fault, and the examples it shows it by."""

import json
from typing import Any, Final, Literal, NamedTuple


class Sent(NamedTuple):
    """One record of an example, as a carrier sends it.

    `body` is a JSON value, or bytes that stand as they are. `received`: when Kafka stores it. `shown` stands in the
    catalogue in place of a body that is too large to print.
    """

    body: Any
    received: str = "2026-03-01T09:40:00Z"
    carrier: str = "ktz-express"
    headers: tuple[tuple[str, bytes], ...] = ()
    shown: str | None = None

    @property
    def raw(self) -> bytes:
        """The body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


Example = tuple[Sent, ...]
"""Records in the order in which they are sent; most faults need only one."""


class Entry(NamedTuple):
    """One fault: what it means, where it usually comes from, what the carrier does about it, and what it looks like.

    `failing` has the fault, `good` is the same report without it. Both are empty where no report has the fault.
    """

    code: str
    meaning: str
    cause: str
    fix: str
    failing: Example
    good: Example

    @property
    def severity(self) -> Literal["error", "warning"]:
        """`error` rejects the report, `warning` accepts it with a doubt."""
        return "error" if self.code.startswith("E") else "warning"


GOOD_REPORT: Final[dict[str, Any]] = {
    "container": "CSQU3054383",
    "kind": "departed",
    "occurred_at": "2026-03-01T13:40:00+05:00",
    "node": "KZ-ALTYNKOL",
    "id": "A-1",
}
"""A native event without a fault, received an hour after it occurred."""


GOOD_EVENT: Final[dict[str, Any]] = {
    "eventID": "E-1",
    "eventType": "EQUIPMENT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-01T13:40:00+05:00",
    "equipmentEventTypeCode": "LOAD",
    "equipmentReference": "CSQU3054383",
    "transportCall": {"modeOfTransport": "RAIL", "UNLocationCode": "KZDOS", "carrierVoyageNumber": "1402"},
}
"""An event of DCSA Track & Trace 2.2 without a fault."""


ENVELOPE: Final[dict[str, Any]] = {"specversion": "1.0", "id": "1", "source": "/ktz", "type": "movement"}
"""The attributes of a CloudEvent, without its data."""


def of_train(*without: str, **changes: Any) -> Example:
    """One record: the good event told of the train, as a transport event without a container."""
    told = {"eventType": "TRANSPORT", "transportEventTypeCode": "DEPA"} | changes
    return event("equipmentReference", "equipmentEventTypeCode", *without, **told)


def event(*without: str, **changes: Any) -> Example:
    """One record: the good event with some fields left out and others changed."""
    return (Sent({name: value for name, value in (GOOD_EVENT | changes).items() if name not in without}),)


def report(*without: str, **changes: Any) -> Example:
    """One record: the good report with some fields left out and others changed."""
    return (Sent({name: value for name, value in (GOOD_REPORT | changes).items() if name not in without}),)


GOOD: Final = report()
"""The good report alone."""
