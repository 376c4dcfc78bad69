"""A registry as text for Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector


def expose(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """The metrics and their content type, in the form that an `Accept` header asks for.

    OpenMetrics carries exemplars, the plain form does not.
    """
    encode, content_type = choose_encoder(accept)
    return encode(_WithoutCreated(registry)), content_type


class _WithoutCreated(Collector):
    """A registry without the library's `_created` samples: names nobody chose, doubling the series.

    The library has only a switch for the whole process, and nothing here sets those.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
