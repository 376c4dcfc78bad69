"""Published figures that ours are held against, with their source: `published.yaml`."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml


class Published(NamedTuple):
    """A year of one country's railways, None: of all of CAREC. Speeds in km/h; hours to clear a side of a border."""

    country: str | None
    year: int
    with_delay: float | None
    without_delay: float | None
    border_hours: float | None
    outbound_hours: float | None = None
    inbound_hours: float | None = None


@cache
def published() -> tuple[Published, ...]:
    """All of them, by country and year."""
    text = files("tracker.web.pages").joinpath("published.yaml").read_text(encoding="utf-8")
    return tuple(Published(**each) for each in yaml.safe_load(text))
