"""Pages at their paths, in the reader's language."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from multidict import MultiDict

from tracker.domain.identifiers import ContainerFault, container_fault, normalise_container
from tracker.domain.network import Network
from tracker.web.api import Api, Refused
from tracker.web.asked import BadQuestion
from tracker.web.figures import Figures
from tracker.web.lists import Lists
from tracker.web.markup import tag
from tracker.web.pages.carriers import carrier_page, carriers_page
from tracker.web.pages.container import container_page
from tracker.web.pages.exceptions import exceptions_page
from tracker.web.pages.frame import Reader, framed
from tracker.web.pages.overview import INCIDENTS, overview
from tracker.web.pages.place import corridor_page, node_page, nodes_page
from tracker.web.pages.search import search_page
from tracker.web.pages.tables import corridors_table, crossings_table, sections_table, targets_table
from tracker.web.pages.words import LANGUAGES, Words, language_of
from tracker.web.search import Search
from tracker.web.views import Views

LANGUAGE_DAYS: Final = 400
"""How long a browser remembers the language that was chosen: as long as browsers allow."""
OLDEST_SHOWN: Final = "25"
INCIDENTS_MAX: Final = "100"


class Pages:
    """Handlers of the pages."""

    def __init__(
        self, network: Network, views: Views, figures: Figures, api: Api, lists: Lists, search: Search
    ) -> None:
        """Reads everything at each request."""
        self._network, self._views, self._figures = network, views, figures
        self._api, self._lists, self._search = api, lists, search

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [
            web.get("/", self.overview),
            web.get("/exceptions", self.exceptions),
            web.get("/nodes", self.nodes),
            web.get("/nodes/{id}", self.node),
            web.get("/corridors", self.corridors),
            web.get("/corridors/{id}", self.corridor),
            web.get("/carriers", self.carriers),
            web.get("/carriers/{id}", self.carrier),
            web.get("/containers/{number}", self.container),
            web.get("/search", self.search),
        ]

    async def overview(self, request: web.Request) -> web.Response:
        """What is under way and what is wrong."""
        reader = await self._reader(request)
        shown = await self._figures.now()
        return _html(request, reader, overview(reader, shown.whole, await self._incidents()))

    async def exceptions(self, request: web.Request) -> web.Response:
        """What is wrong, filtered."""
        reader = await self._reader(request)
        query = MultiDict(pair for pair in request.query.items() if pair[0] != "lang")
        try:
            page = await self._lists.of_exceptions(query)
        except BadQuestion as wrong:
            return self._failed(request, reader, HTTPStatus.BAD_REQUEST, str(wrong))
        filters = {name: value for name, value in query.items() if name != "cursor"}
        return _html(request, reader, exceptions_page(reader, page, filters, await self._incidents()))

    async def nodes(self, request: web.Request) -> web.Response:
        """All nodes."""
        reader = await self._reader(request)
        return _html(request, reader, nodes_page(reader, (await self._figures.now()).whole))

    async def node(self, request: web.Request) -> web.Response:
        """One node."""
        reader = await self._reader(request)
        node = self._network.nodes.get(request.match_info["id"])
        if node is None:
            return self._failed(request, reader, HTTPStatus.NOT_FOUND, reader.say("There is no such node."))
        whole = (await self._figures.now()).whole
        asked = MultiDict({"node": node.id, "order": "oldest", "limit": OLDEST_SHOWN})
        oldest = await self._lists.of_journeys(asked)
        return _html(request, reader, node_page(reader, node, whole, oldest, await self._incidents()))

    async def corridors(self, request: web.Request) -> web.Response:
        """All corridors."""
        reader = await self._reader(request)
        whole = (await self._figures.now()).whole
        tables = (targets_table, sections_table, crossings_table)
        content = [corridors_table(reader, whole), *(table(reader, whole.statistics) for table in tables)]
        return _html(request, reader, framed(reader, reader.say("Corridors"), content))

    async def corridor(self, request: web.Request) -> web.Response:
        """One corridor."""
        reader = await self._reader(request)
        corridor = self._network.corridors.get(request.match_info["id"])
        if corridor is None:
            return self._failed(request, reader, HTTPStatus.NOT_FOUND, reader.say("There is no such corridor."))
        return _html(request, reader, corridor_page(reader, corridor, (await self._figures.now()).whole))

    async def carriers(self, request: web.Request) -> web.Response:
        """All carriers' feeds."""
        reader = await self._reader(request)
        cards = [self._views.carrier(carrier) for carrier in self._views.carriers]
        return _html(request, reader, carriers_page(reader, cards))

    async def carrier(self, request: web.Request) -> web.Response:
        """One carrier's feed."""
        reader, asked = await self._reader(request), request.match_info["id"]
        if asked not in self._views.carriers:
            return self._failed(request, reader, HTTPStatus.NOT_FOUND, reader.say("There is no such carrier."))
        return _html(request, reader, carrier_page(reader, self._views.carrier(asked)))

    async def container(self, request: web.Request) -> web.Response:
        """One container."""
        reader = await self._reader(request)
        said = await self._api.of_container(request.match_info["number"], everywhere=True)
        if isinstance(said, Refused):
            return self._failed(request, reader, said.status, said.detail)
        return _html(request, reader, container_page(reader, said))

    async def search(self, request: web.Request) -> web.Response:
        """What was searched for; a container number that is one leads to its page."""
        asked = request.query.get("q", "").strip()
        reader = (await self._reader(request))._replace(asked=asked)
        number = normalise_container(asked)
        if container_fault(number) in (None, ContainerFault.CHECK_DIGIT):
            raise web.HTTPSeeOther(f"/containers/{number}")
        try:
            found = await self._search.of(asked, everywhere=True)
        except BadQuestion as wrong:
            return self._failed(request, reader, HTTPStatus.BAD_REQUEST, str(wrong))
        return _html(request, reader, search_page(reader, found))

    async def _reader(self, request: web.Request) -> Reader:
        chosen = request.query.get("lang")
        accepted = request.headers.get("Accept-Language", "")
        say = Words(language_of(chosen, request.cookies.get("lang"), accepted))
        shown = await self._figures.now()
        until = shown.whole.statistics["until"]
        return Reader(say, request.path, self._network, self._views.unready(), shown.missing, until)

    async def _incidents(self) -> Sequence[Mapping[str, Any]]:
        """The records of all open incidents."""
        asked = (MultiDict({"rule": rule, "limit": INCIDENTS_MAX}) for rule in INCIDENTS)
        pages: list[Any] = await asyncio.gather(*map(self._lists.of_exceptions, asked))
        return [each for page in pages for each in page["exceptions"]]

    def _failed(self, request: web.Request, reader: Reader, status: HTTPStatus, words: str) -> web.Response:
        page = framed(reader, reader.say("Not found"), [tag("p", words)], live=False)
        response = _html(request, reader, page)
        response.set_status(status)
        return response


def _html(request: web.Request, reader: Reader, page: str) -> web.Response:
    response = web.Response(text=page, content_type="text/html")
    response.headers["Content-Language"] = reader.say.language
    response.headers["Vary"] = "Accept-Language, Cookie"
    if request.query.get("lang") in LANGUAGES:
        response.set_cookie("lang", reader.say.language, max_age=LANGUAGE_DAYS * 86_400, samesite="Lax", httponly=True)
    return response
