"""Reads a mapping file, and says in one line where it is wrong.

Every scalar is taken as the text that stands there: a code `01`, a word `no` or `on` is not turned into a
number or a boolean as YAML 1.1 would; the mapping's types decide. Of a key given twice YAML keeps the last
one in silence; here it is an error.
"""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tracker.push.mapping import Mapping

MAPPING_BYTES_MAX = 1_000_000
"""A mapping is written by hand; the largest word tables have some thousand lines."""


class MappingError(Exception):
    """A mapping file that cannot be used; the message is one line with file, line, what was seen and wanted."""


def load_mapping(path: Path) -> Mapping:
    """The mapping in `path`; `MappingError` when it is missing, no YAML, or breaks a rule."""
    try:
        if path.stat().st_size > MAPPING_BYTES_MAX:
            raise MappingError(f"{path}: larger than {MAPPING_BYTES_MAX} bytes; wanted a mapping file")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingError(f"{path}: cannot be read ({error.strerror}); give an existing mapping file") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path}: not UTF-8; save the mapping file as UTF-8") from None
    try:
        root = yaml.compose(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise MappingError(f"{path}: {_where(error)} is not YAML: {_problem(error)}") from None
    if not isinstance(root, yaml.MappingNode):
        raise MappingError(f"{path}: wanted a YAML mapping with version, columns and fields")
    lines: dict[tuple[str | int, ...], int] = {}
    content = _plain(root, (), lines, path)
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        complaint = error.errors(include_url=False)[0]
        raise MappingError(_one_line(path, complaint["loc"], complaint, lines)) from None


def _plain(node: yaml.Node, loc: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], path: Path) -> Any:
    """The node as text, lists and dicts; notes the line of each."""
    lines[loc] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*loc, place), lines, path) for place, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return node.value
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise MappingError(f"{path}: line {line}: wanted a text as key")
        if key.value in found:
            raise MappingError(f"{path}: line {line}: {key.value!r} is given twice; keep one")
        found[key.value] = _plain(value, (*loc, key.value), lines, path)
        lines[(*loc, key.value)] = line
    return found


def _one_line(path: Path, loc: tuple[str | int, ...], complaint: Any, lines: dict[tuple[str | int, ...], int]) -> str:
    # Pydantic adds steps of its own (a union's member, "[key]"), so the nearest known place is taken.
    known = loc
    while known and known not in lines:
        known = known[:-1]
    at = ".".join(str(step) for step in loc) or "the file"
    seen = complaint["input"]
    what = complaint["msg"].removeprefix("Value error, ")
    match complaint["type"]:
        case "missing":
            what = "is missing"
        case "extra_forbidden":
            what = "is not a setting of a mapping; check its spelling"
        case "value_error":
            pass
        case _ if isinstance(seen, str):
            what = f"{what}, seen {seen!r}"
    return f"{path}: line {lines.get(known, 1)}: {at}: {what}"


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark else "the file"


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error).splitlines()[0]
