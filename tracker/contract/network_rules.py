"""What the parts of a network file must say about each other."""

from tracker.contract.network_model import NetworkPart
from tracker.contract.yaml_document import Document, Finding


def broken_rules(part: NetworkPart, document: Document) -> list[Finding]:
    """All findings, in line order; empty when the file can be used."""
    return []
