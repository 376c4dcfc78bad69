"""JSON Schemas (2020-12) of the records, from the types that read and write them."""

from inspect import cleandoc, isclass
from typing import Any, Final

import msgspec
from pydantic import BaseModel

from scripts.schemas.records import WireRecord

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ID: Final = "urn:rail-container-tracker:schema:"

Schema = dict[str, Any]


def schema_of(record: WireRecord) -> Schema:
    """The schema of a record, whole in itself."""
    if isclass(record.form) and issubclass(record.form, BaseModel):
        root = record.form.model_json_schema()
        parts: dict[str, Schema] = root.pop("$defs", {})
    else:
        (root,), parts = msgspec.json.schema_components([record.form])
        if "$ref" in root:
            root = parts.pop(root["$ref"].rpartition("/")[2])
    root = _tidied(root)
    root.pop("title", None)
    schema: Schema = {"$schema": DIALECT, "$id": _ID + record.name, "title": record.title} | root
    if parts:
        schema["$defs"] = {name: _tidied(parts[name]) for name in sorted(parts)}
    return schema


def _tidied(schema: Any) -> Any:
    """Without the titles that repeat a field's name, and with descriptions as they are read."""
    if isinstance(schema, list):
        return [_tidied(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {name: _tidied(value) for name, value in schema.items()}
    for name, part in tidied.get("properties", {}).items():
        if part.get("title", "").replace(" ", "_").lower() == name:
            del part["title"]
    if isinstance(text := tidied.get("description"), str):
        tidied["description"] = cleandoc(text)
    return tidied
