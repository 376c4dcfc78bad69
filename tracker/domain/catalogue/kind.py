"""Faults of kind, classifier and mode: E5.. and W5.."""

from typing import Final

from tracker.domain.catalogue.entry import GOOD, Entry, report

ENTRIES: Final = (
    Entry(
        "E501",
        "the kind is missing",
        cause="a position without an event, or the field under another name",
        fix="give `kind`",
        failing=report("kind"),
        good=GOOD,
    ),
    Entry(
        "E502",
        "the kind is not known",
        cause="the carrier's own word for it",
        fix="use one of the kinds of the native format",
        failing=report(kind="DEPARTURE"),
        good=GOOD,
    ),
    Entry(
        "E503",
        "the classifier is not known",
        cause="the carrier's own word, such as forecast",
        fix="actual, estimated or planned",
        failing=report(classifier="forecast"),
        good=report(classifier="estimated"),
    ),
    Entry(
        "E504",
        "the mode is not known",
        cause="the carrier's own word, such as ferry",
        fix="rail, vessel, truck or barge",
        failing=report(mode="ferry"),
        good=report(mode="vessel"),
    ),
)
