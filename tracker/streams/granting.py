"""Rights, users and quotas put into force: requests to the brokers that aiokafka's admin has no calls for.

Nothing is taken away. What a carrier's user may do beyond the plan is found and told, and somebody decides.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest

from tracker.streams.connection import Security
from tracker.streams.rights import Kind, Operation, Pattern, Quota, Right
from tracker.streams.user_requests import AlterClientQuotas, AlterUserScram, DescribeUserScram

PASSWORD_BYTES: Final = 24
"""Of chance, 32 characters as text: nobody types it."""
ITERATIONS: Final = 8_192
"""Of SCRAM's hash; Kafka wants 4,096 at least. A password of 24 random bytes needs no more."""

_KINDS: Final[Mapping[Kind, int]] = {"topic": 2, "group": 3}
_PATTERNS: Final[Mapping[Pattern, int]] = {"literal": 3, "prefixed": 4}
_OPERATIONS: Final[Mapping[Operation, int]] = {"Read": 3, "Write": 4, "Describe": 8, "DescribeConfigs": 10}
_ANY, _ALLOW, _SHA_512 = 1, 3, 2
_RESOURCE_NOT_FOUND: Final = 91
"""Kafka's answer for a user without a password."""


class Refused(Exception):
    """The broker did not do it; the message is one line for the operator."""


@dataclass(slots=True)
class Granted:
    """What was done: rights and quotas set, users made."""

    rights: int = 0
    quotas: int = 0
    made: list[str] = field(default_factory=list)
    excess: list[str] = field(default_factory=list)
    """What the users may do, or are kept from, beyond the plan."""


async def grant(
    brokers: str,
    security: Security,
    rights: Sequence[Right],
    users: Sequence[str],
    quotas: Mapping[str, Quota],
    made: Callable[[str, str], None],
) -> Granted:
    """Make the users that are missing, with new passwords, then rights and quotas; doing it again changes nothing.

    `made` is told each new user and its password, which are told nowhere else.
    Raises `KafkaError` when no broker answers and `Refused` when one denies it: the admin needs Alter on the cluster.
    """
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers, **security.options())
    granted = Granted()
    try:
        await admin.start()
        for user in await _without_password(admin, users):
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            made(user, password)
            await _set_password(admin, user, password)
            granted.made.append(user)
        before = await _described(admin, sorted({right.user for right in rights}))
        for right in rights:
            if _as_acl(right) not in before:
                await _allow(admin, right)
                granted.rights += 1
        wanted = {_as_acl(right) for right in rights}
        granted.excess = [_told(acl) for acl in sorted(before - wanted)]
        for user, quota in quotas.items():
            await _limit(admin, user, quota)
            granted.quotas += 1
    finally:
        await admin.close()
    return granted


Acl = tuple[str, int, int, str, int, str, int]
"""Principal, resource type, pattern, name, operation, host and permission, as Kafka counts them."""


def _as_acl(right: Right) -> Acl:
    return (
        f"User:{right.user}", _KINDS[right.kind], _PATTERNS[right.pattern], right.name, _OPERATIONS[right.operation],
        "*", _ALLOW,
    )  # fmt: skip


def _told(acl: Acl) -> str:
    principal, kind, pattern, name, operation, host, permission = acl
    kinds = {number: word for word, number in _KINDS.items()}
    operations = {2: "All", **{number: word for word, number in _OPERATIONS.items()}}
    rest = "" if host == "*" else f" from {host}"
    return (
        f"{principal} is {'allowed' if permission == _ALLOW else 'denied'} {operations.get(operation, operation)} on "
        f"{kinds.get(kind, f'resource type {kind}')} {name}{'*' if pattern == _PATTERNS['prefixed'] else ''}{rest}, "
        "which is not planned: remove it with kafka-acls --remove if it is not wanted"
    )


async def _described(admin: Any, users: Iterable[str]) -> set[Acl]:
    found: set[Acl] = set()
    for user in users:
        answer = await admin._send_request(DescribeAclsRequest(_ANY, None, _ANY, f"User:{user}", None, _ANY, _ANY))
        _check(answer.error_code, answer.error_message, "list rights")
        for kind, name, pattern, acls in answer.resources:
            found |= {(principal, kind, pattern, name, *rest) for principal, *rest in _in_order(acls)}
    return found


def _in_order(acls: Iterable[tuple[str, str, int, int]]) -> Iterable[tuple[str, int, str, int]]:
    return ((principal, operation, host, permission) for principal, host, operation, permission in acls)


async def _allow(admin: Any, right: Right) -> None:
    principal, kind, pattern, name, operation, host, permission = _as_acl(right)
    answer = await admin._send_request(CreateAclsRequest(kind, name, pattern, principal, host, operation, permission))
    for code, message in answer.creation_responses:
        _check(code, message, f"allow {right.user} {right.operation} on {right.kind} {right.name}")


async def _without_password(admin: Any, users: Sequence[str]) -> list[str]:
    if not users:
        return []
    answer = await admin._send_request(DescribeUserScram(users))
    _check(answer.error_code, answer.error_message, "list users")
    missing: list[str] = []
    for user, code, message, credentials, _ in answer.results:
        if code != _RESOURCE_NOT_FOUND:
            _check(code, message, f"look up user {user}")
        if not any(mechanism == _SHA_512 for mechanism, *_ in credentials):
            missing.append(user)
    return missing


async def _set_password(admin: Any, user: str, password: str) -> None:
    salt = secrets.token_bytes(32)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    answer = await admin._send_to_controller(AlterUserScram([(user, _SHA_512, ITERATIONS, salt, salted, {})]))
    for _, code, message, _ in answer.results:
        _check(code, message, f"make user {user}")


async def _limit(admin: Any, user: str, quota: Quota) -> None:
    changes = [(name, value, False) for name, value in quota.limits().items()]
    answer = await admin._send_to_controller(AlterClientQuotas([([("user", user)], changes)]))
    for code, message, _ in answer.entries:
        _check(code, message, f"limit {user}")


def _check(code: int, message: str | None, what: str) -> None:
    if code:
        name = for_code(code).__name__
        raise Refused(
            f"the broker did not {what} ({name}: {message or 'no reason given'}); this needs a user with Alter on the "
            "cluster and a broker with an authorizer"
        )
