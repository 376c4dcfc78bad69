"""Holds what the tracker said against what was true: found, missed, false, told, causes, withdrawn."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.evaluate.cases import DELAYS, Case
from tests.evaluate.episodes import Episode, Judge
from tests.evaluate.said import moment
from tests.evaluate.truth import Truth, Way
from tests.evaluate.whereabouts import truly

JUDGED: Final = (*DELAYS, "wrong_way")
"""Rules whose critical exceptions are right or false. `missed` never is critical, `impossible` is the carrier's."""
LAST_HOURS: Final = 24
"""Episodes whose deadline lies in the last so many hours of a run, or beyond, need not be found: the watermark may lag
so far. Where one was found it counts."""
WITHDRAWN: Final = ("late data", "retracted", "retraction", "revised", "revision", "corrected", "correction")
"""Reasons of a resolution by which the exception should never have been."""
_LIKE: Final = {
    "stay": ("dwell", "run", "silent"),
    "run": ("dwell", "run", "silent"),
    "hold": ("held",),
    "late": ("late",),
}
"""The rules that are there to find each kind of episode."""
CLEAR: Final = ("container", "node", "carrier", "pipeline")


@dataclass(slots=True)
class Matched:
    """Each case with what it was about, and each episode with what found it."""

    right: list[tuple[Case, list[Episode]]] = field(default_factory=list)
    because: dict[str, str] = field(default_factory=dict)
    """By the id of a case that is about no episode of its own kind: what was real for this container then. A container
    may be late by a closed border, and its run unreported because its carrier is silent."""
    explained: list[tuple[Case, str]] = field(default_factory=list)
    """Over no line, but under an incident that was real for this container: neither right nor false."""
    false: list[tuple[Case, str | None, str]] = field(default_factory=list)
    """With what would have explained it, and where the container truly was."""
    found: dict[Episode, int] = field(default_factory=dict)
    """When each episode was first found: by an exception like it, where there is one, else by any."""
    missed: list[Episode] = field(default_factory=list)


def match(cases: Sequence[Case], episodes: Sequence[Episode], judge: Judge, truth: Truth) -> Matched:
    """Matches by container and time, never by journey id or place: what a person is told about is a container.

    A case matches an episode when it was opened (critical, or explained by an incident) after the stay, run, hold
    or way began, until `noticed_by`, and stood at the deadline or later; one of rule `late` also when it was
    resolved before a late journey's deadline, since to foretell is the rule's purpose.
    """
    of: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        of[episode.container].append(episode)
    ways: dict[str, list[Way]] = defaultdict(list)
    for way in truth.ways:
        ways[way.container].append(way)
    matched = Matched()
    for case in cases:
        container = case.first.container
        if container is None or case.first.rule not in JUDGED or not case.open_spans:
            continue
        about = [episode for episode in of[container] if (_met(case, episode)) is not None]
        if about and case.first.rule in DELAYS:
            matched.right.append((case, about))
            if case.is_explained and not any(case.first.rule in _LIKE[episode.kind] for episode in about):
                at = case.open_spans[0].start
                cause = judge.cause_without_episode(_way_at(ways[container], at), at)
                matched.because |= {} if cause is None else {case.first.id: cause}
        elif case.is_critical:
            at = case.open_spans[0].start
            on = _way_at(ways[container], at)
            cause = judge.cause_without_episode(on, at)
            if cause is not None and case.is_explained:
                matched.explained.append((case, cause))
            else:
                matched.false.append((case, cause, truly(case, on, judge)))
    matched.found = _first(matched)
    last = truth.until - LAST_HOURS * 3_600_000
    matched.missed = [episode for episode in episodes if episode not in matched.found and episode.deadline <= last]
    return matched


