"""A page for every alert and an alert for every page."""

import re
from pathlib import Path
from typing import Final

import pytest

from deploy.source.board import TITLES
from deploy.source.thresholds import DEPLOY, load_thresholds
from deploy.source.written import alerts
from tests.deploy.stack import answers, prometheus

PAGES: Final = sorted((DEPLOY / "runbooks").glob("*.md"))
SECTIONS: Final = [
    "What it means", "How to see it", "Usual causes", "What to do now", "Whom it concerns", "How it ends",
]  # fmt: skip


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    assert {path.stem for path in PAGES} == {alert.name for alert in alerts(load_thresholds())}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_says_what_one_needs_at_night(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# {path.stem}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    for section in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]:
        assert len(section.split()) >= 1
    boards = {title.lower() for title in TITLES.values()}
    assert {name.lower() for name in re.findall(r"Board \*(.+?)\*", text)} <= boards
    alert_names = {each.stem for each in PAGES}
    named = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", text))
    assert named - alert_names <= {"StatefulSet", "RocksDB"}, "alerts that are not"


@pytest.mark.programs
def test_prometheus_serves_the_pages_that_alerts_link_to(tmp_path: Path) -> None:
    with prometheus(tmp_path, {}) as serving:
        for alert in alerts(load_thresholds()):
            assert answers(f"{serving.address}/consoles/{alert.name}.html"), alert.name
        assert answers(f"{serving.address}/consoles/index.html")
