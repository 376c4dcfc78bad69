"""Faults of the body: E0.. the tracker's own, E1.. and W1.. of what was sent as a whole."""

from typing import Final

from tracker.domain.catalogue.entry import GOOD, GOOD_REPORT, Entry, Sent, report

ENTRIES: Final = (
    Entry(
        "E001",
        "the tracker itself failed on this record",
        cause="a fault of ours, never of the carrier's",
        fix="nothing to do: we keep it, mend the tracker and resend it",
        failing=(),
        good=(),
    ),
    Entry(
        "E101",
        "the body is not JSON",
        cause="text in another encoding than UTF-8, a comma after the last field, NaN for a number, an empty record",
        fix="send one JSON value in UTF-8 per record",
        failing=(Sent(b'{"container": "CSQU3054383", "kind": "departed",}'),),
        good=GOOD,
    ),
    Entry(
        "E102",
        "the body is too large",
        cause="a day's reports sent as one array",
        fix="send at most 65,536 bytes per record; split arrays",
        failing=(Sent([GOOD_REPORT | {"booking": "B" * 40}] * 400, shown="400 reports of 180 bytes in one array"),),
        good=GOOD,
    ),
    Entry(
        "E103",
        "the report is not a JSON object",
        cause="an empty array, or JSON that was encoded twice and is now a text",
        fix="send an object, or an array of objects",
        failing=(Sent('{"container": "CSQU3054383"}'),),
        good=GOOD,
    ),
    Entry(
        "E104",
        "the format is not one we know",
        cause="a message of another standard, or of a version of it that we do not read",
        fix="send the native format: container, kind, occurred_at, node",
        failing=(Sent({"eventType": "EQUIPMENT", "equipmentReference": "CSQU3054383"}),),
        good=GOOD,
    ),
    Entry(
        "E105",
        "the array holds too many reports",
        cause="a day's reports sent as one array",
        fix="send at most 500 reports in one record",
        failing=(Sent([{"id": "A-1"}] * 501, shown="501 reports in one array"),),
        good=(Sent([GOOD_REPORT, GOOD_REPORT | {"container": "TRIU8784560", "id": "A-2"}]),),
    ),
    Entry(
        "E106",
        "a field has the wrong type or range",
        cause="a number in quotes, yes and no for true and false, a text that is longer than the field",
        fix="see the field's type in the schema",
        failing=report(gross_kg="21500"),
        good=report(gross_kg=21500),
    ),
    Entry(
        "W101",
        "fields we do not know were left out",
        cause="a misspelt name, or a field of the carrier's own",
        fix="remove them, or check their spelling",
        failing=report(wagon_number="94461209"),
        good=report(wagon="94461209"),
    ),
)
