"""What is said of one exception or incident: where, for how long, by what evidence, who took it on, what to do next."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from tracker.web.markup import ABSENT, Html, Shown, tag
from tracker.web.pages.frame import Reader, moment
from tracker.web.pages.tables import link

NEXT: Final[Mapping[str, str]] = {
    "held": "Ask the broker which document customs wants.",
    "wrong_way": "Ask the carrier where the wagon goes, and have it turned.",
    "late": "Tell the consignee the new arrival; ask the carrier for a plan.",
    "dwell": "Ask the terminal what it waits for: wagons, vessel, papers.",
    "run": "Ask the carrier for the train's or vessel's position.",
    "silent": "Ask the carrier whether reports are held up, then where the box is.",
    "missed": "Ask the carrier to send the report that is missing.",
    "impossible": "Ask the carriers which report is right, and to retract the other.",
    "node_stopped": "Ask the node why nothing leaves and until when; hold back or reroute what is on its way there.",
    "carrier_silent": "Ask the carrier whether its system sends; its containers may be where they should be.",
    "carrier_clock": "Have the carrier confirm the zone, then enter a correction.",
    "pipeline_behind": "See whether broker and workers run: until then nobody is called late.",
}
"""A line per rule: what the person on duty does next."""


def age(reader: Reader, exception: Mapping[str, Any]) -> str:
    """For how long it is one, or was, at the clock of the figures."""
    until = exception["resolved_at"] or reader.until
    if not until:
        return ABSENT
    ends, begins = (datetime.fromisoformat(str(each)) for each in (until, exception["deadline"]))
    return reader.say.duration(max(0.0, (ends - begins).total_seconds()))


def taken_on(reader: Reader, exception: Mapping[str, Any]) -> Html:
    """Who took it on, when, and the note; a way to do so where nobody has."""
    said = exception.get("acknowledgement")
    path = f"/exceptions/{exception['id']}"
    if said is None:
        return link(path, reader.say("take on"))
    changed: list[Shown] = []
    if exception["version"] > said["version"]:
        changed = [" ", tag("span", reader.say("changed since"), class_="unready")]
    note = [tag("small", tag("bdi", said["note"]))] if said["note"] else []
    # What people write may hold marks that turn the text around: it must turn only itself.
    return tag("span", tag("bdi", said["by"]), " ", moment(said["at"]), *changed, *note, class_="taken")


def evidence_shown(evidence: Iterable[Mapping[str, Any]]) -> Html:
    """The reports it was judged by: the carrier's name of each, and where its record is."""
    lines = (
        tag("li", tag("bdi", f"{each['carrier']} {each['report'] or ''}"), f" {each['partition']}@{each['offset']}")
        for each in evidence
    )
    return tag("ul", *lines, class_="evidence")


def place_of(reader: Reader, record: Mapping[str, Any]) -> Shown:
    """The node or leg of an exception."""
    if record.get("node"):
        return link(f"/nodes/{record['node']}", reader.name_of(str(record["node"])))
    leg = str(record.get("leg") or "")
    return " – ".join(reader.name_of(end) for end in leg.split("--")) if leg else ""


def incident_place(reader: Reader, incident: Mapping[str, Any]) -> Html:
    """What an incident is about: a node and direction, a carrier, or everything."""
    if incident.get("node"):
        way = f" {reader.say(str(incident['direction']))}" if incident.get("direction") else ""
        return link(f"/nodes/{incident['node']}", reader.name_of(incident["node"]) + way)
    if incident.get("carrier"):
        return link(f"/carriers/{incident['carrier']}", str(incident["carrier"]))
    return Html("")
