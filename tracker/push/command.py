"""The body of `tracker push`: a table read, rewritten, checked, and sent unless it is a dry run."""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click
import msgspec

from tracker.contract.carriers_file import Carrier, CarriersFileError, load_carriers
from tracker.contract.intake import Intake, IntakeRules, lenient_carriers
from tracker.contract.network_file import NetworkFileError, load_network
from tracker.domain.moment import Millis
from tracker.domain.network import Network, Node
from tracker.domain.places import Places
from tracker.push.cell import TableError
from tracker.push.check import Check
from tracker.push.mapping import Mapping
from tracker.push.mapping_file import MappingError, load_mapping
from tracker.push.send import BrokerOut, Record, TopicMissing, send, write_lines
from tracker.push.summary import Summary
from tracker.push.table import Table, open_table
from tracker.push.translate import Event, FindNode, Translator
from tracker.streams.connection import OPEN, Security
from tracker.streams.topics import events_topic

GOOD, FINDINGS, USAGE, BROKEN = 0, 1, 2, 3
"""Exit statuses: rejected or uncovered rows are findings; files that can't be used; no broker."""


class PushError(Exception):
    """The command can't be run as asked; the message is one line: seen, wanted, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One run of the command.

    `to`: a file in the form of `tracker batch` input, instead of Kafka. `received`: when the tracker is
    taken to receive the reports, which decides what is late or lies in the future; None is now. Kafka
    stamps what it receives, so there it can't be chosen. `progress` None: only on a terminal. `mapping` may be
    the name of a packaged one, `zone` stands in place of the one that it gives.
    """

    file: Path
    carrier: str
    mapping: Path
    network: Path | None = None
    carriers: Path | None = None
    brokers: str = "127.0.0.1:9092"
    security: Security = OPEN
    dry_run: bool = False
    to: Path | None = None
    received: Millis | None = None
    wait_seconds: float = 60.0
    progress: bool | None = None
    zone: str | None = None


def run_push(push: Push, out: TextIO = sys.stdout, log: TextIO = sys.stderr) -> int:
    """Run the command and give its exit status; the summary goes to `out`, all else to `log`."""
    try:
        return _run(push, out, log)
    except (PushError, MappingError, NetworkFileError, CarriersFileError, TableError, TopicMissing) as error:
        print(f"tracker push: {error}", file=log)
        return USAGE
    except (BrokerOut, OSError) as error:
        print(f"tracker push: {error}", file=log)
        return BROKEN


def node_finder(network: Network) -> FindNode:
    """Finds nodes as the tracker's intake does, so that what has a zone here is known there."""
    places = Places(network)

    def find(scheme: str, code: str) -> Node | None:
        place = places.resolve_any(code) if scheme == "id" else places.resolve(scheme, code)
        return network.nodes[place.node] if place is not None else None

    return find


def _run(push: Push, out: TextIO, log: TextIO) -> int:
    if push.received is not None and not push.dry_run and push.to is None:
        raise PushError("a received time goes with --dry-run or --to only: Kafka stamps what it receives")
    mapping = load_mapping(push.mapping, push.zone)
    network = load_network(push.network)
    carriers = load_carriers(push.carriers)
    _check_names(push, mapping, network, carriers)
    received = push.received if push.received is not None else Millis(time.time_ns() // 1_000_000)
    lenient = lenient_carriers({carrier.id: carrier.policy for carrier in carriers})
    intake = Intake(Places(network), IntakeRules(lenient=lenient))
    summary = Summary(Check(intake, push.carrier, received))
    table = open_table(push.file, mapping)
    print(f"{push.file}: {table.form}, header in line {table.header_line}", file=out)
    records = _records(push, table, Translator(mapping, node_finder(network)), summary, log)
    if push.dry_run:
        for _ in records:
            pass
    elif push.to is not None:
        write_lines(push.to, push.carrier, received, records)
    else:
        asyncio.run(send(push.brokers, events_topic(push.carrier), records, push.wait_seconds, log, push.security))
    sent_as = "to send (dry run)" if push.dry_run else f"written to {push.to}" if push.to else "sent"
    for line in summary.lines(sent_as):
        print(line, file=out)
    return FINDINGS if summary.has_findings else GOOD


def _check_names(push: Push, mapping: Mapping, network: Network, carriers: tuple[Carrier, ...]) -> None:
    known = [carrier.id for carrier in carriers]
    if push.carrier not in known:
        raise PushError(f"carrier {push.carrier!r} is not in the carriers file; wanted one of {', '.join(known)}")
    places = Places(network)
    for word, node in mapping.own_codes():
        if places.resolve_any(node) is None:
            raise PushError(f"mapping file {push.mapping}: {word!r} stands for {node!r}, which the network has not")


def _records(push: Push, table: Table, translator: Translator, summary: Summary, log: TextIO) -> Iterator[Record]:
    """The events of a table as they are read, each counted and checked on the way."""
    encode = msgspec.json.Encoder().encode
    shown = log.isatty() if push.progress is None else push.progress
    with click.progressbar(table.rows, table.length, push.file.name, file=log, hidden=not shown) as rows:
        for row in rows:
            outcome = translator.translate(row)
            summary.count(outcome)
            if isinstance(outcome, Event):
                body = encode(outcome.body)
                summary.check.read(outcome.line, body)
                yield outcome.key, body
