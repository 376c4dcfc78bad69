"""Draws a board's panels from a live Prometheus on Grafana's own grid, as one HTML page to look at.

`python -m tests.deploy.picture BOARD.json http://127.0.0.1:9090 OUT.html [SECONDS]`, then a browser's screenshot. It is
not Grafana's drawing: it shows what is empty, crowded, in a wrong unit or in a wrong colour before anybody loads it.
"""

import html
import json
import math
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.deploy.stack import Prometheus

COLUMN, ROW = 58, 36
COLOURS: Final = ("#5794f2", "#73bf69", "#f2cc0c", "#ff780a", "#b877d9", "#f2495c", "#37872d", "#8f3bb8", "#1f60c4")
NAMED: Final = {"green": "#37872d", "yellow": "#d9a400", "red": "#e02f44", "blue": "#1f60c4"}
Series = list[tuple[str, list[tuple[float, float]]]]


def shown(value: float, unit: str, decimals: int | None = None) -> str:
    """A value in its unit, as Grafana would write it."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    if unit == "s":
        for long, name in ((86400, "day"), (3600, "h"), (60, "min"), (1, "s")):
            if abs(value) >= long:
                return f"{value / long:.1f} {name}"
        return f"{value * 1000:.0f} ms"
    if unit == "percentunit":
        return f"{value * 100:.{0 if decimals is None else decimals}f} %"
    if unit == "dateTimeAsIso":
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    if unit == "bytes":
        return f"{value / 1024 / 1024:.0f} MiB"
    if unit == "ops":
        return f"{value:.3g} /s"
    if unit == "velocitykmh":
        return f"{value:.1f} km/h"
    return f"{value / 1000:.2f} K" if abs(value) >= 1000 and unit == "short" else f"{value:.4g}"


def named(legend: str, labels: Mapping[str, str]) -> str:
    """A legend with its labels filled in."""
    for label in re.findall(r"{{(\w+)}}", legend):
        legend = legend.replace("{{" + label + "}}", labels.get(label, ""))
    return legend


class Drawing:
    """One board over one stretch of time."""

    def __init__(self, board: dict[str, Any], prometheus: Prometheus, seconds: float) -> None:
        self.board, self.prometheus, self.seconds = board, prometheus, seconds
        self.step = max(1.0, seconds / 200)

    def page(self) -> str:
        """The whole board."""
        parts = []
        for panel in self.board["panels"]:
            place = panel["gridPos"]
            width, height = place["w"] * COLUMN - 8, place["h"] * ROW - 8
            box = f"left:{place['x'] * COLUMN}px;top:{place['y'] * ROW}px;width:{width}px;height:{height}px"
            body = self._draw(panel, width - 16, height - 32) or '<b class="none">NO DATA</b>'
            parts.append(f'<div class="p" style="{box}"><h2>{html.escape(panel["title"])}</h2>{body}</div>')
        style = (
            "body{font:12px DejaVu Sans;background:#f4f5f5;margin:8px}.p{position:absolute;background:#fff;"
            "border:1px solid #ddd;overflow:hidden;padding:0 8px}h2{font-size:13px;margin:5px 0}.none{color:#c00}"
            "table{border-collapse:collapse;width:100%}td,th{text-align:left;border-bottom:1px solid #eee;padding:3px}"
            ".n{text-align:center}text{font:10px DejaVu Sans}"
        )
        return f"<meta charset=utf8><style>{style}</style><div style='position:relative'>{''.join(parts)}</div>"

    def _draw(self, panel: dict[str, Any], width: int, height: int) -> str:
        kind: Callable[[dict[str, Any], int, int], str] = {
            "stat": self._number, "timeseries": self._lines, "bargauge": self._bars, "table": self._rows,
            "heatmap": self._warmth, "geomap": self._places,
        }[panel["type"]]  # fmt: skip
        return kind(panel, width, height)

    def _filled(self, expr: str) -> str:
        window = next((v["current"]["value"] for v in self.board["templating"]["list"] if v["name"] == "window"), "")
        short = {"$__rate_interval": f"{max(20, 4 * self.step):.0f}s", "$__interval": f"{max(20, self.step):.0f}s"}
        for name, value in {**short, "$window": str(window)}.items():
            expr = expr.replace(name, value)
        return re.sub(r"\$[a-z]+", ".*", expr)

    def _series(self, panel: dict[str, Any]) -> Series:
        found: Series = []
        for target in panel["targets"]:
            for one in self.prometheus.series(self._filled(target["expr"]), self.seconds, self.step):
                points = [(float(at), float(value)) for at, value in one["values"]]
                found.append((named(target["legendFormat"], one["metric"]), points))
        return found

    def _now(self, expr: str) -> list[dict[str, Any]]:
        return self.prometheus.query(self._filled(expr))

    def _number(self, panel: dict[str, Any], width: int, height: int) -> str:
        series = self._series(panel)
        defaults = panel["fieldConfig"]["defaults"]
        if not series:
            return (
                f'<div class="n" style="font-size:26px;color:#888;line-height:{height}px">{defaults["noValue"]}</div>'
            )
        value = series[0][1][-1][1]
        text = shown(value, defaults["unit"], defaults.get("decimals"))
        size = 40 if len(text) < 10 else 22
        style = f"font-size:{size}px;color:{colour(panel, value)};line-height:{height}px"
        return f'<div class="n" style="{style}">{text}</div>'

    def _lines(self, panel: dict[str, Any], width: int, height: int) -> str:
        series, unit = self._series(panel), panel["fieldConfig"]["defaults"]["unit"]
        custom = panel["fieldConfig"]["defaults"].get("custom", {})
        if not series:
            return ""
        if custom.get("stacking", {}).get("mode") == "normal":
            sums: dict[float, float] = {}
            for at, (name, points) in enumerate(series):
                for when, value in points:
                    sums[when] = sums.get(when, 0.0) + value
                series[at] = (name, [(when, sums[when]) for when, _ in points])
        levels = [
            s["value"] for s in panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", []) if s["value"]
        ]
        drawn = levels if custom.get("thresholdsStyle", {}).get("mode") == "line" else []
        painted = {
            override["matcher"]["options"]: one["value"]["fixedColor"]
            for override in panel["fieldConfig"]["overrides"]
            for one in override["properties"]
            if one["id"] == "color"
        }
        top = max([value for _, points in series for _, value in points if math.isfinite(value)] + [1e-9]) * 1.1
        end = time.time()
        legend = 14 * math.ceil(sum(len(name) + 4 for name, _ in series) * 6.5 / width)
        inner = height - legend - 14

        def spot(when: float, value: float) -> str:
            left = 70 + (when - end + self.seconds) / self.seconds * (width - 75)
            return f"{left:.1f},{inner - value / top * inner:.1f}"

        out = [f'<svg width="{width}" height="{height}">']
        for part in range(5):
            y = inner - part / 5 * inner
            out.append(f'<line x1=70 x2={width} y1={y:.0f} y2={y:.0f} stroke="#eee"/>')
            out.append(f"<text x=0 y={y:.0f}>{shown(top * part / 5, unit)}</text>")
        for at, (_, points) in enumerate(series):
            paint = painted.get(series[at][0], COLOURS[at % 9])
            path = " ".join(spot(when, value) for when, value in points if math.isfinite(value))
            out.append(f'<polyline points="{path}" fill="none" stroke="{paint}" stroke-width="2"/>')
        for level in drawn:
            if level < top:
                y = inner - level / top * inner
                out.append(f'<line x1=70 x2={width} y1={y:.0f} y2={y:.0f} stroke="red" stroke-dasharray="5"/>')
        x, y = 0, inner + 14
        for at, (name, _) in enumerate(series):
            paint = painted.get(name, COLOURS[at % 9])
            if x + len(name) * 6.5 + 20 > width:
                x, y = 0, y + 14
            out.append(f'<rect x={x} y={y - 6} width=10 height=4 fill="{paint}"/>')
            out.append(f"<text x={x + 13} y={y}>{name}</text>")
            x += int(len(name) * 6.5 + 24)
        return "".join(out) + "</svg>"

    def _bars(self, panel: dict[str, Any], width: int, height: int) -> str:
        target, unit = panel["targets"][0], panel["fieldConfig"]["defaults"]["unit"]
        found = [(one["metric"], float(one["value"][1])) for one in self._now(target["expr"])]
        if not found:
            return ""
        top, each = max([value for _, value in found] + [1e-9]), min(26.0, height / len(found))
        out = [f'<svg width="{width}" height="{height}">']
        for at, (labels, value) in enumerate(found):
            name = named(target["legendFormat"], labels)
            y, long = at * each, max(1.0, (width - 230) * value / top)
            out.append(f"<text x=0 y={y + each * 0.7:.0f}>{name}</text>")
            out.append(
                f'<rect x=160 y={y + 2:.0f} width={long:.0f} height={each - 4:.0f} fill="{colour(panel, value)}"/>'
            )
            out.append(f"<text x={165 + long:.0f} y={y + each * 0.7:.0f}>{shown(value, unit)}</text>")
        return "".join(out) + "</svg>"

    def _rows(self, panel: dict[str, Any], width: int, height: int) -> str:
        organize = next(t["options"] for t in panel["transformations"] if t["id"] == "organize")
        overrides = {
            o["matcher"]["options"]: {p["id"]: p["value"] for p in o["properties"]}
            for o in panel["fieldConfig"]["overrides"]
        }
        found: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
        columns = list(organize["renameByName"].values())
        for column, target in zip(columns, panel["targets"], strict=True):
            for one in self._now(target["expr"]):
                found.setdefault(tuple(sorted(one["metric"].items())), {})[column] = float(one["value"][1])
        if not found:
            return ""
        places = sorted(organize["indexByName"].items(), key=lambda item: item[1])
        by = [name for name, _ in places if not name.startswith("Value")]
        order = panel["options"]["sortBy"][0]
        lines = sorted(found.items(), key=lambda item: str(dict(item[0]).get(order["displayName"])))
        if order["desc"]:
            lines.sort(key=lambda item: -item[1].get(columns[-1], -1.0))
        lines = lines[: int(height / 24)]
        head = "".join(f"<th>{name}</th>" for name in [*by, *columns])
        body = ""
        for labels, values in lines:
            cells = "".join(f"<td>{dict(labels).get(name, '')}</td>" for name in by)
            for column in columns:
                of = overrides.get(column, {})
                text = shown(values[column], of.get("unit", "short")) if column in values else ""
                steps = of.get("thresholds", {}).get("steps", [])
                cells += f'<td style="color:{by_steps(steps, values.get(column, 0.0))}">{text}</td>'
            body += f"<tr>{cells}</tr>"
        return f"<table><tr>{head}</tr>{body}</table>"

    def _warmth(self, panel: dict[str, Any], width: int, height: int) -> str:
        series = sorted(self._series(panel), key=lambda each: float(each[0].replace("+Inf", "inf")))
        if not series:
            return ""
        before: dict[float, float] = {}
        cells = []
        for row, (_, points) in enumerate(series):
            for when, value in points:
                cells.append((row, when, value - before.get(when, 0.0)))
                before[when] = value
        top, end, tall = max(value for *_, value in cells) or 1.0, time.time(), (height - 10) / len(series)
        wide = (width - 75) * self.step / self.seconds
        out = [f'<svg width="{width}" height="{height}">']
        for row, (name, _) in enumerate(series):
            label = "more" if name == "+Inf" else shown(float(name), panel["fieldConfig"]["defaults"]["unit"])
            out.append(f"<text x=0 y={height - 10 - row * tall:.0f}>{label}</text>")
        for row, when, value in cells:
            if value > 0:
                x, y = 70 + (when - end + self.seconds) / self.seconds * (width - 75), height - 10 - (row + 1) * tall
                size = f"width={wide + 0.5:.1f} height={tall:.1f}"
                deep = 0.15 + 0.85 * value / top
                out.append(f'<rect x={x:.1f} y={y:.1f} {size} fill="#b30000" opacity="{deep:.2f}"/>')
        return "".join(out) + "</svg>"

    def _places(self, panel: dict[str, Any], width: int, height: int) -> str:
        found = [(one["metric"], float(one["value"][1])) for one in self._now(panel["targets"][0]["expr"])]
        if not found:
            return ""
        where = [(float(m["longitude"]), float(m["latitude"])) for m, _ in found]
        west, east = min(x for x, _ in where) - 2, max(x for x, _ in where) + 8
        south, north = min(y for _, y in where) - 2, max(y for _, y in where) + 2
        top = max(value for _, value in found) or 1.0
        out = [f'<svg width="{width}" height="{height}" style="background:#eef3f7">']
        for (labels, value), (x, y) in zip(found, where, strict=True):
            left, up = (x - west) / (east - west) * width, (north - y) / (north - south) * height
            size = 4 + 13 * math.sqrt(max(0.0, value) / top)
            out.append(f'<circle cx={left:.0f} cy={up:.0f} r={size:.0f} fill="{colour(panel, value)}" opacity=".7"/>')
            if value >= top / 4:
                out.append(
                    f'<text x={left + size + 2:.0f} y={up + 3:.0f} style="font-size:9px">{labels["node"]}</text>'
                )
        return "".join(out) + "</svg>"


def by_steps(steps: Iterable[dict[str, Any]], value: float) -> str:
    """The colour of a value."""
    found = "#222"
    for step in steps:
        if step["value"] is None or value >= step["value"]:
            found = NAMED[step["color"]]
    return found


def colour(panel: dict[str, Any], value: float) -> str:
    """The colour of a panel's value by its thresholds."""
    return by_steps(panel["fieldConfig"]["defaults"]["thresholds"]["steps"], value)


def main(board: str, address: str, out: str, seconds: str = "300") -> None:
    """Draw one board."""
    drawing = Drawing(json.loads(Path(board).read_text()), Prometheus(address), float(seconds))
    Path(out).write_text(drawing.page())


if __name__ == "__main__":
    main(*sys.argv[1:])
