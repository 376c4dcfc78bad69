"""The judge is judged: found, missed, false, told, causes, notices, by lines written by hand."""

from collections import Counter
from typing import Any

import pytest

from tests.evaluate.hand import ON_TIME, cases, day, figure, matched, resolved, scored, truth, version, way
from tests.evaluate.incidents import notices
from tests.evaluate.score import causes, lags_hours, own_lags_hours, right_causes, told, withdrawn
from tests.evaluate.test_episodes import LINE, late_at_edge, later
from tests.evaluate.truth import Truth

OVER = 4.6 + LINE["KZ-EDGE"] / 24
"""Day on which a stay at KZ-EDGE gets over its line."""
SLOW = way("A", *late_at_edge(LINE["KZ-EDGE"] + 48), out=40)
"""Two days over the line, by chance."""
STUCK = {"container": "A", "booking": "B", "node": "KZ-EDGE", "from": day(7), "to": day(OVER + 2)}


def on_time(container: str = "A") -> dict[str, Any]:
    return way(container, *ON_TIME, out=20)


@pytest.mark.parametrize(
    ("versions", "is_found"),
    [
        ([version("x", OVER + 0.1)], True),
        ([version("x", OVER + 0.1, rule="run", node=None)], True),  # whatever it was taken for, the container was told
        ([version("x", OVER + 0.1, severity="warning"), version("x", OVER + 1)], True),
        ([version("x", OVER + 0.1, severity="warning")], False),
        ([version("x", OVER + 0.1, severity="warning", incident="i")], True),
        ([version("x", OVER - 1), resolved("x", OVER + 1)], True),  # early, and still open
        ([version("x", OVER - 1), resolved("x", OVER - 0.5)], False),
        ([version("x", OVER - 1), resolved("x", OVER - 0.5), version("x", OVER + 0.5)], True),  # reopened
        ([version("x", 4.5)], False),  # opened before it came to the node: about something else
        ([version("x", 4.5), version("x", OVER + 1, cause="node")], False),  # a new version is no new exception
        ([version("x", OVER + 2.1)], False),  # it had left, and the carrier is usually prompt
        ([version("x", OVER + 0.1, container="B")], False),
        ([version("x", OVER + 0.1, rule="missed")], False),
        ([], False),
    ],
)
def test_an_episode_is_found_by_what_stood_between_its_deadline_and_its_end(
    versions: list[dict[str, Any]], is_found: bool
) -> None:
    score, (episode,) = matched(truth(SLOW, on_time("B")), *versions)
    assert (episode in score.found, episode in score.missed) == (is_found, not is_found)


def test_what_finds_nothing_is_false_whoever_was_told() -> None:
    score, _ = matched(
        truth(on_time()), version("x", 6), version("y", 7, severity="warning"), version("z", 8, rule="run")
    )
    assert [case.first.id for case, _, _ in score.false] == ["x", "z"]
    assert (score.right, score.explained) == ([], [])


def test_a_wrong_way_is_false_and_impossible_and_missed_are_not_judged() -> None:
    lines = [version(rule, 6, rule=rule) for rule in ("wrong_way", "impossible", "missed", "node_stopped")]
    score, _ = matched(truth(on_time()), *lines)
    assert [case.first.rule for case, _, _ in score.false] == ["wrong_way"]


def test_late_may_be_foretold_and_other_rules_may_not() -> None:
    slow = way("A", *ON_TIME[:3], (30, 30), *later(ON_TIME[4:], 23))
    for rule, found in (("late", {"late"}), ("dwell", set())):
        score, episodes = matched(truth(slow), version("x", 5, rule=rule), resolved("x", 6, rule=rule))
        assert {episode.kind for episode in episodes} == {"late", "run"}
        assert {episode.kind for episode in score.found} == found


def test_a_deadline_in_the_last_day_of_the_run_or_later_need_not_be_found_and_may_be() -> None:
    for until, missed in ((OVER + 0.9, 0), (OVER + 1.1, 1)):
        assert len(matched(truth(SLOW, until=until))[0].missed) == missed
        assert len(matched(truth(SLOW, until=until), version("x", OVER - 0.5))[0].found) == 1


