"""Faults of kind, classifier and mode: E5.. and W5.."""

from typing import Final

from tracker.domain.catalogue.entry import GOOD, GOOD_EVENT, Entry, event, report

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
    Entry(
        "E505",
        "the event tells of no movement: a document's, a device's or a seal's",
        cause="a feed of all events sent without a choice",
        fix="leave it out; nothing is lost",
        failing=event(equipmentEventTypeCode="INSP"),
        good=event(),
    ),
    Entry(
        "W501",
        "it is not said what was crossed; taken for a border",
        cause="a border crossing without the type of the facility",
        fix="give `facilityTypeCode`: BORDER (BOCR) or WAYPOINT (WAYP)",
        failing=event(equipmentEventTypeCode="CROS"),
        good=event(
            equipmentEventTypeCode="CROS", transportCall=GOOD_EVENT["transportCall"] | {"facilityTypeCode": "BOCR"}
        ),
    ),
    Entry(
        "W502",
        "the classifier is missing; taken for actual",
        cause="a sender that only ever tells what happened",
        fix="give `eventClassifierCode`: ACT, EST or PLN",
        failing=event("eventClassifierCode"),
        good=event(),
    ),
)
