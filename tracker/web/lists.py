"""Lists under `/v1`: open journeys and exceptions of all workers, page by page in one order."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, get_args
from urllib.parse import quote, urlencode

from aiohttp import web

from tracker.aggregates.incidents import IncidentRule
from tracker.domain.exceptions import Cause, Rule, Severity, State
from tracker.domain.moment import from_datetime
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network
from tracker.web.asked import Asked, BadQuestion, Query, asked, cursor, cut
from tracker.web.local_time import with_local_times
from tracker.web.peers import Peers, is_of_a_worker
from tracker.web.problem import problem
from tracker.web.respond import json_response
from tracker.web.views import Record, Views

STATUSES: Final = ("open", "resolved")
OLDEST: Final = "oldest"
ORDERS: Final = ("container", OLDEST)
"""Of open journeys: by container number, or those first that stand longest where they do."""


class Lists:
    """Handlers of the lists."""

    def __init__(self, network: Network, views: Views, peers: Peers) -> None:
        """Reads the views at each request."""
        corridors, nodes = {*network.corridors, UNDECIDED, OTHER}, set(network.nodes)
        self._network, self._views, self._peers = network, views, peers
        self._of_journeys: Mapping[str, Collection[str]] = {
            "corridor": corridors,
            "direction": set(Direction),
            "state": set(get_args(State)),
            "node": nodes,
            "order": ORDERS,
        }
        self._of_exceptions: Mapping[str, Collection[str]] = {
            "status": STATUSES,
            "rule": {*Rule, *get_args(IncidentRule)},
            "severity": set(Severity),
            "cause": set(Cause),
            "corridor": corridors,
            "node": nodes,
        }

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [
            web.get("/v1/journeys", self.journeys),
            web.get("/v1/exceptions", self.exceptions),
            web.get("/v1/exceptions/{id}", self.exception),
        ]

    async def journeys(self, request: web.Request) -> web.Response:
        """Open journeys; `corridor`, `direction`, `state`, `node` (where it stands) filter, `order` sorts."""
        return await self._answered(request, self.of_journeys)

    async def exceptions(self, request: web.Request) -> web.Response:
        """Exceptions, those first that became one last; open ones unless `status` says otherwise."""
        return await self._answered(request, self.of_exceptions)

    async def exception(self, request: web.Request) -> web.Response:
        """One exception or incident that is open, or was resolved of late."""
        found = await self.of_exception(request.match_info["id"], everywhere=not is_of_a_worker(request))
        return no_exception(request) if found is None else json_response(found)

    async def of_journeys(self, query: Query, *, everywhere: bool = True) -> dict[str, object]:
        """A page of open journeys, of all workers or only of this one. Raises `BadQuestion`."""
        question = asked(query, self._of_journeys)
        found, count = self._views.journeys(question.filters, question.after, question.limit)
        here = [with_local_times(each, self._network) for each in found]
        place = _longest_first if question.filters.get("order") == OLDEST else _container
        return await self._page("journeys", question, here, count, place, query if everywhere else None)

    async def of_exceptions(self, query: Query, *, everywhere: bool = True) -> dict[str, object]:
        """A page of exceptions, of all workers or only of this one. Raises `BadQuestion`."""
        question = asked(query, self._of_exceptions)
        here, count = self._views.exceptions(question.filters, question.after, question.limit)
        page = await self._page("exceptions", question, here, count, _newest_first, query if everywhere else None)
        return {**page, "exceptions": [self._views.acknowledged(each) for each in page["exceptions"]]}

    async def of_exception(self, asked: str, *, everywhere: bool = True) -> Record | None:
        """One exception that is open or was resolved of late; None where none of the workers that answer has it."""
        for status in STATUSES:
            found, _ = self._views.exceptions({"id": asked, "status": status}, "", 1)
            if found:
                return self._views.acknowledged(found[0])
        for answer in await self._peers.ask_all(f"/v1/exceptions/{quote(asked, safe='')}") if everywhere else ():
            if answer is not None:
                return self._views.acknowledged(json.loads(answer.body))
        return None

    async def _answered(self, request: web.Request, of: Callable[..., Awaitable[dict[str, object]]]) -> web.Response:
        try:
            return json_response(await of(request.query, everywhere=not is_of_a_worker(request)))
        except BadQuestion as wrong:
            return problem(HTTPStatus.BAD_REQUEST, str(wrong), request.path)

    async def _page(
        self,
        name: str,
        question: Asked,
        here: Sequence[Record],
        count: int,
        place: Callable[[Record], str],
        asked_of_others: Query | None,
    ) -> dict[str, Any]:
        """The first records of all workers in order of their places, how many there are, and where it goes on."""
        merged, missing = list(here), 0
        if asked_of_others is not None:
            for answer in await self._peers.ask_all(f"/v1/{name}?{urlencode(list(asked_of_others.items()))}"):
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
        return {name: shown, "count": count, "next": following, "partial": missing > 0}


def no_exception(request: web.Request) -> web.Response:
    """The answer to a question about one that there is not."""
    said = f"no exception {cut(request.match_info['id'])!r} is open, or was resolved of late; /v1/exceptions lists them"
    return problem(HTTPStatus.NOT_FOUND, said, request.path)


def _container(record: Record) -> str:
    return str(record["container"])


def _longest_first(record: Record) -> str:
    """As `streams.survey.place_of` has it: since when it stands, then the container."""
    since = from_datetime(datetime.fromisoformat(str(record["standing_since"])))
    return f"{since:015d}{record['container']}"


def _newest_first(record: Record) -> str:
    return newest_first(str(record["deadline"]), str(record["id"]))


def newest_first(deadline: str, name: str) -> str:
    """A text that sorts the newest deadline first: each digit of the time turned round, then the id."""
    return deadline.translate(_TURNED) + name


_TURNED: Final = str.maketrans("0123456789", "9876543210")
