"""A YAML file read so that every value can be traced to its line.

Only what our files need: mappings with plain keys, lists, strings, numbers, true and false, anchors. No tags, no
merge keys, no second document. What PyYAML takes silently and an operator does not mean (a key given twice) is
a finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

MAX_CHARACTERS = 1_000_000
"""Longest file read; ten times the largest network imagined, and a bound on the time a check takes."""

MAX_DEPTH = 30
"""Deepest nesting; our files have 6. It also ends an anchor that contains itself."""

_SCALARS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null"))
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong in a file: the line, counted from 1, and what was seen and wanted there."""

    line: int
    message: str

    def __str__(self) -> str:
        """The finding as it is printed.

        >>> str(Finding(7, "unknown zone 'Asia/Horgos'"))
        "line 7: unknown zone 'Asia/Horgos'"
        """
        return f"line {self.line}: {self.message}"


class YamlFault(Exception):
    """The text is no YAML of ours; `findings` say where."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


class UnusableFile(Exception):
    """A file can't be used; `findings` say why, `source` is its name. `sort`: what such files are called."""

    sort: ClassVar[str] = "file"

    def __init__(self, source: str, findings: list[Finding]) -> None:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"{self.sort} {source}, {findings[0]}{more}")
        self.source = source
        self.findings = findings


def text_of(path: Path | None, error: type[UnusableFile], packaged: str = "") -> tuple[str, str]:
    """The text of the file at `path`, else of the one `packaged` beside this module, and what errors call it.

    Raises `error` when it can't be read.
    """
    if path is None:
        text = resources.files("tracker.contract").joinpath(packaged).read_text("utf-8")
        return text, f"{packaged} of the package"
    try:
        return path.read_text("utf-8"), str(path)
    except OSError as fault:
        raise error(str(path), [Finding(1, f"can't be read: {fault.strerror}")]) from fault
    except UnicodeDecodeError as fault:
        raise error(str(path), [Finding(1, "not UTF-8")]) from fault


def read_model(text: str, model: type[_Model]) -> tuple[_Model, "Document"]:
    """The model that a YAML text fills, and the document to find lines in. Raises `YamlFault` with all findings."""
    document = Document(text)
    try:
        return model.model_validate(document.value), document
    except ValidationError as error:
        raise YamlFault(document.findings(error)) from error


class Document:
    """The value of a YAML text, with the lines of its parts."""

    def __init__(self, text: str) -> None:
        """Reads `text`; raises `YamlFault` with all findings when it can't be read."""
        self._findings: list[Finding] = []
        self._root = self._compose(text)
        self.value = self._build(self._root, 0)
        if self._findings:
            raise YamlFault(sorted(self._findings))

    def line(self, path: Sequence[str | int]) -> int:
        """The line of the value at `path`, or of the innermost part of the path that exists."""
        return self._find(path)[1]

    def line_of(self, path: Sequence[str | int], text: str) -> int:
        """The line of the first scalar `text` at or below `path`; of `path` itself when it is not there.

        Where an anchor is used, the line of the anchored text: that is where it has to be mended.
        """
        node, line = self._find(path)
        ahead = [node]
        while ahead:
            node = ahead.pop()
            if isinstance(node, yaml.ScalarNode) and node.value == text:
                return int(node.start_mark.line) + 1
            if isinstance(node, yaml.SequenceNode):
                ahead.extend(reversed(node.value))
            elif isinstance(node, yaml.MappingNode):
                ahead.extend(part for pair in reversed(node.value) for part in reversed(pair))
        return line

    def findings(self, error: ValidationError) -> list[Finding]:
        """A model's complaints, each with its line, once per place."""
        found: dict[tuple[str | int, ...], Finding] = {}
        for fault in error.errors(include_url=False):
            path = fault["loc"]
            message = sentence(path, fault["type"], fault["msg"], fault["input"])
            found.setdefault(path, Finding(self.line(path), message))
        return sorted(found.values())

    def _compose(self, text: str) -> yaml.Node:
        if len(text) > MAX_CHARACTERS:
            raise YamlFault([Finding(1, f"{len(text)} characters, at most {MAX_CHARACTERS} wanted")])
        try:
            self._loader = _Loader(text)
            node = self._loader.get_single_node()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            problem = getattr(error, "problem", None) or str(error)
            raise YamlFault([Finding(mark.line + 1 if mark else 1, f"not YAML: {problem}")]) from error
        except RecursionError as error:
            raise YamlFault([Finding(1, f"nested too deep, at most {MAX_DEPTH} levels wanted")]) from error
        if node is None:
            raise YamlFault([Finding(1, "the file is empty")])
        assert isinstance(node, yaml.Node)
        return node

    def _build(self, node: yaml.Node, depth: int) -> Any:
        line = node.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise YamlFault([Finding(line, f"nested too deep, at most {MAX_DEPTH} levels wanted")])
        if isinstance(node, yaml.SequenceNode):
            return [self._build(item, depth + 1) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if node.tag in _SCALARS:
            try:
                return self._loader.construct_object(node)
            except ValueError:
                pass
        self._findings.append(Finding(line, f"seen {node.value!r} ({node.tag}), a string or number wanted: quote it"))
        return None

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._findings.append(Finding(line, "a list or mapping as key, a word wanted"))
            elif key.value in value:
                self._findings.append(Finding(line, f"{key.value} is given twice, once wanted"))
            else:
                value[key.value] = self._build(item, depth + 1)
        return value

    def _find(self, path: Sequence[str | int]) -> tuple[yaml.Node, int]:
        node, line = self._root, self._root.start_mark.line + 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = next(((k, v) for k, v in node.value if k.value == step), None)
                if pair is None:
                    break
                node, line = pair[1], pair[0].start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return node, line


def sentence(path: tuple[str | int, ...], kind: str, wanted: str, seen: object) -> str:
    """One complaint of pydantic in our words: where, what was seen, what was wanted."""
    where = ".".join(str(step) for step in path) or "the file"
    if kind == "missing":
        return f"{where}: missing"
    if kind == "extra_forbidden":
        return f"{where}: unknown field"
    if kind == "value_error":  # a rule of ours, which says itself what was seen
        return f"{where}: {wanted.removeprefix('Value error, ')}"
    shown = repr(seen)
    if len(shown) > 60:
        shown = f"{shown[:57]}..."
    quote = " (quote it)" if kind == "string_type" and isinstance(seen, bool | int | float) else ""
    return f"{where}: seen {shown}, {wanted[0].lower()}{wanted[1:]}{quote}"
