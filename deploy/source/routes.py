"""What Alertmanager does with alerts: who hears what, what is told together, what explains what."""

from typing import Any, Final

DESK: Final = "operations-desk"
"""Who looks after trains and boxes."""
ENGINEERS: Final = "engineers"
"""Who looks after the tracker itself."""
CARRIERS: Final = "carrier-desk"
"""Who talks to carriers."""
DEAD_MAN: Final = "dead-mans-switch"
"""A service elsewhere that calls when the ping stops."""
SHOWN: Final = "shown-only"
"""Nobody is told; boards and Alertmanager show it."""

_OF_THE_TRACKER = "PipelineBehind|NoWorker|WorkerDown|RestoreStuck|CommitsStalled|SweepLate"
_SAME = ["alertname", "carrier", "cause", "corridor", "direction", "instance", "node", "section", "side", "stage"]

_MOUNTED: Final = "/etc/alertmanager/secrets/smtp"
"""File with the password of the mail server."""


def routing() -> dict[str, Any]:
    """Routes, inhibition and receivers: the whole of `alertmanager/alertmanager.yml`."""
    return {
        "global": {"smtp_smarthost": "mail:1025", "smtp_from": "tracker@rail.example", "smtp_require_tls": False},
        "route": _route(),
        "inhibit_rules": _inhibitions(),
        "receivers": [
            {"name": DESK, "email_configs": [_mail("operations@rail.example")]},
            {"name": ENGINEERS, "email_configs": [_mail("engineers@rail.example")]},
            {"name": CARRIERS, "email_configs": [_mail("carriers@rail.example")]},
            {
                "name": DEAD_MAN,
                "webhook_configs": [{"url": "http://deadman:9095/", "send_resolved": False, "max_alerts": 1}],
            },
            {"name": SHOWN},
        ],
    }


def _mail(to: str) -> dict[str, Any]:
    return {"to": to, "send_resolved": True}


def _route() -> dict[str, Any]:
    return {
        "receiver": ENGINEERS,
        # What one person deals with at once is told at once.
        "group_by": ["incident"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "12h",
        "routes": [
            {
                "receiver": DEAD_MAN,
                "matchers": ['alertname="Watchdog"'],
                "group_wait": "0s",
                "group_interval": "1m",
                "repeat_interval": "1m",
            },
            {"receiver": SHOWN, "matchers": ['severity="info"']},
            {"receiver": ENGINEERS, "matchers": ['scope="pipeline"']},
            {"receiver": CARRIERS, "matchers": ['scope="carrier"']},
            {"receiver": DESK, "matchers": ['scope=~"corridor|containers"']},
            # What `tracker notify` sends: incidents and single containers, grouped by the place they are held at.
            {
                "receiver": DESK,
                "matchers": ['alertname=~"RailIncident|RailContainerOverdue|RailContainersMore"'],
                "group_by": ["alertname", "node", "leg", "carrier"],
            },
        ],
    }


def _inhibitions() -> list[dict[str, Any]]:
    return [
        # While the tracker is behind or down, what it says of trains and carriers is old.
        {
            "source_matchers": [f'alertname=~"{_OF_THE_TRACKER}"', 'severity=~"critical|warning"'],
            "target_matchers": ['scope=~"corridor|containers|carrier"'],
        },
        # No worker at all: that one is down, and that nothing comes through, follows.
        {
            "source_matchers": ['alertname="NoWorker"'],
            "target_matchers": ['alertname=~"WorkerDown|WorkerRestarting|LagUnknown|PipelineBehind|.+BudgetBurns"'],
        },
        # A carrier that is silent cannot be late as well, and its containers are not late for all we know.
        {
            "source_matchers": ['alertname="CarrierFeedQuiet"'],
            "target_matchers": ['alertname=~"CarrierReportsLate|CarrierRejects"'],
            "equal": ["carrier"],
        },
        {
            "source_matchers": ['alertname="CarrierFeedQuiet"'],
            "target_matchers": ['alertname="ContainersCritical"', 'cause="carrier"'],
        },
        # A node that has stopped: its queue, its stays and what waits there are the same matter.
        {
            "source_matchers": ['alertname="NodeStopped"'],
            "target_matchers": ['alertname=~"NodeDwellAboveNorm|NodeQueueGrows"'],
            "equal": ["node", "direction"],
        },
        {
            "source_matchers": ['alertname="NodeStopped"'],
            "target_matchers": ['alertname="RailContainerOverdue"'],
            "equal": ["node"],
        },
        {
            "source_matchers": ['severity="critical"'],
            "target_matchers": ['severity=~"warning|info"'],
            "equal": _SAME,
        },
    ]


def examples() -> dict[str, Any]:
    """Receivers of other sorts, as a whole file that Alertmanager takes: for copying from."""
    return {
        "route": {"receiver": "mail", "group_by": ["incident"]},
        "receivers": [
            {
                "name": "mail",
                "email_configs": [
                    {
                        "to": "operations@rail.example",
                        "from": "tracker@rail.example",
                        "smarthost": "smtp.rail.example:587",
                        "auth_username": "tracker",
                        "auth_password_file": _MOUNTED,
                        "send_resolved": True,
                    }
                ],
            },
            {
                "name": "webhook",
                "webhook_configs": [
                    {
                        "url": "https://duty.rail.example/alerts",
                        "send_resolved": True,
                        "http_config": {
                            "authorization": {"credentials_file": "/etc/alertmanager/secrets/duty"},
                        },
                    }
                ],
            },
            {
                # Slack's form; Mattermost and Rocket.Chat take it too.
                "name": "chat",
                "slack_configs": [
                    {
                        "api_url_file": "/etc/alertmanager/secrets/chat",
                        "channel": "#rail-operations",
                        "send_resolved": True,
                        "title": "{{ .CommonAnnotations.summary }}",
                        "text": (
                            "{{ range .Alerts }}{{ .Annotations.description }}\n"
                            "{{ .Annotations.runbook_url }}\n{{ end }}"
                        ),
                    }
                ],
            },
        ],
    }
