"""The figures as JSON under `/v1`: corridors, nodes, and one container, whichever worker has it."""

import json
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from aiohttp import web

from tracker.aggregates.entries import Statistics
from tracker.aggregates.part import Whole, encoded
from tracker.domain.identifiers import ContainerFault, check_digit, container_fault, normalise_container
from tracker.domain.network import Network
from tracker.web.asked import cut
from tracker.web.closer import Closer
from tracker.web.figures import PART_PATH, Figures, Shown
from tracker.web.local_time import with_local_times
from tracker.web.peers import LIMIT_SECONDS, Peers, is_of_a_worker
from tracker.web.problem import problem
from tracker.web.respond import json_response
from tracker.web.views import Views

EXAMPLE: Final = "four letters and seven digits, such as TBJU4395630"


_PASSED_ON: Final = (HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)


class Refused(NamedTuple):
    """Why there is no record."""

    status: HTTPStatus
    detail: str


class Api:
    """Handlers of `/v1`, but for the lists."""

    def __init__(self, network: Network, views: Views, figures: Figures, peers: Peers, closer: Closer) -> None:
        """Reads the views at each request."""
        self._network, self._views, self._figures, self._peers = network, views, figures, peers
        self._closer = closer

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [
            web.get("/v1/corridors", self.corridors),
            web.get("/v1/corridors/{id}", self.corridor),
            web.get("/v1/nodes", self.nodes),
            web.get("/v1/nodes/{id}", self.node),
            web.get("/v1/containers/{number}", self.container),
            web.get("/v1/carriers/{id}", self.carrier),
            web.get(PART_PATH, self.part),
        ]

    async def corridors(self, request: web.Request) -> web.Response:
        """Every corridor's entries, its year and target, and open journeys."""
        shown = await self._figures.now()
        statistics = shown.whole.statistics
        return json_response(
            {
                **_said(shown),
                "corridors": statistics["corridors"],
                "years": statistics["years"],
                "targets": statistics["targets"],
                "open": open_journeys(shown.whole),
            }
        )

    async def corridor(self, request: web.Request) -> web.Response:
        """One corridor's entries, its weeks, year and target, its legs' runs, and open journeys."""
        asked = request.match_info["id"]
        corridor = self._network.corridors.get(asked)
        if corridor is None:
            known = ", ".join(self._network.corridors)
            return problem(HTTPStatus.NOT_FOUND, f"no corridor {cut(asked)!r}; there are {known}", request.path)
        shown = await self._figures.now()
        statistics, closer = shown.whole.statistics, await self._closer.corridor(corridor.id)
        return json_response(
            {
                **_said(shown, closer["missing"]),
                "corridor": corridor.id,
                "name": corridor.name,
                "legs": corridor.legs,
                "sections": [section.id for section in corridor.sections],
                "counting": sorted(corridor.counting),
                "open": [entry for entry in open_journeys(shown.whole) if entry["corridor"] == asked],
                "entries": [entry for entry in statistics["corridors"] if entry["corridor"] == asked],
                "years": [entry for entry in statistics["years"] if entry["corridor"] == asked],
                "targets": [entry for entry in statistics["targets"] if entry["corridor"] == asked],
                "weeks": closer["weeks"],
                "runs": [entry for entry in statistics["legs"] if entry["leg"] in corridor.legs],
            }
        )

    async def nodes(self, request: web.Request) -> web.Response:
        """Every node's entries."""
        shown = await self._figures.now()
        return json_response({**_said(shown), "nodes": shown.whole.statistics["nodes"]})

    async def node(self, request: web.Request) -> web.Response:
        """One node's entries and hours, what is due there, and entries of the crossing it belongs to."""
        asked = request.match_info["id"]
        node = self._network.nodes.get(asked)
        if node is None:
            return problem(HTTPStatus.NOT_FOUND, f"no node {cut(asked)!r}; /v1/nodes lists them", request.path)
        shown = await self._figures.now()
        statistics, closer = shown.whole.statistics, await self._closer.node(node.id)
        crossing = self._network.border_sides.get(node.id)
        return json_response(
            {
                **_said(shown, closer["missing"]),
                "node": node.id,
                "name": node.name,
                "country": node.country,
                "kinds": sorted(node.kinds),
                "latitude": node.latitude,
                "longitude": node.longitude,
                "zone": node.zone,
                "entries": [entry for entry in statistics["nodes"] if entry["node"] == asked],
                "hours": closer["hours"],
                "due": closer["due"],
                "due_more": closer["due_more"],
                "crossing": None if crossing is None else crossing.id,
                "crossings": _crossings(statistics, None if crossing is None else crossing.id),
            }
        )

    async def carrier(self, request: web.Request) -> web.Response:
        """One carrier's scorecard."""
        asked = request.match_info["id"]
        if asked not in self._views.carriers:
            known = ", ".join(self._views.carriers)
            return problem(HTTPStatus.NOT_FOUND, f"no carrier {cut(asked)!r}; there are {known}", request.path)
        return json_response(self._views.carrier(asked))

    async def container(self, request: web.Request) -> web.Response:
        """What is known of one container; where another worker has it, what that one says."""
        said = await self.of_container(request.match_info["number"], everywhere=not is_of_a_worker(request))
        return problem(said.status, said.detail, request.path) if isinstance(said, Refused) else json_response(said)

    async def of_container(self, asked: str, *, everywhere: bool) -> Mapping[str, Any] | Refused:
        """The record of a container, or why there is none."""
        number = normalise_container(asked)
        fault = container_fault(number)
        if fault is not None and fault is not ContainerFault.CHECK_DIGIT:
            return Refused(HTTPStatus.BAD_REQUEST, f"{cut(asked)!r} is no container number of ISO 6346; {EXAMPLE}")
        owner = self._views.owner(number) if everywhere else None
        if owner is not None:
            answer = await self._peers.ask(owner, f"/v1/containers/{number}")
            if answer is None or answer.status not in _PASSED_ON:
                detail = f"the worker that has {number} did not answer in {LIMIT_SECONDS:g} s; ask again in a minute"
                return Refused(HTTPStatus.SERVICE_UNAVAILABLE, detail)
            said: dict[str, Any] = json.loads(answer.body)
            return said if answer.status == HTTPStatus.OK else Refused(HTTPStatus(answer.status), said["detail"])
        record = self._views.container(number)
        if record is not None:
            told = with_local_times(record, self._network)
            exceptions = [self._views.acknowledged(each) for each in told["exceptions"]]
            return {**told, "movements": told["reports"], "exceptions": exceptions}
        detail = f"no report about {number} is known"
        if fault is not None:  # of some carriers such numbers are taken
            detail += f", and its check digit is wrong by ISO 6346: {check_digit(number)} wanted as the last"
        return Refused(HTTPStatus.NOT_FOUND, detail)

    async def part(self, request: web.Request) -> web.Response:
        """This worker's part of the figures, for the other workers."""
        return web.Response(body=encoded(self._views.part()), content_type="application/msgpack")


def open_journeys(whole: Whole) -> list[dict[str, object]]:
    """How many journeys are open, by corridor and direction; `states` says how they stand."""
    places = Counter[tuple[str, str | None]]()
    states: dict[tuple[str, str | None], Counter[str]] = {}
    for (corridor, way, state), count in whole.open.items():
        places[corridor, way] += count
        states.setdefault((corridor, way), Counter())[state] += count
    return [
        {
            "corridor": corridor,
            "direction": way,
            "journeys": count,
            "states": dict(sorted(states[corridor, way].items())),
        }
        for (corridor, way), count in sorted(places.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]


def _said(shown: Shown, missing: int = 0) -> dict[str, object]:
    return {"until": shown.whole.statistics["until"], "partial": shown.missing + missing > 0}


def _crossings(statistics: Statistics, crossing: str | None) -> list[object]:
    return [entry for entry in statistics["crossings"] if entry["crossing"] == crossing]
