"""Who was aboard when the train left, whichever report came first.

Dostyk          Aktau           Alat
08:00 --------> 20:00
loaded 07:00    unloaded 21:00
"""

from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tracker.domain.aboard import Told
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.movement import holding
from tracker.domain.report import Classifier, Kind, Outcome, Report
from tracker.domain.transport import BOARDINGS_MAX, DERIVED, TransportRow, apply, carried, dump, load

START = 1_772_300_000_000
BOX, OTHER = "CSQU3054383", "APZU4812090"


def report(kind: Kind, node: str, hours: float, **more: Any) -> Report:
    at = Millis(START + round(hours * HOUR))
    plain: dict[str, Any] = {"id": f"{kind}-{node}-{hours}", "train": "1402", "received": Millis(at + MINUTE)}
    return Report(carrier="ktz", kind=kind, node=node, occurred=at, content=7, **plain | more)


def loaded(container: str, node: str, hours: float, **more: Any) -> Told:
    return Told(report(Kind.LOADED, node, hours, **{"id": f"L-{container}-{node}-{hours}"} | more), container)


def unloaded(container: str, node: str, hours: float, **more: Any) -> Told:
    return Told(report(Kind.UNLOADED, node, hours, **{"id": f"U-{container}-{node}-{hours}"} | more), container)


def train(kind: Kind, node: str, hours: float, *containers: str, **more: Any) -> Told:
    return Told(report(kind, node, hours, **more), "", tuple(sorted(containers)))


def taken(told: list[Told]) -> tuple[TransportRow, dict[str, list[Report]]]:
    """The row, stored and read between any two reports, and the versions that each container was given."""
    row, versions = TransportRow(), dict[str, list[Report]]()
    for number, each in enumerate(told):
        ruling = apply(row, each, number)
        for container, version in ruling.changes:
            versions.setdefault(container, []).append(version)
        row = load(dump(row))
    return row, versions


def result(told: list[Told]) -> set[tuple[str, str, str, float]]:
    """Container, kind, node and hours of every movement that follows in the end."""
    return {
        (container, report.kind.value, report.node, (report.occurred - START) / HOUR)
        for container, versions in taken(told)[1].items()
        for report in holding(versions)
    }


def test_the_departure_counts_for_what_was_loaded_there_in_either_order() -> None:
    told = [loaded(BOX, "KZ-DOSTYK", 7), train(Kind.DEPARTED, "KZ-DOSTYK", 8)]
    for order in permutations(told):
        assert result(list(order)) == {(BOX, "departed", "KZ-DOSTYK", 8)}


def test_what_was_loaded_after_the_departure_or_on_another_run_did_not_leave_with_it() -> None:
    late = [loaded(BOX, "KZ-DOSTYK", 8.5), train(Kind.DEPARTED, "KZ-DOSTYK", 8)]
    other = [loaded(BOX, "KZ-DOSTYK", 7, voyage="D-1"), train(Kind.DEPARTED, "KZ-DOSTYK", 8, voyage="D-2")]
    assert result(late) == result(other) == set()


def test_it_is_aboard_until_it_is_unloaded() -> None:
    told = [
        loaded(BOX, "KZ-DOSTYK", 7), loaded(OTHER, "KZ-DOSTYK", 7), train(Kind.DEPARTED, "KZ-DOSTYK", 8),
        train(Kind.ARRIVED, "KZ-AKTAU", 20), unloaded(BOX, "KZ-AKTAU", 21), train(Kind.DEPARTED, "KZ-AKTAU", 22),
        train(Kind.ARRIVED, "AZ-ALAT", 40),
    ]  # fmt: skip
    mine = [movement[1:] for movement in sorted(result(told), key=lambda each: each[3]) if movement[0] == BOX]
    others = [movement[1:] for movement in sorted(result(told), key=lambda each: each[3]) if movement[0] == OTHER]
    assert mine == [("departed", "KZ-DOSTYK", 8), ("arrived", "KZ-AKTAU", 20)]
    assert others == [*mine, ("departed", "KZ-AKTAU", 22), ("arrived", "AZ-ALAT", 40)]


def test_an_arrival_told_a_little_after_the_unloading_counts_and_one_days_later_does_not() -> None:
    aboard = [loaded(BOX, "KZ-DOSTYK", 7), unloaded(BOX, "KZ-AKTAU", 21)]
    assert result([*aboard, train(Kind.ARRIVED, "KZ-AKTAU", 21.5)]) == {(BOX, "arrived", "KZ-AKTAU", 21.5)}
    assert result([*aboard, train(Kind.ARRIVED, "KZ-AKTAU", 27)]) == {(BOX, "arrived", "KZ-AKTAU", 27)}
    assert result([*aboard, train(Kind.ARRIVED, "KZ-AKTAU", 27.1)]) == set()


