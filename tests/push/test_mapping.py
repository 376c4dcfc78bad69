"""What is refused in a mapping file, and how it is said."""

from pathlib import Path

import pytest

from tests.push.builders import MAPPING, mapping
from tracker.push.mapping_file import MappingError, load_mapping


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: 2", "line 1: version: seen 2"),
        ("zone: node", "zone: Asia/Almata", "zone 'Asia/Almata' is not known; wanted an IANA name such as Asia/Almaty"),
        (", zone: node", "", "line 9: fields.occurred_at.zone: missing"),
        ("{kind: arrived}", "{kind: arived}", "line 14: tables.0.values.Arrived.kind: seen 'arived'"),
        ("laden: true", "loaded: true", "line 16: tables.0.values.Departed.loaded: unknown field"),
        ("column: operation", "column: event", "tables uses the column 'event', which `columns` does not declare"),
        ("scheme: name", "scheme: names", "line 10: fields.node.0.scheme: seen 'names'"),
        ("{skip: paperwork}", "{skip: paperwork, kind: passed}", "skip stands alone: a skipped row sets nothing"),
        ("Weighed:", "Arrived:", "line 17: Arrived is given twice"),
        ("version: 1", "version: 1\nidentity: [kind, nodes]", "identity: 'nodes' is no field of a native event"),
        ("laden: true", "unset: lading", "unset: 'lading' is no field of a native event"),
        ("  container: {column: container}\n", "", "fields.container: missing"),
        ("version: 1", "version: [1", "not YAML"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_line_that_names_place_and_fault(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in MAPPING

    with pytest.raises(MappingError) as caught:
        mapping(tmp_path, MAPPING.replace(old, new, 1))

    assert said in str(caught.value)
    assert "mapping.yaml, line " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mapping_that_is_not_there_or_not_text_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="can't be read: No such file or directory"):
        load_mapping(tmp_path / "mapping.yaml")
    (tmp_path / "mapping.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(MappingError, match="not UTF-8"):
        load_mapping(tmp_path / "mapping.yaml")


def test_a_key_of_digits_or_a_yaml_boolean_stays_the_word_it_is(tmp_path: Path) -> None:
    text = MAPPING.replace("Weighed:", "01:").replace("Departed:", "No:")

    assert {"01", "No"} < set(mapping(tmp_path, text).tables[0].values)
