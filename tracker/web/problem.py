"""Errors of the JSON interface as RFC 9457 problem details."""

import json
from http import HTTPStatus

from aiohttp import web


def problem(status: int, detail: str, path: str) -> web.Response:
    """An `application/problem+json` answer; `detail` says what was asked and what can be done."""
    status = HTTPStatus(status)
    content = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": path,
    }
    return web.Response(
        body=json.dumps(content, ensure_ascii=False).encode(),
        status=status.value,
        content_type="application/problem+json",
    )