def test_the_same_train_on_the_next_day_does_not_carry_a_container_whose_unloading_nobody_told() -> None:
    told = [loaded(BOX, "KZ-DOSTYK", 7)]
    for day in range(3):
        told += [train(Kind.DEPARTED, "KZ-DOSTYK", 8 + 24 * day), train(Kind.ARRIVED, "KZ-AKTAU", 20 + 24 * day)]
    assert result(told) == {(BOX, "departed", "KZ-DOSTYK", 8), (BOX, "arrived", "KZ-AKTAU", 20)}


def test_a_loading_counts_for_thirty_days_and_not_longer() -> None:
    inside, beyond = train(Kind.ARRIVED, "KZ-AKTAU", 7 + 720), train(Kind.ARRIVED, "KZ-AKTAU", 7 + 720.1)
    assert len(result([loaded(BOX, "KZ-DOSTYK", 7), inside])) == 1
    assert result([loaded(BOX, "KZ-DOSTYK", 7), beyond]) == set()


def test_a_departure_that_is_told_once_for_each_booking_counts_once() -> None:
    told = [loaded(BOX, "KZ-DOSTYK", 7)]
    for booking in range(30):
        told.append(
            train(Kind.DEPARTED, "KZ-DOSTYK", 8 + booking / 10, id=f"T-{booking}", recorded=Millis(START - booking))
        )
    assert result(told) == {(BOX, "departed", "KZ-DOSTYK", 10.9)}


def test_a_list_counts_for_its_containers_only_and_a_departure_that_lists_them_loads_them() -> None:
    told = [
        loaded(OTHER, "KZ-DOSTYK", 7), train(Kind.DEPARTED, "KZ-DOSTYK", 8, BOX), train(Kind.ARRIVED, "KZ-AKTAU", 20),
    ]  # fmt: skip
    assert result(told) == {
        (BOX, "departed", "KZ-DOSTYK", 8), (BOX, "arrived", "KZ-AKTAU", 20), (OTHER, "arrived", "KZ-AKTAU", 20),
    }  # fmt: skip


def test_a_list_that_is_corrected_takes_back_the_container_that_is_no_longer_in_it() -> None:
    first = train(Kind.DEPARTED, "KZ-DOSTYK", 8, BOX, OTHER, id="T-1", recorded=Millis(START))
    second = replace(train(Kind.DEPARTED, "KZ-DOSTYK", 8, OTHER, id="T-1", recorded=Millis(START + 1)))
    second = replace(second, report=replace(second.report, content=8))
    for order in permutations([first, second]):
        assert result(list(order)) == {(OTHER, "departed", "KZ-DOSTYK", 8)}


def test_a_plan_that_was_made_before_it_came_true_counts_and_stays_when_it_is_unloaded_early() -> None:
    plan = train(Kind.ARRIVED, "KZ-AKTAU", 30, classifier=Classifier.PLANNED, recorded=Millis(START + 7 * HOUR))
    told = [loaded(BOX, "KZ-DOSTYK", 7), plan, train(Kind.ARRIVED, "KZ-AKTAU", 20), unloaded(BOX, "KZ-AKTAU", 21)]
    later = replace(plan, report=replace(plan.report, id="P-2", recorded=Millis(START + 25 * HOUR)))
    assert result([*told, later]) == {(BOX, "arrived", "KZ-AKTAU", 20), (BOX, "arrived", "KZ-AKTAU", 30)}


def test_what_no_longer_follows_is_taken_back_and_comes_again_above_that() -> None:
    load_it, gone = loaded(BOX, "KZ-DOSTYK", 7, id="L", recorded=Millis(START)), train(Kind.DEPARTED, "KZ-DOSTYK", 8)
    back = Told(replace(load_it.report, retracted=True, recorded=Millis(START + 1)), BOX)
    again = Told(replace(load_it.report, recorded=Millis(START + 2)), BOX)
    _, versions = taken([load_it, gone, back, again])
    assert [(each.id, each.retracted, each.revision) for each in versions[BOX]] == [
        (DERIVED + gone.report.id, False, 1), (DERIVED + gone.report.id, True, 2), (DERIVED + gone.report.id, False, 3),
    ]  # fmt: skip


