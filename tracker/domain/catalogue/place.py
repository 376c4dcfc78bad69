"""Faults of the place: E4.. and W4.."""

from typing import Final

from tracker.domain.catalogue.entry import GOOD, GOOD_EVENT, Entry, event, report

ENTRIES: Final = (
    Entry(
        "E401",
        "the node is missing",
        cause="a report from between two stations, or the field under another name",
        fix="give `node`",
        failing=report("node"),
        good=GOOD,
    ),
    Entry(
        "E402",
        "the node is not known",
        cause="a code of the carrier's own, a station off our corridors, a misspelt name",
        fix="use a node id or one of the codes of the network file",
        failing=report(node="Altynkoll"),
        good=report(node={"scheme": "unlocode", "code": "KZAAU"}),
    ),
    Entry(
        "E403",
        "the code scheme is not known",
        cause="an airport's code, or a scheme of the carrier's own",
        fix="one of unlocode, esr, uic, bic, smdg, name",
        failing=report(node={"scheme": "iata", "code": "ALA"}),
        good=report(node={"scheme": "unlocode", "code": "KZAAU"}),
    ),
    Entry(
        "W401",
        "the place was given only by name",
        cause="a table that has no codes; names change and are written in many ways",
        fix="send a node id or a code",
        failing=report(node={"scheme": "name", "code": "Алтынколь"}),
        good=GOOD,
    ),
    Entry(
        "W402",
        "the code is that of a neighbouring place",
        cause="the station has no UN/LOCODE of its own, and the city's is used",
        fix="send the node's own id",
        failing=report(node={"scheme": "unlocode", "code": "KZHOR"}),
        good=GOOD,
    ),
    Entry(
        "W403",
        "origin or destination is not known and was left out",
        cause="an end of the journey that lies off our corridors",
        fix="use a node id or a code of the network file",
        failing=report(destination="Ulaanbaatar"),
        good=report(destination="PL-LODZ"),
    ),
    Entry(
        "W404",
        "two different places are given",
        cause="the place of the transport call beside that of the event",
        fix="name the place once",
        failing=event(transportCall=GOOD_EVENT["transportCall"] | {"location": {"UNLocationCode": "KZAAU"}}),
        good=event(transportCall=GOOD_EVENT["transportCall"] | {"location": {"UNLocationCode": "KZDOS"}}),
    ),
)
