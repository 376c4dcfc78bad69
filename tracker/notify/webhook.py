"""Signed webhooks: one POST per delivery.

Headers: `Rail-Timestamp` (seconds since 1970 when this try began), `Rail-Signature` (`v1=` and the HMAC-SHA256, in
hex, of the timestamp, a full stop and the body, with the endpoint's secret), `Idempotency-Key` (the delivery's id, the
same in every try). Any 2xx is an answer. Nothing else is: no redirect is followed, and of a body only the begin is
read, for the log. 410 ends trying at once; `Retry-After` in seconds is heeded.
"""

import asyncio
import hmac
import json
import time
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from tracker.contract.endpoints import Webhook
from tracker.notify.delivery import Answer, Delivery

READ_MAX: Final = 100
"""Bytes of an answer's body that are read, of one that is a refusal; the connection is closed on the rest."""


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What the header `Rail-Signature` holds.

    >>> signature(b"0123456789abcdef", "1772354400", b"{}")
    'v1=d657a144c5f16be38246a84916a7343cb006982b60b5dc283c7d1236288cf8a2'
    """
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, sha256).hexdigest()


def body_of(delivery: Delivery) -> bytes:
    """The body: the same bytes for the same delivery."""
    content: dict[str, Any] = {"delivery": delivery.id, "endpoint": delivery.endpoint}
    if delivery.because == "one" and delivery.versions[0].is_change:
        content |= {"kind": "expected", "expected": delivery.versions[0].content()}
    elif delivery.because == "one":
        content |= {"kind": "exception", "exception": delivery.versions[0].content()}
    else:
        content |= {
            "kind": "summary", "because": delivery.because, "count": len(delivery.versions),
            "exceptions": [version.content() for version in delivery.versions],
        }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


class WebhookTransport:
    """Posts to one address."""

    def __init__(self, target: Webhook, timeout: float) -> None:
        """`timeout`: seconds of one try, connecting included."""
        self._target = target
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, delivery: Delivery) -> Answer:
        """One try."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, auto_decompress=False)
        body, timestamp = body_of(delivery), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "rail-tracker-notify",
            "Idempotency-Key": delivery.id,
            "Rail-Timestamp": timestamp,
            "Rail-Signature": signature(self._target.secret, timestamp, body),
        }
        try:
            response = await self._session.post(self._target.url, data=body, headers=headers, allow_redirects=False)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Answer(False, repr(error))
        try:
            # The status is the answer: what follows may be long, slow, or never end.
            if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
                return Answer(True, str(response.status))
            return await _refusal(response)
        finally:
            response.release()  # closes the connection where more was to come

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()


async def _refusal(response: aiohttp.ClientResponse) -> Answer:
    words = f"status {response.status}"
    try:
        async with asyncio.timeout(1.0):
            words += f" {(await response.content.read(READ_MAX)).decode(errors='replace')!r}"
    except (aiohttp.ClientError, TimeoutError):
        pass
    after = response.headers.get("Retry-After", "")
    return Answer(False, words, response.status == HTTPStatus.GONE, float(after) if after.isdecimal() else None)
