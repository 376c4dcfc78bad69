"""Reads a mapping file, or one of those that come with the tracker, and says in one line where it is wrong."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tracker.contract.yaml_document import Document, Finding, YamlFault
from tracker.push.mapping import Mapping


class MappingError(Exception):
    """A mapping file that cannot be used; the message is one line with file, line, what was seen and wanted."""


def packaged() -> list[str]:
    """The names of the mappings that come with the tracker."""
    return sorted(each.name.removesuffix(".yaml") for each in files(__package__).joinpath("mappings").iterdir())


def load_mapping(path: Path, zone: str | None = None) -> Mapping:
    """The mapping in `path`, or the packaged one of that name. `MappingError` when it is missing or breaks a rule.

    `zone`: that of the table's times in place of the mapping's, an IANA name or `node`.
    """
    try:
        own = path.exists() or str(path) not in packaged()
        source = path if own else files(__package__).joinpath("mappings", f"{path}.yaml")
        text = source.read_text(encoding="utf-8").removeprefix("\ufeff")
    except OSError as error:
        names = ", ".join(packaged())
        raise MappingError(f"mapping file {path}: can't be read: {error.strerror}; packaged are {names}") from None
    except UnicodeDecodeError:
        raise MappingError(f"mapping file {path}: not UTF-8; save it as UTF-8") from None
    try:
        document = Document(text)
    except YamlFault as fault:
        raise MappingError(_one_line(path, fault.findings)) from None
    try:
        return Mapping.model_validate(document.value if zone is None else _in_zone(document.value, zone))
    except ValidationError as error:
        raise MappingError(_one_line(path, document.findings(error))) from None


def _in_zone(value: Any, zone: str) -> Any:
    fields = value.get("fields") if isinstance(value, dict) else None
    if not isinstance(fields, dict):
        return value
    times = {
        name: fields[name] | {"zone": zone}
        for name in ("occurred_at", "recorded_at")
        if isinstance(fields.get(name), dict)
    }
    return value | {"fields": fields | times}


def _one_line(path: Path, findings: list[Finding]) -> str:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"mapping file {path}, {findings[0]}{more}"
