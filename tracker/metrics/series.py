"""The series of one metric at hand by their labels' values.

`prometheus_client` looks a series up in a microsecond, under a lock and with checks, and the stages tell of ten
things per report.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.metrics import MetricWrapperBase

MetricT = TypeVar("MetricT", bound=MetricWrapperBase)


class Series(dict[tuple[object, ...], MetricT], Generic[MetricT]):
    """Label values, in the order of the metric's labels, to the series; one that was not there begins at zero.

    As many as the metric itself holds, and for good: not for a metric from which series are removed.
    """

    def __init__(self, metric: MetricT) -> None:
        """No series yet."""
        super().__init__()
        self._metric = metric

    def __missing__(self, values: tuple[object, ...]) -> MetricT:
        """The series, from now on at hand."""
        series = self[values] = self._metric.labels(*values)
        return series

    def begin(self, *values: object) -> None:
        """Have the series of these label values, at zero when it was not there."""
        self[values]


def gauge(name: str, told: str, labels: list[str], samples: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    """A gauge with its samples: label values in the order of the labels, and value."""
    family = GaugeMetricFamily(name, told, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
