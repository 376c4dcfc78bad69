"""What is learned of carriers' estimates is what was known when a day began."""

from tracker.aggregates.guessed import DAYS, TRAINS_MIN, guessed_on
from tracker.aggregates.ledger import Ledger
from tracker.domain.flows import CAME, Flow
from tracker.domain.guesses import guess_place
from tracker.domain.moment import HOUR
from tracker.domain.network import Direction

DAY_0 = 20_000
_MINUTES = 24 * 60


def ledger(*trains: tuple[float, int], boxes: int = 50) -> Ledger:
    """A train each, known so many days after the first day began, off by so many hours; plain hours by thrice that."""
    found = Ledger()
    for days, hours in trains:
        minute = round((DAY_0 + days) * _MINUTES)
        for mark, off in (("guess", hours), ("plain", 3 * hours)):
            found.flow((Flow(guess_place("ktz", "72h", mark), Direction.WESTBOUND), CAME, off), minute, boxes)
    return found


TWENTY = tuple((day, 4 if day % 2 else 8) for day in range(20))


def test_how_far_off_it_was_and_by_what_as_a_rule() -> None:
    known = guessed_on(ledger(*TWENTY), DAY_0 + 20)["ktz", "72h"]
    assert (known.samples, known.trains) == (1_000, 20)
    assert (known.low, known.median, known.high) == (4 * HOUR, 4 * HOUR, 8 * HOUR)
    assert (known.error, known.plain) == (2 * HOUR, 6 * HOUR)
    assert known.is_better


def test_what_became_known_on_the_day_itself_or_long_ago_is_not_learned_from() -> None:
    before = guessed_on(ledger(*TWENTY), DAY_0 + 20)
    assert guessed_on(ledger(*TWENTY, (20.0, 90), (25.0, 90)), DAY_0 + 20) == before
    assert guessed_on(ledger(*TWENTY, (-DAYS + 19.9, 90)), DAY_0 + 20) == before


def test_of_a_few_trains_nothing_is_learned_however_long_they_are() -> None:
    few = ledger(*TWENTY[: TRAINS_MIN - 1], boxes=1_000)
    assert guessed_on(few, DAY_0 + 20) == {}


def test_what_was_taken_back_is_not_learned_from() -> None:
    found = ledger(*TWENTY, (10.5, 200))
    for mark, off in (("guess", 200), ("plain", 600)):
        place = Flow(guess_place("ktz", "72h", mark), Direction.WESTBOUND)
        found.flow((place, CAME, off), round((DAY_0 + 11.5) * _MINUTES), -50)
    known, plain = (guessed_on(each, DAY_0 + 20)["ktz", "72h"] for each in (found, ledger(*TWENTY)))
    assert known._replace(trains=0) == plain._replace(trains=0)
