"""Answers of the JSON interface."""

import json
from collections.abc import Mapping

from aiohttp import web


def json_response(content: Mapping[str, object]) -> web.Response:
    """A record as `application/json`."""
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    return web.Response(body=body, content_type="application/json")
