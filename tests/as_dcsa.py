"""Simulated reports as a carrier of DCSA tells them: loadings name the train, departures and arrivals are its own."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any, Final

from tests.hearing import Sent

_EQUIPMENT: Final = {"loaded": "LOAD", "unloaded": "DISC"}
_TRANSPORT: Final = {"departed": "DEPA", "arrived": "ARRI"}
_CLASSIFIERS: Final = {"actual": "ACT", "estimated": "EST", "planned": "PLN"}


def retold(sent: Sent, chance: Random) -> Sent:
    """The report as an event of DCSA 2.2; as it is where it names no train, or is too wrong to be told otherwise."""
    try:
        said = json.loads(sent.body)
    except ValueError:
        return sent
    if not isinstance(said, dict) or not isinstance(said.get("train"), str):
        return sent
    kind = said.get("kind")
    if kind in _EQUIPMENT:
        event = _event(said) | {"eventType": "EQUIPMENT", "equipmentEventTypeCode": _EQUIPMENT[kind]}
        event["equipmentReference"] = said.get("container")
    elif kind in _TRANSPORT:
        event = _event(said) | {"eventType": "TRANSPORT", "transportEventTypeCode": _TRANSPORT[kind]}
        if chance.random() < 0.3:
            event["references"] = [{"referenceType": "EQ", "referenceValue": said.get("container")}]
    else:
        return sent
    return sent._replace(body=json.dumps({name: value for name, value in event.items() if value is not None}).encode())


def _event(said: Mapping[str, Any]) -> dict[str, Any]:
    node = said.get("node")
    where: dict[str, Any] = {"facilityCode": node} if isinstance(node, str) else {}
    if isinstance(node, dict):
        where = {"UNLocationCode" if node.get("scheme") == "unlocode" else "otherFacility": node.get("code")}
    return {
        "eventID": said.get("id"),
        "eventClassifierCode": _CLASSIFIERS.get(said.get("classifier", "actual")),
        "eventDateTime": said.get("occurred_at"),
        "eventCreatedDateTime": said.get("recorded_at"),
        "isRetracted": said.get("retracted"),
        "transportCall": {"modeOfTransport": "RAIL", "carrierVoyageNumber": said["train"], **where},
    }
