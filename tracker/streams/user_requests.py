"""Requests of Kafka's protocol about users, as aiokafka's are written; it has none of these three.

Layouts from the message definitions of Apache Kafka (`DescribeUserScramCredentials`, `AlterUserScramCredentials`,
`AlterClientQuotas`, each version 0, which brokers 2.6 and newer answer).
"""

from collections.abc import Sequence
from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Float64,
    Int8,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

_TAGS = ("tags", TaggedFields)


class _DescribedScram(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 50
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", CompactString("utf-8")),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("credentials", CompactArray(("mechanism", Int8), ("iterations", Int32), _TAGS)),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class _DescribeScram(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    FLEXIBLE_VERSION = True
    API_KEY = 50
    API_VERSION = 0
    RESPONSE_TYPE = _DescribedScram
    SCHEMA = Schema(("users", CompactArray(("name", CompactString("utf-8")), _TAGS)), _TAGS)


class DescribeUserScram(Request[_DescribeScram]):  # type: ignore[misc]  # aiokafka has no types
    """Asks which passwords users have: name, mechanism and number of iterations, never the password."""

    API_KEY = 50

    def __init__(self, users: Sequence[str]) -> None:
        """About these users."""
        self._users: list[tuple[str, dict[int, bytes]]] = [(user, {}) for user in users]

    def build(self, request_struct_class: type[_DescribeScram]) -> _DescribeScram:
        """The request as it is sent."""
        return request_struct_class(self._users, {})


class _AlteredScram(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class _AlterScram(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    FLEXIBLE_VERSION = True
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = _AlteredScram
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), _TAGS)),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class AlterUserScram(Request[_AlterScram]):  # type: ignore[misc]  # aiokafka has no types
    """Sets users' passwords, salted and hashed here: the password itself is not sent."""

    API_KEY = 51

    def __init__(self, upsertions: Sequence[tuple[Any, ...]]) -> None:
        """Name, mechanism (2: SHA-512), iterations, salt, salted password and no tags, of each."""
        self._upsertions = list(upsertions)

    def build(self, request_struct_class: type[_AlterScram]) -> _AlterScram:
        """The request as it is sent."""
        return request_struct_class([], self._upsertions, {})


class _AlteredQuotas(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 49
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("entity", Array(("type", String("utf-8")), ("name", String("utf-8")))),
            ),
        ),
    )


class _AlterQuotas(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 49
    API_VERSION = 0
    RESPONSE_TYPE = _AlteredQuotas
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", Array(("type", String("utf-8")), ("name", String("utf-8")))),
                ("ops", Array(("key", String("utf-8")), ("value", Float64), ("remove", Boolean))),
            ),
        ),
        ("validate_only", Boolean),
    )


class AlterClientQuotas(Request[_AlterQuotas]):  # type: ignore[misc]  # aiokafka has no types
    """Sets limits of users."""

    API_KEY = 49

    def __init__(self, entries: Sequence[tuple[Any, ...]]) -> None:
        """Entities (type, name) and changes (key, value, whether to remove it), of each."""
        self._entries = list(entries)

    def build(self, request_struct_class: type[_AlterQuotas]) -> _AlterQuotas:
        """The request as it is sent."""
        return request_struct_class(self._entries, False)
