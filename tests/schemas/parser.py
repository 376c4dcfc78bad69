"""The official AsyncAPI parser, fetched by npm once, as the tests use it."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest

HERE: Final = Path(__file__).parent
REPOSITORY: Final = Path(__file__).parents[2]

_PROGRAM: Final = """
import { Parser } from '@asyncapi/parser';
import fs from 'fs';
const { document, diagnostics } = await new Parser().parse(fs.readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify({ valid: !!document, diagnostics }));
process.exit(0);
"""


def parser() -> Path:
    """The folder with the parser; the test is skipped where it can't be had, and fails where CI is set."""
    wanted = re.search(r'"@asyncapi/parser": "(.+)"', (HERE / "package.json").read_text())
    assert wanted is not None
    folder = Path(os.environ.get("TRACKER_CACHE") or REPOSITORY / ".cache") / f"asyncapi-parser-{wanted[1]}"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or (npm is None and not folder.is_dir()):
        _without("Node.js 18 or newer with npm wanted on PATH for the AsyncAPI parser, not found")
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as arriving:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, arriving)
            Path(arriving, "parse.mjs").write_text(_PROGRAM)
            done = subprocess.run(
                [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                check=False, cwd=arriving, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode != 0:
                _without(f"npm could not fetch the AsyncAPI parser: {done.stderr.strip()[-500:]}")
            try:
                Path(arriving).rename(folder)
            except OSError:
                if not folder.is_dir():  # otherwise another run was faster, and brought the same
                    raise
            Path(arriving).mkdir(exist_ok=True)  # what `TemporaryDirectory` removes
    return folder


def parsed(document: Path) -> dict[str, Any]:
    """What the parser says of a file: `valid`, and `diagnostics` with `severity` 0 for errors."""
    done = subprocess.run(
        ["node", "parse.mjs", str(document)], check=True, cwd=parser(), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"the AsyncAPI parser must run where CI is set: {reason}")
    pytest.skip(reason)
