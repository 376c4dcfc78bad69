"""How reports are spoiled: which fault befalls one, and what it makes of the text."""

from random import Random
from typing import Final

from tracker.domain.moment import MINUTE, Millis
from tracker.simulate.options import FaultRates
from tracker.simulate.wording import Native, Places, clock, suffix

_WRONG_HOURS: Final = (-8, -5, -3, -2, -1, 1, 2, 3, 5, 8)
"""Differences of the zones along the way, and of Moscow and Beijing time to them."""


class Chances:
    """Draws the content fault of a report: one draw, at most one fault."""

    def __init__(self, rates: FaultRates) -> None:
        self._bounds: list[tuple[float, str]] = []
        total = 0.0
        for name in FaultRates.CONTENT:
            total += getattr(rates, name)
            self._bounds.append((total, name))
        self._total = total
        self.any = any(getattr(rates, name) for name in (*FaultRates.CONTENT, *FaultRates.DELIVERY))
        """Anything at all may go wrong."""

    def fault(self, rng: Random) -> str | None:
        """The name of the fault, None for most reports."""
        chance = rng.random()
        if chance >= self._total:
            return None
        return next(name for bound, name in self._bounds if chance < bound)


def spoil(
    native: Native, fault: str, rng: Random, places: Places, *, node: str, at: Millis, offset: int, received: Millis
) -> None:
    """Puts a fault into a report's fields. `offset` is the node's zone then, in minutes."""
    match fault:
        case "no_id":
            native.id = native.revision = None
        case "bad_check_digit":
            right = int(native.container[-1])
            native.container = f"{native.container[:-1]}{(right + rng.randint(1, 9)) % 10}"
        case "unknown_node":
            native.node = places.unknown(rng, node)
        case "future":
            native.occurred_at = clock(Millis(received + rng.randint(60, 2_880) * MINUTE)) + "Z"
        case "no_offset":
            native.occurred_at = clock(at, offset)
        case "wrong_offset":
            native.occurred_at = clock(at, offset) + suffix(offset - 60 * rng.choice(_WRONG_HOURS))
        case _:
            raise AssertionError(fault)


def garbage(rng: Random, body: bytes) -> bytes:
    """A record that is no JSON: cut off, random, or a line of another format."""
    match rng.randrange(3):
        case 0:
            return body[: len(body) // 2]
        case 1:
            return b"\xff\xfe" + rng.randbytes(40)
        case _:
            return b"UNB+UNOA:2+" + body[:30].replace(b'"', b"'")
