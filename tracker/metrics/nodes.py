"""Where the network's nodes are, and which of them are closed as planned: for maps and annotations."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from tracker.domain.disruption import Disruption
from tracker.domain.moment import Millis
from tracker.domain.network import Network
from tracker.metrics.series import gauge
from tracker.metrics.under_way import ways_of_nodes


class Nodes(Collector):
    """Reads the disruptions when Prometheus asks; the places never change while a worker runs."""

    def __init__(
        self, network: Network, disruptions: Callable[[], Iterable[Disruption]], now: Callable[[], Millis]
    ) -> None:
        """Keeps what to ask; nothing is read before `collect`."""
        self._network, self._disruptions, self._now = network, disruptions, now

    def describe(self) -> Iterator[Metric]:
        """Nothing: with this the registry does not read to learn the names."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Every node, and every direction in which it can be closed."""
        yield gauge(
            "rail_node_info",
            "1 for every node of the network; coordinates in degrees, to be joined by node.",
            ["node", "country", "latitude", "longitude"],
            (
                ((node.id, node.country, f"{node.latitude:g}", f"{node.longitude:g}"), 1)
                for node in self._network.nodes.values()
            ),
        )
        closed = dict.fromkeys(ways_of_nodes(self._network), 0)
        clock = self._now()
        for disruption in self._disruptions():
            if disruption.begins <= clock < disruption.ends:
                closed |= {way: 1 for way in closed if disruption.is_of(*way)}
        yield gauge(
            "rail_node_closed",
            "1 while a planned closure or ban holds (tracker disruption); what it holds back is not told.",
            ["node", "direction"],
            closed.items(),
        )
