"""A rule, an alert and the two cases that prove it: one where it fires, one where it must not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any, Literal

from deploy.source.thresholds import Severity

Scope = Literal["corridor", "containers", "carrier", "pipeline"]
"""Whom it concerns, and what inhibition goes by: `pipeline` explains the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Series as promtool writes them, and a moment; `told` is what must be there then, by severity."""

    series: Mapping[str, str]
    at: str
    every: str = "1m"
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the alert; severity, scope and the name come from the rule."""
    told: Mapping[Severity, tuple[str, str]] = field(default_factory=dict)
    """Severity to summary and description, filled in. A critical case mostly holds the warning too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert at one severity; name and severity together are unique.

    `incident` is the template of the label by which Alertmanager groups: what one person deals with at once.
    `board` is where it is seen, as path and variables of a board.
    """

    name: str
    severity: Severity
    scope: Scope
    incident: str
    expr: str
    hold: str
    keep: str | None = None
    summary: str
    description: str
    board: str
    fires: Case
    silent: Case | None
    """None only for the dead man's switch, which is never silent."""
    further: tuple[Case, ...] = ()
    """Cases of other ways in which it fires or must not."""

    def rule(self, runbooks: str) -> dict[str, Any]:
        """As Prometheus reads it."""
        return {
            "alert": self.name,
            "expr": dedent(self.expr).strip(),
            **({"for": self.hold} if self.hold else {}),
            **({"keep_firing_for": self.keep} if self.keep else {}),
            "labels": self.labels,
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": f"{runbooks}/{self.name}.html",
                "board": self.board,
            },
        }

    @property
    def labels(self) -> dict[str, str]:
        """What the rule adds to the labels of its expression."""
        return {"severity": self.severity, "scope": self.scope, "incident": self.incident}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A recording rule; its name is level:metric:operations."""

    name: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def rule(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        labels = {"labels": dict(self.labels)} if self.labels else {}
        return {"record": self.name, "expr": dedent(self.expr).strip(), **labels}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rules that are evaluated one after the other; records come before what reads them."""

    name: str
    interval: str = "30s"
    records: tuple[Record, ...] = ()
    alerts: tuple[Alert, ...] = ()
