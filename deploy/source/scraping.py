"""What Prometheus reads, in the names of compose.yaml's services."""

from collections.abc import Iterable
from typing import Any

from deploy.source import rules_canary, rules_telling
from deploy.source.rules_pipeline import JOB


def prometheus(files: Iterable[str]) -> dict[str, Any]:
    """`prometheus/prometheus.yml`; `files` are the names of the rules' files."""
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "30s"},
        "rule_files": [f"rules/{file}.yml" for file in files],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]},
        "scrape_configs": [
            {
                "job_name": JOB,
                # Every worker of the service, found by its name: more or fewer of them need no change here.
                "dns_sd_configs": [{"names": ["worker"], "type": "A", "port": 6066, "refresh_interval": "15s"}],
            },
            {
                "job_name": rules_telling.JOB,
                "dns_sd_configs": [{"names": ["notifier"], "type": "A", "port": 6067, "refresh_interval": "15s"}],
            },
            {
                "job_name": rules_canary.JOB,
                "dns_sd_configs": [{"names": ["canary"], "type": "A", "port": 6068, "refresh_interval": "15s"}],
            },
            {"job_name": "prometheus", "static_configs": [{"targets": ["127.0.0.1:9090"]}]},
            {"job_name": "alertmanager", "static_configs": [{"targets": ["alertmanager:9093"]}]},
        ],
    }
