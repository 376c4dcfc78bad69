"""Endpoints: whom the notifier tells, of what, and when not; see `notify_file`, which reads them."""

from dataclasses import dataclass
from datetime import time
from typing import Literal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is wanted: every field that is not empty must fit. Of a node, also a leg that begins or ends there."""

    corridor: frozenset[str] = frozenset()
    node: frozenset[str] = frozenset()
    carrier: frozenset[str] = frozenset()
    rule: frozenset[str] = frozenset()
    severity: frozenset[str] = frozenset(("critical",))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day, in a zone, in which nobody is told; `begins` may be after `ends`: over midnight."""

    begins: time
    ends: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes signed requests."""

    url: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """A Prometheus Alertmanager; `containers`: most alerts of containers, `resend`: seconds between two words."""

    url: str
    containers: int = 50
    resend: float = 60.0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mailbox, by a server of mail; `every`: seconds between two digests."""

    server: str
    sender: str
    to: tuple[str, ...]
    port: int = 25
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = None
    every: float = 3600.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Whom to tell of what. `retry`: first and longest seconds between two tries; `give_up`: hours of trying.

    `per_hour`: most messages in an hour, None: no limit. `timeout`: seconds one try may take.
    """

    name: str
    target: Webhook | Alertmanager | Mail
    tell: tuple[Subscription, ...] = (Subscription(),)
    quiet: Quiet | None = None
    per_hour: int | None = None
    retry: tuple[float, float] = (1.0, 900.0)
    give_up: float = 24.0
    timeout: float = 10.0
