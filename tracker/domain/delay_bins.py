"""How late something was said, and when: pieces of evidence about a carrier's clock, small enough to be counted."""

from typing import Final

from tracker.domain.moment import DAY, HOUR, MINUTE, Millis

SLOT: Final = 10 * MINUTE
"""What was received within is one piece of evidence: a train's boxes are reported together and late together."""
SLOTS: Final = DAY // SLOT
BIN: Final = 20 * MINUTE
"""Width in which delays are told apart; a third of the least shift."""
BINS_AHEAD: Final = 45
"""15 hours: the furthest that a shift of 12 puts an event into the future, and some."""
BINS: Final = 128
"""Up to 27 hours late; the first and the last hold what lies beyond."""


def noted(received: Millis, delay: int) -> int:
    """The key under which a report counts: its slot of the day of received time and the bin of its delay (ms)."""
    place = delay // BIN + BINS_AHEAD
    return (received % DAY // SLOT) * BINS + (0 if place < 0 else place if place < BINS else BINS - 1)


assert HOUR == 3 * BIN
