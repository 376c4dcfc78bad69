"""Where a place is on our map: a conic projection that keeps areas (Albers), because the corridors span 115 degrees.

Source of the formulas: J. P. Snyder, Map Projections - A Working Manual, USGS Professional Paper 1395, section 14 (on
the sphere: a map 1,000 units wide shows no ellipsoid).
"""

import math
from functools import cache
from typing import Final, NamedTuple

_NORTH, _SOUTH, _MIDDLE = 55.0, 30.0, 62.0
"""Standard parallels a sixth inside the northern and southern rim, and the middle meridian; degrees."""


class Frame(NamedTuple):
    """A rectangle of the map, in degrees what it must show, and how wide it is drawn."""

    west: float
    east: float
    south: float
    north: float
    width: float

    def place(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a place is in the drawing, x to the right and y down; may lie outside."""
        x, y = _albers(latitude, longitude)
        left, _, top, scale = _bounds(self)
        return (x - left) * scale, (top - y) * scale

    @property
    def height(self) -> float:
        """How high the drawing is."""
        _, bottom, top, scale = _bounds(self)
        return (top - bottom) * scale

    def meridians(self) -> list[float]:
        """Those at which the rim is looked at."""
        return [self.west + (self.east - self.west) * step / 8 for step in range(9)]


CORRIDORS: Final = Frame(6, 121, 26.5, 56.5, 1000)
"""From Duisburg to Yiwu, from Bandar Abbas to Vorsino."""
CASPIAN: Final = Frame(47.3, 56.2, 37.2, 45.9, 250)
"""Aktau, Kuryk, Baku and Alat, which crowd on the other."""


@cache
def _bounds(frame: Frame) -> tuple[float, float, float, float]:
    """Left, bottom and top on the plane of the projection, and the scale; asked for with every place of a map."""
    rim = [_albers(latitude, each) for latitude in (frame.south, frame.north) for each in frame.meridians()]
    left, right = min(x for x, _ in rim), max(x for x, _ in rim)
    return left, min(y for _, y in rim), max(y for _, y in rim), frame.width / (right - left)


def _albers(latitude: float, longitude: float) -> tuple[float, float]:
    south, north, phi = (math.radians(each) for each in (_SOUTH, _NORTH, latitude))
    n = (math.sin(south) + math.sin(north)) / 2
    c = math.cos(south) ** 2 + 2 * n * math.sin(south)
    rho = math.sqrt(max(0.0, c - 2 * n * math.sin(phi))) / n
    theta = n * math.radians(longitude - _MIDDLE)
    return rho * math.sin(theta), -rho * math.cos(theta)
