"""The code lists of DCSA Track & Trace and what each code means here. Sources: TNT 2.2.0, and the 3.0.0 beta of 2026.

Version 2 has short codes, version 3 words; both are read in both. Every code of the lists is here: it is a kind of
ours, or it is known to tell of no movement and is rejected with a code that says so (E505).
"""

from typing import Final, Literal

from tracker.domain.report import Classifier, Kind, Mode

Crossed = Literal["crossed"]
CROSSED: Final[Crossed] = "crossed"
"""Of a border or of a way point: the type of the facility tells."""

KINDS: Final[dict[str, Kind | Crossed]] = {
    "GTIN": Kind.GATE_IN,
    "GATED_IN": Kind.GATE_IN,
    "GTOT": Kind.GATE_OUT,
    "GATED_OUT": Kind.GATE_OUT,
    "LOAD": Kind.LOADED,
    "LOADED": Kind.LOADED,
    "DISC": Kind.UNLOADED,
    "DISCHARGED": Kind.UNLOADED,
    "STUF": Kind.STUFFED,
    "STUFFED": Kind.STUFFED,
    "STRP": Kind.STRIPPED,
    "STRIPPED": Kind.STRIPPED,
    "CUSS": Kind.CUSTOMS_HELD,
    "CUSTOMS_SELECTED_FOR_SCAN": Kind.CUSTOMS_HELD,
    "CUSI": Kind.CUSTOMS_HELD,
    "CUSTOMS_SELECTED_FOR_INSPECTION": Kind.CUSTOMS_HELD,
    "CUSR": Kind.CUSTOMS_RELEASED,
    "CUSTOMS_RELEASED": Kind.CUSTOMS_RELEASED,
    "CROS": CROSSED,
    "CROSSED": CROSSED,
    "WAYP": Kind.PASSED,
    "WAYPOINT": Kind.PASSED,
    "ARRI": Kind.ARRIVED,
    "ARRIVED": Kind.ARRIVED,
    "DEPA": Kind.DEPARTED,
    "DEPARTED": Kind.DEPARTED,
}
"""Of equipment and transport events: which of the two lists a code stands in makes no difference."""

OF_A_TRANSPORT: Final = frozenset((Kind.ARRIVED, Kind.DEPARTED, Kind.PASSED, Kind.BORDER_CROSSED))
"""What a train or vessel does, and with it everything it carries."""

SHIPMENT_KINDS: Final = {
    "HOLD": Kind.CUSTOMS_HELD,
    "ON_HOLD": Kind.CUSTOMS_HELD,
    "RELS": Kind.CUSTOMS_RELEASED,
    "RELEASED": Kind.CUSTOMS_RELEASED,
}
"""Of shipment events, where the document is none or one of `CUSTOMS_DOCUMENTS`."""
CUSTOMS_DOCUMENTS: Final = frozenset(("CUS", "CUC", "CUSTOMS_CLEARANCE", "SHI", "SHIPPING_INSTRUCTION"))

NO_MOVEMENT: Final = frozenset(
    (
        # At a customer's door, which is no node of a railway; the gates and trains around it are reported by others.
        *("PICK", "PICKED_UP", "DROP", "DROPPED_OFF"),
        *("AVPU", "AVAILABLE_FOR_PICKUP", "AVAILABLE_FOR_PICK_UP", "AVDO", "AVAILABLE_FOR_DROP_OFF"),
        *("INSP", "INSPECTED", "RSEA", "RESEALED", "RMVD", "REMOVED"),
        "APPROACHING",
        # Devices
        *("DETC", "DETECTED", "BREADCRUMB", "GEOFENCE_ENTRY", "GEOFENCE_EXIT", "LOCATION_REACHED", "MOTION_START"),
        *("MOTION_STOP", "DOOR_OPENED", "DOOR_CLOSED", "DEVICE_STATUS", "TELEMETRY", "PAIRING", "UNPAIRING"),
        *("MEAS", "MEASURED", "ADJU", "ADJUSTED"),
        # Documents
        *("RECE", "RECEIVED", "CONF", "CONFIRMED", "ISSU", "ISSUED", "APPR", "APPROVED", "SUBM", "SUBMITTED"),
        *("SURR", "SURRENDERED", "REJE", "REJECTED", "PENA", "PENDING_APPROVAL", "DRFT", "DRAFTED"),
        *("PENU", "PENDING_UPDATE", "VOID", "VOIDED", "REQS", "REQUESTED", "CMPL", "COMPLETED"),
        *("PENC", "PENDING_CONFIRMATION", "CANC", "CANCELLED", "DECL", "DECLINED", "PENM", "PENDING_AMENDMENT"),
        *("HOLD", "ON_HOLD", "RELS", "RELEASED"),
        *("AMCF", "AMCN", "AMDC", "AMPR", "AMRE", "CACF", "CADC", "CARE", "PSAM", "PSDL", "SUAM", "SUDL"),
        *("UPCF", "UPCN", "UPDC", "UPDT", "UPRE"),
    )
)
"""Codes that are right and tell of no movement. Hold and release are here for documents that are not of customs."""

SILENT_TYPES: Final = frozenset(("IOT", "REEFER", "OPERATIONS"))
"""Types of event that never tell of a movement."""

CLASSIFIERS: Final = {
    "ACT": Classifier.ACTUAL,
    "ACTUAL": Classifier.ACTUAL,
    "EST": Classifier.ESTIMATED,
    "ESTIMATED": Classifier.ESTIMATED,
    "PLN": Classifier.PLANNED,
    "PLANNED": Classifier.PLANNED,
}

MODES: Final = {
    "RAIL": Mode.RAIL,
    "VESSEL": Mode.VESSEL,
    "TRUCK": Mode.TRUCK,
    "BARGE": Mode.BARGE,
    "MULTIMODAL": None,
    # UN/ECE Recommendation 19, which the reference data list beside the words
    "1": Mode.VESSEL,
    "2": Mode.RAIL,
    "3": Mode.TRUCK,
    "8": Mode.BARGE,
}

SPOKEN_MODES: Final = {
    **dict.fromkeys(("SEA", "OCEAN", "MARITIME", "WATER", "SHIP", "FEEDER"), Mode.VESSEL),
    **dict.fromkeys(("TRAIN", "RAILWAY", "RAILROAD"), Mode.RAIL),
    **dict.fromkeys(("ROAD", "TRUCKING", "HIGHWAY"), Mode.TRUCK),
    **dict.fromkeys(("INLAND_WATER", "INLAND_WATERWAY"), Mode.BARGE),
}
"""Of no list, and plain."""

LADEN: Final = {"LADEN": True, "FULL": True, "EMPTY": False}
SPOKEN_LADEN: Final = {"L": True, "F": True, "E": False}
"""Of no list, and plain."""

BORDERS: Final = frozenset(("BOCR", "BORD", "BORDER", "BORDER_CROSSING"))
"""The border crossing has three spellings: 2.x, the text of 3.x, 3.0.0."""
WAY_POINTS: Final = frozenset(("WAYP", "WAYPOINT"))
DEPOTS: Final = frozenset(("DEPO", "DEPOT"))
"""An empty container that comes in at a depot is returned."""


def folded(code: str) -> str:
    """A code as the lists write it: capitals, words joined by `_`.

    >>> folded("Gated in"), folded(" act ")
    ('GATED_IN', 'ACT')
    """
    return "_".join(code.replace("-", " ").replace("_", " ").split()).upper()