@pytest.mark.parametrize(
    ("at", "fields", "words"),
    [
        (6, {"node": "KZ-EDGE"}, "there, within the line"),
        (7.2, {"node": "KZ-EDGE"}, "gone from there"),
        (8, {"node": "KZ-EDGE"}, "gone from there"),
        (6, {"node": "KZ-PORT"}, "not there yet"),
        (6, {"node": "TR-KARS"}, "not on its way"),
        (6, {"leg": "KZ-EDGE--KZ-TOWN"}, "has not left yet"),
        (4.3, {"leg": "KZ-EDGE--KZ-TOWN"}, "has not left yet"),
        (7.2, {"leg": "KZ-EDGE--KZ-TOWN"}, "on it, within the line"),
        (8, {"leg": "KZ-EDGE--KZ-TOWN"}, "beyond it"),
        (8, {"leg": "KZ-TOWN--KZ-PORT"}, "on it, within the line"),
        (21, {"node": "AZ-END"}, "gone from its destination"),
        (8, {"rule": "silent"}, "under way"),
        (8, {"rule": "late"}, "within it by more"),
        (-1, {}, "on no journey"),
    ],
)
def test_where_a_container_truly_was_is_told_of_each_false_exception(
    at: float, fields: dict[str, Any], words: str
) -> None:
    score, _ = matched(truth(on_time()), version("x", at, **fields))
    assert [truly for _, _, truly in score.false] == [words]


SILENT = {"silences": [{"carrier": "rail-b", "from": day(8), "to": day(10)}]}
"""The carrier that reports what happens in Kazakhstan; on day 9 a container on time is under way to KZ-PORT."""


@pytest.mark.parametrize(
    ("true", "fields", "outcome", "cause"),
    [
        (SILENT, {"incident": "i"}, "explained", "carrier"),
        (SILENT, {}, "false", "carrier"),  # the tracker should have known
        ({"outages": [{"from": day(8), "to": day(10)}]}, {"incident": "i"}, "explained", "pipeline"),
        ({"silences": [{"carrier": "rail-c", "from": day(8), "to": day(10)}]}, {"incident": "i"}, "false", None),
        ({}, {"incident": "i"}, "false", None),  # an incident that was not
        (
            {"stops": [{"node": "KZ-TOWN", "directions": ["westbound"], "from": day(8), "to": day(10)}]},
            {"incident": "i"},
            "explained",
            "node",
        ),
    ],
)
def test_under_a_real_incident_an_exception_is_neither_right_nor_false(
    true: dict[str, Any], fields: dict[str, Any], outcome: str, cause: str | None
) -> None:
    score, _ = matched(truth(on_time(), **true), version("x", 9, rule="silent", **fields))
    assert [(each[0].first.id, each[1]) for each in getattr(score, outcome)] == [("x", cause)]
    assert len(score.right) + len(score.explained) + len(score.false) == 1


def test_the_cause_of_what_is_said_of_a_late_container_is_that_of_what_is_said_and_not_why_it_is_late() -> None:
    stays = ((None, 1), (4, 7.2), (7.3, 14.5), (14.9, 14.9), (18, 25.7), (26.7, 33), (33.7, None))
    true = truth(way("A", *stays), silences=[{"carrier": "rail-b", "from": day(16), "to": day(30)}])
    for rule, wanted in (("silent", "carrier"), ("late", "unclear")):
        score, episodes = matched(true, version("x", 17, rule=rule, incident="i", cause="carrier"))
        assert [episode.kind for episode in episodes] == ["late"]
        assert causes(score) == {(wanted, "carrier"): 1}


