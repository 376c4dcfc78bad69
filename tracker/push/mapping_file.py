"""Reads a mapping file, and says in one line where it is wrong."""

from pathlib import Path

from pydantic import ValidationError

from tracker.contract.yaml_document import Document, Finding, YamlFault
from tracker.push.mapping import Mapping


class MappingError(Exception):
    """A mapping file that cannot be used; the message is one line with file, line, what was seen and wanted."""


def load_mapping(path: Path) -> Mapping:
    """The mapping in `path`; `MappingError` when it is missing, no YAML, or breaks a rule."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingError(f"mapping file {path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MappingError(f"mapping file {path}: not UTF-8; save it as UTF-8") from None
    try:
        document = Document(text)
    except YamlFault as fault:
        raise MappingError(_one_line(path, fault.findings)) from None
    try:
        return Mapping.model_validate(document.value)
    except ValidationError as error:
        raise MappingError(_one_line(path, document.findings(error))) from None


def _one_line(path: Path, findings: list[Finding]) -> str:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"mapping file {path}, {findings[0]}{more}"
