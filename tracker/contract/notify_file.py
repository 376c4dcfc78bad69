"""Reads a notify file: whom `tracker notify` tells, of what, and when not.

    endpoints:
      operations:
        webhook: {url: "https://ops.example/hooks/rail", secret_env: OPS_SECRET}
        tell:                                       # any of these; left out: everything that is critical
          - {corridor: [middle, middle-btk], severity: [warning, critical]}
          - {node: KZ-AKTAU, rule: [dwell, node_stopped]}
        quiet: {from: "22:00", to: "06:00", zone: Asia/Almaty}
        per_hour: 60                                # what is more comes as one summary
      alerts:
        alertmanager: {url: "http://127.0.0.1:9093", containers: 50}
      desk:
        mail: {server: smtp.example, from: rail@ops.example, to: [desk@ops.example], every_minutes: 60}

Secrets are not written here: a file names the environment variable or the file that holds them.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Final, Literal, cast, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, field_validator, model_validator

from tracker.aggregates.incidents import IncidentRule
from tracker.contract.endpoints import Alertmanager, Endpoint, Mail, Quiet, Subscription, Webhook
from tracker.contract.network_model import Part
from tracker.contract.yaml_document import Document, Finding, UnusableFile, YamlFault, read_model, text_of
from tracker.domain.canary import CARRIER as CANARY
from tracker.domain.exceptions import Rule
from tracker.domain.network import Network

ENDPOINTS_MAX: Final = 50
"""Endpoints of a file: each has its own accounts of every exception, and is a label of metrics."""
CHANGE: Final = "expected"
"""Not a rule of exceptions: that a container is expected on another day. Told to who names it."""
RULES: Final = frozenset((*map(str, Rule), *get_args(IncidentRule), CHANGE))
"""Everything that may be told."""


class NotifyFileError(UnusableFile):
    """A notify file can't be used."""

    sort = "notify file"


def load_endpoints(
    path: Path, network: Network, carriers: Collection[str], environment: Mapping[str, str]
) -> tuple[Endpoint, ...]:
    """The endpoints of a file, with their secrets. Raises `NotifyFileError`, also when it can't be read."""
    text, source = text_of(path, NotifyFileError)
    return read_endpoints(text, network, carriers, environment, source)


def read_endpoints(
    text: str,
    network: Network,
    carriers: Collection[str],
    environment: Mapping[str, str],
    source: str = "given as text",
) -> tuple[Endpoint, ...]:
    """The endpoints of a text. Raises `NotifyFileError`; `source` is what the error calls it."""
    try:
        part, document = read_model(text, _FilePart)
    except YamlFault as fault:
        raise NotifyFileError(source, fault.findings) from fault
    findings = [*_unknown(part, document, network, carriers)]
    found: list[Endpoint] = []
    for name, each in part.endpoints.items():
        try:
            found.append(each.endpoint(name, environment))
        except ValueError as error:
            findings.append(Finding(document.line(("endpoints", name)), f"endpoints.{name}: {error}"))
    if findings:
        raise NotifyFileError(source, sorted(findings))
    return tuple(found)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[
    list[Annotated[str, Field(max_length=100)]], BeforeValidator(_listed), Field(min_length=1, max_length=200)
]
Url = Annotated[str, Field(max_length=2_000)]


Severities = Annotated[list[Literal["warning", "critical"]], BeforeValidator(_listed), Field(min_length=1)]


class _TellPart(Part):
    corridor: Words | None = None
    node: Words | None = None
    carrier: Words | None = None
    rule: Words | None = None
    severity: Severities | None = None

    def subscription(self) -> Subscription:
        corridor, node, carrier, rule = (
            frozenset(each or ()) for each in (self.corridor, self.node, self.carrier, self.rule)
        )
        return Subscription(corridor, node, carrier, rule, frozenset(self.severity or ("critical",)))


class _QuietPart(Part):
    begins: str = Field(alias="from")
    ends: str = Field(alias="to")
    zone: str

    @field_validator("begins", "ends")
    @classmethod
    def _hour(cls, value: str) -> str:
        hours, colon, minutes = value.partition(":")
        if not (colon and len(value) == 5 and hours.isdecimal() and minutes.isdecimal()):
            raise ValueError(f'{value!r} seen, wanted an hour of the day as in "22:00"')
        time(int(hours), int(minutes))
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} seen, wanted an IANA zone as in Asia/Almaty") from None
        return value

    @model_validator(mode="after")
    def _some(self) -> "_QuietPart":
        if self.begins == self.ends:
            raise ValueError(f"from {self.begins} to {self.ends} seen, wanted two different hours")
        return self

    def quiet(self) -> Quiet:
        return Quiet(time.fromisoformat(self.begins), time.fromisoformat(self.ends), ZoneInfo(self.zone))


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{value!r} seen, wanted an address that begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a name or password in the address seen, wanted none: requests are signed")
    return value


class _WebhookPart(Part):
    url: Url
    secret_env: str | None = None
    secret_file: str | None = None

    _url = field_validator("url")(_address)

    def target(self, environment: Mapping[str, str]) -> Webhook:
        secret = _secret("secret", self.secret_env, self.secret_file, environment)
        if len(secret) < 16:
            raise ValueError(f"a secret of {len(secret)} characters seen, wanted 16 at least")
        return Webhook(self.url, secret.encode())


