"""A board: its variables, links and annotations, and its panels laid out in rows of the 24 columns."""

import json
from collections.abc import Sequence
from typing import Any, Final

from grafana_foundation_sdk.builders import dashboard as boards
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from deploy.source.panels import SOURCE, Panel
from deploy.source.rules_figures import CLOSED
from deploy.source.thresholds import Thresholds

Row = tuple[int, Sequence[tuple[Panel, int]]]
"""Height, and panels with their widths, which add up to 24."""

TITLES: Final = {
    "rail-overview": "Overview",
    "rail-corridor": "Corridor",
    "rail-border-and-ports": "Border and ports",
    "rail-delays-and-incidents": "Delays and incidents",
    "rail-carriers": "Carriers",
    "rail-pipeline": "Pipeline",
}
"""Every board, in the order in which one looks at them."""

_CHOICES: Final = {
    "corridor": ("Corridor", "label_values(rail_journeys_open, corridor)"),
    "direction": ("Direction", "label_values(rail_journeys_open, direction)"),
    "node": ("Node", "label_values(rail_node_containers, node)"),
    "carrier": ("Carrier", "label_values(rail_reports_total, carrier)"),
}


def choice(name: str) -> boards.QueryVariable:
    """A variable of a closed set, all chosen at first."""
    label, values = _CHOICES[name]
    return (
        boards.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(values)
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(dashboard.VariableOption(text="All", value="$__all"))
    )


def window() -> boards.CustomVariable:
    """Over what time figures by event time are taken."""
    return (
        boards.CustomVariable("window")
        .label("Window")
        .values("24h,7d,30d")
        .current(dashboard.VariableOption(text="7d", value="7d"))
    )


def board(uid: str, told: str, variables: Sequence[Any], rows: Sequence[Row], *, thresholds: Thresholds) -> str:
    """The board as Grafana reads it, as JSON text."""
    built = (
        boards.Dashboard(TITLES[uid])
        .uid(uid)
        .description(told)
        .tags(["rail"])
        .readonly()
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .time("now-7d", "now")
        .refresh("1m")
        .timezone("utc")
        .with_variable(
            boards.DatasourceVariable("datasource")
            .label("Data source")
            .type("prometheus")
            .current(dashboard.VariableOption(text="Prometheus", value="prometheus"))
        )
    )
    for variable in variables:
        built = built.with_variable(variable)
    for other, title in TITLES.items():
        if other != uid:
            built = built.link(_link(title, f"/d/{other}", same_tab=True))
    built = built.link(_link("Operations page", thresholds.page)).link(
        _link("Runbooks", f"{thresholds.runbooks}/index.html")
    )
    built = built.annotation(
        _marks("Incidents", 'ALERTS{alertstate="firing",severity="critical"}', "red", "{{alertname}} {{incident}}")
    ).annotation(_marks("Planned closures", CLOSED, "blue", "{{node}} closed {{direction}}"))
    at, identity = 0, 0
    for height, panels in rows:
        left = 0
        for panel, width in panels:
            identity += 1
            place = dashboard.GridPos(h=height, w=width, x=left, y=at)
            built = built.with_panel(panel.id(identity).grid_pos(place))
            left += width
        assert left == 24, f"{uid}: a row of {left} columns"
        at += height
    return json.dumps(_plain(built.build()), indent=1, sort_keys=True) + "\n"


def _plain(built: Any) -> dict[str, Any]:
    """Without what the library sets although nobody said so, and Grafana's own types do not have."""
    document: dict[str, Any] = json.loads(json.dumps(built, cls=JSONEncoder))
    for variable in document["templating"]["list"]:
        for stray in ("auto", "auto_count", "auto_min"):
            variable.pop(stray, None)
    return document


def _link(title: str, url: str, *, same_tab: bool = False) -> boards.DashboardLink:
    return (
        boards.DashboardLink(title)
        .type(dashboard.DashboardLinkType.LINK)
        .url(url)
        .icon("dashboard" if same_tab else "external link")
        .tooltip(title)
        .target_blank(not same_tab)
        .include_vars(same_tab)
        .keep_time(same_tab)
    )


def _marks(name: str, expr: str, colour: str, title: str) -> boards.AnnotationQuery:
    return (
        boards.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .enable(True)
        .icon_color(colour)
        .expr(expr)
        .title_format(title)
    )
