"""`python -m tests.deploy.month`: how long every query of every board takes on a month of data, on a real Prometheus.

The series are those of the demo with the rules' records, as a Prometheus saw them; each gets a month of samples of its
size, one a minute or as it is recorded, in a folder that is thrown away: some ten minutes and 3 GB of disk. Then each
query is asked as Grafana does, over the board's time and over the month, at most a thousand points; the best of three.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.source import rules_figures
from deploy.source.rules_figures import hourly
from deploy.source.rules_pipeline import JOB as WORKERS
from scripts.programs import find
from tests.broker.jars import REPOSITORY
from tests.deploy.stack import Prometheus, answers, free_port, prometheus, running, until
from tests.deploy.test_boards import BOARDS, SLOWEST_SECONDS, filled

EVERY: Final = 60
"""Seconds between two samples."""
RECORDED: Final = {
    record.name: {"2m": 120, "1h": 3600}[group.interval] for group in rules_figures.groups() for record in group.records
}
"""Of what is recorded more seldom than that."""
DAYS: Final = 30
DAY: Final = 86_400
HOUR: Final = 3_600
POINTS: Final = 1000
"""A panel over half a screen has no more."""
ASKED: Final = (7 * DAY, 30 * DAY)
"""Seconds back: a board's own time, and all there is."""


def main() -> int:
    """Print a table, slowest first; 1 when a query over a board's own time takes longer than it should."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = _series_of_the_demo(folder)
        print(f"{len(found)} series; writing a month of each", flush=True)
        end = int(time.time()) // DAY * DAY
        with ProcessPoolExecutor(2) as pool:
            days = [pool.submit(_written, folder, found, end - (day + 1) * DAY) for day in range(DAYS)]
            for number, _ in enumerate(as_completed(days), 1):
                print(f"  {number} of {DAYS} days", flush=True)
        with _asked(folder) as store:
            rows = sorted(_times(store, end), reverse=True)
    print("\n| seconds over 7 d | over 30 d | board | query |\n|---|---|---|---|")
    for week, month, board, expr in rows[:15]:
        print(f"| {week:.3f} | {month:.3f} | {board} | `{expr}` |")
    slow = [row for row in rows if row[0] > SLOWEST_SECONDS]
    print(f"\n{len(rows)} queries, {len(slow)} over 200 ms; median {rows[len(rows) // 2][0] * 1000:.0f} ms")
    return 1 if slow else 0


def _series_of_the_demo(folder: Path) -> list[tuple[dict[str, str], float]]:
    port = free_port()
    demo = [sys.executable, "-m", "tracker.cli", "demo", "--trains-per-day", "4", "--port", str(port)]
    with running(demo, folder / "demo.log", cwd=REPOSITORY):
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the demo answers", 40)
        with prometheus(folder / "live", {WORKERS: [f"127.0.0.1:{port}"]}, every=5) as watching:
            until(lambda: watching.query('rail_exceptions_open{severity="critical"} > 0') != [], "delays", 300)
            until(lambda: watching.query("rate(rail_transit_seconds_count[30s]) > 0") != [], "transits", 300)
            until(lambda: watching.query(f"{hourly('rail_dwell_seconds')} > 0") != [], "records", 300)
            seen = watching.query('{__name__=~"(.+:)?rail.+|slo:.+|up"}')
    return [(each["metric"], float(each["value"][1])) for each in seen]


def _written(folder: Path, found: list[tuple[dict[str, str], float]], start: int) -> None:
    """A day of all series as a block: what counts grows by a hundredth of it an hour, what is measured sways."""
    text = folder / f"{start}.om"
    with text.open("w") as out:
        for metric, value in sorted(found, key=lambda each: each[0]["__name__"]):
            out.writelines(_lines(metric, value, start))
        out.write("# EOF\n")
    command = ["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=24h", "--quiet"]
    subprocess.run([str(find("promtool")), *command, str(text), str(folder / "data")], check=True)
    text.unlink()


def _lines(metric: dict[str, str], value: float, start: int) -> Iterator[str]:
    labels = ",".join(f'{name}="{text}"' for name, text in metric.items() if name != "__name__")
    head, swaying = f"{metric['__name__']}{{{labels}}} ", random.Random(start)
    counts = metric["__name__"].endswith(("_total", "_bucket", "_count", "_sum"))
    for moment in range(start, start + DAY, RECORDED.get(metric["__name__"], EVERY)):
        now = value * (moment % (DAYS * DAY)) / 360_000 if counts else value * swaying.uniform(0.9, 1.1)
        yield f"{head}{now:.6g} {moment}\n"


@contextmanager
def _asked(folder: Path) -> Iterator[Prometheus]:
    """A Prometheus over the month that scrapes nothing."""
    address = f"127.0.0.1:{free_port()}"
    (folder / "prometheus.yml").write_text("{}")
    command = [
        *(str(find("prometheus")), f"--config.file={folder / 'prometheus.yml'}"),
        *(f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={address}"),
        "--storage.tsdb.retention.time=400d",
    ]
    with running(command, folder / "prometheus.log"):
        until(lambda: answers(f"http://{address}/-/ready"), "Prometheus is ready", 60)
        yield Prometheus(f"http://{address}")


def _times(store: Prometheus, end: int) -> Iterator[tuple[float, float, str, str]]:
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            least = {"1h": HOUR, "2h": 2 * HOUR}[panel["interval"]] if "interval" in panel else EVERY
            for target in panel["targets"]:
                expr = target["expr"]
                if target.get("instant"):
                    yield *(_took(store, "query", expr, {"time": end - EVERY}, least),) * 2, name, expr
                else:
                    yield *(_over(store, expr, (end - seconds, end), least) for seconds in ASKED), name, expr
        for each in board["annotations"]["list"]:
            yield *(_over(store, each["expr"], (end - seconds, end), EVERY) for seconds in ASKED), name, each["expr"]


def _over(store: Prometheus, expr: str, span: tuple[int, int], least: int) -> float:
    """Seconds that a panel's course over a span takes."""
    step = max((span[1] - span[0]) // POINTS, least)
    return _took(store, "query_range", expr, {"start": span[0], "end": span[1] - EVERY, "step": step}, step)


def _took(store: Prometheus, path: str, expr: str, when: dict[str, int], step: int) -> float:
    expr = expr.replace("$__rate_interval", f"{max(4 * EVERY, step + EVERY)}s").replace("$__interval", f"{step}s")
    took = []
    for _ in range(3):
        begun = time.monotonic()
        store.get(path, query=filled(expr), **when)
        took.append(time.monotonic() - begun)
    return min(took)


if __name__ == "__main__":
    sys.exit(main())
