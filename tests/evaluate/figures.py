"""What the score comes to: the figures with their aims, and the tables behind them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.evaluate.arrivals import Arrivals
from tests.evaluate.cases import Case
from tests.evaluate.episodes import Episode, Judge
from tests.evaluate.figure import Figure, arrival_figures
from tests.evaluate.incidents import Notices, notices
from tests.evaluate.score import (
    Matched,
    causes,
    lags_hours,
    match,
    own_lags_hours,
    quantile,
    right_causes,
    told,
    withdrawn,
)
from tests.evaluate.truth import Truth

_TOO_LOW = 0.1
"""A line that would tell about more than this share of what passes is too low."""
_FEWEST = 20
"""Passages below which a share says nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """Figures, and tables of rows by title."""

    figures: list[Figure]
    tables: dict[str, list[list[Any]]]


def result(
    cases: Sequence[Case], episodes: Sequence[Episode], judge: Judge, truth: Truth, expected: Arrivals, journeys: int
) -> Result:
    """Everything that is published. `journeys`: how many the tracker made of the reports."""
    matched = match(cases, episodes, judge, truth)
    said_of = notices(cases, truth)
    return Result(
        figures=[
            *_rightness(matched, truth),
            *_speed(matched, cases),
            *_telling(matched, cases, episodes, truth),
            *_incidents(said_of),
            *_taking_back(cases),
            *arrival_figures(expected),
            Figure("journeys, true", len(truth.ways)),
            Figure("journeys, the tracker's", journeys),
        ],
        tables={
            "episodes": _episodes(matched, episodes),
            "causes at last": _matrix(causes(matched)),
            "causes when first critical": _matrix(causes(matched, first=True)),
            "false critical": _false(matched),
            "notices": _notices(said_of),
            "share of journeys by rule": _shares(cases, truth),
            "lines too low": _too_low(cases, judge.passages),
            "reasons of resolutions": _counted(Counter(c.reason for c in cases if c.resolved is not None)),
            "sources of thresholds": _counted(
                Counter(c.critical.threshold_source for c in cases if c.critical is not None and c.first.container)
            ),
        },
    )


def _rightness(matched: Matched, truth: Truth) -> list[Figure]:
    critical = [case for case, _ in matched.right if case.is_critical]
    right, wrong = len(critical), len(matched.false)
    told_right = sum(case.told is not None for case in critical)
    told_false = sum(case.told is not None for case, _, _ in matched.false)
    figures = [
        Figure("precision, critical exceptions", _share(right, right + wrong), 0.97, note=f"{wrong} false"),
        Figure("precision, told", _share(told_right, told_right + told_false), 0.97, note=f"{told_false} false"),
        Figure("recall, all episodes", _recall(matched), 0.99, note=f"{len(matched.missed)} missed"),
        Figure("recall, stays and runs", _recall(matched, "stay", "run"), 0.99),
        Figure("recall, customs holds", _recall(matched, "hold"), 0.99),
        Figure("recall, late journeys", _recall(matched, "late"), 0.99),
    ]
    stuck = {key for key, spans in truth.stuck.items() if spans}
    found = {(e.container, e.booking) for e in matched.found if e.kind in ("stay", "run")} & stuck
    missed = {(e.container, e.booking) for e in matched.missed if e.kind in ("stay", "run")} & stuck - found
    figures.append(Figure("recall, stuck containers", _share(len(found), len(found | missed)), 0.99))
    for words, first in (("at last", False), ("when first critical", True)):
        good, clear = right_causes(causes(matched, first=first))
        figures.append(Figure(f"cause right, clear cases, {words}", _share(good, clear), 0.95, note=f"of {clear}"))
    return figures


def _speed(matched: Matched, cases: Sequence[Case]) -> list[Figure]:
    figures = []
    for words, lags in (
        ("deadline to exception, stays, runs, holds", lags_hours(matched, late=False)),
        ("deadline to exception, late journeys", lags_hours(matched, late=True)),
        ("own deadline to detected_at", own_lags_hours(cases)),
    ):
        early = f"{sum(lag < 0 for lag in lags)} of {len(lags)} early"
        figures += [Figure(f"{words}, h, p{p}", quantile(lags, p / 100), note=early) for p in (50, 95)]
    return figures


def _telling(matched: Matched, cases: Sequence[Case], episodes: Sequence[Episode], truth: Truth) -> list[Figure]:
    per = 1000 / len(truth.ways) if truth.ways else 0.0
    false = sum(case.told is not None for case, _, _ in matched.false)
    outside = len({(e.container, e.booking) for e in episodes if e.cause in (None, "container")})
    late = len({(e.container, e.booking) for e in episodes if e.kind == "late" and e.cause != "node"})
    return [
        Figure("false told per 1,000 journeys", false * per, 5, at_least=False),
        Figure("told in all per 1,000 journeys", len(told(cases)) * per, 100, at_least=False),
        Figure("truly over a line outside incidents per 1,000 journeys", outside * per),
        Figure("of these truly late", late * per),
    ]


