"""The house's panels: each says what it shows in a sentence, has a unit, and its colours are the rules' thresholds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from grafana_foundation_sdk.builders import bargauge, geomap, heatmap, stat, table, timeseries
from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import dashboard as boards
from grafana_foundation_sdk.builders import prometheus as queries
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models import geomap as geomap_model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.source.rules_figures import hourly
from deploy.source.thresholds import Levels

Panel: TypeAlias = Any
"""A panel's builder; the libraries' own types have no common ancestor that can be named."""

SOURCE: Final = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")

STATES: Final = {
    "on_time": "green",
    "at_risk": "yellow",
    "late": "red",
    "held": "orange",
    "silent": "purple",
    "unknown": "gray",
}
"""How open journeys stand, in colours that mean the same on every board."""

GREEN, YELLOW, RED = "green", "yellow", "red"


def steps(levels: Levels | None, *, good_above: bool = False) -> boards.ThresholdsConfig:
    """Colours by the rules' thresholds; without any, a quiet one. `good_above`: below a level is what is bad."""
    if levels is None:
        found = [dashboard.Threshold(value=None, color="blue")]
    elif good_above:
        found = [dashboard.Threshold(value=None, color=RED)]
        found += [dashboard.Threshold(value=level, color=GREEN) for level in levels.values()]
    else:
        colours = {"critical": RED, "warning": YELLOW, "info": YELLOW, "none": GREEN}
        found = [dashboard.Threshold(value=None, color=GREEN)]
        found += [
            dashboard.Threshold(value=level, color=colours[severity])
            for severity, level in sorted(levels.items(), key=lambda item: item[1])
        ]
    return boards.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(found)


def query(expr: str, legend: str = "", *, ref: str = "A", now: bool = False, rows: bool = False) -> Any:
    """One expression. `now`: only its value at the end; `rows`: as those of a table."""
    built = queries.Dataquery().expr(" ".join(expr.split())).legend_format(legend).datasource(SOURCE).ref_id(ref)
    if rows:
        built = built.format(PromQueryFormat.TABLE)
    return built.instant() if now else built.range()


def number(title: str, told: str, expr: str, unit: str, levels: Levels | None = None, **more: Any) -> Panel:
    """One large number: its last value, and the line of its course behind it unless only `now` is asked."""
    panel = (
        stat.Panel()
        .title(title)
        .description(told)
        .datasource(SOURCE)
        .unit(unit)
        .thresholds(steps(levels, good_above=more.get("good_above", False)))
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.AREA)
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value(more.get("nothing", "not known"))
        .with_target(query(expr, more.get("legend", title), now=more.get("now", False)))
    )
    return panel.decimals(more["decimals"]) if "decimals" in more else panel


