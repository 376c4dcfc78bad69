"""Settings of a worker: environment variables `TRACKER_*`, read once in `cli` and passed on.

A wrong setting stops the start with one line that says what was seen, what was wanted and what to do.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "TRACKER_"
"""What the name of every environment variable begins with."""

CONNECTION_SETTINGS = (
    "sasl_user",
    "sasl_password",
    "sasl_password_file",
    "tls_ca",
    "tls_certificate",
    "tls_key",
    "tls_key_password",
)
"""Who we are to the brokers; not for the embedded one, which asks nobody."""

MEBIBYTE = 1024 * 1024

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class BadSettings(Exception):
    """A setting is wrong. The message is one line for the operator."""


class Settings(BaseSettings):
    """How one worker runs. Immutable; the defaults suit one machine with Kafka on it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    brokers: str = "127.0.0.1:9092"
    """Bootstrap servers, `host:port` separated by commas."""
    sasl_user: str | None = None
    """Who we are to the brokers; None: nobody, or what the certificate says. `tracker topics --acls` makes users."""
    sasl_password: Annotated[str | None, Field(repr=False)] = None
    sasl_password_file: Path | None = None
    """A file with the password in it, as orchestrators mount secrets; in place of `sasl_password`."""
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    tls: bool = False
    """Whether connections are encrypted, and the brokers' certificates and host names checked."""
    tls_ca: Path | None = None
    """PEM file of the certificates that the brokers' must go back to; None: those of this machine."""
    tls_certificate: Path | None = None
    """PEM file of our own certificate, for brokers that ask for one (mutual TLS)."""
    tls_key: Path | None = None
    tls_key_password: Annotated[str | None, Field(repr=False)] = None
    app_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")] = "tracker"
    """Consumer group, and the first part of the names of the changelogs."""
    partitions: Annotated[int, Field(ge=1, le=1_000)] = 12
    """Of every topic that is spread over workers. Set once: a change moves keys to other partitions."""
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    """Copies of each partition; 3 wherever there are three brokers."""
    retention_days: Annotated[int, Field(ge=0, le=3_650)] = 30
    """How long reports, movements and facts are kept, by received time; 0: for ever.

    Kafka goes by the records' own times: what is older when it is sent (a backfill, a simulation) is deleted
    before it is read, unless this is longer.
    """
    create_topics: bool = True
    """Whether a worker creates topics that are missing (`tracker topics` always does)."""
    network: Path | None = None
    """Network file; None: the one in the package."""
    carriers: Path | None = None
    """Carriers file; None: the one in the package."""
    thresholds: Path | None = None
    """Thresholds file; None: the defaults, and lines by the network's hours."""

    store: Literal["memory", "rocksdb"] = "memory"
    """Where rows live beside the changelog; `rocksdb` restarts faster and holds more than memory does."""
    data_dir: Path = Path("data")
    """Folder of the RocksDB files, one per worker."""

    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65_535)] = 6066
    """Port of metrics and pages; 0: any free one."""
    web_token: Annotated[str | None, Field(repr=False, min_length=16, max_length=200, pattern=r"^[!-~]+$")] = None
    """Who sends it (`Authorization: Bearer`) may enter and end disruptions and acknowledge exceptions by
    HTTP; None: nobody may."""
    web_advertised: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]_-]{1,250}$")] | None = None
    """Address at which the other workers reach this one's port, `http://host:port`; None: that of `web_host`, or of
    this machine's name where it listens on all addresses. A question about a container of another worker goes there."""
    notify: Path | None = None
    """Notify file of `tracker notify`: whom to tell of what."""
    notify_port: Annotated[int, Field(ge=0, le=65_535)] = 6067
    """Port of the notifier's metrics; 0: any free one."""
    notify_stands_seconds: Annotated[float, Field(ge=0, le=3_600)] = 60.0
    """How long a version must have stood before it is told."""
    canary: bool = False
    """Whether canaries are taken in and told to `canary_url`: the same for workers, notifiers and `tracker canary`."""
    canary_seconds: Annotated[float, Field(ge=60, le=86_400)] = 3_600.0
    """Between two canaries that are late on purpose."""
    canary_port: Annotated[int, Field(ge=0, le=65_535)] = 6068
    """Port of `tracker canary`; 0: any free one."""
    canary_url: Annotated[str, Field(pattern=r"^https?://[^\s@]{1,250}$")] = "http://127.0.0.1:6068/told"
    """Where the notifier tells of canaries: the port of `tracker canary`."""
    canary_word: Annotated[str, Field(repr=False, min_length=16, max_length=200)] = "whoever-may-feign-a-canary"
    """Signs what is told of canaries. Who knows it can hide that the chain is broken, and nothing else."""
    web_rate: Annotated[float, Field(ge=0, le=100_000)] = 1_000.0
    """Questions a second that one client may ask, with a burst of four times as many; 0: no limit.

    As many as a program asks that goes through all containers; a worker answers about so many. Less where strangers
    read; behind a proxy all readers are one client, so that the limit belongs there.
    """
    clock: Literal["wall", "data"] = "wall"
    """What ends a window: the wall clock, or the newest event time in the facts (replays, simulation)."""

    judge: bool = True
    """Whether a sweep tells of delays each minute. Off for a backfill that nobody needs to be told of: what is due is
    judged when it is on again."""

    replay: bool = False
    """Whether everything that is judged is marked `replay`, so that nobody is told of it; `tracker replay` sets it."""

    session_seconds: Seconds = 10.0
    """How long the group waits for a silent worker before it gives its partitions away."""
    heartbeat_seconds: Seconds = 3.0
    commit_seconds: Seconds = 0.5
    """Between commits of offsets. After a crash that much is read again, which changes nothing."""
    poll_wait_ms: Annotated[int, Field(ge=1, le=1_000)] = 50
    """How long the broker gathers records for a fetch while there is no backlog.

    At 1,000 reports/s over 12 partitions and three stages, on a busy machine, 20 ms took 0.4 of a core and 70 ms
    from report to fact, 50 ms 0.25 and 140, 100 ms 0.17 and 225.
    """
    max_poll_records: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    """Most records folded between two writes of outputs and rows."""
    fetch_bytes: Annotated[int, Field(ge=64 * 1024, le=64 * MEBIBYTE)] = MEBIBYTE
    """Most bytes of one partition in one fetch; a larger record comes alone."""
    buffer_bytes: Annotated[int, Field(ge=MEBIBYTE, le=4_096 * MEBIBYTE)] = 48 * MEBIBYTE
    """Fetched bytes waiting in this worker; fetching pauses beyond it."""
    ack_seconds: Seconds = 15.0
    """How long an output may go unacknowledged before the worker stops itself."""
    idempotent: bool = True
    """Idempotent producer. Off only for the embedded broker, which has none."""
    compression: Literal["none", "gzip"] = "none"
    """Of what is produced."""
    instance: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")] | None = None
    """Stable name of this worker in the group; a restart within the session then moves no partition."""

    stop_seconds: Seconds = 8.0
    """A stop that takes longer is cut off; nothing is lost by that."""
    broker_wait_seconds: Annotated[float, Field(ge=0, le=86_400)] = 60.0
    """How long a start waits for a broker before it gives up with exit status 3."""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("brokers")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        for server in value.split(","):
            host, colon, port = server.strip().rpartition(":")
            if not host or not colon or not port.isdecimal() or not 0 < int(port) < 65_536:
                raise ValueError(f"{server.strip()!r} is not host:port; write for instance 127.0.0.1:9092")
        return ",".join(server.strip() for server in value.split(","))

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        secrets = [name for name in ("sasl_password", "sasl_password_file") if getattr(self, name) is not None]
        if (self.sasl_user is None) != (not secrets) or len(secrets) > 1:
            seen = ", ".join([*(["sasl_user"] if self.sasl_user is not None else []), *secrets])
            raise ValueError(
                f"{seen} seen; wanted {PREFIX}SASL_USER with either {PREFIX}SASL_PASSWORD or {PREFIX}SASL_PASSWORD_FILE"
            )
        files = [name for name in ("tls_ca", "tls_certificate", "tls_key") if getattr(self, name) is not None]
        if files and not self.tls:
            raise ValueError(f"{', '.join(files)} seen without tls; set {PREFIX}TLS to true, or unset them")
        if self.tls_key is not None and self.tls_certificate is None:
            raise ValueError(f"tls_key seen without its certificate; set {PREFIX}TLS_CERTIFICATE too")
        return self

    @model_validator(mode="after")
    def _heartbeats_fit(self) -> Self:
        # The lease of a worker is the session less two heartbeats (consumer.py): it must be a positive time.
        if self.heartbeat_seconds * 3 > self.session_seconds:
            raise ValueError(
                f"heartbeat_seconds {self.heartbeat_seconds:g} is more than a third of session_seconds "
                f"{self.session_seconds:g}; set {PREFIX}HEARTBEAT_SECONDS to {self.session_seconds / 3:g} or less"
            )
        if self.session_seconds > 30:
            # Faust refuses a session longer than its request timeout, which app.py sets to 30 s.
            raise ValueError(f"session_seconds {self.session_seconds:g} is more than 30; 10 to 15 suits most groups")
        return self


def load_settings(**overrides: Any) -> Settings:
    """The settings of the environment, with those given in place of theirs.

    Raises `BadSettings` with one line for all that is wrong.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise BadSettings("; ".join(_told(problem) for problem in error.errors())) from None


def _told(problem: Any) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return f"settings: {message}"
    field = str(problem["loc"][0])
    name = PREFIX + field.upper()
    if problem["type"] == "value_error":
        return f"{name}: {message}"
    # What is secret is not shown: this line ends in a log.
    seen = repr(problem["input"]) if Settings.model_fields[field].repr else "what is secret"
    return f"{name}: seen {seen}; {message[0].lower()}{message[1:]}; correct it or unset it for the default"
