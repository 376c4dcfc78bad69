"""Acknowledgements by HTTP and by the form: who may, what is refused, and where it shows."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.web.shown import BOX, NETWORK, WRONG, Client, exceptions_of, json_of, text_of, views
from tests.web.taken import Taken
from tracker.contract.acknowledgements import Acknowledgement, acknowledgement_json
from tracker.domain.moment import Millis
from tracker.web.application import build_web

TOKEN = "a-token-of-the-dispatchers"  # noqa: S105  # of this test
RIGHT = {"Authorization": f"Bearer {TOKEN}"}
PATH = "/v1/exceptions/dwell-1/acknowledgement"
SAID = {"by": "Aigerim, night shift", "note": "wagons at six"}
RESOLVED = [{**each, "status": "resolved", "id": f"{each['id']}-over"} for each in WRONG[:1]]


@pytest.fixture
def taken() -> Taken:
    return Taken()


def application(taken: Taken, token: str | None = TOKEN) -> Any:
    def of(exception: str) -> Any:
        said = taken.of(exception)
        return None if said is None else acknowledgement_json(said)

    box = {**BOX, "journeys": [], "reports": [], "teu": None, "exceptions": WRONG}
    shown = views(exceptions=exceptions_of([*WRONG, *RESOLVED]), container={"TBJU4395630": box}.get, acknowledgement=of)
    return build_web(NETWORK, shown, token=token, acknowledgements=taken)


@pytest.fixture
async def client(taken: Taken) -> AsyncIterator[Client]:
    async with TestClient(TestServer(application(taken))) as running:
        yield running


async def asked(client: Client, method: str, path: str = PATH, **given: Any) -> tuple[int, Any]:
    async with client.request(method, path, **given) as response:
        if response.status >= 400:
            assert response.content_type == "application/problem+json"
        return response.status, None if response.status == 204 else await response.json()


async def test_what_is_acknowledged_is_said_of_the_exception_wherever_it_is_told(client: Client, taken: Taken) -> None:
    status, said = await asked(client, "POST", json=SAID, headers=RIGHT)
    assert (status, said["exception"], said["version"], said["by"]) == (201, "dwell-1", 1, "Aigerim, night shift")
    assert said == acknowledgement_json(taken.held["dwell-1"])
    listed = (await json_of(client, "/v1/exceptions"))["exceptions"]
    assert {each["id"]: each["acknowledgement"] for each in listed} == {
        "dwell-1": said,
        "dwell-2": None,
        "dwell-3": None,
    }
    assert (await json_of(client, "/v1/exceptions/dwell-1"))["acknowledgement"] == said
    of_box = (await json_of(client, "/v1/containers/TBJU4395630"))["exceptions"]
    assert [each["acknowledgement"] for each in of_box if each["id"] == "dwell-1"] == [said]
    for path in ("/exceptions", "/exceptions/dwell-1", "/containers/TBJU4395630"):
        page = await text_of(client, path)
        assert "Aigerim, night shift" in page, path
        assert "wagons at six" in page, path
    assert await asked(client, "DELETE", headers=RIGHT) == (204, None)
    assert taken.held == {}
    assert (await asked(client, "DELETE", headers=RIGHT))[0] == 404


async def test_an_acknowledgement_changes_nothing_else_of_an_exception(client: Client) -> None:
    before = (await json_of(client, "/v1/exceptions"))["exceptions"]
    await asked(client, "POST", json=SAID, headers=RIGHT)
    after = (await json_of(client, "/v1/exceptions"))["exceptions"]
    assert [{**each, "acknowledgement": None} for each in after] == before


async def test_a_version_that_came_after_it_is_shown_as_changed(client: Client, taken: Taken) -> None:
    taken.held["dwell-1"] = Acknowledgement("dwell-1", 1, Millis(0), "Aigerim")
    assert "changed since" not in await text_of(client, "/exceptions/dwell-1")
    taken.held["dwell-2"] = Acknowledgement("dwell-2", 0, Millis(0), "Aigerim")
    assert "changed since" in await text_of(client, "/exceptions/dwell-2")


async def test_one_that_was_resolved_of_late_is_told_too(client: Client) -> None:
    assert (await json_of(client, "/v1/exceptions/dwell-1-over"))["status"] == "resolved"
    for path in ("/v1/exceptions/dwell-77", "/v1/exceptions/%22%3E%3Cscript%3E"):
        assert (await asked(client, "GET", path))[0] == 404
    async with client.get("/exceptions/dwell-77") as response:
        assert response.status == 404


@pytest.mark.parametrize("given", [{}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}])
async def test_without_the_token_nothing_is_acknowledged(client: Client, taken: Taken, given: dict[str, str]) -> None:
    for method in ("POST", "DELETE"):
        async with client.request(method, PATH, json=SAID, headers=given) as response:
            assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    for token in ("", TOKEN + "x"):
        async with client.post("/exceptions/dwell-1", data={**SAID, "token": token}) as response:
            assert response.status == 401
            assert "The token is not the right one." in await response.text()
    assert taken.held == {}


async def test_where_no_token_is_set_nobody_may_and_no_form_is_shown(taken: Taken) -> None:
    async with TestClient(TestServer(application(taken, None))) as client:
        for given in (RIGHT, {"Authorization": "Bearer "}):
            assert (await asked(client, "POST", json=SAID, headers=given))[0] == 403
        assert "taking-token" not in await text_of(client, "/exceptions/dwell-1")
        async with client.post("/exceptions/dwell-1", data={**SAID, "token": ""}) as response:
            assert response.status == 401
    assert taken.held == {}


async def test_the_form_needs_no_script_and_leads_back_to_an_address_that_can_be_asked_again(
    client: Client, taken: Taken
) -> None:
    assert 'type="password"' in await text_of(client, "/exceptions/dwell-1")
    form = {"by": " Aigerim ", "note": "", "token": TOKEN}
    async with client.post("/exceptions/dwell-1", data=form, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/exceptions/dwell-1")
        assert TOKEN not in str(response.headers)
    assert (taken.held["dwell-1"].by, taken.held["dwell-1"].note) == ("Aigerim", None)
    page = await text_of(client, "/exceptions/dwell-1")
    assert "Aigerim" in page
    assert TOKEN not in page


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "no acknowledgement"),
        (b"[" * 5_000, "no acknowledgement"),
        (b"{}", "by"),
        (b'{"by": "  "}', "by"),
        (b'{"by": "x", "note": 7}', "note"),
        (b'{"by": "x", "until": "x"}', "until"),
        (b'{"by": "' + b"x" * 81 + b'"}', "by"),
        (b'{"by": "x", "note": "' + b"x" * 501 + b'"}', "note"),
    ],
)
async def test_what_is_no_acknowledgement_is_refused_with_what_was_wanted(
    client: Client, taken: Taken, body: bytes, told: str
) -> None:
    status, said = await asked(client, "POST", data=body, headers=RIGHT)
    assert (status, told in said["detail"]) == (400, True), said
    assert taken.held == {}


async def test_of_what_there_is_not_and_what_is_too_long_nothing_is_entered(client: Client, taken: Taken) -> None:
    assert (await asked(client, "POST", PATH.replace("-1", "-77"), json=SAID, headers=RIGHT))[0] == 404
    assert (await asked(client, "POST", data=b" " * 20_000, headers=RIGHT))[0] == 413
    async with client.post("/exceptions/dwell-77", data={**SAID, "token": TOKEN}) as response:
        assert response.status == 404
    async with client.post("/exceptions/dwell-1", data={"by": "", "token": TOKEN}) as response:
        assert response.status == 400
    assert taken.held == {}


async def test_a_book_that_is_out_of_reach_is_said_to_be(client: Client, taken: Taken) -> None:
    taken.held["dwell-1"] = Acknowledgement("dwell-1", 1, Millis(0), "Aigerim")
    taken.is_lost = True
    for method in ("POST", "DELETE"):
        status, said = await asked(client, method, json=SAID, headers=RIGHT)
        assert (status, said["detail"]) == (503, "no broker at 127.0.0.1:1")
    async with client.post("/exceptions/dwell-1", data={**SAID, "token": TOKEN}) as response:
        assert response.status == 503


async def test_hostile_text_of_an_acknowledgement_is_shown_as_text(client: Client) -> None:
    hostile = "<script>alert(1)</script>\u202e{{ 7 * 7 }}"
    await asked(client, "POST", json={"by": hostile, "note": hostile}, headers=RIGHT)
    for path in ("/exceptions", "/exceptions/dwell-1", "/containers/TBJU4395630"):
        page = await text_of(client, path)
        assert "<script>" not in page
        assert "<bdi>&lt;script&gt;alert(1)" in page
