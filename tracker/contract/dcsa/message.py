"""A body as an event of DCSA, by the short way where it is plain."""

from pydantic_core import from_json

from tracker.contract.dcsa.event import is_dcsa, read_event
from tracker.contract.dcsa.plain import read_plain
from tracker.contract.said import Heard


def heard(raw: bytes) -> Heard | None:
    """What an event of DCSA says; None of what is none."""
    if (plain := read_plain(raw)) is not None:
        return plain
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        return None
    return read_event(value) if isinstance(value, dict) and is_dcsa(value) else None
