"""What the command does: files that can be read, a pace that is kept, progress that is not in the way."""

import base64
import io
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from tests.simulate.traffic import CARRIERS, bodies, later, moment, run, tiny_network, traffic
from tracker.domain.moment import DAY, Millis
from tracker.simulate.options import FaultRates
from tracker.simulate.output import Pace, batch_line
from tracker.simulate.progress import Progress
from tracker.simulate.run import Delivery, run_simulate, simulate_to_file
from tracker.simulate.saying import Sent


def test_batch_lines_parse_and_hold_every_record(tmp_path: Path) -> None:
    options = traffic(days=12.0, faults=FaultRates().times(3))
    file = tmp_path / "reports.jsonl"
    done = run_simulate(
        tiny_network(), CARRIERS, options, Delivery(), to=file, brokers="", idempotent=True, wait_seconds=0
    )
    sents, _, _ = run(options)
    lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    assert done.reports == len(lines) == len(sents)
    for line, sent in zip(lines, sents, strict=True):
        assert line["carrier"] == sent.carrier
        assert moment(line["received_at"]) == sent.received_at
        if "raw" in line:
            assert base64.b64decode(line["raw"]) == sent.body
        else:
            assert line["body"] == msgspec.json.decode(sent.body)
    assert sum("raw" in line for line in lines) == len(sents) - len(bodies(sents))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b'{"a":', b"NaN", b'{"a":1} {"b":2}'])
def test_a_body_that_is_no_json_goes_in_as_base64(body: bytes) -> None:
    line = msgspec.json.decode(batch_line(Sent("rail-a", b"k", body, Millis(0))))
    assert base64.b64decode(line["raw"]) == body


def test_the_truth_file_holds_ended_and_open_journeys_and_the_faults_put_in(tmp_path: Path) -> None:
    options = traffic(days=25.0, faults=FaultRates())
    truth = tmp_path / "truth.json"
    done = simulate_to_file(tiny_network(), CARRIERS, options, Delivery(truth=truth), tmp_path / "r.jsonl")
    document = msgspec.json.decode(truth.read_bytes())
    _, journeys, simulation = run(options)
    assert document["journeys"] == msgspec.json.decode(msgspec.json.encode(journeys))
    assert document["carriers"] == simulation.summary()["carriers"] == done.summary["carriers"]
    assert document["seed"] == 1


def test_a_number_of_reports_ends_the_run_and_the_truth_is_whole(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    delivery = Delivery(reports=1234, truth=truth)
    done = simulate_to_file(tiny_network(), CARRIERS, traffic(), delivery, tmp_path / "r.jsonl")
    assert done.reports == 1234
    assert msgspec.json.decode(truth.read_bytes())["until"] < "2026-04"


def test_shuffled_files_hold_the_same_lines(tmp_path: Path) -> None:
    options = traffic(days=10.0)
    for name, shuffle in (("a", 0), ("b", 10**9)):
        simulate_to_file(tiny_network(), CARRIERS, options, Delivery(shuffle=shuffle), tmp_path / name)
    a, b = (sorted((tmp_path / name).read_bytes().splitlines()) for name in "ab")
    assert a == b
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_a_file_that_cannot_be_written_is_an_error_of_the_world(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        simulate_to_file(tiny_network(), CARRIERS, traffic(), Delivery(), tmp_path / "nowhere" / "r.jsonl")


def test_simulated_time_runs_as_fast_as_asked_once_history_is_sent() -> None:
    start = Millis(0)
    pace = Pace(speedup=DAY / 1000, rate=0, fast_until=later(start, 10))  # a day a second
    assert pace.wait(start, 0, 100.0) <= 0
    assert pace.wait(later(start, 9.9), 1, 100.0) <= 0
    assert pace.wait(later(start, 10), 2, 103.0) <= 0
    assert pace.wait(later(start, 11), 3, 103.0) == pytest.approx(1.0)
    assert pace.wait(later(start, 12), 4, 104.5) == pytest.approx(0.5)
    assert pace.wait(later(start, 12), 5, 106.0) <= 0


def test_a_rate_spaces_records_evenly() -> None:
    pace = Pace(speedup=0, rate=100, fast_until=Millis(0))
    waits = [pace.wait(Millis(0), count, 50.0) for count in range(5)]
    assert all(b - a == pytest.approx(0.01) for a, b in pairwise(waits))


def test_progress_is_quiet_where_it_is_not_asked_for_and_says_how_far_it_is_where_it_is() -> None:
    quiet, loud = io.StringIO(), io.StringIO()
    for stream, shown in ((quiet, None), (loud, True)):
        progress = Progress(stream, Millis(0), Millis(10 * DAY), shown=shown)
        progress.update(10, Millis(DAY))
        progress.end(Millis(5 * DAY))
    assert quiet.getvalue() == ""
    assert "day   5.0" in loud.getvalue()
    assert "10 reports" in loud.getvalue()


@pytest.mark.parametrize("options", [{"rate": -1.0}, {"reports": 0}, {"shuffle": -1}])
def test_a_delivery_that_makes_no_sense_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        Delivery(**options)  # type: ignore[arg-type]  # the keys are the cases
