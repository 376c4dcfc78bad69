"""How often a sweep looks at the clock."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.streams.sweeper import LOOKS_SECONDS, RESTS, RESTS_SECONDS_MAX, rest


@given(st.floats(0, 1_000))
def test_a_look_takes_a_fifth_of_the_time_at_most_unless_the_next_would_come_too_late(took: float) -> None:
    pause = rest(took)
    assert LOOKS_SECONDS <= pause <= RESTS_SECONDS_MAX
    assert pause >= RESTS * took or pause == RESTS_SECONDS_MAX


def test_a_quick_look_is_followed_by_the_next_after_two_seconds() -> None:
    assert rest(0.3) == LOOKS_SECONDS
