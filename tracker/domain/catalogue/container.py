"""Faults of the container and of what carries it: E2.. and W2.."""

from typing import Final

from tracker.domain.catalogue.entry import GOOD, GOOD_REPORT, Entry, Sent, event, of_train, report

ENTRIES: Final = (
    Entry(
        "E201",
        "the container number is missing",
        cause="a report about a wagon or a train, or the field under another name",
        fix="give `container`, an ISO 6346 number",
        failing=report("container"),
        good=GOOD,
    ),
    Entry(
        "E202",
        "this is not a container number",
        cause="a wagon or waybill number in its place, a placeholder such as N/A, a letter O for a zero",
        fix="four letters and seven digits, ISO 6346",
        failing=report(container="N/A"),
        good=report(container="CSQU 305438-3"),
    ),
    Entry(
        "E203",
        "the category letter is not U",
        cause="a chassis (Z) or detachable equipment (J) reported as a container, or a misread letter",
        fix="freight containers have U in the fourth place",
        failing=report(container="CSQZ3054383"),
        good=GOOD,
    ),
    Entry(
        "E204",
        "the check digit is wrong",
        cause="two digits changed places when the number was keyed",
        fix="compare the number with the one painted on the container",
        failing=report(container="CSQU3054338"),
        good=GOOD,
    ),
    Entry(
        "E205",
        "neither a container nor a train or vessel is named",
        cause="a transport event without the voyage, the train or the call",
        fix="give `equipmentReference`; of a train or vessel its number, voyage or call, or list its containers",
        failing=of_train(
            transportCall={"UNLocationCode": "KZDOS"},
        ),
        good=of_train(),
    ),
    Entry(
        "W201",
        "the check digit is wrong; this carrier's numbers are accepted all the same",
        cause="two digits changed places when the number was keyed",
        fix="compare with the number painted on the container",
        failing=(Sent(GOOD_REPORT | {"container": "CSQU3054338"}, carrier="kmtf"),),
        good=(Sent(GOOD_REPORT, carrier="kmtf"),),
    ),
    Entry(
        "W202",
        "the size-type is not known, so TEU is unknown",
        cause="words for it (HIGH CUBE), or the carrier's own code",
        fix="send an ISO 6346 size-type such as 45G1",
        failing=report(iso_code="HIGH CUBE"),
        good=report(iso_code="45G1"),
    ),
    Entry(
        "W203",
        "the gross mass is implausible",
        cause="tonnes in place of kilograms, or the cargo without the container",
        fix="send kilograms, tare included",
        failing=report(gross_kg=21.5),
        good=report(gross_kg=21500),
    ),
    Entry(
        "W204",
        "the wagon number's check digit is wrong",
        cause="two digits changed places when the number was keyed",
        fix="compare with the number painted on the wagon",
        failing=report(wagon="94462109"),
        good=report(wagon="94461209"),
    ),
    Entry(
        "W205",
        "the container number is not written as ISO 6346 writes it",
        cause="a number copied from paper",
        fix="send four capitals and seven digits, nothing between",
        failing=event(equipmentReference="CSQU 305438-3"),
        good=event(),
    ),
    Entry(
        "W206",
        "containers of the list cannot be read and were left out",
        cause="a list keyed by hand",
        fix="compare the numbers with those painted on the containers",
        failing=of_train(
            references=[
                {"referenceType": "EQ", "referenceValue": "CSQU3054383"},
                {"referenceType": "EQ", "referenceValue": "CSQU3054338"},
            ],
        ),
        good=of_train(
            references=[{"referenceType": "EQ", "referenceValue": "CSQU3054383"}],
        ),
    ),
)
