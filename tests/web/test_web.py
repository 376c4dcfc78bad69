"""The web of a worker: what it answers, in which form, and what it never does."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from tests.railway import small_network
from tests.web.shown import BOX, NETWORK, NUMBERS, Client, card, json_of, part, statistics, text_of, views
from tracker.aggregates.part import Part, part_of
from tracker.domain.faults import CATALOGUE
from tracker.domain.moment import Millis
from tracker.domain.network import Network, Node
from tracker.web.application import AddressTaken, build_web, listen, serve
from tracker.web.figures import FRESH_SECONDS, Figures
from tracker.web.limits import Rate
from tracker.web.markup import duration
from tracker.web.peers import Peers


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_web(NETWORK, views()))) as running:
        yield running


async def problem_of(client: Client, path: str, method: str = "GET") -> Mapping[str, Any]:
    async with client.request(method, path) as response:
        assert response.content_type == "application/problem+json"
        content = await response.json()
        assert content["status"] == response.status
        assert content["title"] == HTTPStatus(response.status).phrase
        assert content["type"] == "about:blank"
        return dict(content)


async def test_every_answer_says_how_long_it_took_here(client: Client) -> None:
    for path in ("/", "/healthz", "/v1/nodes", "/nowhere"):
        async with client.get(path) as response:
            assert re.fullmatch(r"answer;dur=\d+\.\d", response.headers["Server-Timing"]), path


async def test_pages_show_corridors_nodes_and_crossings(client: Client) -> None:
    (whole,) = (e for e in statistics()["corridors"] if e["transits"] == 5 and e["window"] == "30d")
    times = {name: duration(seconds) for name, seconds in whole["transit_seconds"].items()}
    shown = {
        "/": ("Middle", "321", "12\u202f345", times["0.5"], times["0.95"], "17", "This year against the target"),
        "/corridors": ("Middle", "sea", times["0.5"], "9 open journeys", "KZ-PORT – AZ-PORT"),
        "/nodes": ("KZ-EDGE, KZ", "17", "31 h", "10 d 0 h"),
        "/nodes/KZ-EDGE": ("Country", "31 h", "Standing here longest", NUMBERS[0]),
        "/corridors/middle": ("321 under way", "KZ-PORT", "12"),
        "/carriers": ("ktz", "quiet", "1%", "98%"),
        "/carriers/ktz": ("E301", CATALOGUE["E301"].fix.split(":")[0][:20], "7 – 9"),
    }
    for path, words in shown.items():
        page = await text_of(client, path)
        assert [each for each in words if each not in page] == [], path
        assert "2024-10-04 00:00" in page


async def test_pages_read_without_a_script_and_have_nothing_inline_or_foreign(client: Client) -> None:
    for path in ("/", "/exceptions", "/nodes", "/corridors", "/nodes/KZ-EDGE", "/corridors/middle", "/search?q=none"):
        page = await text_of(client, path)
        assert ('<noscript><meta http-equiv="refresh"' in page) == (not path.startswith("/search"))
        assert page.count("<script") == page.count('<script src="/script.js" defer></script>') == 1
        assert "://" not in page, "something from another host"
        assert not re.search(r"\son\w+=|style=", page), "the policy forbids what is inline"


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
    empty = views(part=lambda: part_of(Millis(0), {}, {}, {}, {}, {}, {}))
    async with TestClient(TestServer(build_web(NETWORK, empty))) as client:
        page = await text_of(client, "/")
    assert "Middle" in page
    assert "Border crossings" not in page


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
        assert "recovering journeys (+2)" in await text_of(client, "/")


async def test_metrics_come_in_the_form_that_is_asked_for(client: Client) -> None:
    async with client.get("/metrics", headers={"Accept": "application/openmetrics-text"}) as response:
        assert await response.read() == b"rail_up 1\n"
        assert response.headers["Content-Type"] == "text/plain; asked=application/openmetrics-text"


async def test_corridors_are_the_entries_of_the_batch_file_and_the_open_journeys(client: Client) -> None:
    content = await json_of(client, "/v1/corridors")
    assert content["until"] == "2024-10-04T00:00:00Z"
    assert all(content[part] == statistics()[part] for part in ("corridors", "years", "targets"))
    unsure = {"corridor": "undecided", "direction": None, "journeys": 9, "states": {"unknown": 9}}
    assert unsure in content["open"]
    assert content["partial"] is False


async def test_one_corridor_has_only_its_own(client: Client) -> None:
    content = await json_of(client, "/v1/corridors/middle")
    assert (content["name"], content["counting"]) == ("Middle", ["KZ-PORT--AZ-PORT"])
    assert {e["corridor"] for part in ("entries", "years", "targets") for e in content[part]} == {"middle"}
    (going,) = content["open"]
    assert (going["direction"], going["journeys"], going["states"]) == ("westbound", 321, {"on_time": 321})


async def test_a_carriers_scorecard_is_told_by_its_id(client: Client) -> None:
    assert await json_of(client, "/v1/carriers/ktz") == card("ktz")


async def test_a_node_comes_with_its_crossing(client: Client) -> None:
    content = await json_of(client, "/v1/nodes/KZ-EDGE")
    assert (content["country"], content["crossing"]) == ("KZ", "CN-EDGE--KZ-EDGE")
    assert {entry["containers"] for entry in content["entries"]} == {17}
    assert content["entries"][0]["age_seconds"] == {"0.5": 31 * 3_600.0, "max": 240 * 3_600.0}
    assert content["entries"] == (await json_of(client, "/v1/nodes"))["nodes"]


async def test_a_container_is_found_by_its_number_as_people_write_it(client: Client) -> None:
    for written in ("TBJU4395630", "tbju%20439563-0"):
        assert await json_of(client, f"/v1/containers/{written}") == {**BOX, "movements": []}


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/v1/corridors/silk", 404, "middle, northern"),
        ("/v1/nodes/KZ-NOWHERE", 404, "KZ-NOWHERE"),
        ("/v1/carriers/nobody", 404, "no carrier 'nobody'; there are ktz, adyc"),
        ("/v1/containers/TBJU4395631", 404, "ISO 6346: 0 wanted"),
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
    assert len((await problem_of(client, "/v1/corridors/" + "x" * 1_900))["detail"]) < 300


async def test_figures_are_put_together_once_in_a_while_however_many_ask() -> None:
    now, reads = [100.0], list[int]()

    def read() -> Part:
        reads.append(len(reads))
        return part()

    figures = Figures(read, Peers(tuple), NETWORK, lambda: now[0])
    await asyncio.gather(*(figures.now() for _ in range(5)))
    assert reads == [0]
    now[0] += FRESH_SECONDS
    await figures.now()
    assert reads == [0, 1]


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
    none = json.loads(await text_of(client, "/v1/exceptions?rule=late"))
    assert none == {"exceptions": [], "count": 0, "next": None, "partial": False}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=many", "colour=red", "cursor=é", "rule=slow", "node=KZ-NOWHERE", "node=a&node=b"],
)
async def test_what_exceptions_cannot_be_asked_is_a_problem(client: Client, query: str) -> None:
    said = await text_of(client, f"/v1/exceptions?{query}", HTTPStatus.BAD_REQUEST)
    assert query.split("=", maxsplit=1)[0] in json.loads(said)["detail"]


async def test_a_client_that_asks_too_often_is_told_when_to_ask_again_and_probes_are_not_refused() -> None:
    async with TestClient(TestServer(build_web(NETWORK, views(), per_second=1))) as asking:
        seen = []
        for _ in range(6):
            async with asking.get("/v1/nodes") as response:
                seen.append(response.status)
                if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                    assert int(response.headers["Retry-After"]) >= 1
                    assert "1 questions a second" in (await response.json())["detail"]
        assert seen == [200] * 4 + [429] * 2
        for path in ("/healthz", "/readyz", "/metrics"):
            await text_of(asking, path)


def test_a_bucket_fills_again_and_clients_have_one_each() -> None:
    now = [0.0]
    rate = Rate(2.0, lambda: now[0])
    assert [rate.wait("a") for _ in range(9)] == [0.0] * 8 + [0.5]
    assert rate.wait("b") == 0.0
    now[0] = 0.5
    assert (rate.wait("a"), rate.wait("a")) == (0.0, 0.5)


async def test_an_address_that_is_too_long_is_refused(client: Client) -> None:
    assert (await problem_of(client, "/v1/nodes?" + "x" * 2_500))["status"] == 414
