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


LAG_BIN: Final = 5 * MINUTE
"""The same of how long a report was on its way, which is minutes for most feeds: whole hours stand out from others."""
LAG_BINS_AHEAD: Final = 156
"""13 hours, as far as a shift of 12 puts the moment at which it was recorded, and some."""
LAG_BINS: Final = 2 * LAG_BINS_AHEAD
"""As far the other way; the first and the last hold what lies beyond."""
LAGS_FROM: Final = SLOTS * BINS
"""Keys from here on are of `lag_noted`, those below of `noted`."""


def lag_noted(received: Millis, lag: int) -> int:
    """The key under which a report counts that was on its way for so long (received less recorded time, ms)."""
    place = lag // LAG_BIN + LAG_BINS_AHEAD
    place = 0 if place < 0 else place if place < LAG_BINS else LAG_BINS - 1
    return LAGS_FROM + (received % DAY // SLOT) * LAG_BINS + place


assert HOUR == 3 * BIN == 12 * LAG_BIN
