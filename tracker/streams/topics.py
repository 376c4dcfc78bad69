"""The topics of a tracker: which there are, with how many partitions and which retention; made or checked.

Topics are made before any worker starts, the changelogs of its tables too: a topic made by Faust on the way
may be overlooked by the first subscription and found minutes later, and would have the broker's defaults.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from tracker.domain.canary import CARRIER as CANARY
from tracker.domain.moment import DAY, HOUR, MINUTE
from tracker.settings import MEBIBYTE, Settings
from tracker.streams.connection import OPEN, Security

MOVEMENTS: Final = "rail.movements"
TRANSPORTS: Final = "rail.transports"
FACTS: Final = "rail.facts"
REJECTED: Final = "rail.rejected"
EXCEPTIONS: Final = "rail.exceptions"
BASELINES: Final = "rail.baselines"
SITUATION: Final = "rail.situation"
DISRUPTIONS: Final = "rail.disruptions"
CORRECTIONS: Final = "rail.corrections"
ACKNOWLEDGEMENTS: Final = "rail.acknowledgements"
NOTIFICATIONS: Final = "rail.notifications"
UNTOLD: Final = "rail.untold"
EXPECTED: Final = "rail.expected"

TABLES: Final = ("intake", "journeys", "subjects", "transports")
"""The stages with rows; each has a changelog."""

COMPACTION_LAG: Final = HOUR
"""How long a changelog keeps superseded rows.

Longer than any worker can be paused and still come back: what it then writes may be an old row, and the newer
one must still be there for the restore to prefer (rows.py). Hours cost little.
"""

RECORD_BYTES_MAX: Final = 8 * MEBIBYTE
"""Largest row in a changelog; the busiest subject (30 days of hours with their histograms) stays below 1 MiB."""

REJECTED_BYTES_MAX: Final = 4 * MEBIBYTE
"""Largest rejected record: a report may have 1 MiB and is kept in base64, with its headers."""

_CREATED: Final = 30.0
"""Seconds within which a broker must have made the topics."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it should be. `config` holds what differs from the broker's defaults."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Finding:
    """What was done about a topic, or what is wrong with it and has to be decided by someone.

    `created`: it was missing. `missing`: it is, and was not to be made. `partitions`, `config`: it differs.
    `unchecked`: the broker does not tell its configuration (the embedded one does not).
    """

    topic: str
    what: Literal["created", "missing", "partitions", "config", "unchecked"]
    message: str

    @property
    def fatal(self) -> bool:
        """Whether a worker must not start: keys would be sought in other partitions than they were put."""
        return self.what in ("missing", "partitions")


def writers(settings: Settings, carriers: Iterable[str]) -> list[str]:
    """All whose reports are taken in: the carriers, and canaries where there are some."""
    return [*carriers, CANARY] if settings.canary else [*carriers]


def events_topic(carrier: str) -> str:
    """Where a carrier writes."""
    return f"carrier.{carrier}.events"


def feedback_topic(carrier: str) -> str:
    """Where a carrier is answered."""
    return f"carrier.{carrier}.feedback"


def notify_group(app_id: str) -> str:
    """The consumer group of the notifiers; the workers' is the app id."""
    return f"{app_id}-notify"


def changelog_topic(app_id: str, table: str) -> str:
    """Where the rows of a table are kept; the name is Faust's."""
    return f"{app_id}-{table}-changelog"


def plan(settings: Settings, carriers: Iterable[str], tables: Sequence[str] = TABLES) -> list[TopicSpec]:
    """All topics, sorted by name."""
    spread, kept = settings.partitions, _kept(settings.retention_days)
    specs = [
        TopicSpec(MOVEMENTS, spread, kept),
        TopicSpec(TRANSPORTS, spread, kept),
        TopicSpec(FACTS, spread, kept),
        TopicSpec(REJECTED, spread, kept | {"max.message.bytes": str(REJECTED_BYTES_MAX)}),
        TopicSpec(EXCEPTIONS, spread, _COMPACTED),
        TopicSpec(EXPECTED, spread, kept),
        # The notifier's journal: spread as what it reads, so that who owns a partition of one owns that of the other.
        TopicSpec(NOTIFICATIONS, spread, _COMPACTED),
        TopicSpec(UNTOLD, spread, kept),
        # Few records that every worker reads whole: one partition, so that they have one order.
        TopicSpec(BASELINES, 1, _COMPACTED),
        TopicSpec(SITUATION, 1, _COMPACTED),
        TopicSpec(DISRUPTIONS, 1, _COMPACTED),
        TopicSpec(CORRECTIONS, 1, _COMPACTED),
        # What was acknowledged is over some day, and nobody takes it back then: a journey is open for 45 days at most.
        TopicSpec(ACKNOWLEDGEMENTS, 1, _kept(90) | {"cleanup.policy": "compact,delete"}),
    ]
    for carrier in writers(settings, carriers):
        specs.append(TopicSpec(events_topic(carrier), spread, kept | _FROM_CARRIERS))
        specs.append(TopicSpec(feedback_topic(carrier), 1, _kept(7)))
    specs += [TopicSpec(changelog_topic(settings.app_id, table), spread, _CHANGELOG) for table in tables]
    return sorted(specs, key=lambda spec: spec.name)


