"""Where a container truly was when an exception about it was wrong: what to look at first when one is to be mended."""

from tests.evaluate.cases import Case
from tests.evaluate.episodes import Judge
from tests.evaluate.lines import HOUR
from tests.evaluate.truth import Way


def truly(case: Case, way: Way | None, judge: Judge) -> str:
    """The container's whereabouts when the exception became critical, or how late it was in the end, in words."""
    if way is None:
        return "on no journey"
    at = case.open_spans[0].start
    if case.first.rule == "late":
        return _lateness(way, judge)
    if way.out is not None and way.out <= at:
        return "gone from its destination"
    place = way.place_at(at)
    here = way.stays[place]
    has_left = here.departed is not None and here.departed <= at
    if case.first.node is not None:
        return _at_node(case.first.node, way, place, has_left=has_left)
    if case.first.leg is not None:
        return _on_leg(case.first.leg, way, place, has_left=has_left)
    return "under way" if has_left else "at a node"


def _lateness(way: Way, judge: Judge) -> str:
    departed = way.stays[0].departed
    if departed is None:
        return "never left"
    if way.arrived is None:
        return "never arrived"
    spare = (judge.due(way, departed) - way.arrived) / HOUR
    return "within the line by 24 h" if spare < 24 else "within it by 72 h" if spare < 72 else "within it by more"


def _at_node(node: str, way: Way, place: int, *, has_left: bool) -> str:
    nodes = [stay.node for stay in way.stays]
    if node not in nodes:
        return "not on its way"
    if nodes.index(node) == place:
        return "gone from there" if has_left else "there, within the line"
    return "gone from there" if nodes.index(node) < place else "not there yet"


def _on_leg(leg: str, way: Way, place: int, *, has_left: bool) -> str:
    nodes = [stay.node for stay in way.stays]
    ends = sorted(nodes.index(node) for node in leg.split("--") if node in nodes)
    if not ends:
        return "not on its way"
    if place < ends[0] or (place == ends[0] and not has_left):
        return "has not left yet"
    return "on it, within the line" if place < ends[-1] or len(ends) == 1 else "beyond it"
