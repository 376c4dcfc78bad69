"""Makes `.cache/compiled`: the tracker with the core it works most in as machine code, by mypyc; `make compiled`.

The sources are what is read, tested and checked; this is the same program on a sixth less CPU. It runs where
`PYTHONPATH` names it, and nothing depends on it: without a C compiler or Python's headers one line says so, and the
sources run as they are. Made anew when the sources, this file, Python or the lock file change; what does not give the
same rows as the sources, to the last byte, is thrown away.

mypyc compiles strictly typed Python, but neither msgspec's structs nor the annotations that msgspec reads. So each
module's records, with what they refer to in their module, go into a module of their own beside it (`_shapes`), which
stays Python.
"""

import ast
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[1]
COMPILED: Final = REPOSITORY / ".cache" / "compiled"
STAMP: Final = COMPILED / "made-from.txt"

CORE: Final = (
    "chronicle container contradiction course crowd expected flows identifiers journey judgement lines lognormal "
    "measure movement noting passage position reason rejudge ruling watches"
)
"""Of `tracker/domain`: the fold and what judges. Not the network, whose properties are computed once and kept. The
contract, the stages and the aggregates compiled as well saved another 0.5 us of a report's 57, and took 15 s more."""

COMPARED: Final = 4_000
"""Simulated reports that both versions must make the same rows of."""

_RECORDS: Final = frozenset(("msgspec.Struct", "NamedTuple"))


def main() -> int:
    """Bring `.cache/compiled` up to date; gives the exit status: also 0 where nothing can be compiled."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return 0
    shutil.rmtree(COMPILED, ignore_errors=True)
    if missing := lacking():
        print(f"Not compiled, the sources run as they are: {missing}", file=sys.stderr)
        return 0
    print("==> Compiling the core, half a minute", flush=True)
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(REPOSITORY / "tracker", COMPILED / "tracker", ignore=ignored)
    core = [COMPILED / "tracker" / "domain" / f"{name}.py" for name in CORE.split()]
    for path in core:
        part(path)
    (COMPILED / "mypy.ini").write_text("[mypy]\nimplicit_reexport = True\n")  # records are taken from where they were
    command = [str(Path(sys.executable).with_name("mypyc")), *(str(path.relative_to(COMPILED)) for path in core)]
    done = subprocess.run(command, cwd=COMPILED, check=False, capture_output=True, text=True)
    wrong = f"mypyc failed, its last words:\n{(done.stdout + done.stderr)[-3000:]}" if done.returncode else compared()
    if wrong is not None:
        print(f"Not compiled: {wrong}", file=sys.stderr)
        shutil.rmtree(COMPILED)
        return 1
    shutil.rmtree(COMPILED / "build")
    STAMP.write_text(wanted)
    return 0


def fingerprint() -> str:
    """What the compiled modules depend on."""
    sources = [Path(__file__), REPOSITORY / "requirements.lock", *sorted((REPOSITORY / "tracker").rglob("*"))]
    digest = hashlib.sha256()
    for path in sources:
        if path.is_file() and path.suffix not in {".pyc", ".so"}:
            digest.update(f"{path.relative_to(REPOSITORY)}\0".encode() + path.read_bytes())
    return f"{digest.hexdigest()}\n{sys.version}\n"


def lacking() -> str | None:
    """What is not there that compiling needs; None when all is."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"no C compiler ({compiler}); on Debian and Ubuntu, sudo apt-get install build-essential"
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        return "no headers of this Python; on Debian and Ubuntu, sudo apt-get install python3-dev"
    if not Path(sys.executable).with_name("mypyc").exists():
        return "no mypyc beside this Python; run it by `make compiled`"
    if importlib.util.find_spec("setuptools") is None:
        return "no setuptools, which comes with Python 3.11; .venv/bin/pip install setuptools"
    return None


def compared() -> str | None:
    """How the rows that the compiled core makes of simulated reports differ from those of the sources; None: not."""
    made = [_rows_of(where) for where in (REPOSITORY, COMPILED)]
    return None if made[0] == made[1] else f"its rows are not those of the sources: {made[1]}, wanted {made[0]}"


def _rows_of(where: Path) -> str:
    """The hash of all rows that the stages of a version end with."""
    paths = {"PYTHONSAFEPATH": "1", "PYTHONPATH": f"{where}{os.pathsep}{REPOSITORY}"}
    command = [sys.executable, "-m", "tests.bench.stages", "--reports", str(COMPARED), "--judge-every", "1"]
    done = subprocess.run(command, env=os.environ | paths, check=False, capture_output=True, text=True)
    found = re.search(r"^rows: (\w+)$", done.stdout, re.MULTILINE)
    return (done.stdout + done.stderr)[-500:] if found is None else found[1]


def part(path: Path) -> None:
    """Move the records of a module, and what they refer to in it, into a module of their own; if it has any."""
    tree = ast.parse(path.read_text())
    defined = {name: node for node in tree.body for name in names_of(node)}
    moved = closed((name for name, node in defined.items() if is_record(node)), defined)
    if not moved:
        return
    nodes = [node for node in tree.body if moved.intersection(names_of(node))]
    used = {name for node in nodes for name in used_in(node)}
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    needed = [kept for node in imports if (kept := only(node, used)) is not None]
    shapes = path.with_name(f"{path.stem}_shapes.py")
    shapes.write_text("\n".join(map(ast.unparse, [*needed, *nodes])) + "\n")
    # Blank lines in their place: a traceback's line numbers are those of the source.
    lines = path.read_text().splitlines()
    for node in nodes:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        lines[first - 1 : node.end_lineno] = [""] * ((node.end_lineno or first) - first + 1)
    last = max(node.end_lineno or 0 for node in imports)
    package = ".".join(("tracker", path.parent.name, shapes.stem))
    lines[last - 1] += f"; from {package} import {', '.join(sorted(moved))}"
    path.write_text("\n".join(lines) + "\n")


def names_of(node: ast.stmt) -> list[str]:
    """The names that a statement of a module defines."""
    match node:
        case ast.ClassDef() | ast.FunctionDef():
            return [node.name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def is_record(node: ast.stmt) -> bool:
    """Whether a statement defines a struct or a named tuple."""
    return isinstance(node, ast.ClassDef) and not _RECORDS.isdisjoint(map(ast.unparse, node.bases))


def closed(names: Iterable[str], defined: dict[str, ast.stmt]) -> set[str]:
    """The names, and all of their module that they refer to, directly or not."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += used_in(defined[name]) & defined.keys()
    return found


def used_in(node: ast.AST) -> set[str]:
    """Every name that occurs in a piece of code."""
    return set(_names(node))


def _names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id


def only(node: ast.Import | ast.ImportFrom, used: set[str]) -> ast.stmt | None:
    """An import without what is not used; None when nothing is left."""
    kept = [alias for alias in node.names if (alias.asname or alias.name).partition(".")[0] in used]
    if not kept:
        return None
    return ast.Import(kept) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, kept, node.level)


if __name__ == "__main__":
    sys.exit(main())