def causes(matched: Matched, *, first: bool = False) -> Counter[tuple[str, str]]:
    """How often each true cause was given each cause: that of the last open version, or of the first critical one.

    True causes: those of `CLEAR`; `unclear` where a container is over its line and the truth names no reason;
    `none` where nothing was the matter at all.
    """
    counts: Counter[tuple[str, str]] = Counter()
    rows = [
        (case, matched.because.get(case.first.id) or _nearest(case, about).cause or "unclear")
        for case, about in matched.right
    ]
    rows += [(case, cause) for case, cause in matched.explained]
    rows += [(case, cause or "none") for case, cause, _ in matched.false]
    for case, true in rows:
        version = (case.critical or case.last_open) if first else case.last_open
        counts[true, version.cause or "not given"] += 1
    return counts


def right_causes(counts: Counter[tuple[str, str]]) -> tuple[int, int]:
    """How many of the clear ones were right, and how many clear ones there are."""
    clear = {pair: count for pair, count in counts.items() if pair[0] in CLEAR}
    return sum(count for (true, given), count in clear.items() if true == given), sum(clear.values())


def lags_hours(matched: Matched, *, late: bool) -> list[float]:
    """Hours from each found episode's deadline to the exception, negative where it was early, sorted."""
    return sorted(
        (at - episode.deadline) / 3_600_000 for episode, at in matched.found.items() if (episode.kind == "late") is late
    )


def own_lags_hours(cases: Sequence[Case]) -> list[float]:
    """Hours from each critical exception's own deadline to its detection, by its first critical version, sorted."""
    lags = []
    for case in cases:
        version = case.critical
        if version is not None and version.deadline is not None and case.first.container is not None:
            detected, deadline = moment(version.detected_at or version.at), moment(version.deadline)
            assert detected is not None
            assert deadline is not None
            lags.append((detected - deadline) / 3_600_000)
    return sorted(lags)


def told(cases: Sequence[Case]) -> list[Case]:
    """Exceptions of containers that a person was told of one by one."""
    return [
        case
        for case in cases
        if case.told is not None and case.first.container is not None and case.first.rule != "impossible"
    ]


def withdrawn(cases: Sequence[Case]) -> list[tuple[Case, float]]:
    """Critical exceptions of containers that were taken back, with the hours they stood until then."""
    return [
        (case, (case.resolved - case.open_spans[0].start) / 3_600_000)
        for case in cases
        if case.first.container is not None
        and case.is_critical
        and case.resolved is not None
        and case.reason is not None
        and case.reason.lower().replace("_", " ") in WITHDRAWN
    ]


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which that share lies, of sorted values; None when there are none.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([], 0.5)
    (2.0, None)
    """
    return values[max(0, math.ceil(len(values) * share) - 1)] if values else None


def _met(case: Case, episode: Episode) -> int | None:
    """When the case first stood within what counts as finding the episode; its own start where it was early."""
    foretells = case.first.rule == "late" and episode.kind == "late"
    stands = episode.since if foretells else episode.deadline
    return next(
        (
            span.start
            for span in case.open_spans
            if episode.since <= span.start <= episode.noticed_by and stands < span.end
        ),
        None,
    )


def _first(matched: Matched) -> dict[Episode, int]:
    by_episode: dict[Episode, list[tuple[bool, int]]] = defaultdict(list)
    for case, about in matched.right:
        for episode in about:
            at = _met(case, episode)
            assert at is not None
            by_episode[episode].append((case.first.rule not in _LIKE[episode.kind], at))
    return {episode: min(several)[1] for episode, several in by_episode.items()}


def _nearest(case: Case, about: Sequence[Episode]) -> Episode:
    """The episode a case is about most: of its own rule, else of one like it, and rather one whose cause is clear."""
    own = {"dwell": "stay", "run": "run", "held": "hold", "late": "late"}.get(case.first.rule)
    is_like = case.first.rule in ("dwell", "run", "silent")
    return max(
        about, key=lambda e: (e.kind == own, is_like and e.kind in ("stay", "run"), e.cause is not None, e.deadline)
    )


def _way_at(ways: Sequence[Way], at: int) -> Way | None:
    """The journey a container was on then: the last one begun."""
    begun = [way for way in ways if way.began <= at]
    return max(begun, key=lambda way: way.began) if begun else None
