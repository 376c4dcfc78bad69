"""What is compiled is the sources, parted into records and code. That its rows are the same `make compiled` looks."""

import ast
from pathlib import Path

from scripts.compiled import CORE, REPOSITORY, part

MODULE = '''"""A module."""

from typing import Final

import msgspec
from tracker.domain.moment import DAY, Millis

LIMIT: Final = 3
UNUSED: Final = 4


class Stay(msgspec.Struct, frozen=True):
    """A record, with what it refers to."""

    since: Millis
    most: int = LIMIT


def length(stay: Stay) -> int:
    """Code."""
    return DAY - stay.since
'''


def parted(folder: Path) -> tuple[str, str]:
    """The module and its records, once parted."""
    path = folder / "stay.py"
    path.write_text(MODULE)
    part(path)
    return path.read_text(), (folder / "stay_shapes.py").read_text()


def names(text: str) -> set[str]:
    """What a module defines."""
    return {
        node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else str(ast.unparse(node.target))
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AnnAssign)
    }


def test_records_go_into_a_module_of_their_own_with_what_they_refer_to(tmp_path: Path) -> None:
    code, records = parted(tmp_path)
    assert names(records) == {"LIMIT", "Stay"}
    assert names(code) == {"UNUSED", "length"}


def test_the_code_takes_the_records_from_there_and_every_line_stays_in_its_place(tmp_path: Path) -> None:
    code, _ = parted(tmp_path)
    assert f"from tracker.{tmp_path.name}.stay_shapes import LIMIT, Stay" in code
    was, now = MODULE.splitlines(), code.splitlines()
    assert len(was) == len(now)
    assert now.index("def length(stay: Stay) -> int:") == was.index("def length(stay: Stay) -> int:")


def test_a_module_without_records_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plain.py"
    path.write_text("A = 1\n")
    part(path)
    assert [each.name for each in tmp_path.iterdir()] == ["plain.py"]


def test_every_module_of_the_core_is_there() -> None:
    assert all((REPOSITORY / "tracker" / "domain" / f"{name}.py").exists() for name in CORE.split())
