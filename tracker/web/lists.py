"""Lists under `/v1`: open journeys and exceptions of all workers, page by page in one order."""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, get_args

from aiohttp import web

from tracker.domain.exceptions import Cause, Rule, Severity, State
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network
from tracker.web.asked import Asked, BadQuestion, asked, cursor
from tracker.web.local_time import with_local_times
from tracker.web.peers import Peers, is_of_a_worker
from tracker.web.problem import problem
from tracker.web.respond import json_response
from tracker.web.views import Record, Views

STATUSES: Final = ("open", "resolved")


class Lists:
    """Handlers of the lists."""

    def __init__(self, network: Network, views: Views, peers: Peers) -> None:
        """Reads the views at each request."""
        corridors, nodes = {*network.corridors, UNDECIDED, OTHER}, set(network.nodes)
        self._network, self._views, self._peers = network, views, peers
        self._of_journeys = {
            "corridor": corridors,
            "direction": set(Direction),
            "state": set(get_args(State)),
            "node": nodes,
        }
        self._of_exceptions = {
            "status": STATUSES,
            "rule": {*Rule, "node_stopped", "carrier_silent", "carrier_clock", "pipeline_behind"},
            "severity": set(Severity),
            "cause": set(Cause),
            "corridor": corridors,
            "node": nodes,
        }

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [web.get("/v1/journeys", self.journeys), web.get("/v1/exceptions", self.exceptions)]

    async def journeys(self, request: web.Request) -> web.Response:
        """Open journeys in order of container numbers; `corridor`, `direction`, `state`, `node` filter."""

        def here(question: Asked) -> tuple[Sequence[Record], int]:
            found, count = self._views.journeys(question.filters, question.after, question.limit)
            return [with_local_times(each, self._network) for each in found], count

        return await self._answer(request, "journeys", self._of_journeys, here, _container)

    async def exceptions(self, request: web.Request) -> web.Response:
        """Exceptions, those first that became one last; open ones unless `status` says otherwise."""

        def here(question: Asked) -> tuple[Sequence[Record], int]:
            wanted = Asked({"status": "open", **question.filters}, question.after, question.limit)
            found = [each for each in self._views.exceptions() if wanted.fits(each)]
            ahead = [each for each in found if not question.after or _newest_first(each) > question.after]
            return sorted(ahead, key=_newest_first)[: question.limit], len(found)

        return await self._answer(request, "exceptions", self._of_exceptions, here, _newest_first)

    async def _answer(
        self,
        request: web.Request,
        name: str,
        filters: Mapping[str, Any],
        here: Callable[[Asked], tuple[Sequence[Record], int]],
        place: Callable[[Record], str],
    ) -> web.Response:
        """The first records of all workers in order of their places, how many there are, and where it goes on."""
        try:
            question = asked(request, filters)
        except BadQuestion as wrong:
            return problem(HTTPStatus.BAD_REQUEST, str(wrong), request.path)
        found, count = here(question)
        merged, missing = list(found), 0
        if not is_of_a_worker(request):
            for answer in await self._peers.ask_all(request.path_qs):
                if answer is None:
                    missing += 1
                else:
                    said = json.loads(answer.body)
                    merged += said[name]
                    count += said["count"]
        merged.sort(key=place)
        shown = merged[: question.limit]
        is_more = len(merged) > len(shown) or len(shown) == question.limit
        following = cursor(place(shown[-1])) if shown and is_more else None
        return json_response({name: shown, "count": count, "next": following, "partial": missing > 0})


def _container(record: Record) -> str:
    return str(record["container"])


def _newest_first(record: Record) -> str:
    """A text that sorts the newest deadline first: each character of the time turned round, then the id."""
    return str(record["deadline"]).translate(_TURNED) + str(record["id"])


_TURNED: Final = str.maketrans("0123456789", "9876543210")