def _kept(days: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * DAY if days else -1)} | _STAMPED


_STAMPED: Final = {
    # Brokers refuse what is stamped more than an hour ahead of them, and a worker whose clock is wrong by an hour could
    # write nothing. Nothing is decided by the stamps of what workers write.
    "message.timestamp.after.max.ms": str(DAY),
}


_FROM_CARRIERS: Final = {
    # The stamp is the received time, and the producer's: records keep theirs when they are copied or replayed.
    # A carrier must not date its reports into the future with it.
    "message.timestamp.type": "CreateTime",
    "message.timestamp.after.max.ms": str(15 * MINUTE),
    # The broker unpacks what carriers compress: workers need no codec beside gzip, a body that unpacks to a
    # gigabyte is refused where it comes in, and what waits in a worker has the size it was fetched with.
    "compression.type": "uncompressed",
}
_COMPACTED: Final = {"cleanup.policy": "compact"} | _STAMPED
_CHANGELOG: Final = {
    "cleanup.policy": "compact",
    # The compaction lag goes by the records' stamps. By a worker's clock that is behind, a row that it wrote would be
    # old enough at once to be compacted away; the broker's clock is one for all.
    "message.timestamp.type": "LogAppendTime",
    "min.compaction.lag.ms": str(COMPACTION_LAG),
    # Only closed segments are compacted, so this bounds what a restore reads beside the live rows.
    "segment.ms": str(HOUR),
    "min.cleanable.dirty.ratio": "0.2",
    "max.message.bytes": str(RECORD_BYTES_MAX),
}
_CHECKED: Final = (
    "cleanup.policy",
    "compression.type",
    "max.message.bytes",
    "message.timestamp.after.max.ms",
    "message.timestamp.type",
    "min.compaction.lag.ms",
    "retention.ms",
)
"""What must be as planned; other values are tuning and left to whoever runs the broker."""


async def create_or_check(
    brokers: str,
    specs: Sequence[TopicSpec],
    *,
    replication: int = 1,
    create: bool = True,
    security: Security = OPEN,
) -> list[Finding]:
    """Make the topics that are missing and say where those that exist differ; nothing that exists is changed.

    Raises `KafkaError` when no broker answers or one refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers, **security.options())
    try:
        await admin.start()
        there = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
        absent = [spec for spec in specs if spec.name not in there]
        if not create:
            findings = [Finding(s.name, "missing", f"topic {s.name} is missing: run `tracker topics`") for s in absent]
        else:
            findings = await _create(admin, absent, replication)
        present = [spec for spec in specs if spec.name in there]
        findings += [
            Finding(
                spec.name,
                "partitions",
                f"topic {spec.name} has {there[spec.name]} partitions, wanted {spec.partitions}: set "
                f"TRACKER_PARTITIONS to what it was made with, or begin with a new TRACKER_APP_ID and new topics",
            )
            for spec in present
            if there[spec.name] != spec.partitions
        ]
        return findings + await _compare(admin, present)
    finally:
        await admin.close()


async def _create(admin: Any, specs: Sequence[TopicSpec], replication: int) -> list[Finding]:
    if not specs:
        return []
    wanted = [NewTopic(spec.name, spec.partitions, replication, topic_configs=dict(spec.config)) for spec in specs]
    response = await admin.create_topics(wanted, timeout_ms=int(_CREATED * 1000))
    made: list[Finding] = []
    for name, code, message in response.topic_errors:
        if code == 0:
            made.append(Finding(name, "created", f"topic {name} created"))
        elif for_code(code) is not TopicAlreadyExistsError:  # another worker was faster
            raise for_code(code)(f"topic {name} could not be created: {message}")
    # A topic is there once every partition has a leader; who subscribes before may overlook it for minutes.
    async with asyncio.timeout(_CREATED):
        names = {spec.name for spec in specs}
        while True:
            topics = [topic for topic in await admin.describe_topics() if topic["topic"] in names]
            if len(topics) == len(names) and all(p["leader"] >= 0 for t in topics for p in t["partitions"]):
                return made
            await asyncio.sleep(0.1)


async def _compare(admin: Any, specs: Sequence[TopicSpec]) -> list[Finding]:
    if not specs:
        return []
    asked = [ConfigResource(ConfigResourceType.TOPIC, spec.name) for spec in specs]
    try:
        responses = await admin.describe_configs(asked)
        seen = {
            name: {str(entry[0]): entry[1] for entry in entries}
            for response in responses
            for code, _, _, name, entries in response.resources
            if code == 0
        }
    except (KafkaError, ValueError, KeyError) as error:  # a broker without the request drops it or answers askew
        return [Finding("", "unchecked", f"the broker does not tell how topics are configured ({error!r})")]
    return [
        Finding(
            spec.name,
            "config",
            f"topic {spec.name} has {key}={seen[spec.name].get(key)}, wanted {spec.config[key]}: "
            f"kafka-configs --alter --entity-type topics --entity-name {spec.name} "
            f"--add-config {key}={spec.config[key]}",
        )
        for spec in specs
        for key in _CHECKED
        if spec.name in seen and key in spec.config and seen[spec.name].get(key) != spec.config[key]
    ]
