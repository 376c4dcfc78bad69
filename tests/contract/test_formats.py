"""A movement written in any format, in any envelope, comes back as the same movement."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats import COVERS, NETWORK, WRITERS, containers, reports
from tracker.contract.intake import Intake, IntakeRules
from tracker.domain.moment import Millis
from tracker.domain.places import Places
from tracker.domain.report import Report

RECEIVED = Millis(1_772_400_000_000)
INTAKE = Intake(Places(NETWORK), IntakeRules())


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=150, deadline=None)
@given(container=containers(), report=reports(RECEIVED), cover=st.sampled_from(list(COVERS)), zone=st.integers(-11, 13))
def test_a_movement_in_any_format_and_envelope_comes_back_the_same(
    form: str, container: str, report: Report, cover: str, zone: int
) -> None:
    body, headers = COVERS[cover](WRITERS[form](container, report, zone=zone))

    (reading,) = INTAKE.read("ktz-express", body, RECEIVED)

    assert reading.faults == []
    assert reading.container == container
    assert unmarked(reading.report) == unmarked(report)
    assert bool(headers) == (cover in {"structured", "binary"})


@settings(max_examples=150, deadline=None)
@given(container=containers(), report=reports(RECEIVED))
def test_what_two_formats_say_of_one_movement_has_one_content(container: str, report: Report) -> None:
    bodies = [COVERS["plain"](write(container, report))[0] for write in WRITERS.values()]
    contents = {_content(INTAKE.read("ktz-express", body, RECEIVED)[0].report) for body in bodies}

    assert len(contents) == 1


def unmarked(report: Report | None) -> dict[str, Any]:
    """All that a report says; its content's hash and its position apart."""
    assert report is not None
    return {name: getattr(report, name) for name in report.__struct_fields__ if name not in {"content", "source"}}


def _content(report: Report | None) -> int:
    assert report is not None
    return report.content
