"""The catalogue of words: everything a page says is in it, in every language, and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tracker.contract.network_file import load_network
from tracker.domain.exceptions import Cause, Rule, Severity, State
from tracker.domain.facts import Side
from tracker.domain.faults import CATALOGUE
from tracker.domain.network import Direction
from tracker.domain.report import Classifier, Kind
from tracker.streams.looking import FIELDS
from tracker.web import pages
from tracker.web.pages.frame import NAVIGATION
from tracker.web.pages.overview import INCIDENTS
from tracker.web.pages.verdict import NEXT
from tracker.web.pages.words import LANGUAGES, Words, catalogue, faults, language_of

FOLDER = Path(str(pages.__file__)).parent


def _written() -> Iterator[str]:
    """Words in the code: what is given to `say`, and the heads of tables."""
    for module in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="say") | ast.Attribute(attr="say"), args=[first, *_]):
                    yield from _strings(first)
                case ast.Assign(targets=[ast.Name(id="heads" | "facts" | "marks" | "tiles")], value=value):
                    yield from _first_words(value)
                case ast.Call(func=ast.Name(id="section"), args=[_, caption, *rest]):
                    yield from _strings(caption)
                    yield from (each for part in rest[:1] for each in _first_words(part))


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_strings(node.body), *_strings(node.orelse))


def _first_words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Tuple | ast.List):
        for each in node.elts:
            yield from _strings(each)


def closed() -> Iterator[str]:
    """Words that come from the closed sets of the core."""
    yield from (*Rule, *Severity, *INCIDENTS, *get_args(State), *Side, *Direction, *Classifier, *NEXT.values())
    yield from (f"cause: {cause}" for cause in Cause)
    yield from (f"kind: {kind}" for kind in Kind)
    yield from (f"field: {field}" for field in FIELDS)
    yield from (f"node: {kind}" for kind in sorted(set().union(*(n.kinds for n in load_network(None).nodes.values()))))
    yield from (words for _, words in NAVIGATION)
    yield from ("open", "resolved", "ended", "returned", "abandoned", "laden", "empty", "unknown")
    yield from ("Severity", "Rule", "Cause", "Corridor", "Status")
    yield from ("TEU", "State", "Direction", "From", "To", "Laden", "Expected, UTC", "Number")
    yield from ("Country", "Kinds", "Gauge", "Planned stay", "p95 of the plan", "Time there")
    yield from ("● good", "◆ slow: half stand longer than planned", "■ bad: longer than the p95, or stopped")
    yield from (
        "Container",
        "Where",
        "Why",
        "Since, UTC",
        "Deadline, UTC",
        "Resolved, UTC",
        "Line",
        "Age",
        "Explained by",
        "Next node, UTC",
        "Published, each side",
        "▮ in",
        "▮ out",
        "— waiting",
    )
    yield from ("Who", "Note", "Token")
    yield from ("open journeys", "late journeys", "critical exceptions", "open incidents")
    yield from ("containers standing at nodes", "TEU counted, 24 h", "transits end to end, 24 h")


def test_everything_a_page_says_is_in_the_catalogue_and_nothing_else() -> None:
    wanted = {str(each) for each in (*_written(), *closed())}
    assert sorted(wanted - catalogue().keys()) == []
    assert sorted(catalogue().keys() - wanted) == []


def test_every_word_is_in_every_language_with_the_same_values() -> None:
    for english, said in catalogue().items():
        assert said.keys() | {"en"} == set(LANGUAGES), english
        for words in said.values():
            assert words.strip(), english
            assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", english)), (english, words)


def test_every_fault_is_told_in_every_language_and_none_that_there_is_not() -> None:
    assert sorted(faults()) == sorted(CATALOGUE)
    for code, said in faults().items():
        assert said.keys() | {"en"} == set(LANGUAGES), code
        for words in said.values():
            assert [bool(each.strip()) for each in words] == [True, True], code
    assert Words("en").fault("E303") == (CATALOGUE["E303"].meaning, CATALOGUE["E303"].fix)
    assert Words("ru").fault("E303")[0] == "у времени нет смещения"


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        (None, None, "", "en"),
        ("ru", "zh", "en", "ru"),
        ("tlh", "zh", "ru", "zh"),
        (None, None, "de, zh-CN;q=0.9, en;q=0.8", "zh"),
        (None, None, "en;q=0.1, ru;q=high, zh;q=0.2", "zh"),
        (None, "<script>", "x" * 100_000, "en"),
    ],
)
def test_the_language_is_what_was_asked_for_remembered_or_accepted(
    asked: str | None, remembered: str | None, accepted: str, expected: str
) -> None:
    assert language_of(asked, remembered, accepted) == expected


def test_a_word_that_is_not_in_the_catalogue_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("ru")("never said")
