"""Makes `tracker/web/coast.json`: the land of our map as paths, from Natural Earth's data (public domain).

Needs the file `land-50m.json` of the npm package `world-atlas` 2.0.2 (TopoJSON of Natural Earth's land at 1:50m):

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/coast.py package/land-50m.json

Run by hand when the frame or projection of the map changes; what it makes is committed.
"""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tracker.web.projection import CASPIAN, CORRIDORS, Frame

Point = tuple[float, float]
MARGIN = 6.0
"""Units that a path goes on outside of its frame, so that the rim has no line."""


def main() -> None:
    """Write the paths."""
    land = json.loads(Path(sys.argv[1]).read_text())
    rings = list(_rings(land))
    made = {name: _path(rings, frame) for name, frame in (("corridors", CORRIDORS), ("caspian", CASPIAN))}
    target = Path(__file__).parents[1] / "tracker" / "web" / "coast.json"
    target.write_text(json.dumps(made, indent=1) + "\n")
    print(f"{target}: {target.stat().st_size} bytes")


def _rings(topology: dict[str, object]) -> Iterator[list[Point]]:
    """Every ring of the land as longitudes and latitudes."""
    shape: dict[str, list[float]] = topology["transform"]  # type: ignore[assignment]
    arcs = []
    for arc in topology["arcs"]:  # type: ignore[attr-defined]
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append(
                tuple(at * by + off for at, by, off in zip((x, y), shape["scale"], shape["translate"], strict=True))
            )
        arcs.append(points)
    for geometry in topology["objects"]["land"]["geometries"]:  # type: ignore[index]
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for ring in polygon:
                points = []
                for index in ring:
                    part = arcs[index] if index >= 0 else arcs[~index][::-1]
                    points += part[1:] if points else part
                yield points


def _path(rings: Sequence[list[Point]], frame: Frame) -> str:
    """All rings in a frame as one path; what is a hole is one by the even-odd rule."""
    pieces = []
    for ring in rings:
        placed = [frame.place(latitude, longitude) for longitude, latitude in _near(ring)]
        clipped = _clipped(placed, frame)
        thinned = _thinned(clipped, 0.35) if len(clipped) > 2 else []
        if len(thinned) > 3 and _area(thinned) > 2:
            pieces.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in thinned) + "Z")
    return "".join(pieces)


def _near(ring: list[Point]) -> list[Point]:
    """Without what lies on the other side of the globe, where the cone is cut open."""
    return [(max(-50.0, min(174.0, longitude)), max(-5.0, min(82.0, latitude))) for longitude, latitude in ring]


def _clipped(ring: list[Point], frame: Frame) -> list[Point]:
    """The part of a ring inside the frame (Sutherland and Hodgman)."""
    rims = ((0, -MARGIN, 1), (0, frame.width + MARGIN, -1), (1, -MARGIN, 1), (1, frame.height + MARGIN, -1))
    for axis, rim, sign in rims:
        kept: list[Point] = []
        for before, point in zip(ring[-1:] + ring[:-1], ring, strict=True):
            was, is_in = (sign * (each[axis] - rim) >= 0 for each in (before, point))
            if was != is_in:
                share = (rim - before[axis]) / (point[axis] - before[axis])
                kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
            if is_in:
                kept.append(point)
        ring = kept
        if not ring:
            break
    return ring


def _thinned(points: list[Point], far: float) -> list[Point]:
    """Without the points that lie within `far` units of what is left (Douglas and Peucker)."""
    keep, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        (ax, ay), (bx, by) = points[first], points[last]
        length = math.hypot(bx - ax, by - ay)
        away = [
            abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length if length else math.hypot(x - ax, y - ay)
            for x, y in points[first + 1 : last]
        ]
        if away and max(away) > far:
            middle = first + 1 + away.index(max(away))
            keep.add(middle)
            spans += [(first, middle), (middle, last)]
    return [points[index] for index in sorted(keep)]


def _area(ring: Sequence[Point]) -> float:
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True))) / 2


if __name__ == "__main__":
    main()
