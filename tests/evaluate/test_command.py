"""The whole of it on a small run: simulated, decided by `tracker batch`, judged."""

import json
from pathlib import Path

from click.testing import CliRunner

from tests.evaluate.__main__ import main
from tracker.contract.carriers_file import load_carriers
from tracker.contract.network_file import load_network
from tracker.simulate.options import Traffic
from tracker.simulate.scenario_file import load_scenario

SCENARIO = Path(__file__).with_name("scenario.yaml")


def test_the_scenario_is_the_one_asked_for() -> None:
    carriers = [carrier.id for carrier in load_carriers()]
    scenario = load_scenario(SCENARIO, Traffic().start, load_network(), carriers)
    assert [storm.node for storm in scenario.storms] == ["KZ-AKTAU"]
    assert [stop.node for stop in scenario.stops] == ["KZ-ALTYNKOL"]
    assert [(silence.end - silence.start) // 3_600_000 for silence in scenario.silences] == [48]
    assert [(outage.end - outage.start) // 3_600_000 for outage in scenario.outages] == [6]
    assert scenario.stuck == 20


def test_the_command_prints_every_figure_and_keeps_them_as_json(tmp_path: Path) -> None:
    options = ["--scale", "0.05", "--days", "20", "--folder", str(tmp_path), "--json", str(tmp_path / "figures.json")]
    done = CliRunner().invoke(main, options, catch_exceptions=False)
    assert done.exit_code == 0
    found = json.loads((tmp_path / "figures.json").read_text())
    assert found["about"]["scale"] == 0.05
    assert found["about"]["reports"] == len((tmp_path / "reports.jsonl").read_bytes().splitlines())
    assert all(figure["name"] in done.output for figure in found["figures"])
    again = CliRunner().invoke(main, [*options, "--rejudge"], catch_exceptions=False)
    assert again.stdout == done.stdout


def test_rejudging_wants_a_folder() -> None:
    assert "--rejudge wants the --folder" in CliRunner().invoke(main, ["--rejudge"]).output
