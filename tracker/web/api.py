"""The figures as JSON under `/v1`: the entries of `corridors.json`, one corridor's or one node's of them."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web

from tracker.aggregates.entries import Statistics
from tracker.domain.identifiers import container_fault, normalise_container
from tracker.domain.network import Network
from tracker.web.problem import problem
from tracker.web.views import Open, Views

FILTERS: Final = ("rule", "severity", "cause", "corridor", "node")
LIMIT: Final = 100
LIMIT_MAX: Final = 1_000
"""Exceptions in one answer: asked for none in particular, and at most; `count` says how many there are."""

ASKED_LENGTH_MAX: Final = 60
"""How much of what was asked an error repeats."""


class Api:
    """Handlers of `/v1`."""

    def __init__(self, network: Network, views: Views) -> None:
        """Reads the views at each request."""
        self._network = network
        self._views = views

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [
            web.get("/v1/corridors", self.corridors),
            web.get("/v1/corridors/{id}", self.corridor),
            web.get("/v1/nodes", self.nodes),
            web.get("/v1/nodes/{id}", self.node),
            web.get("/v1/containers/{number}", self.container),
            web.get("/v1/exceptions", self.exceptions),
        ]

    async def corridors(self, request: web.Request) -> web.Response:
        """Every corridor's entries, its year and target, and open journeys."""
        statistics = self._views.statistics()
        return _json(
            {
                "until": statistics["until"],
                "corridors": statistics["corridors"],
                "years": statistics["years"],
                "targets": statistics["targets"],
                "open": _open(self._views.open_journeys()),
            }
        )

    async def corridor(self, request: web.Request) -> web.Response:
        """One corridor's entries, its year and target, and open journeys."""
        asked = request.match_info["id"]
        corridor = self._network.corridors.get(asked)
        if corridor is None:
            known = ", ".join(self._network.corridors)
            return problem(HTTPStatus.NOT_FOUND, f"no corridor {_cut(asked)!r}; there are {known}", request.path)
        statistics = self._views.statistics()
        return _json(
            {
                "until": statistics["until"],
                "corridor": corridor.id,
                "name": corridor.name,
                "legs": corridor.legs,
                "sections": [section.id for section in corridor.sections],
                "counting": sorted(corridor.counting),
                "open": [entry for entry in _open(self._views.open_journeys()) if entry["corridor"] == asked],
                "entries": [entry for entry in statistics["corridors"] if entry["corridor"] == asked],
                "years": [entry for entry in statistics["years"] if entry["corridor"] == asked],
                "targets": [entry for entry in statistics["targets"] if entry["corridor"] == asked],
            }
        )

    async def exceptions(self, request: web.Request) -> web.Response:
        """Open exceptions, those that became one last first; `rule`, `severity`, `cause`, `corridor`, `node` filter."""
        unknown = request.query.keys() - {*FILTERS, "limit"}
        if unknown:
            said = f"no filter {_cut(min(unknown))!r}; there are {', '.join((*FILTERS, 'limit'))}"
            return problem(HTTPStatus.BAD_REQUEST, said, request.path)
        limit = request.query.get("limit", str(LIMIT))
        if not limit.isdecimal() or not 0 < int(limit[:6]) <= LIMIT_MAX:
            return problem(HTTPStatus.BAD_REQUEST, f"limit {_cut(limit)!r}; wanted 1 to {LIMIT_MAX}", request.path)
        found = [
            each
            for each in self._views.exceptions()
            if all(each.get(name) == request.query[name] for name in FILTERS if name in request.query)
        ]
        found.sort(key=lambda each: (str(each["deadline"]), str(each["id"])), reverse=True)
        return _json({"exceptions": found[: int(limit)], "count": len(found)})

    async def nodes(self, request: web.Request) -> web.Response:
        """Every node's entries."""
        statistics = self._views.statistics()
        return _json({"until": statistics["until"], "nodes": statistics["nodes"]})

    async def node(self, request: web.Request) -> web.Response:
        """One node's entries, and those of the crossing it belongs to."""
        asked = request.match_info["id"]
        node = self._network.nodes.get(asked)
        if node is None:
            return problem(HTTPStatus.NOT_FOUND, f"no node {_cut(asked)!r}; /v1/nodes lists them", request.path)
        statistics = self._views.statistics()
        crossing = self._network.border_sides.get(node.id)
        return _json(
            {
                "until": statistics["until"],
                "node": node.id,
                "name": node.name,
                "country": node.country,
                "kinds": sorted(node.kinds),
                "latitude": node.latitude,
                "longitude": node.longitude,
                "entries": [entry for entry in statistics["nodes"] if entry["node"] == asked],
                "crossing": None if crossing is None else crossing.id,
                "crossings": _crossings(statistics, None if crossing is None else crossing.id),
            }
        )

    async def container(self, request: web.Request) -> web.Response:
        """What is known of one container."""
        asked = request.match_info["number"]
        number = normalise_container(asked)
        if container_fault(number) is not None:
            detail = f"{_cut(asked)!r} is no container number of ISO 6346; four letters and seven digits, such as"
            return problem(HTTPStatus.BAD_REQUEST, f"{detail} TBJU4395630", request.path)
        record = self._views.container(number)
        if record is None:
            return problem(HTTPStatus.NOT_FOUND, f"no report about {number} is known to this worker", request.path)
        return _json(record)


def _json(content: Mapping[str, object]) -> web.Response:
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    return web.Response(body=body, content_type="application/json")


def _open(journeys: Open) -> list[dict[str, object]]:
    counts = sorted(journeys.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    return [{"corridor": corridor, "direction": way, "journeys": count} for (corridor, way), count in counts]


def _crossings(statistics: Statistics, crossing: str | None) -> list[object]:
    return [entry for entry in statistics["crossings"] if entry["crossing"] == crossing]


def _cut(text: str) -> str:
    return text if len(text) <= ASKED_LENGTH_MAX else text[:ASKED_LENGTH_MAX] + "..."
