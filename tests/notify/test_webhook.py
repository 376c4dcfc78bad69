"""Webhooks against real servers: what counts as an answer, what is signed, how much of an answer is read."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest_asyncio
from aiohttp import web

from tests.notify.records import over, record, version_of
from tracker.contract.endpoints import Webhook
from tracker.notify.delivery import Answer, Because, Delivery
from tracker.notify.webhook import WebhookTransport

SECRET = b"sixteen-or-longer"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[WebhookTransport]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Gives a transport to a server that answers by a handler."""
    runners: list[web.AppRunner] = []
    transports: list[WebhookTransport] = []

    async def started(handler: Handler) -> WebhookTransport:
        application = web.Application()
        application.router.add_route("*", "/{tail:.*}", handler)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        transports.append(WebhookTransport(Webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/in", SECRET), 0.5))
        return transports[-1]

    yield started
    for transport in transports:
        await transport.close()
    for runner in runners:
        await runner.cleanup()


def delivery(because: Because = "one", *written: dict[str, Any]) -> Delivery:
    return Delivery("ops-1", "ops", because, tuple(map(version_of, written or (record(),))))


async def test_a_request_is_signed_over_its_time_and_body_and_carries_the_delivery_id(serve: Serve) -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.read()))
        return web.Response(status=204)

    transport = await serve(take)
    assert await transport.send(delivery()) == Answer(True, "204")
    [(headers, body)] = seen
    signed = hmac.new(SECRET, headers["Rail-Timestamp"].encode() + b"." + body, sha256).hexdigest()
    assert headers["Rail-Signature"] == f"v1={signed}"
    assert abs(int(headers["Rail-Timestamp"]) - time.time()) < 60
    assert headers["Idempotency-Key"] == "ops-1"
    assert json.loads(body) == {"delivery": "ops-1", "endpoint": "ops", "kind": "exception", "exception": record()}


async def test_a_summary_holds_every_version_it_tells(serve: Serve) -> None:
    seen: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        seen.append(await request.json())
        return web.Response()

    transport = await serve(take)
    assert (await transport.send(delivery("limit", record(), over()))).is_told
    assert seen == [
        {
            "delivery": "ops-1", "endpoint": "ops", "kind": "summary", "because": "limit", "count": 2,
            "exceptions": [record(), over()],
        }
    ]  # fmt: skip


async def test_a_redirect_is_a_failure_and_nobody_follows_it(serve: Serve) -> None:
    paths: list[str] = []

    async def take(request: web.Request) -> web.Response:
        paths.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    transport = await serve(take)
    answer = await transport.send(delivery())
    assert (answer.is_told, answer.words[:10], paths) == (False, "status 307", ["/in"])


async def test_an_answer_of_half_a_megabyte_is_an_answer_and_only_the_begin_of_a_refusal_is_read(serve: Serve) -> None:
    statuses = [200, 500, 200]

    async def take(request: web.Request) -> web.Response:
        return web.Response(status=statuses.pop(0), body=b"x" * 500_000)

    transport = await serve(take)
    answers = [await transport.send(delivery()) for _ in range(3)]
    assert [each.is_told for each in answers] == [True, False, True]
    assert len(answers[1].words) < 400


async def test_a_status_is_the_answer_though_its_body_never_ends(serve: Serve) -> None:
    async def take(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=200)
        await response.prepare(request)
        await response.write(b"one moment")
        await asyncio.sleep(30)
        return response

    transport = await serve(take)
    begun = time.monotonic()
    assert (await transport.send(delivery())).is_told
    assert time.monotonic() - begun < 5


async def test_a_server_that_hangs_is_left_after_the_timeout(serve: Serve) -> None:
    async def take(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    answer = await (await serve(take)).send(delivery())
    assert (answer.is_told, "Timeout" in answer.words) == (False, True)


async def test_gone_is_final_and_a_wish_to_wait_is_heard(serve: Serve) -> None:
    statuses = [410, 429]

    async def take(request: web.Request) -> web.Response:
        return web.Response(status=statuses.pop(0), headers={"Retry-After": "17"})

    transport = await serve(take)
    first, second = await transport.send(delivery()), await transport.send(delivery())
    assert ((first.is_told, first.is_final), (second.is_final, second.after)) == ((False, True), (False, 17.0))


async def test_nobody_there_is_a_failure_like_any_other() -> None:
    transport = WebhookTransport(Webhook("http://127.0.0.1:9/", SECRET), 0.5)
    answer = await transport.send(delivery())
    assert (answer.is_told, answer.is_final) == (False, False)
    await transport.close()
