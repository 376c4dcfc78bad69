"""What is no YAML of ours is refused with its line."""

import pytest

from tracker.contract.network_file import Finding, check_network
from tracker.contract.yaml_document import MAX_CHARACTERS, MAX_DEPTH


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param("", [Finding(1, "the file is empty")], id="nothing"),
        pytest.param("# only this\n", [Finding(1, "the file is empty")], id="a comment"),
        pytest.param(
            "- a\n",
            [Finding(1, "the file: seen ['a'], input should be a valid dictionary or instance of NetworkPart")],
            id="a list",
        ),
        pytest.param(
            "nodes: [\n  {id: A\n", [Finding(3, "not YAML: did not find expected ',' or '}'")], id="an open brace"
        ),
        pytest.param(
            "nodes: []\n---\nlegs: []\n", [Finding(2, "not YAML: but found another document")], id="two documents"
        ),
        pytest.param("nodes: *x\n", [Finding(1, "not YAML: found undefined alias")], id="an unknown anchor"),
        pytest.param("a: 1\nb: 2\na: 3\n", [Finding(3, "a is given twice, once wanted")], id="a key twice"),
        pytest.param("? [a]\n: 1\n", [Finding(1, "a list or mapping as key, a word wanted")], id="a list as key"),
        pytest.param(
            "a: 1\nb: 2026-02-30\n",
            [Finding(2, "seen '2026-02-30' (tag:yaml.org,2002:timestamp), a string or number wanted: quote it")],
            id="a date",
        ),
        pytest.param("a: !!python/object/apply:os.system ['true']\n", None, id="a tag that would run a program"),
        pytest.param("a: &x [*x]\n", None, id="an anchor that holds itself"),
        pytest.param("[" * 5000, None, id="brackets without end"),
        pytest.param(
            "#" * (MAX_CHARACTERS + 1),
            [Finding(1, f"{MAX_CHARACTERS + 1} characters, at most {MAX_CHARACTERS} wanted")],
            id="far too much",
        ),
        pytest.param("a: \x00", None, id="a NUL"),
        pytest.param("\ta: 1", None, id="a tab"),
    ],
)
def test_what_is_no_yaml_of_ours_is_refused_with_its_line(text: str, findings: list[Finding] | None) -> None:
    found = check_network(text)
    assert found
    assert findings is None or found == findings


def test_nesting_is_bounded() -> None:
    deep = "nodes: " + "[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5)
    assert check_network(deep) == [Finding(1, f"nested too deep, at most {MAX_DEPTH} levels wanted")]
