"""What a replay says of how far it is."""

import io
from datetime import UTC, datetime

from tracker.replay.progress import Progress, line

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_line_has_the_share_the_pace_and_the_expected_end() -> None:
    said = line("replay", 250, 1_000, 10.0, NOON)
    assert said == "replay [######                  ]        250 of 1,000 reports       25/s, ends about 12:00:30Z"


def test_without_a_total_or_a_first_report_no_end_is_expected() -> None:
    assert "ends" not in line("copying", 250, None, 10.0, NOON)
    assert "ends" not in line("replay", 0, 1_000, 10.0, NOON)
    assert "ends" not in line("replay", 1_000, 1_000, 10.0, NOON)


def test_lines_are_rare_but_for_the_last_and_none_where_none_is_wanted() -> None:
    told, untold = io.StringIO(), io.StringIO()
    for stream, shown in ((told, True), (untold, False)):
        progress = Progress(stream, "replay", shown=shown)
        for count in range(100):
            progress.update(count, 100)
        progress.update(100, 100, last=True)
    assert [said.split()[-4:-1] for said in told.getvalue().splitlines()][-1] == ["of", "100", "reports"]
    assert len(told.getvalue().splitlines()) == 2
    assert untold.getvalue() == ""
