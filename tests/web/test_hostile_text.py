"""What carriers write into free fields shows as text on every page, and never as markup."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.railway import small_network
from tests.web.shown import NETWORK, exceptions_of, text_of, views, wrong
from tracker.contract.journeys import container_json
from tracker.domain.container import ContainerRow, Rules
from tracker.domain.exceptions import Severity
from tracker.domain.moment import DAY, Millis
from tracker.domain.report import Kind, Outcome, Report
from tracker.domain.ruling import apply
from tracker.streams.looking import look_through
from tracker.streams.packing import pack
from tracker.web.application import build_web

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "\u202egnp.exe\u2066 x",
    "{{ 7 * 7 }} ${7*7} {% raw %}",
    "'; DROP TABLE containers; --",
    "🚂" * 10,
    "</td></tr></table><h1>",
]


def record(text: str) -> tuple[dict[str, Any], bytes]:
    """A container whose only report has the text in every free field."""
    report = Report(
        id=f"h:{text}", carrier="ktz", kind=Kind.DEPARTED, node="KZ-PORT", occurred=Millis(20_514 * DAY),
        received=Millis(20_514 * DAY), content=1,
        train=text, wagon=text, vessel=text, voyage=text, booking=text, consignment_note=text, reason=text,
    )  # fmt: skip
    row = ContainerRow()
    assert apply(row, "TBJU4395630", report, Rules(small_network(), {"ktz": 0})).outcome is Outcome.ACCEPTED
    return container_json("TBJU4395630", row, Millis(20_515 * DAY), NETWORK), pack(row)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_of_a_report_is_shown_as_text(text: str) -> None:
    told, body = record(text)
    rows = {b"TBJU4395630": body}
    shown = views(
        container=lambda number: told,
        exceptions=exceptions_of([{**wrong(1, Severity.CRITICAL), "carrier": text, "reason": text}]),
        search=lambda wanted: look_through(rows, rows.get, wanted),
    )
    async with TestClient(TestServer(build_web(NETWORK, shown))) as client:
        for path in ("/containers/TBJU4395630", "/exceptions"):
            page = await text_of(client, path)
            assert "<script>" not in page
            assert "<img" not in page
            assert "</td></tr></table><h1>" not in page
        async with client.get("/search", params={"q": text[:20]}) as response:
            page = await response.text()
            assert response.status == 200, page
            assert "TBJU4395630" in page
            assert "<script>" not in page
            assert "<img" not in page