def _incidents(said: Notices) -> list[Figure]:
    silent = sum(not cases for _, cases in said.of)
    return [
        Figure("notices per real incident", said.each, 1, at_least=False, note=f"{silent} of {len(said.of)} untold"),
        Figure("real incidents told", _share(len(said.of) - silent, len(said.of)), 1),
        Figure("incidents told of other nodes meanwhile", len(said.elsewhere)),
        Figure("incidents told of nothing", len(said.false)),
    ]


def _taking_back(cases: Sequence[Case]) -> list[Figure]:
    back = withdrawn(cases)
    hours = sorted(each for _, each in back)
    told_back = sum(case.told is not None for case, _ in back)
    return [
        Figure("critical exceptions withdrawn", len(back), note=f"{told_back} of them told"),
        Figure("withdrawn within, h, p50", quantile(hours, 0.5)),
        Figure("withdrawn within, h, p95", quantile(hours, 0.95)),
    ]


def _episodes(matched: Matched, episodes: Sequence[Episode]) -> list[list[Any]]:
    rows: list[list[Any]] = [["line", "true cause", "episodes", "found", "missed", "missed, at the line but briefly"]]
    missed = set(matched.missed)
    kinds = Counter((episode.kind, episode.cause or "unclear") for episode in episodes)
    for kind, cause in sorted(kinds):
        mine = [e for e in episodes if (e.kind, e.cause or "unclear") == (kind, cause)]
        brief = sum(e in missed and e.end is not None and e.end - e.deadline < e.noticed_by - e.end for e in mine)
        found = sum(episode in matched.found for episode in mine)
        rows.append([kind, cause, len(mine), found, sum(episode in missed for episode in mine), brief])
    return rows


def _matrix(counts: Counter[tuple[str, str]]) -> list[list[Any]]:
    given = sorted({each for _, each in counts})
    rows: list[list[Any]] = [["true cause", *given]]
    rows += [[true, *(counts[true, each] for each in given)] for true in sorted({true for true, _ in counts})]
    return rows


def _false(matched: Matched) -> list[list[Any]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for case, cause, truly in matched.false:
        source = case.critical.threshold_source if case.critical is not None else None
        is_told = "untold" if case.told is None else "told"
        counts[case.first.rule, source or "not given", cause or "none", truly, is_told] += 1
    rows: list[list[Any]] = [["rule", "threshold", "would be explained by", "truly then", "told", "exceptions"]]
    return rows + [[*key, count] for key, count in counts.most_common()]


def _notices(said: Notices) -> list[list[Any]]:
    rows: list[list[Any]] = [["about", "notices", "first, h after its start"]]
    for real, cases in said.of:
        hours = [(case.opened - real.trouble.start) / 3_600_000 for case in cases]
        rows.append([real.name, len(cases), round(min(hours), 1) if hours else None])
    others = [(case, "elsewhere") for case in said.elsewhere] + [(case, "nothing") for case in said.false]
    counts = Counter(
        f"{words}: {c.first.rule} {c.place or c.first.carrier or ''} {c.first.direction or ''}".strip()
        for c, words in others
    )
    return rows + [[name, count, None] for name, count in counts.most_common(20)]


def _shares(cases: Sequence[Case], truth: Truth) -> list[list[Any]]:
    rows: list[list[Any]] = [["rule", "any", "critical", "told"]]
    for rule in sorted({case.first.rule for case in cases if case.first.container}):
        mine = [case for case in cases if case.first.rule == rule]
        kept = (mine, [c for c in mine if c.is_critical], [c for c in mine if c.told is not None])
        boxes = (len({(c.first.container, c.first.journey) for c in each}) for each in kept)
        rows.append([rule, *(f"{100 * (_share(each, len(truth.ways)) or 0):.1f} %" for each in boxes)])
    return rows


def _too_low(cases: Sequence[Case], passages: Mapping[tuple[str, str, str], Sequence[int]]) -> list[list[Any]]:
    rules = {"dwell": "stay", "run": "run"}
    counts = Counter(
        (rules[c.first.rule], c.place or "", c.first.direction or "")
        for c in cases
        if c.first.rule in rules and c.is_critical and not c.is_explained
    )
    rows: list[list[Any]] = [["line", "place", "direction", "passages", "critical", "truly over"]]
    for key, (passed, over) in sorted(passages.items()):
        if passed >= _FEWEST and max(counts[key], over) > _TOO_LOW * passed:
            rows.append([*key, passed, counts[key], over])
    return rows


def _counted(counts: Counter[str | None]) -> list[list[Any]]:
    return [["", "exceptions"], *([name or "not given", count] for name, count in counts.most_common())]


def _recall(matched: Matched, *kinds: str) -> float | None:
    found = sum(not kinds or episode.kind in kinds for episode in matched.found)
    missed = sum(not kinds or episode.kind in kinds for episode in matched.missed)
    return _share(found, found + missed)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
