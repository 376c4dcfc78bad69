"""What boards draw over weeks from many series, recorded: asked for as it is, it would take seconds."""

from typing import Final

from deploy.source.rule import Group, Record

HISTOGRAMS: Final = {
    "rail_dwell_seconds": "node, direction, le",
    "rail_transit_seconds": "corridor, section, direction, le",
}
"""Drawn as heatmaps, by these labels."""
ROWS: Final = {
    "rail_dwell_seconds": "|".join(str(hours * 3600.0) for hours in (3, 12, 24, 48, 96, 240)) + "|[+]Inf",
    "rail_transit_seconds": ".+",
}
"""The bounds of which they are drawn. Of stays every other one: for all nodes over a week half as many series are read,
and seven rows are seen at a glance."""
STANDING: Final = "node_direction:rail_node_containers:max"
GROWN: Final = "node_direction:rail_node_containers:delta1d"
ARRIVED: Final = "node_direction:rail_node_arrivals:increase1d"
DEPARTED: Final = "node_direction:rail_node_departures:increase1d"
BY_USUAL: Final = "node_side_direction:rail_node_dwell_seconds:ratio24h_30d"
"""Median stay of 24 hours by that of 30 days."""
CLOSED: Final = "node_direction:rail_node_closed:max"
"""1 while a planned closure holds, else absent."""


def hourly(histogram: str) -> str:
    """The record of what came to a histogram's buckets in an hour."""
    labels = HISTOGRAMS[histogram].replace(", ", "_")
    return f"{labels}:{histogram}_bucket:increase1h"


def groups() -> tuple[Group, ...]:
    """The records."""
    stay = 'max by (node, side, direction) (rail_node_dwell_seconds{{window="{}",quantile="0.5"}})'
    return (
        Group(
            name="figures-by-hour",
            interval="1h",
            records=tuple(
                Record(name=hourly(name), expr=f'sum by ({labels}) (increase({name}_bucket{{le=~"{ROWS[name]}"}}[1h]))')
                for name, labels in HISTOGRAMS.items()
            ),
        ),
        Group(
            name="figures",
            # Within the five minutes for which Prometheus takes a sample for current.
            interval="2m",
            records=(
                # Several workers may show a node while its partition moves.
                Record(name=STANDING, expr="sum by (node, direction) (rail_node_containers)"),
                Record(name=GROWN, expr="sum by (node, direction) (delta(rail_node_containers[1d]))"),
                Record(name=ARRIVED, expr="sum by (node, direction) (increase(rail_node_arrivals_total[1d]))"),
                Record(name=DEPARTED, expr="sum by (node, direction) (increase(rail_node_departures_total[1d]))"),
                Record(name=BY_USUAL, expr=f"{stay.format('24h')} / {stay.format('30d')}"),
                Record(name=CLOSED, expr="max by (node, direction) (rail_node_closed) == 1"),
            ),
        ),
    )
