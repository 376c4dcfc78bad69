"""What is told to whom: subscriptions, and what nobody is told. Pure."""

from collections.abc import Sequence
from typing import Final

from tracker.contract.endpoints import Subscription
from tracker.domain.canary import CARRIER as CANARY
from tracker.domain.network import Network
from tracker.notify.version import Version

_CARRIERS_OWN: Final = frozenset(("missed", "impossible"))
"""Rules that concern who reported, not who waits for the container: told only where a subscription names them."""


def is_told(version: Version) -> bool:
    """Whether a version is for anybody: it speaks for its container, nothing explains it, and it is not of the past."""
    said = version.said
    return said.suppressed_by is None and said.incident is None and not said.replay


def is_wanted(version: Version, tell: Sequence[Subscription], network: Network, *, canary: bool = False) -> bool:
    """Whether an endpoint with these subscriptions is to be told; `canary`: it is the canary's own."""
    is_canary = version.said.carrier == CANARY
    if canary or is_canary:
        return canary and is_canary and is_told(version)
    return is_told(version) and any(_fits(version, each, network) for each in tell)


def _fits(version: Version, wanted: Subscription, network: Network) -> bool:
    said = version.said
    nodes = {said.node} if said.node is not None else set((said.leg or "").split("--"))
    if version.is_change:  # told to who names it, whatever severities else are wanted
        if said.rule not in wanted.rule:
            return False
    elif said.severity not in wanted.severity:
        return False
    if said.rule not in wanted.rule and (wanted.rule or said.rule in _CARRIERS_OWN):
        return False
    if wanted.carrier and said.carrier not in wanted.carrier:
        return False
    if wanted.node and not wanted.node & nodes:
        return False
    if not wanted.corridor or said.corridor in wanted.corridor:
        return True
    # An incident is of every corridor that its node is in; one without a node (a carrier's, ours) of all.
    return version.is_incident and (said.node is None or _is_in(said.node, wanted.corridor, network))


def _is_in(node: str, corridors: frozenset[str], network: Network) -> bool:
    bits = network.member.get(node, 0)
    return any(bits & course.bit for course in network.courses if course.corridor in corridors)
