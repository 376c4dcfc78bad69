"""A carrier's scorecard: what is told of its feed under `/v1/carriers/{id}`, in `summary.json` and once a day."""

from collections.abc import Sequence
from typing import Final

from tracker.aggregates.feed import WINDOW_DAYS, Feed
from tracker.aggregates.sequences import Gap
from tracker.contract.feedback import feedback
from tracker.contract.written import FeedbackRecord, MissingRecord, ScorecardRecord
from tracker.domain.faults import fault
from tracker.domain.moment import SECOND, Millis, text
from tracker.domain.report import Outcome

MISSING_FAULT: Final = "W602"
RANGES_MAX: Final = 100
"""Ranges of missing numbers that are told, the newest; how many reports they are is always told."""


def scorecard_json(feed: Feed) -> ScorecardRecord:
    """The scorecard of a feed."""
    p50, p90 = feed.delays.quantiles(0.5, 0.9) or (None, None)
    return {
        "carrier": feed.carrier,
        "at": text(feed.at),
        "window_days": WINDOW_DAYS,
        "reports": feed.reports,
        "rejected": feed.rejected,
        "faults": dict(feed.faults),
        "delay": {"p50_seconds": _seconds(p50), "p90_seconds": _seconds(p90), "within_12h": feed.punctual},
        "heard_at": _text(feed.heard),
        "watermark": _text(feed.watermark),
        "usual_gap_seconds": _seconds(feed.gap),
        "quiet": feed.is_quiet,
        "missing": missing_json(feed),
        "completeness": {
            "expected": feed.completeness.expected,
            "told": feed.completeness.told,
            "share": feed.completeness.share,
        },
        "clock": None
        if feed.clock is None
        else {"hours": feed.clock.hours or 0, "since": text(feed.clock.since), "incident": feed.clock.id},
    }


def missing_json(feed: Feed) -> MissingRecord:
    """Which of a carrier's numbers never came."""
    ranges: Sequence[Gap] = feed.numbers.missing(feed.at)
    return {
        "reports": feed.numbers.count(feed.at),
        "ranges": [{"first": gap.first, "last": gap.last} for gap in ranges[-RANGES_MAX:]],
    }


def missing_feedback(feed: Feed) -> FeedbackRecord:
    """What a carrier is told when other numbers are missing than it was told of; without a fault when none is."""
    missing = missing_json(feed)
    seen = ", ".join(f"{each['first']} to {each['last']}" for each in missing["ranges"])
    doubts = [fault(MISSING_FAULT, "sequence", seen, "every number once")] if missing["reports"] else []
    said = feedback(None, (-1, -1, -1), Outcome.ACCEPTED, doubts)
    said["at"], said["missing"] = text(feed.at), missing
    return said


def daily_feedback(feed: Feed) -> FeedbackRecord:
    """The scorecard as a carrier is told it once a day."""
    said = feedback(None, (-1, -1, -1), Outcome.ACCEPTED, ())
    said["at"], said["scorecard"] = text(feed.at), scorecard_json(feed)
    return said


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / SECOND


def _text(moment: Millis | None) -> str | None:
    return None if moment is None else text(moment)
