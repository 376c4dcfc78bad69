"""The web of a worker: what it answers, in which form, and what it never does."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from tests.railway import build_fact, small_network
from tracker.aggregates.entries import Statistics
from tracker.aggregates.standing import Present
from tracker.aggregates.statistics import corridor_statistics
from tracker.domain.facts import FactKind, Side
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction, Network, Node
from tracker.web.application import AddressTaken, build_web, listen, serve
from tracker.web.markup import duration
from tracker.web.views import FRESH_SECONDS, Fresh, Views

NETWORK = small_network()
NOW = 480_000
WEST = Direction.WESTBOUND
STANDING = Present(17, Millis((NOW - 240) * HOUR), Millis((NOW - 31) * HOUR))
Client = TestClient[Any, Any]
BOX = {"container": "TBJU4395630", "journeys": [{"corridor": "middle"}]}


WRONG = [
    {"id": f"dwell-{n}", "rule": "dwell", "severity": severity, "cause": "node", "corridor": "middle",
     "node": "KZ-PORT", "deadline": f"2026-03-0{n}T00:00:00Z"}
    for n, severity in ((1, "critical"), (3, "warning"), (2, "critical"))
]  # fmt: skip


def statistics() -> Statistics:
    facts = [
        build_fact(FactKind.TRANSIT, NOW - 1, 240 + hours, section="whole", metres=4_360_000) for hours in range(5)
    ]
    facts += [build_fact(FactKind.TRANSIT, NOW - 1, 30, section="sea")]
    facts += [build_fact(FactKind.DWELL, NOW - 1, 10, node="KZ-EDGE", side=Side.ENTRY)]
    facts += [build_fact(FactKind.CROSSING, NOW - 1, origin="KZ-PORT", goal="AZ-PORT", teu=1_234_500, grams=9_000_000)]
    return corridor_statistics(facts, NETWORK, Millis(NOW * HOUR), {("KZ-EDGE", WEST): STANDING})


def views(**changes: Any) -> Views:
    given: dict[str, Any] = {
        "statistics": statistics,
        "exceptions": lambda: WRONG,
        "open_journeys": lambda: {("middle", WEST): 321, ("undecided", None): 9},
        "container": {"TBJU4395630": BOX}.get,
        "unready": lambda: (),
        "metrics": lambda accept: (b"rail_up 1\n", f"text/plain; asked={accept or 'nothing'}"),
        **changes,
    }
    return Views(**given)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_web(NETWORK, views()))) as running:
        yield running


async def text_of(client: Client, path: str, status: HTTPStatus = HTTPStatus.OK) -> str:
    async with client.get(path) as response:
        assert response.status == status, await response.text()
        return await response.text()


async def json_of(client: Client, path: str) -> Any:
    async with client.get(path) as response:
        assert (response.status, response.content_type) == (200, "application/json")
        return await response.json()


async def problem_of(client: Client, path: str, method: str = "GET") -> Mapping[str, Any]:
    async with client.request(method, path) as response:
        assert response.content_type == "application/problem+json"
        content = await response.json()
        assert content["status"] == response.status
        assert content["title"] == HTTPStatus(response.status).phrase
        assert content["type"] == "about:blank"
        return dict(content)


async def test_the_page_shows_corridors_nodes_and_crossings(client: Client) -> None:
    page = await text_of(client, "/")
    (whole,) = (e for e in statistics()["corridors"] if e["transits"] == 5 and e["window"] == "30d")
    times = {name: duration(seconds) for name, seconds in whole["transit_seconds"].items()}
    figures = ("321", "12\u202f345", times["0.5"], times["0.95"], "17")
    for shown in (
        "Middle",
        *figures,
        "31 h",
        "10 d 0 h",
        "This year against the target",
        "KZ-EDGE, KZ",
        "KZ-PORT--AZ-PORT",
        "sea",
    ):
        assert shown in page, shown
    assert "figures until 2024-10-04 00:00 UTC" in page
    assert "9 open journeys" in page


async def test_the_page_refreshes_itself_without_a_script(client: Client) -> None:
    page = await text_of(client, "/")
    assert '<meta http-equiv="refresh"' in page
    assert "<script" not in page
    assert "://" not in page.replace('xmlns="http://www.w3.org', ""), "something from another host"
    assert "style=" not in page, "the policy forbids inline style"


async def test_every_answer_forbids_scripts_frames_and_caches(client: Client) -> None:
    for path in ("/", "/style.css", "/metrics", "/healthz", "/readyz", "/v1/corridors", "/v1/nothing", "/nothing"):
        async with client.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "no-store"


async def test_names_of_the_network_file_cannot_bring_markup() -> None:
    evil = "<img src=x onerror=alert(1)>&\"'"
    plain = small_network()
    nodes = [Node("KZ-EDGE", evil, evil, frozenset(), 0, 0, "UTC", ())]
    network = Network(
        [*(n for n in plain.nodes.values() if n.id != "KZ-EDGE"), *nodes], plain.legs.values(), plain.corridors.values()
    )
    shown = views(unready=lambda: (evil,))
    async with TestClient(TestServer(build_web(network, shown))) as client:
        page = await text_of(client, "/")
    assert "<img" not in page
    assert "&lt;img src=x" in page


async def test_a_page_before_any_fact_is_whole() -> None:
    empty = views(statistics=lambda: corridor_statistics([], NETWORK, Millis(0)), open_journeys=dict)
    async with TestClient(TestServer(build_web(NETWORK, empty))) as client:
        page = await text_of(client, "/")
    assert "Middle" in page
    assert "Nodes" not in page


async def test_health_is_of_the_process_and_readiness_of_the_worker(client: Client) -> None:
    assert await text_of(client, "/healthz") == "alive\n"
    assert await text_of(client, "/readyz") == "ready\n"
    waiting = views(unready=lambda: ("recovering 3 partitions", "no partition assigned"))
    async with TestClient(TestServer(build_web(NETWORK, waiting))) as other:
        reasons = await text_of(other, "/readyz", HTTPStatus.SERVICE_UNAVAILABLE)
        assert reasons == "recovering 3 partitions\nno partition assigned\n"
        assert await text_of(other, "/healthz") == "alive\n"


async def test_the_page_names_one_reason_and_counts_the_others() -> None:
    waiting = views(
        unready=lambda: ("recovering journeys", "rail.facts-3 is 90 s behind", "rail.facts-4 is 80 s behind")
    )
    async with TestClient(TestServer(build_web(NETWORK, waiting))) as client:
        assert "recovering journeys and 2 more" in await text_of(client, "/")


async def test_metrics_come_in_the_form_that_is_asked_for(client: Client) -> None:
    async with client.get("/metrics", headers={"Accept": "application/openmetrics-text"}) as response:
        assert await response.read() == b"rail_up 1\n"
        assert response.headers["Content-Type"] == "text/plain; asked=application/openmetrics-text"


async def test_corridors_are_the_entries_of_the_batch_file_and_the_open_journeys(client: Client) -> None:
    content = await json_of(client, "/v1/corridors")
    assert content["until"] == "2024-10-04T00:00:00Z"
    assert all(content[part] == statistics()[part] for part in ("corridors", "years", "targets"))
    assert {"corridor": "undecided", "direction": None, "journeys": 9} in content["open"]


async def test_one_corridor_has_only_its_own(client: Client) -> None:
    content = await json_of(client, "/v1/corridors/middle")
    assert (content["name"], content["counting"]) == ("Middle", ["KZ-PORT--AZ-PORT"])
    assert {e["corridor"] for part in ("entries", "years", "targets") for e in content[part]} == {"middle"}
    assert content["open"] == [{"corridor": "middle", "direction": "westbound", "journeys": 321}]


async def test_a_node_comes_with_its_crossing(client: Client) -> None:
    content = await json_of(client, "/v1/nodes/KZ-EDGE")
    assert (content["country"], content["crossing"]) == ("KZ", "CN-EDGE--KZ-EDGE")
    assert {entry["containers"] for entry in content["entries"]} == {17}
    assert content["entries"][0]["age_seconds"] == {"0.5": 31 * 3_600.0, "max": 240 * 3_600.0}
    assert content["entries"] == (await json_of(client, "/v1/nodes"))["nodes"]


async def test_a_container_is_found_by_its_number_as_people_write_it(client: Client) -> None:
    for written in ("TBJU4395630", "tbju%20439563-0"):
        assert await json_of(client, f"/v1/containers/{written}") == BOX


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/v1/corridors/silk", 404, "middle, northern"),
        ("/v1/nodes/KZ-NOWHERE", 404, "KZ-NOWHERE"),
        ("/v1/containers/TBJU4395631", 400, "ISO 6346"),
        ("/v1/containers/%3Cscript%3E", 400, "ISO 6346"),
        ("/v1/containers/MSKU1234565", 404, "MSKU1234565"),
        ("/v1/nothing", 404, "/v1/nothing"),
        ("/nothing", 404, "/nothing"),
    ],
)
async def test_errors_are_problem_details_that_say_what_was_asked(
    client: Client, path: str, status: int, told: str
) -> None:
    problem = await problem_of(client, path)
    assert problem["status"] == status
    assert told in problem["detail"]


async def test_nothing_can_be_changed(client: Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await problem_of(client, "/v1/corridors", method))["status"] == 405


async def test_an_error_repeats_only_the_beginning_of_what_was_asked(client: Client) -> None:
    assert len((await problem_of(client, "/v1/corridors/" + "x" * 2_000))["detail"]) < 300


def test_figures_are_read_once_a_second_however_many_ask() -> None:
    now = [100.0]
    reads: list[int] = []

    def read() -> Sequence[int]:
        reads.append(len(reads))
        return tuple(reads)

    fresh = Fresh(read, lambda: now[0])
    assert fresh() == fresh() == (0,)
    now[0] += FRESH_SECONDS
    assert fresh() == (0, 1)


async def test_a_server_tells_its_address_and_leaves_the_port_free() -> None:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(build_web(NETWORK, views()), listen("127.0.0.1", 0), started=address.set_result))
    url = await address
    async with ClientSession() as session, session.get(f"{url}/healthz") as response:
        assert response.status == 200
    server.cancel()
    with pytest.raises(asyncio.CancelledError):
        await server
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", int(url.rpartition(":")[2])))


def test_a_taken_port_is_an_error_that_says_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(AddressTaken, match=r"already in use.*TRACKER_WEB_PORT"):
        listen("127.0.0.1", taken.getsockname()[1])


async def test_exceptions_come_newest_first_and_can_be_filtered(client: Client) -> None:
    every = json.loads(await text_of(client, "/v1/exceptions"))
    assert [each["id"] for each in every["exceptions"]] == ["dwell-3", "dwell-2", "dwell-1"]
    critical = json.loads(await text_of(client, "/v1/exceptions?severity=critical&node=KZ-PORT&limit=1"))
    assert ([each["id"] for each in critical["exceptions"]], critical["count"]) == (["dwell-2"], 2)
    assert json.loads(await text_of(client, "/v1/exceptions?rule=late")) == {"exceptions": [], "count": 0}


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=many", "colour=red"])
async def test_what_exceptions_cannot_be_asked_is_a_problem(client: Client, query: str) -> None:
    said = await text_of(client, f"/v1/exceptions?{query}", HTTPStatus.BAD_REQUEST)
    assert query.split("=", maxsplit=1)[0] in json.loads(said)["detail"]
