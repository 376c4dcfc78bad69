"""Reads a network file: the packaged one or the operator's own.

A file is taken whole or not at all. Findings name the line, what was seen and what was wanted, all of them at
once, so that a file is mended in one go.
"""

from pathlib import Path

from tracker.contract.network_model import NetworkPart
from tracker.contract.network_rules import broken_rules
from tracker.contract.yaml_document import Finding, UnusableFile, YamlFault, read_model, text_of
from tracker.domain.network import Network

__all__ = ["Finding", "NetworkFileError", "check_network", "load_network", "read_network"]


class NetworkFileError(UnusableFile):
    """A network file can't be used."""

    sort = "network file"


def load_network(path: Path | None = None) -> Network:
    """The network in the file at `path`, or the packaged one. Raises `NetworkFileError`, also when unreadable."""
    return read_network(*text_of(path, NetworkFileError, "network.yaml"))


def read_network(text: str, source: str = "given as text") -> Network:
    """The network in `text`. Raises `NetworkFileError`; `source` is what the error calls it."""
    found = _read(text)
    if isinstance(found, Network):
        return found
    raise NetworkFileError(source, found)


def check_network(text: str) -> list[Finding]:
    """What is wrong with a network file, in line order; empty when it can be used."""
    found = _read(text)
    return [] if isinstance(found, Network) else found


def _read(text: str) -> Network | list[Finding]:
    try:
        part, document = read_model(text, NetworkPart)
    except YamlFault as fault:
        return fault.findings
    return broken_rules(part, document) or part.network()
