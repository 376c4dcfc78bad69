"""What is owed to an endpoint: what stood for a minute, in order, once; that it is over only to those who know."""

import msgspec
import pytest

from tests.notify.records import NOON, change, incident, over, record, there, version_of
from tracker.domain.moment import DAY, MINUTE, Millis
from tracker.notify.account import KEPT, OWED_MAX, Account

NOW = Millis(NOON + 60 * MINUTE)


def account(*versions: dict[str, object], wanted: bool = True) -> Account:
    """An account that took these in, published when they were made."""
    made = Account("ops", str(versions[0]["id"]), 0)
    for each in versions:
        version = version_of(each)
        made.take(version, wanted=wanted, received=version.at, settles=MINUTE)
    return made


def owed(given: Account) -> list[tuple[int, float]]:
    """Version and minutes after noon from which on it may be told."""
    return [(each.version, (each.due - NOON) / MINUTE) for each in given.owed]


def test_a_version_is_due_when_it_has_stood_for_a_minute() -> None:
    assert owed(account(record(minutes=5))) == [(1, 6)]


@pytest.mark.parametrize(("minutes", "left"), [(0.5, []), (0.999, []), (1, [(1, 1), (2, 1)]), (30, [(1, 1), (2, 30)])])
def test_what_is_over_within_the_minute_is_told_to_nobody(minutes: float, left: list[tuple[int, float]]) -> None:
    assert owed(account(record(), over(minutes=minutes))) == left


def test_what_is_found_to_be_explained_within_the_minute_is_told_to_nobody() -> None:
    made = account(record())
    explained = version_of(record(version=2, minutes=0.5, incident="node_stopped-1"))
    made.take(explained, wanted=False, received=explained.at, settles=MINUTE)
    assert (owed(made), made.is_settled(NOW)) == ([], True)


def test_a_change_within_the_minute_takes_the_place_of_what_it_changes_and_does_not_put_it_off() -> None:
    assert owed(account(record(), record(version=2, minutes=0.5))) == [(2, 1)]
    assert owed(account(record(), record(version=2, minutes=0.5), over(version=3, minutes=1.2))) == [(2, 1), (3, 1.2)]


def test_every_version_that_stood_is_told_in_order() -> None:
    made = account(record(), record(version=2, minutes=10), over(version=3, minutes=20))
    assert owed(made) == [(1, 1), (2, 11), (3, 20)]
    for version in (1, 2, 3):
        made.answered(f"d-{version}", NOW)
        assert made.told == version
    assert (made.owed, made.standing) == ([], None)


def test_that_something_is_over_is_told_to_those_only_who_were_told_that_it_began() -> None:
    assert owed(account(record(), over(), wanted=False)) == []
    made = account(record())
    made.answered("d", NOW)
    for each in (record(version=2, minutes=10, incident="storm"), over(version=3, minutes=20, incident="storm")):
        version = version_of(each)
        made.take(version, wanted=False, received=version.at, settles=MINUTE)
    assert owed(made) == [(3, 20)]


def test_a_version_that_was_seen_is_never_owed_again() -> None:
    made = account(record(), over())
    before = msgspec.json.encode(made)
    for each in (record(), over()):
        assert not made.take(version_of(each), wanted=True, received=NOW, settles=MINUTE)
    assert msgspec.json.encode(made) == before


def test_what_is_being_tried_is_not_taken_back_by_what_follows() -> None:
    made = account(record())
    made.owed[0].tried = NOON
    made.take(version_of(over(minutes=0.5)), wanted=False, received=NOW, settles=MINUTE)
    assert [each.version for each in made.owed] == [1, 2]


def test_what_opens_again_is_told_again() -> None:
    made = account(record(), over())
    made.answered("d", NOW, upto=2)
    again = version_of(record(version=3, minutes=60))
    made.take(again, wanted=True, received=again.at, settles=MINUTE)
    assert owed(made) == [(3, 61)]


def test_an_incident_is_told_once_as_it_opens_and_once_as_it_ends() -> None:
    made = account(
        incident(), incident(2, status="open", at="2026-03-01T12:30:00Z", children=9), incident(3, status="resolved")
    )
    assert [each.version for each in made.owed] == [1, 3]


def test_what_was_given_up_is_counted_and_what_follows_is_told() -> None:
    made = account(record(), over())
    assert [each.version for each in made.gave_up()] == [1]
    assert (made.given_up, made.told, [each.version for each in made.owed]) == (1, 0, [2])


def test_an_account_comes_back_from_the_journal_as_it_was() -> None:
    made = account(record(), record(version=2, minutes=10), over(version=3, minutes=20))
    made.answered("d", NOW)
    made.owed[0].sealed = "digest:d-1"
    read = msgspec.json.decode(msgspec.json.encode(made), type=Account)
    assert read == made
    assert read.standing is not None
    assert read.standing.read().said.version == 1


def test_an_account_is_kept_while_it_stands_and_two_days_longer() -> None:
    made = account(record())
    made.answered("d", NOW)
    assert not made.is_settled(Millis(NOW + 30 * DAY))
    made.take(version_of(over()), wanted=True, received=NOW, settles=MINUTE)
    made.answered("d", NOW)
    assert [made.is_settled(Millis(NOW + KEPT + more)) for more in (0, 1)] == [False, True]


def test_an_exception_that_changes_for_ever_does_not_fill_the_account() -> None:
    made = account(*(record(version=each, minutes=each * 2) for each in range(1, 100)))
    assert len(made.owed) == OWED_MAX
    assert (made.owed[0].version, made.owed[-1].version) == (1, 99)


def test_at_the_very_first_start_only_what_stands_is_told_and_only_its_last_version() -> None:
    made = account(record(), record(version=2, minutes=10))
    made.forget_history()
    assert [each.version for each in made.owed] == [2]
    ended = account(record(), over())
    ended.forget_history()
    assert ended.owed == []


def test_of_arrivals_that_changed_before_the_very_first_start_nothing_is_told_and_of_later_changes_all_is() -> None:
    made = account(change(), change(version=2, minutes=10))
    made.forget_history()
    assert made.owed == []
    assert made.take(version_of(change(version=3, minutes=20)), wanted=True, received=NOON, settles=MINUTE)
    assert [each.version for each in made.owed] == [3]


def test_that_it_arrived_is_told_to_who_was_told_of_a_change() -> None:
    assert [version for version, _ in owed(account(change(), there()))] == [1, 2]
    assert owed(account(there())) == []
