"""What may change in a schema after its release, and what may not."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.schemas import __main__ as command
from scripts.schemas.compatibility import breaks

BEFORE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 100},
        "kind": {"$ref": "#/$defs/Kind"},
        "node": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Coded"}]},
        "kg": {"anyOf": [{"type": "number", "minimum": 0, "maximum": 60000}, {"type": "null"}]},
        "faults": {"type": "array", "items": {"type": "object", "properties": {"code": {"type": "string"}}}},
        "source": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "items": False},
    },
    "required": ["id", "kind"],
    "$defs": {
        "Kind": {"enum": ["arrived", "departed"]},
        "Coded": {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]},
    },
}


def changed(path: str, value: Any = None) -> dict[str, Any]:
    """The schema with a part replaced, or taken away where no value is given."""
    now = deepcopy(BEFORE)
    *parents, last = path.split("/")
    place: Any = now
    for name in parents:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return now


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (changed("properties/kg"), "kg: removed"),
        (changed("$defs/Coded/properties/code"), "node.code: removed"),
        (changed("required", ["id", "kind", "node"]), "node: made required"),
        (changed("properties/id/maxLength", 99), "id: maxLength 100 became 99"),
        (changed("properties/id/minLength", 2), "id: minLength 1 became 2"),
        (changed("properties/id/pattern", "^[a-z]+$"), "id: pattern None became ^[a-z]+$"),
        (changed("properties/kg/anyOf/0/type", "integer"), "kg: number is no longer taken"),
        (changed("properties/kg/anyOf", [{"type": "number", "minimum": 0}]), "kg: null is no longer taken"),
        (changed("properties/kg/anyOf/0/maximum", 40000), "kg: maximum 60000 became 40000"),
        (changed("$defs/Kind/enum", ["arrived"]), "kind: departed no longer taken"),
        (changed("properties/node/anyOf", [{"type": "string"}]), "node: object is no longer taken"),
        (changed("properties/faults/items/properties/code/enum", ["E101"]), "faults[].code: any value no longer taken"),
        (changed("properties/faults/items/required", ["code"]), "faults[].code: made required"),
        (changed("properties/source/prefixItems/1", {"type": "string"}), "source[1]: integer is no longer taken"),
        (changed("additionalProperties", False), "record: other fields are no longer taken"),
    ],
)
@pytest.mark.parametrize("comes_in", [True, False])
def test_what_was_valid_must_stay_valid(now: dict[str, Any], told: str, *, comes_in: bool) -> None:
    assert told in breaks(BEFORE, now, comes_in=comes_in)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (changed("required", ["id"]), "kind: no longer always there"),
        (changed("properties/id", {"anyOf": [{"type": "string"}, {"type": "null"}]}), "id: may now be null"),
        (changed("properties/id", {"type": ["string", "integer"]}), "id: may now be integer"),
        (changed("properties/id", {"description": "anything"}), "id: may now be any value"),
        (changed("properties/source/prefixItems/1", {"type": "number"}), "source[1]: may now be number"),
    ],
)
def test_what_we_write_must_stay_readable_while_carriers_may_be_given_more_room(now: dict[str, Any], told: str) -> None:
    assert breaks(BEFORE, now, comes_in=True) == []
    assert breaks(BEFORE, now, comes_in=False) == [told]


@pytest.mark.parametrize(
    "now",
    [
        BEFORE,
        changed("properties/new", {"type": "string"}),
        changed("$defs/Kind/enum", ["arrived", "departed", "passed"]),
        changed("properties/id/description", "The carrier's own."),
        changed("properties/id/maxLength", 200),
        changed("properties/kg/anyOf/0/maximum"),
    ],
)
@pytest.mark.parametrize("comes_in", [True, False])
def test_what_is_added_breaks_nothing(now: dict[str, Any], *, comes_in: bool) -> None:
    assert breaks(BEFORE, now, comes_in=comes_in) == []


def test_today_s_schemas_break_nothing_that_was_released() -> None:
    assert list(command.RELEASED.glob("*.schema.json")) != []
    assert command.incompatible() == []


def test_the_check_refuses_a_broken_release_and_files_that_are_stale_or_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, folder in (("REPOSITORY", tmp_path), ("FOLDER", tmp_path), ("RELEASED", tmp_path / "released")):
        (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
        monkeypatch.setattr(command, name, folder)
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0
    assert command.main(["--release"]) == 0

    released = tmp_path / "released" / "rail.facts.schema.json"
    schema = json.loads(released.read_text())
    schema["properties"]["wagon"] = {"type": "string"}
    released.write_text(json.dumps(schema))
    (tmp_path / "rail.facts.schema.json").write_text("{}")
    (tmp_path / "rail.gone.schema.json").write_text("{}")
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "schemas: rail.facts.schema.json is not what the code says; run `python -m scripts.schemas`",
        "schemas: rail.gone.schema.json is made by nothing; run `python -m scripts.schemas`",
        "schemas: rail.facts.schema.json breaks what was released: wagon: removed",
    ]
    assert command.main([]) == 0
    assert sorted(tmp_path.glob("rail.gone*")) == []