class _AlertmanagerPart(Part):
    url: Url
    containers: int = Field(default=50, ge=0, le=1000)
    resend_seconds: float = Field(default=60, ge=1, le=3600)

    _url = field_validator("url")(_address)

    def target(self, environment: Mapping[str, str]) -> Alertmanager:
        return Alertmanager(self.url.rstrip("/"), self.containers, self.resend_seconds)


Mailbox = Annotated[str, Field(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$", max_length=254)]


class _MailPart(Part):
    server: Annotated[str, Field(min_length=1, max_length=253)]
    sender: Mailbox = Field(alias="from")
    to: Annotated[list[Mailbox], Field(min_length=1, max_length=50)]
    port: int = Field(default=25, ge=1, le=65_535)
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    every_minutes: float = Field(default=60, gt=0, le=1440)

    def target(self, environment: Mapping[str, str]) -> Mail:
        password = None
        if self.user is not None:
            if self.tls == "none":
                raise ValueError("a user without tls seen, wanted tls: starttls or tls, or no user")
            password = _secret("password", self.password_env, self.password_file, environment)
        every = self.every_minutes * 60
        return Mail(self.server, self.sender, tuple(self.to), self.port, self.tls, self.user, password, every)


class _EndpointPart(Part):
    webhook: _WebhookPart | None = None
    alertmanager: _AlertmanagerPart | None = None
    mail: _MailPart | None = None
    tell: list[_TellPart] = Field(default_factory=lambda: [_TellPart()], min_length=1, max_length=100)
    quiet: _QuietPart | None = None
    per_hour: int | None = Field(default=None, ge=1, le=100_000)
    retry_seconds: list[Annotated[float, Field(gt=0, le=3600)]] = Field(
        default=[1.0, 900.0], min_length=2, max_length=2
    )
    give_up_hours: float = Field(default=24, gt=0, le=168)
    timeout_seconds: float = Field(default=10, gt=0, le=15)

    @model_validator(mode="after")
    def _one(self) -> "_EndpointPart":
        given = sum(each is not None for each in (self.webhook, self.alertmanager, self.mail))
        if given != 1:
            raise ValueError(f"{given} targets seen, wanted one of webhook, alertmanager, mail")
        if self.retry_seconds[1] < self.retry_seconds[0]:
            raise ValueError("retry_seconds: the longest seen before the first, wanted as long or longer")
        if self.alertmanager is not None and (self.quiet or self.per_hour):
            raise ValueError("quiet and per_hour are the Alertmanager's own to decide, wanted in its file")
        if self.mail is not None and self.per_hour:
            raise ValueError("per_hour seen, wanted mail.every_minutes: mail goes in digests")
        return self

    def endpoint(self, name: str, environment: Mapping[str, str]) -> Endpoint:
        part = self.webhook or self.alertmanager or self.mail
        assert part is not None, "one was given"
        return Endpoint(
            name, part.target(environment), tuple(each.subscription() for each in self.tell),
            None if self.quiet is None else self.quiet.quiet(), self.per_hour,
            (self.retry_seconds[0], self.retry_seconds[1]), self.give_up_hours, self.timeout_seconds,
        )  # fmt: skip


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _FilePart(Part):
    endpoints: dict[Name, _EndpointPart] = Field(min_length=1, max_length=ENDPOINTS_MAX)


def _secret(what: str, variable: str | None, file: str | None, environment: Mapping[str, str]) -> str:
    if (variable is None) is (file is None):
        raise ValueError(f"{what}_env and {what}_file: one of them wanted")
    if variable is not None:
        if not environment.get(variable):
            raise ValueError(f"environment variable {variable} is not set, wanted the {what} in it")
        return environment[variable]
    try:
        return Path(cast(str, file)).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{what}_file {file} can't be read: {error}") from None


def _unknown(part: _FilePart, document: Document, network: Network, carriers: Collection[str]) -> Iterator[Finding]:
    known: Mapping[str, Collection[str]] = {
        "corridor": network.corridors, "node": network.nodes, "carrier": carriers, "rule": sorted(RULES),
    }  # fmt: skip
    for name, endpoint in part.endpoints.items():
        if name == CANARY:
            yield Finding(
                document.line(("endpoints", name)), f"endpoint {name} seen, wanted another name: it is built in"
            )
        for at, tell in enumerate(endpoint.tell):
            if endpoint.alertmanager is not None and CHANGE in (tell.rule or ()):
                line = document.line_of(("endpoints", name, "tell", at), CHANGE)
                yield Finding(line, f"rule {CHANGE} seen, wanted another: an Alertmanager holds what stands")
            for field, words in known.items():
                for word in getattr(tell, field) or ():
                    if word not in words:
                        line = document.line_of(("endpoints", name, "tell", at), word)
                        wanted = (
                            ", ".join(words)
                            if len(words) <= 20
                            else "one of the network"
                            if field == "node"
                            else "a known one"
                        )
                        yield Finding(line, f"{field} {word} seen, wanted {wanted}")