def test_a_report_about_a_train_has_the_outcome_of_any_report() -> None:
    row, first = TransportRow(), train(Kind.DEPARTED, "KZ-DOSTYK", 8, id="T", recorded=Millis(START), source=(0, 1, 0))
    older = Told(replace(first.report, recorded=Millis(START - 1), content=8, source=(0, 2, 0)))
    same = Told(replace(first.report, source=(0, 3, 0), received=Millis(first.report.received + 1)))
    outcomes = [apply(row, each, 0).outcome for each in (first, first, older, same)]
    assert outcomes == [Outcome.ACCEPTED, None, Outcome.SUPERSEDED, Outcome.DUPLICATE]


def test_what_is_long_past_is_let_go_and_what_followed_from_it_stands() -> None:
    old, gone = loaded(BOX, "KZ-DOSTYK", 7), train(Kind.DEPARTED, "KZ-DOSTYK", 8)
    row, versions = taken([old, gone, train(Kind.ARRIVED, "KZ-AKTAU", 24 * 60)])
    assert ([*row.boardings], len(row.reports)) == ([], 1)
    assert [each.retracted for each in versions[BOX]] == [False]


def test_a_transport_holds_no_more_than_its_bound() -> None:
    row = TransportRow()
    for number in range(BOARDINGS_MAX + 3):
        apply(row, loaded(f"BOX{number}", "KZ-DOSTYK", 7 + number / 1000), number)
    assert len(row.boardings) == BOARDINGS_MAX
    assert "BOX2" not in row.boardings
    body = dump(row)
    assert body is not None
    assert len(body) < 3_000_000


NODES = st.sampled_from(("KZ-DOSTYK", "KZ-AKTAU", "AZ-ALAT"))
HOURS = st.integers(0, 40).map(lambda quarter: quarter * 6.5)
BOXES = st.sampled_from((BOX, OTHER))


@st.composite
def anything(draw: st.DrawFn) -> Told:
    """A report of few ids, so that many are versions of one another."""
    kind = draw(st.sampled_from((Kind.LOADED, Kind.UNLOADED, Kind.DEPARTED, Kind.ARRIVED)))
    boards = kind in {Kind.LOADED, Kind.UNLOADED}
    container = draw(BOXES) if boards else ""
    more = {
        "id": f"{kind}{container}{draw(st.integers(0, 3))}",
        "recorded": Millis(START + draw(st.integers(0, 5))),
        "retracted": draw(st.integers(0, 5)) == 0,
        "content": draw(st.integers(0, 3)),
        "voyage": draw(st.sampled_from((None, "1", "2"))),
        "received": Millis(START + 20 * DAY + draw(st.integers(0, 9))),
    }
    if not boards:
        more["classifier"] = draw(st.sampled_from(Classifier))
    plain = {"train": "1402", "content": 7} | more
    at = Millis(START + round(draw(HOURS) * HOUR))
    said = Report(carrier="ktz", kind=kind, node=draw(NODES), occurred=at, **plain)  # type: ignore[arg-type]
    listed = draw(st.lists(BOXES, unique=True)) if not boards and draw(st.booleans()) else []
    return Told(said, container, tuple(sorted(listed)))


@settings(max_examples=300, deadline=None)
@given(st.lists(anything(), max_size=14), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same_row_and_the_same_movements(told: list[Told], chance: Any) -> None:
    contents: dict[tuple[str, ...], Told] = {}
    for each in told:  # one version of a report says one thing: equal revisions, times and contents are the same words
        said = each.report
        contents.setdefault((each.container, said.id, str(said.content), str(said.recorded), str(said.retracted)), each)
    told = list(contents.values())
    few = {(each.container, each.report.id): 0 for each in told}
    for each in told:
        few[each.container, each.report.id] += 1
    told = [each for each in told if few[each.container, each.report.id] <= 4]  # beyond VERSIONS_MAX the lowest go
    shuffled = [each for each in told for _ in range(chance.choice((1, 1, 2)))]
    chance.shuffle(shuffled)

    (row, given_in_order), (other, given_shuffled) = taken(told), taken(shuffled)

    assert plain(row) == plain(other)
    wanted = {key: plain_report(value) for key, value in carried(row).items()}
    for versions in (given_in_order, given_shuffled):
        held = [(container, each) for container, all_of in versions.items() for each in holding(all_of)]
        assert {(container, each.id): plain_report(each) for container, each in held} == wanted


def plain(row: TransportRow) -> tuple[Any, Any]:
    return row.reports, {box: (last, bytes(raw)) for box, (last, raw) in row.boardings.items()}


def plain_report(report: Report) -> Report:
    return replace(report, revision=None)
