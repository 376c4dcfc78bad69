"""Pages at their paths, in the reader's language."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import MultiDict

from tracker.contract.disruptions import NotReached
from tracker.domain.identifiers import ContainerFault, container_fault, normalise_container
from tracker.domain.network import Network
from tracker.streams.seldom import Shared
from tracker.web.acknowledging import Acknowledging, Unknown
from tracker.web.api import Api, Refused
from tracker.web.asked import BadQuestion
from tracker.web.closer import Closer
from tracker.web.figures import Figures
from tracker.web.lists import Lists
from tracker.web.markup import tag
from tracker.web.pages.carriers import carrier_page, carriers_page
from tracker.web.pages.container import container_page
from tracker.web.pages.corridor import corridor_page
from tracker.web.pages.exception import exception_page
from tracker.web.pages.exceptions import exceptions_page
from tracker.web.pages.frame import Reader, framed
from tracker.web.pages.node import node_page, nodes_page
from tracker.web.pages.overview import INCIDENTS, overview
from tracker.web.pages.search import search_page
from tracker.web.pages.tables import corridors_table, crossings_table, sections_table, targets_table
from tracker.web.pages.words import LANGUAGES, Words, language_of
from tracker.web.search import Search
from tracker.web.views import Views

LANGUAGE_DAYS: Final = 400
"""How long a browser remembers the language that was chosen: as long as browsers allow."""
OLDEST_SHOWN: Final = "25"
INCIDENTS_MAX: Final = "100"
SHOWN_SECONDS: Final = 1.0
"""How long a page is shown to all who ask for it, at least."""
PAGES_MAX: Final = 100
"""Pages that are held, of 100 kB each: those of a hundred questions asked last."""

Make = Callable[[web.Request, Reader], Awaitable[str]]
"""Makes a page. Raises `_Failed`."""


class Pages:
    """Handlers of the pages."""

    def __init__(
        self,
        network: Network,
        views: Views,
        figures: Figures,
        api: Api,
        lists: Lists,
        search: Search,
        closer: Closer,
        taking: Acknowledging | None = None,
    ) -> None:
        """Reads everything at each request. Without `taking` nothing can be acknowledged."""
        self._network, self._views, self._figures = network, views, figures
        self._api, self._lists, self._search = api, lists, search
        self._closer, self._taking = closer, taking
        self._held = Shared(SHOWN_SECONDS, PAGES_MAX)

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [
            web.get("/", self._shared(self.overview)),
            web.get("/exceptions", self._shared(self.exceptions)),
            web.get("/exceptions/{id}", self._own(self.exception)),
            web.post("/exceptions/{id}", self._own(self.taken_on)),
            web.get("/nodes", self._shared(self.nodes)),
            web.get("/nodes/{id}", self._shared(self.node)),
            web.get("/corridors", self._shared(self.corridors)),
            web.get("/corridors/{id}", self._shared(self.corridor)),
            web.get("/carriers", self._shared(self.carriers)),
            web.get("/carriers/{id}", self._shared(self.carrier)),
            web.get("/containers/{number}", self._own(self.container)),
            web.get("/search", self._own(self.search)),
        ]

    async def overview(self, request: web.Request, reader: Reader) -> str:
        """What is under way and what is wrong."""
        shown = await self._figures.now()
        return overview(reader, shown.whole, await self._incidents())

    async def exceptions(self, request: web.Request, reader: Reader) -> str:
        """What is wrong, filtered."""
        query = MultiDict(pair for pair in request.query.items() if pair[0] != "lang")
        try:
            page = await self._lists.of_exceptions(query)
        except BadQuestion as wrong:
            raise _Failed(HTTPStatus.BAD_REQUEST, str(wrong)) from None
        filters = {name: value for name, value in query.items() if name != "cursor"}
        return exceptions_page(reader, page, filters, await self._incidents())

    async def exception(self, request: web.Request, reader: Reader, wrong: str = "") -> str:
        """One exception or incident, and a form to take it on."""
        found: Any = await self._lists.of_exception(request.match_info["id"])
        if found is None:
            raise _Failed(HTTPStatus.NOT_FOUND, reader.say("There is no such exception."))
        box = None if found["container"] is None else await self._api.of_container(found["container"], everywhere=True)
        known = [] if box is None or isinstance(box, Refused) else box["exceptions"]
        evidence: Sequence[Any] = next((each["evidence"] for each in known if each["id"] == found["id"]), ())
        may = self._taking is not None and self._taking.token.is_set
        return exception_page(reader, found, evidence, may=may, wrong=wrong)

    async def taken_on(self, request: web.Request, reader: Reader) -> str:
        """What the form says is entered; then its page is shown, by an address that can be asked again."""
        said = {name: str(value) for name, value in (await request.post()).items()}
        given = said.pop("token", "")
        if self._taking is None or not self._taking.token.is_right(given):
            wrong = reader.say("The token is not the right one.")
            raise _Failed(HTTPStatus.UNAUTHORIZED, wrong, await self.exception(request, reader, wrong))
        try:
            await self._taking.enter(request.match_info["id"], said)
        except Unknown:
            raise _Failed(HTTPStatus.NOT_FOUND, reader.say("There is no such exception.")) from None
        except (ValueError, NotReached) as trouble:
            status = HTTPStatus.BAD_REQUEST if isinstance(trouble, ValueError) else HTTPStatus.SERVICE_UNAVAILABLE
            raise _Failed(status, str(trouble), await self.exception(request, reader, str(trouble))) from None
        self._held.forget()  # the lists, too, say who has taken it on
        raise web.HTTPSeeOther(request.path)

    async def nodes(self, request: web.Request, reader: Reader) -> str:
        """All nodes."""
        return nodes_page(reader, (await self._figures.now()).whole)

    async def node(self, request: web.Request, reader: Reader) -> str:
        """One node."""
        node = self._network.nodes.get(request.match_info["id"])
        if node is None:
            raise _Failed(HTTPStatus.NOT_FOUND, reader.say("There is no such node."))
        whole = (await self._figures.now()).whole
        asked = MultiDict({"node": node.id, "order": "oldest", "limit": OLDEST_SHOWN})
        oldest = await self._lists.of_journeys(asked)
        closer = await self._closer.node(node.id)
        return node_page(reader, node, whole, closer, oldest, await self._incidents())

    async def corridors(self, request: web.Request, reader: Reader) -> str:
        """All corridors."""
        whole = (await self._figures.now()).whole
        tables = (targets_table, sections_table, crossings_table)
        content = [corridors_table(reader, whole), *(table(reader, whole.statistics) for table in tables)]
        return framed(reader, reader.say("Corridors"), content)

    async def corridor(self, request: web.Request, reader: Reader) -> str:
        """One corridor."""
        corridor = self._network.corridors.get(request.match_info["id"])
        if corridor is None:
            raise _Failed(HTTPStatus.NOT_FOUND, reader.say("There is no such corridor."))
        closer = await self._closer.corridor(corridor.id)
        return corridor_page(reader, corridor, (await self._figures.now()).whole, closer["weeks"])

    async def carriers(self, request: web.Request, reader: Reader) -> str:
        """All carriers' feeds."""
        return carriers_page(reader, [self._views.carrier(carrier) for carrier in self._views.carriers])

    async def carrier(self, request: web.Request, reader: Reader) -> str:
        """One carrier's feed."""
        asked = request.match_info["id"]
        if asked not in self._views.carriers:
            raise _Failed(HTTPStatus.NOT_FOUND, reader.say("There is no such carrier."))
        return carrier_page(reader, self._views.carrier(asked))

    async def container(self, request: web.Request, reader: Reader) -> str:
        """One container."""
        said = await self._api.of_container(request.match_info["number"], everywhere=True)
        if isinstance(said, Refused):
            raise _Failed(said.status, said.detail)
        return container_page(reader, said)

    async def search(self, request: web.Request, reader: Reader) -> str:
        """What was searched for; a container number that is one leads to its page."""
        asked = request.query.get("q", "").strip()
        number = normalise_container(asked)
        if container_fault(number) in (None, ContainerFault.CHECK_DIGIT):
            raise web.HTTPSeeOther(f"/containers/{number}")
        try:
            found = await self._search.of(asked, everywhere=True)
        except BadQuestion as wrong:
            raise _Failed(HTTPStatus.BAD_REQUEST, str(wrong)) from None
        return search_page(reader._replace(asked=asked), found)

    def _own(self, make: Make) -> Handler:
        """A handler of pages that are made for each who asks."""

        async def handler(request: web.Request) -> web.StreamResponse:
            say = _words(request)
            try:
                return _html(request, say, (await make(request, await self._reader(request, say))).encode())
            except _Failed as failed:
                return await self._failed(request, say, failed)

        return handler

    def _shared(self, make: Make) -> Handler:
        """A handler of pages that are the same for all who ask in a language: one is made, and shown to all."""

        async def handler(request: web.Request) -> web.StreamResponse:
            say = _words(request)

            async def made() -> str:
                return await make(request, await self._reader(request, say))

            try:
                return _html(request, say, await self._held.get((request.path_qs, say.language), made))
            except _Failed as failed:
                return await self._failed(request, say, failed)

        return handler

    async def _reader(self, request: web.Request, say: Words) -> Reader:
        shown = await self._figures.now()
        await asyncio.sleep(0)  # figures that were made anew took their time: others first, then the page
        until = shown.whole.statistics["until"]
        return Reader(say, request.path, self._network, self._views.unready(), shown.missing, until)

    async def _incidents(self) -> Sequence[Mapping[str, Any]]:
        """The records of all open incidents."""
        asked = (MultiDict({"rule": rule, "limit": INCIDENTS_MAX}) for rule in INCIDENTS)
        pages: list[Any] = await asyncio.gather(*map(self._lists.of_exceptions, asked))
        return [each for page in pages for each in page["exceptions"]]

    async def _failed(self, request: web.Request, say: Words, failed: "_Failed") -> web.Response:
        reader = (await self._reader(request, say))._replace(asked=request.query.get("q", "").strip())
        page = failed.page or framed(reader, say("Not found"), [tag("p", failed.words)], live=False)
        response = _html(request, say, page.encode())
        response.set_status(failed.status)
        return response


class _Failed(Exception):
    """There is no such page; why, in the reader's words. `page` is what is shown in place of these alone."""

    def __init__(self, status: HTTPStatus, words: str, page: str | None = None) -> None:
        super().__init__(words)
        self.status, self.words, self.page = status, words, page


def _words(request: web.Request) -> Words:
    accepted = request.headers.get("Accept-Language", "")
    return Words(language_of(request.query.get("lang"), request.cookies.get("lang"), accepted))


def _html(request: web.Request, say: Words, page: bytes) -> web.Response:
    response = web.Response(body=page, content_type="text/html", charset="utf-8")
    response.headers["Content-Language"] = say.language
    response.headers["Vary"] = "Accept-Language, Cookie"
    if request.query.get("lang") in LANGUAGES:
        response.set_cookie("lang", say.language, max_age=LANGUAGE_DAYS * 86_400, samesite="Lax", httponly=True)
    return response
