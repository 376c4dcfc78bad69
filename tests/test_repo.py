"""What the repository promises about itself: names, sizes, versions, and that its files agree with each other."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY: Final = Path(__file__).parents[1]

LINES_MAX: Final = 300
"""A module that needs more holds two ideas."""

EMPTY_NAMES: Final = {"util", "utils", "helper", "helpers", "manager", "common", "base", "misc"}
"""Names that say nothing about what is inside."""

NOT_OURS: Final = {".git", ".venv", ".cache", ".hypothesis", "__pycache__", "artefacts", "build", "dist", "state"}


def files() -> Iterator[Path]:
    """Every file of the repository, without what tools leave; a tarball has no git to ask."""
    folders = [REPOSITORY]
    while folders:
        for path in folders.pop().iterdir():
            if path.name in NOT_OURS or path.name.endswith(("_cache", ".egg-info")):
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def modules(*folders: str) -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.relative_to(REPOSITORY).parts[0] in folders]


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def locked() -> dict[str, str]:
    """The version of each package in the lock file, by its canonical name."""
    pins = re.findall(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", (REPOSITORY / "requirements.lock").read_text(), re.MULTILINE)
    return {str(canonicalize_name(package)): version for package, version in pins}


def test_no_module_is_longer_than_can_be_seen_as_one_thing() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in modules("tracker", "tests", "scripts")}
    assert {path: lines for path, lines in lengths.items() if lines > LINES_MAX} == {}


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    empty = [
        name(path)
        for path in modules("tracker", "tests", "scripts")
        if EMPTY_NAMES
        & {word for part in path.relative_to(REPOSITORY).with_suffix("").parts for word in part.split("_")}
    ]
    assert empty == []


def test_the_core_imports_the_standard_library_msgspec_and_itself_only() -> None:
    allowed = {"msgspec"} | sys.stdlib_module_names
    ours = ("tracker.domain", "tracker.aggregates")
    seen = {
        (name(path), imported)
        for path in modules("tracker")
        if name(path).startswith(("tracker/domain/", "tracker/aggregates/"))
        for imported in imports(path)
        if imported.split(".")[0] not in allowed and not imported.startswith(ours)
    }
    assert seen == set()


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules that the module at `path` imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def test_the_newest_version_in_the_changelog_is_the_version_of_the_package(project: dict[str, Any]) -> None:
    headings = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == project["project"]["version"]


def test_the_lock_file_holds_a_fitting_version_of_every_dependency(
    project: dict[str, Any], locked: dict[str, str]
) -> None:
    extras = project["project"]["optional-dependencies"].values()
    wanted = [Requirement(each) for each in sum(extras, project["project"]["dependencies"])]
    unfit = {
        str(each): locked.get(canonicalize_name(each.name))
        for each in wanted
        if not each.specifier.contains(locked.get(canonicalize_name(each.name), "0"), prereleases=True)
    }
    assert unfit == {}


def test_every_locked_package_has_hashes_and_no_address() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text()
    pins = [block for block in re.split(r"^(?=[\w.-]+(?:\[.*?\])?==)", lock, flags=re.MULTILINE) if "==" in block]
    assert pins
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
    assert "://" not in lock
    assert "-url" not in lock


def test_nothing_names_a_place_outside_the_repository() -> None:
    # Put together here, so that this file does not name it either.
    outside = [b"../" + b"shared", b"/work" + b"/"]
    named = [name(path) for path in files() if any(place in path.read_bytes() for place in outside)]
    assert named == []


def test_every_make_command_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    code = re.findall(r"```.*?```|`[^`\n]+`", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    named = {target for piece in code for target in re.findall(r"\bmake ([a-z-]+)\b", piece)}
    assert named - targets == set()
    assert {"run", "test"} <= named


def test_every_target_of_the_makefile_is_declared_phony() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]  # it is there
    assert targets == phony


def test_what_decides_a_change_runs_check_and_test_and_nothing_else() -> None:
    script = REPOSITORY / ".ci" / "run"
    commands = [line for line in script.read_text().splitlines() if line.startswith("make ")]
    assert commands == ["make check", "make test"]
    assert script.stat().st_mode & 0o111, "not executable"
