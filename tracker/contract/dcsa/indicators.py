"""Mode of transport, and laden or empty, as senders write them: by the code lists, or plainly otherwise (W104)."""

from tracker.contract.dcsa.codes import LADEN, MODES, SPOKEN_LADEN, SPOKEN_MODES
from tracker.contract.dcsa.fields import Fields
from tracker.domain.faults import fault
from tracker.domain.report import Mode


def mode_of(fields: Fields) -> Mode | None:
    """The mode; None where none is given, or no single one."""
    found = fields.code(("modeOfTransport", "modeOfTransportCode"), ("call",), "E504")
    if found is None:
        return None
    if found.text in MODES:
        if found.text.isdigit():
            fields.misspelt(found.path)
        return MODES[found.text]
    if found.text in SPOKEN_MODES:
        fields.misspelt(found.path)
        return SPOKEN_MODES[found.text]
    fields.faults.append(fault("E504", found.path, found.text, "VESSEL, RAIL, TRUCK or BARGE"))
    return None


def laden_of(fields: Fields) -> bool | None:
    """Whether it is laden; None where that is not said."""
    for name in ("emptyIndicatorCode", "emptyIndicator"):
        flag, path = fields.raw(name, "equipment")
        if flag.__class__ is bool:  # is it empty?
            fields.misspelt(path)
            return not flag
    found = fields.code(("emptyIndicatorCode", "emptyIndicator"), ("equipment",))
    if found is None or found.text in LADEN:
        return None if found is None else LADEN[found.text]
    if found.text in SPOKEN_LADEN:
        fields.misspelt(found.path)
        return SPOKEN_LADEN[found.text]
    fields.faults.append(fault("E106", found.path, found.text, "EMPTY or LADEN"))
    return None
