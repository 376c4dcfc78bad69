"""What a change of a schema breaks, by the schema that was released last.

Two promises. Records that were valid stay valid: a topic keeps them for weeks, and carriers do not change their senders
at once. So no field is taken away, narrowed or made required. And of what the tracker writes: who reads by the released
schema can read the new records, ignoring fields and values of enumerations that it does not know. So there no field
that was always there may be left out, or be of another type.
"""

from collections.abc import Iterator
from typing import Any, Final

Schema = dict[str, Any]

_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT: Final = ("pattern", "format", "multipleOf", "const", "contentEncoding", "uniqueItems")


def breaks(released: Schema, now: Schema, *, comes_in: bool) -> list[str]:
    """What is incompatible, a line each; `comes_in`: others write these records and only the tracker reads them."""
    old, new = _Side(released), _Side(now)
    found = list(_narrowed(old, released, new, now, ""))
    if not comes_in:
        found += [line for line in _widened(old, released, new, now, "") if line not in found]
    return found


class _Side:
    """One schema as a whole, to look references up in."""

    def __init__(self, whole: Schema) -> None:
        self._parts = whole.get("$defs", {})

    def choices(self, schema: Any) -> list[Schema]:
        """What a value may be, references followed and `anyOf` taken apart."""
        if schema is True:
            return [{}]
        if schema is False:
            return []
        if "$ref" in schema:
            return self.choices(self._parts[schema["$ref"].rpartition("/")[2]])
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return [each for option in options for each in self.choices(option)]
        if isinstance(kinds := schema.get("type"), list):
            return [schema | {"type": kind} for kind in kinds]
        return [schema]


def _narrowed(old: _Side, before: Any, new: _Side, after: Any, path: str) -> Iterator[str]:
    """Where a value that was valid need not be valid any more."""
    options = new.choices(after)
    for choice in old.choices(before):
        same = [option for option in options if _may_be(choice, option)]
        if not same:
            yield f"{path or 'record'}: {_name(choice)} is no longer taken"
            continue
        # Of several that fit one must take all that the old one did; told is what is wrong with the likeliest.
        yield from min((list(_tighter(old, choice, new, option, path)) for option in same), key=len)


def _tighter(old: _Side, before: Schema, new: _Side, after: Schema, path: str) -> Iterator[str]:
    where = path or "record"
    for name in _LEAST:
        if name in after and (name not in before or after[name] > before[name]):
            yield f"{where}: {name} {before.get(name)} became {after[name]}"
    for name in _MOST:
        if name in after and (name not in before or after[name] < before[name]):
            yield f"{where}: {name} {before.get(name)} became {after[name]}"
    for name in _EXACT:
        if name in after and before.get(name) != after[name]:
            yield f"{where}: {name} {before.get(name)} became {after[name]}"
    if "enum" in after:
        gone = [each for each in before.get("enum", ["any value"]) if each not in after["enum"]]
        if gone:
            yield f"{where}: {', '.join(map(str, gone))} no longer taken"
    for name in after.get("required", []):
        if name not in before.get("required", []):
            yield f"{_under(path, name)}: made required"
    for name, part in before.get("properties", {}).items():
        if name in after.get("properties", {}):
            yield from _narrowed(old, part, new, after["properties"][name], _under(path, name))
        else:
            yield f"{_under(path, name)}: removed"
    yield from _narrowed_rest(old, before, new, after, path)
    firsts, others = before.get("prefixItems", []), after.get("prefixItems", [])
    for place, (one, other) in enumerate(zip(firsts, others, strict=False)):
        yield from _narrowed(old, one, new, other, f"{path}[{place}]")
    if "items" in after and not firsts and not others:
        yield from _narrowed(old, before.get("items", True), new, after["items"], f"{path}[]")


def _narrowed_rest(old: _Side, before: Schema, new: _Side, after: Schema, path: str) -> Iterator[str]:
    rest = after.get("additionalProperties", True)
    if rest is False and before.get("additionalProperties", True) is not False:
        yield f"{path or 'record'}: other fields are no longer taken"
    elif isinstance(rest, dict):
        yield from _narrowed(old, before.get("additionalProperties", True), new, rest, _under(path, "*"))


def _widened(old: _Side, before: Any, new: _Side, after: Any, path: str) -> Iterator[str]:
    """Where a reader by the old schema may find what it does not expect."""
    known = old.choices(before)
    for choice in new.choices(after):
        # What may now be anything is more than what had a type.
        same = [option for option in known if _may_be(choice, option) and (_type(choice) or not _type(option))]
        if not same:
            yield f"{path or 'record'}: may now be {_name(choice)}"
            continue
        option = same[0]
        for name in option.get("required", []):
            if name not in choice.get("required", []):
                yield f"{_under(path, name)}: no longer always there"
        for name, part in option.get("properties", {}).items():
            if name in choice.get("properties", {}):
                yield from _widened(old, part, new, choice["properties"][name], _under(path, name))
        for place, (one, other) in enumerate(
            zip(option.get("prefixItems", []), choice.get("prefixItems", []), strict=False)
        ):
            yield from _widened(old, one, new, other, f"{path}[{place}]")
        if "items" in option and "items" in choice and "prefixItems" not in option:
            yield from _widened(old, option["items"], new, choice["items"], f"{path}[]")


def _may_be(one: Schema, other: Schema) -> bool:
    """Whether a value of one may be one of the other, by type alone."""
    mine, its = _type(one), _type(other)
    return its is None or mine is None or mine == its or (mine == "integer" and its == "number")


def _type(schema: Schema) -> str | None:
    if "type" in schema:
        return str(schema["type"])
    if "enum" in schema and all(isinstance(each, str) for each in schema["enum"]):
        return "string"
    return None


def _name(choice: Schema) -> str:
    return _type(choice) or "any value"


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