@pytest.mark.parametrize(
    ("versions", "is_told"),
    [
        ([version("x", 6)], True),
        ([version("x", 6, suppressed_by="late"), version("x", 7)], True),
        ([version("x", 6), version("x", 7, incident="i")], True),  # explained too late: it was told
        ([version("x", 6, suppressed_by="late")], False),
        ([version("x", 6, incident="i")], False),
        ([version("x", 6, replay=True)], False),
        ([version("x", 6, severity="warning")], False),
        ([version("x", 6), resolved("x", 6 + 59 / 86_400)], False),  # it did not stand for a minute
        ([version("x", 6), resolved("x", 6 + 60 / 86_400)], True),
        ([version("x", 6, rule="impossible")], False),
        ([version("x", 6, rule="node_stopped", container=None)], False),  # a notice, not one by one
    ],
)
def test_told_is_what_is_critical_unexplained_unsuppressed_no_replay_and_stood_for_a_minute(
    versions: list[dict[str, Any]], is_told: bool
) -> None:
    assert bool(told(cases(*versions))) is is_told


def test_causes_are_right_where_they_are_clear_and_not_counted_where_they_are_not() -> None:
    lines = [version("x", OVER + 0.1, cause="unknown"), version("x", OVER + 1, cause="container")]
    stuck, _ = matched(truth(SLOW, stuck=[STUCK]), *lines, resolved("x", OVER + 2, cause="node"))
    assert causes(stuck) == Counter({("container", "container"): 1}), "as it stood last, before it was resolved"
    assert causes(stuck, first=True) == Counter({("container", "unknown"): 1})
    assert (right_causes(causes(stuck)), right_causes(causes(stuck, first=True))) == ((1, 1), (0, 1))
    chance, _ = matched(truth(SLOW, on_time("B")), *lines, version("y", 6, container="B", cause="carrier"))
    assert causes(chance) == Counter({("unclear", "container"): 1, ("none", "carrier"): 1})
    assert right_causes(causes(chance)) == (0, 0)


def test_a_case_about_several_episodes_is_about_that_of_its_own_rule() -> None:
    slow = way("A", *late_at_edge(LINE["KZ-EDGE"] + 200), out=50)  # stuck, and late for it; lateness has its own cause
    stuck = STUCK | {"to": day(7.1)}
    for rule in ("dwell", "silent", "run"):
        score, episodes = matched(truth(slow, stuck=[stuck]), version("x", OVER + 1, rule=rule, cause="container"))
        assert {(episode.kind, episode.cause) for episode in episodes} == {("stay", "container"), ("late", None)}
        assert right_causes(causes(score)) == (1, 1)
    held = {"container": "A", "booking": "B", "node": "KZ-EDGE", "from": day(6), "to": day(10)}
    both, _ = matched(truth(slow, holds=[held]), version("x", 9.5, rule="held", cause="container"))
    assert causes(both) == Counter({("container", "container"): 1})
    dwell, _ = matched(truth(slow, holds=[held]), version("x", 9.5), version("x", OVER + 1))
    assert causes(dwell) == Counter({("unclear", "unknown"): 1})


def test_lags_are_from_the_true_deadline_and_negative_where_it_was_early() -> None:
    for at, lag in ((OVER + 0.5, 12.0), (OVER - 0.25, -6.0)):
        score, _ = matched(truth(SLOW), version("x", at), version("y", OVER + 1, rule="run"))
        assert lags_hours(score, late=False) == [pytest.approx(lag, abs=0.01)]
    score, _ = matched(truth(SLOW), version("x", OVER - 2, rule="late"), version("y", OVER + 0.5))
    assert lags_hours(score, late=False) == [pytest.approx(12, abs=0.01)], "of the rule that is there for it"
    score, _ = matched(truth(SLOW), version("x", OVER - 2, rule="late"))
    assert lags_hours(score, late=False) == [pytest.approx(-48, abs=0.01)]
    assert own_lags_hours(cases(version("x", 6, deadline=day(5.5)), version("y", 6))) == [12.0]


def test_what_was_taken_back_is_told_from_what_was_over() -> None:
    lines = [version("x", 6), resolved("x", 7, "late data"), version("y", 6), resolved("y", 8, "departed")]
    warning = [version("z", 6, severity="warning"), resolved("z", 7, "retracted", severity="warning")]
    assert [(case.first.id, hours) for case, hours in withdrawn(cases(*lines, *warning))] == [("x", 24.0)]


