"""The AsyncAPI 3.0 document: channels, who reads and writes them, their settings in Kafka, security, examples."""

from collections.abc import Sequence
from typing import Any, Final

from scripts.schemas.examples import Examples
from scripts.schemas.json_schema import Schema, schema_of
from scripts.schemas.records import EVENTS, RECORDS, WireRecord
from tracker.contract.intake import REPORTS_PER_BODY_MAX
from tracker.settings import Settings
from tracker.streams.topics import plan

_BINDING: Final = "0.5.0"
_COPIES: Final = 3
"""What a cluster of three brokers is to have (TRACKER_REPLICATION)."""
_CARRIER: Final = {
    "description": "The carrier's id in the carriers file. Whoever may write to its topic is the carrier.",
    "examples": ["ktz-express"],
}


def asyncapi(version: str, examples: Examples, carriers: Sequence[str]) -> dict[str, Any]:
    """The document; `version` is that of the tracker, `carriers` those of the packaged file."""
    topics = {spec.name: spec for spec in plan(Settings.model_construct(), ["{carrier}"])}
    schemas: dict[str, Schema] = {}
    for record in RECORDS:
        schemas |= _components(record)
    channels = {
        _camel(topic): {
            "address": topic,
            "description": "; ".join(f"{each.title}: key is {each.key}" for each in RECORDS if each.topic == topic),
            "messages": {
                _camel(each.name): {"$ref": f"#/components/messages/{_camel(each.name)}"}
                for each in RECORDS
                if each.topic == topic
            },
            **({"parameters": {"carrier": _CARRIER | {"enum": list(carriers)}}} if "{carrier}" in topic else {}),
            "bindings": {
                "kafka": {
                    "partitions": topics[topic].partitions,
                    "replicas": _COPIES,
                    "topicConfiguration": _configuration(topics[topic].config),
                    "bindingVersion": _BINDING,
                }
            },
        }
        for topic in dict.fromkeys(record.topic for record in RECORDS)
    }
    return {
        "asyncapi": "3.0.0",
        "id": "urn:rail-container-tracker",
        "info": {
            "title": "Rail container tracker",
            "version": version,
            "description": "What carriers push, what they are told, what the tracker emits. See README.md beside it.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{brokers}",
                "protocol": "kafka-secure",
                "description": "Bootstrap servers, as the operator names them; that of `tracker demo` has no security.",
                "variables": {"brokers": {"default": "127.0.0.1:9092"}},
                "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("scram", "certificate")],
            }
        },
        "channels": channels,
        "operations": {
            f"{'take' if topic == EVENTS else 'write'}{name[0].upper()}{name[1:]}": {
                "action": "receive" if topic == EVENTS else "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": "The tracker reads what carriers write."
                if topic == EVENTS
                else "The tracker writes; readers may follow it with a group of their own.",
            }
            for name, topic in ((_camel(topic), topic) for topic in dict.fromkeys(each.topic for each in RECORDS))
        },
        "components": {
            "messages": {_camel(record.name): _message(record, examples[record.name]) for record in RECORDS},
            "schemas": schemas,
            "securitySchemes": {
                "scram": {"type": "scramSha512", "description": "A user per carrier, over TLS."},
                "certificate": {"type": "X509", "description": "Mutual TLS: a certificate per carrier."},
            },
        },
    }


def _message(record: WireRecord, examples: dict[str, Any]) -> dict[str, Any]:
    payload: Schema = {"$ref": f"#/components/schemas/{record.name}"}
    if record.comes_in:
        many = {"type": "array", "minItems": 1, "maxItems": REPORTS_PER_BODY_MAX, "items": payload}
        payload = {"oneOf": [payload, many]}
    return {
        "name": record.name,
        "title": record.title,
        "contentType": "application/json",
        "payload": payload,
        "bindings": {
            "kafka": {"key": {"type": "string", "description": f"Key: {record.key}."}, "bindingVersion": _BINDING}
        },
        "examples": [{"name": name, "payload": said} for name, said in examples.items() if isinstance(said, dict)],
    }


def _components(record: WireRecord) -> dict[str, Schema]:
    """The record's schema and its parts by name, in the older dialect that AsyncAPI's own schemas have."""
    schema = schema_of(record)
    parts = schema.pop("$defs", {})
    names = {f"#/$defs/{name}": f"#/components/schemas/{record.name}.{name}" for name in parts}
    for name in ("$schema", "$id"):
        del schema[name]
    whole = {record.name: schema} | {f"{record.name}.{name}": part for name, part in parts.items()}
    return {name: _older(part, names) for name, part in whole.items()}


def _older(schema: Any, names: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_older(each, names) for each in schema]
    if not isinstance(schema, dict):
        return schema
    older = {name: _older(value, names) for name, value in schema.items()}
    if isinstance(reference := older.get("$ref"), str):
        older["$ref"] = names[reference]
    if "prefixItems" in older:
        rest = older.pop("items", None)
        older["items"] = older.pop("prefixItems")
        if rest is not None:
            older["additionalItems"] = rest
    return older


def _configuration(config: Any) -> dict[str, Any]:
    known = {name: int(value) if value.lstrip("-").isdecimal() else value for name, value in config.items()}
    if "cleanup.policy" in known:
        known["cleanup.policy"] = str(known["cleanup.policy"]).split(",")
    return known


def _camel(name: str) -> str:
    first, *others = name.replace("{carrier}.", "").replace(".", "-").split("-")
    return first + "".join(each.capitalize() for each in others)
