"""Reads a network file: the packaged one or the operator's own.

A file is taken whole or not at all. Findings name the line, what was seen and what was wanted, all of them at
once, so that a file is mended in one go.
"""

from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from tracker.contract.network_model import NetworkPart
from tracker.contract.network_rules import broken_rules
from tracker.contract.yaml_document import Document, Finding, YamlFault
from tracker.domain.network import Network

__all__ = ["Finding", "NetworkFileError", "check_network", "load_network", "read_network"]


class NetworkFileError(Exception):
    """A network file can't be used; `findings` say why, `source` is its name."""

    def __init__(self, source: str, findings: list[Finding]) -> None:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"network file {source}, {findings[0]}{more}")
        self.source = source
        self.findings = findings


def load_network(path: Path | None = None) -> Network:
    """The network in the file at `path`, or the packaged one. Raises `NetworkFileError`, also when unreadable."""
    if path is None:
        text = resources.files("tracker.contract").joinpath("network.yaml").read_text("utf-8")
        return read_network(text, "network.yaml of the package")
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise NetworkFileError(str(path), [Finding(1, f"can't be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise NetworkFileError(str(path), [Finding(1, "not UTF-8")]) from error
    return read_network(text, str(path))


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
        document = Document(text)
    except YamlFault as fault:
        return fault.findings
    try:
        part = NetworkPart.model_validate(document.value)
    except ValidationError as error:
        return document.findings(error)
    return broken_rules(part, document) or part.network()