def stopped(name: str, at: float, node: str = "KZ-EDGE", **fields: Any) -> dict[str, Any]:
    return version(name, at, rule="node_stopped", container=None, node=node, direction="westbound") | fields


def test_notices_are_counted_by_what_really_happened() -> None:
    true = truth(
        on_time(),
        stops=[{"node": "KZ-EDGE", "directions": ["westbound"], "from": day(5), "to": day(9)}],
        closures=[{"node": "KZ-PORT", "from": day(30), "to": day(35)}],
        silences=[{"carrier": "rail-b", "from": day(20), "to": day(22)}],
        outages=[{"from": day(50), "to": day(50.25)}],
    )
    silent = {"rule": "carrier_silent", "container": None}
    said = notices(
        cases(
            stopped("1", 6),
            stopped("2", 9.5),  # a second notice of the same
            stopped("3", 6, direction="eastbound"),
            stopped("4", 7, node="KZ-PORT"),
            stopped("5", 20),
            version("6", 20.5, carrier="rail-b", **silent),
            version("7", 20.5, carrier="rail-c", **silent),
            version("8", 50.1, carrier="rail-c", **silent),  # not that carrier's fault
            version("9", 50.1, rule="pipeline_behind", container=None),
            version("10", 50.1, rule="pipeline_behind", container=None, replay=True),
            version("11", 31, rule="dwell", node="KZ-PORT"),
        ),
        true,
    )
    assert {real.name: [case.first.id for case in each] for real, each in said.of} == {
        "storm KZ-PORT": [],
        "stop KZ-EDGE westbound": ["1", "2"],
        "silence rail-b": ["6"],
        "outage": ["8", "9"],
    }
    assert [case.first.id for case in said.elsewhere] == ["3", "4"]
    assert [case.first.id for case in said.false] == ["5", "7"]
    assert said.each == pytest.approx(5 / 3)


def three() -> Truth:
    """One slow by chance, one stuck, two on time."""
    other = way("B", *late_at_edge(LINE["KZ-EDGE"] + 48), out=40)
    return truth(SLOW, other, on_time("C"), on_time("D"), stuck=[STUCK | {"container": "B"}])


def test_the_figures_are_shares_of_what_they_say() -> None:
    found = scored(
        three(),
        version("x", OVER + 0.5),
        version("y", OVER + 0.5, container="B", cause="container", suppressed_by="late"),
        version("z", 6, container="C"),
    )
    assert figure(found, "precision, critical exceptions") == pytest.approx(2 / 3)
    assert figure(found, "precision, told") == pytest.approx(1 / 2)
    assert figure(found, "recall, all episodes") == 1
    assert figure(found, "recall, stuck containers") == 1
    assert figure(found, "cause right, clear cases, at last") == 1
    assert figure(found, "false told per 1,000 journeys") == 250
    assert figure(found, "told in all per 1,000 journeys") == 500
    assert figure(found, "truly over a line outside incidents per 1,000 journeys") == 500
    verdicts = {each.name: each.verdict for each in found.figures}
    assert verdicts["precision, told"] == "MISSED"
    assert verdicts["recall, all episodes"] == "met"
    assert verdicts["notices per real incident"] == "nothing to judge"


def test_what_is_only_a_warning_counts_for_no_precision_even_where_an_incident_explains_it() -> None:
    found = scored(three(), version("x", OVER + 0.5, severity="warning", incident="i"))
    assert figure(found, "precision, critical exceptions") is None
    assert figure(found, "recall, all episodes") == pytest.approx(1 / 2)


def test_who_says_nothing_is_never_wrong_and_finds_nothing() -> None:
    found = scored(three())
    assert figure(found, "precision, critical exceptions") is None
    assert figure(found, "recall, all episodes") == figure(found, "recall, stuck containers") == 0
    assert figure(found, "told in all per 1,000 journeys") == 0