def lines(
    title: str, told: str, found: Mapping[str, str], unit: str, levels: Levels | None = None, **more: Any
) -> Panel:
    """Lines over time: legend to expression. `stacked` adds them up; `levels` are drawn as lines."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(told)
        .datasource(SOURCE)
        .unit(unit)
        .min(0)
        .line_width(2)
        .fill_opacity(60 if more.get("stacked") else 0)
        .show_points(common.VisibilityMode.NEVER)
        .legend(
            options.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(options.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING))
    )
    if more.get("stacked"):
        panel = panel.stacking(options.StackingConfig().mode(common.StackingMode.NORMAL).group("all"))
    for name, colour in more.get("colours", {}).items():
        paint = {"mode": "fixed", "fixedColor": colour}
        panel = panel.override_by_name(name, [dashboard.DynamicConfigValue(id_val="color", value=paint)])
    if levels is not None:
        panel = panel.thresholds(steps(levels)).thresholds_style(
            options.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.LINE)
        )
    for ref, (legend, expr) in zip("ABCDEF", found.items(), strict=False):
        panel = panel.with_target(query(expr, legend, ref=ref))
    return panel


def bars(title: str, told: str, expr: str, legend: str, unit: str, levels: Levels | None = None) -> Panel:
    """One bar for each series, by its value now."""
    return (
        bargauge.Panel()
        .title(title)
        .description(told)
        .datasource(SOURCE)
        .unit(unit)
        .min(0)
        .thresholds(steps(levels))
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(query(expr, legend, now=True))
    )


def rows(
    title: str,
    told: str,
    found: Mapping[str, str],
    units: Mapping[str, str],
    levels: Mapping[str, Levels] | None = None,
    *,
    by: Sequence[str],
    first: str | None = None,
) -> Panel:
    """A table: a row for each set of labels `by`, a column for each expression.

    It is sorted by the label `first`, else by the last column, the greatest first.
    """
    panel = table.Panel().title(title).description(told).datasource(SOURCE).unit("short").filterable(True)
    names = {f"Value #{ref}": column for ref, column in zip("ABCDEF", found, strict=False)}
    for ref, expr in zip("ABCDEF", found.values(), strict=False):
        panel = panel.with_target(query(expr, ref=ref, now=True, rows=True))
    panel = panel.transformations([
        dashboard.DataTransformerConfig(id_val="merge", options={}),
        dashboard.DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": {"Time": True},
                "indexByName": {name: at for at, name in enumerate([*by, *names])},
                "renameByName": names if len(found) > 1 else {"Value": next(iter(found))},
            },
        ),
    ])  # fmt: skip
    for column, unit in units.items():
        properties = [dashboard.DynamicConfigValue(id_val="unit", value=unit)]
        if levels and column in levels:
            properties += [
                dashboard.DynamicConfigValue(id_val="thresholds", value=steps(levels[column]).build()),
                dashboard.DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
            ]
        panel = panel.override_by_name(column, properties)
    column = list(found)[-1] if first is None else first
    return panel.sort_by([options.TableSortByFieldState().display_name(column).desc(first is None)])


def warmth(title: str, told: str, histogram: str, chosen: str, unit: str) -> Panel:
    """A heatmap of what came to a histogram, two hours a column at least; its exemplars lead to single journeys.

    All buckets of all nodes over a week are 80 million samples, too many to be asked for. Prometheus finds exemplars
    by the selectors of an expression, whatever their offset: the second part names the histogram, and reads nothing.
    """
    expr = f"""
        sum by (le) (sum_over_time({hourly(histogram)}{{{chosen}}}[$__interval]))
          or sum by (le) ({histogram}_bucket{{{chosen}}} offset 10y)
    """
    asked = query(expr, "{{le}}").format(PromQueryFormat.HEATMAP).exemplar(True)
    return (
        heatmap.Panel()
        .title(title)
        .description(told)
        .datasource(SOURCE)
        .calculate(False)
        .unit(unit)
        .interval("2h")
        .y_axis(heatmap.YAxisConfig().unit(unit).axis_placement(common.AxisPlacement.LEFT))
        .exemplars_color("rgba(255,0,255,0.7)")
        .with_target(asked)
    )


def places(title: str, told: str, expr: str, unit: str, levels: Levels | None = None) -> Panel:
    """A map: a dot for each node, as large as its value. The expression has labels `latitude` and `longitude`."""
    where = options.FrameGeometrySource().mode(common.FrameGeometrySourceMode.COORDS)
    dots = (
        options.MapLayerOptions()
        .type("markers")
        .name("nodes")
        .location(where.latitude("latitude").longitude("longitude"))
        .config(
            {
                "style": {
                    "size": {"field": "Value", "min": 4, "max": 30},
                    "color": {"field": "Value"},
                    "opacity": 0.7,
                },
                "showLegend": False,
            }
        )
        .tooltip(True)
    )
    return (
        geomap.Panel()
        .title(title)
        .description(told)
        .datasource(SOURCE)
        .unit(unit)
        .thresholds(steps(levels))
        .view(geomap.MapViewConfig().id("coords").lat(44).lon(60).zoom(3).all_layers(True))
        .controls(geomap.ControlsOptions().show_zoom(True).mouse_wheel_zoom(False).show_attribution(True))
        .basemap(options.MapLayerOptions().type("default").name("background"))
        .layers([dots])
        .tooltip(geomap.TooltipOptions().mode(geomap_model.TooltipMode.DETAILS))
        .with_target(query(expr, "{{node}}", now=True, rows=True))
        .with_transformation(
            dashboard.DataTransformerConfig(
                id_val="convertFieldType",
                options={
                    "conversions": [
                        {"targetField": field, "destinationType": "number"} for field in ("latitude", "longitude")
                    ],
                    "fields": {},
                },
            )
        )
    )
