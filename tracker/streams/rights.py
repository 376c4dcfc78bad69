"""Who may do what: the rights and quotas of every user, worked out from the topics; nothing is asked or changed here.

A carrier may write its events and read its feedback. The tracker may read what carriers write and write what it
emits, and no more: it makes no topics and reads no passwords. Everything else is denied, if the broker's authorizer
denies what nobody allowed (`allow.everyone.if.no.acl.found=false`, the default).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Literal, NamedTuple

from tracker.domain.canary import CARRIER as CANARY
from tracker.settings import Settings
from tracker.streams.topics import TABLES, events_topic, feedback_topic, notify_group, plan, writers

Operation = Literal["Read", "Write", "Describe", "DescribeConfigs"]
Kind = Literal["topic", "group"]
Pattern = Literal["literal", "prefixed"]


class Right(NamedTuple):
    """That a user may do something, from any host."""

    user: str
    kind: Kind
    name: str
    pattern: Pattern
    operation: Operation


@dataclass(frozen=True, slots=True)
class Quota:
    """What the brokers let one carrier have; beyond it they answer late, to this carrier alone.

    Bytes a second are those of each broker, averaged over its quota window (11 s by default: so much may come at
    once). `requests` is per cent of the time of one of its threads: an endless loop of small requests costs no bytes.
    A carrier of 30 reports a second sends some 15 kB; a table of 20,000 rows at 2 MB/s takes five seconds.
    """

    produced: int = 2_000_000
    fetched: int = 2_000_000
    requests: float = 50.0

    def limits(self) -> dict[str, float]:
        """By Kafka's names."""
        return {
            "producer_byte_rate": float(self.produced),
            "consumer_byte_rate": float(self.fetched),
            "request_percentage": self.requests,
        }


def carrier_user(carrier: str) -> str:
    """The name of a carrier's user; with the topics' prefix, so that no carrier's id is the tracker's or an admin's.

    >>> carrier_user("ktz-express")
    'carrier.ktz-express'
    """
    return f"carrier.{carrier}"


def carrier_rights(carrier: str) -> list[Right]:
    """What a carrier may do. It reads its feedback alone or in groups whose names begin with its own and a dot."""
    user, events, told = carrier_user(carrier), events_topic(carrier), feedback_topic(carrier)
    return [
        Right(user, "topic", events, "literal", "Write"),
        Right(user, "topic", events, "literal", "Describe"),
        Right(user, "topic", told, "literal", "Read"),
        Right(user, "topic", told, "literal", "Describe"),
        Right(user, "group", f"{user}.", "prefixed", "Read"),
        Right(user, "group", f"{user}.", "prefixed", "Describe"),
    ]


def tracker_rights(
    user: str, settings: Settings, carriers: Iterable[str], tables: Sequence[str] = TABLES
) -> list[Right]:
    """What the user of workers, notifiers and canaries may do, and of whoever enters disruptions and corrections.

    It writes the reports of canaries, which are its own, and of nobody else.
    """
    taken_in = writers(settings, carriers)
    reads = [events_topic(carrier) for carrier in taken_in]
    writes = [feedback_topic(carrier) for carrier in taken_in]
    both = [spec.name for spec in plan(settings, (), tables) if spec.name != feedback_topic(CANARY)]
    topics: dict[str, tuple[Operation, ...]] = dict.fromkeys(reads, ("Read", "Describe", "DescribeConfigs"))
    topics |= dict.fromkeys(writes, ("Write", "Describe", "DescribeConfigs"))
    topics |= dict.fromkeys(both, ("Read", "Write", "Describe", "DescribeConfigs"))
    rights = [Right(user, "topic", name, "literal", each) for name in sorted(topics) for each in topics[name]]
    groups = (settings.app_id, notify_group(settings.app_id))
    return rights + [Right(user, "group", group, "literal", each) for group in groups for each in ("Read", "Describe")]


def commands(brokers: str, rights: Sequence[Right], users: Sequence[str], quotas: dict[str, Quota]) -> Iterator[str]:
    """The same as lines for Kafka's own tools, for whoever may not or will not apply them from here."""
    server = f"--bootstrap-server {brokers} --command-config ADMIN.properties"
    for user in users:
        yield (
            f"kafka-configs {server} --alter --entity-type users --entity-name {quote(user)} "
            f"--add-config 'SCRAM-SHA-512=[password=CHOOSE-ONE]'"
        )
    seen: dict[tuple[str, str, str, str], list[str]] = {}
    for right in rights:
        seen.setdefault((right.user, right.kind, right.name, right.pattern), []).append(right.operation)
    for (user, kind, name, pattern), operations in seen.items():
        allowed = " ".join(f"--operation {each}" for each in operations)
        yield (
            f"kafka-acls {server} --add --allow-principal {quote(f'User:{user}')} {allowed} "
            f"--{kind} {quote(name)} --resource-pattern-type {pattern}"
        )
    for user, quota in quotas.items():
        limits = ",".join(f"{name}={value:.10g}" for name, value in quota.limits().items())
        yield f"kafka-configs {server} --alter --entity-type users --entity-name {quote(user)} --add-config {limits}"
