"""Which node a carrier means, by an id, a code or a name; what is doubtful about it is told."""

from typing import Final

from tracker.contract.native import CodedNode
from tracker.contract.said import Codes
from tracker.domain.faults import Fault, fault
from tracker.domain.places import Places

SCHEMES: Final = frozenset(("unlocode", "esr", "uic", "bic", "smdg", "name"))
"""The code schemes a carrier may name a place by."""


def node_of(given: str | CodedNode | Codes, path: str, places: Places, faults: list[Fault]) -> str | None:
    """The id of the node meant; None of one that is not known, which is a fault, but of an end only a doubt."""
    if isinstance(given, tuple):
        place, code = None, given[0][1]
        for scheme, each in given:
            if (place := places.resolve(scheme, each)) is not None:
                code = each
                break
    elif isinstance(given, CodedNode):
        code = given.code
        if given.scheme not in SCHEMES:
            faults.append(fault("E403", path, given.scheme, "one of " + ", ".join(sorted(SCHEMES))))
            return None
        place = places.resolve(given.scheme, code)
    else:
        code = given
        place = places.resolve_any(code)
    if place is None:
        near = ", ".join(places.nearest_names(code, 3))
        wanted = f"a node or code of the network; nearest names: {near}" if near else "a node or code of the network"
        faults.append(fault("E402" if path == "node" else "W403", path, code, wanted))
        return None
    if place.by_name:
        faults.append(fault("W401", path, code, f"the node id {place.node}"))
    elif place.nearest:
        faults.append(fault("W402", path, code, f"the node id {place.node}"))
    return place.node
