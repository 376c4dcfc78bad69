"""The result as a table for people and as JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tests.evaluate.figure import Figure
from tests.evaluate.figures import Result


def as_text(result: Result) -> str:
    """Figures beside their aims, then the tables that are not empty."""
    blocks = ["\n".join([f"{'':56}{'seen':>10}{'aim':>12}", *map(_line, result.figures)])]
    blocks += [f"{title}\n{_grid(rows)}" for title, rows in result.tables.items() if len(rows) > 1]
    return "\n\n".join(blocks)


def as_json(result: Result, about: dict[str, Any]) -> str:
    """Everything; `about` is what was evaluated."""
    figures = [asdict(figure) | {"verdict": figure.verdict} for figure in result.figures]
    return json.dumps({"about": about, "figures": figures, "tables": result.tables}, indent=1)


def _line(figure: Figure) -> str:
    note = f"  ({figure.note})" if figure.note else ""
    return f"{figure.name:56}{_cell(figure.seen):>10}{figure.aim_text:>12}  {figure.verdict:8}{note}".rstrip()


def _grid(rows: Sequence[Sequence[Any]]) -> str:
    cells = [[_cell(each) for each in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)
