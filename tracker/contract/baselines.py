"""Learned norms as they are written on `rail.baselines` and, by `tracker batch`, in `baselines.jsonl`."""

from tracker.aggregates.incidents import LEARNED_DAYS
from tracker.aggregates.usual import DAYS, HOLDS_AFTER
from tracker.contract.written import BaselineRecord, NormRecord, UsualFeedRecord
from tracker.domain.moment import DAY, SECOND, Millis, text
from tracker.domain.norms import Norms, Subject, Usual


def baseline_json(norms: Norms) -> BaselineRecord:
    """The record of one version: what holds on its day, of places and of carriers."""
    last = norms.version - HOLDS_AFTER
    return {
        "version": norms.version,
        "holds_from": text(Millis(norms.version * DAY)),
        "learned_from": text(Millis((last - DAYS + 1) * DAY)),
        "learned_to": text(Millis((last + 1) * DAY)),
        "norms": [_norm(subject, norms.usual[subject]) for subject in sorted(norms.usual, key=_order)],
        "carriers_learned_from": text(Millis((norms.version - LEARNED_DAYS) * DAY)),
        "carriers": [_feed(carrier, norms) for carrier in sorted(norms.delays.keys() | norms.gaps.keys())],
    }


def _order(subject: Subject) -> tuple[str, ...]:
    return subject.what, subject.place, subject.side or "", subject.direction


def _norm(subject: Subject, usual: Usual) -> NormRecord:
    is_run = subject.what == "run"
    return {
        "node": None if is_run else subject.place,
        "leg": subject.place if is_run else None,
        "side": subject.side,
        "direction": subject.direction,
        "samples": usual.samples,
        "trains": usual.trains,
        "p50_seconds": usual.median / SECOND,
        "p95_seconds": usual.p95 / SECOND,
    }


def _feed(carrier: str, norms: Norms) -> UsualFeedRecord:
    delay, gap = norms.delays.get(carrier), norms.gaps.get(carrier)
    return {
        "carrier": carrier,
        "delay_p95_seconds": None if delay is None else delay / SECOND,
        "gap_p95_seconds": None if gap is None else gap / SECOND,
    }
