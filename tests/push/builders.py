"""Small mappings, networks and tables for the tests of `tracker push`."""

from pathlib import Path
from textwrap import dedent

from tracker.contract.network_file import read_network
from tracker.domain.network import Network
from tracker.push.cell import Cell
from tracker.push.mapping import Mapping
from tracker.push.mapping_file import load_mapping
from tracker.push.table import Row

MAPPING = """\
version: 1
columns:
  container: [container, Контейнер]
  station: [station, Станция операции]
  operation: [operation, Операция]
  time: [time, Дата операции]
fields:
  container: {column: container}
  occurred_at: {columns: time, formats: ["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S"], zone: node}
  node: [{column: station, scheme: name}]
tables:
  - column: operation
    values:
      Arrived: &arrived {kind: arrived}
      Прибытие: *arrived
      Departed: {kind: departed, laden: true}
      Weighed: {skip: paperwork}
"""

NETWORK = """\
nodes:
  - {id: XX-EAST, name: East, country: XX, kinds: [port], at: [43, 77], zone: Asia/Almaty, gauges: [1520],
     codes: [{scheme: esr, code: "700007"}], names: [Восток]}
  - {id: YY-WEST, name: West, country: YY, kinds: [port], at: [52, 13], zone: Europe/Berlin, gauges: [1435]}
legs:
  - {id: XX-EAST--YY-WEST, km: 5000, hours: 100}
corridors:
  - id: test
    name: Test
    directions: [westbound, eastbound]
    starts: [XX-EAST]
    finishes: [YY-WEST]
    legs: [XX-EAST--YY-WEST]
    sections: [{id: whole, start: [XX-EAST], end: [YY-WEST]}]
"""

CARRIERS = "carriers: [{id: steppe, name: Steppe}]\n"

BOX = "TBJU4395630"
"""A container number whose check digit is right."""


def network() -> Network:
    """Two nodes in two zones and the leg between them."""
    return read_network(NETWORK)


def mapping(folder: Path, text: str = MAPPING) -> Mapping:
    """The mapping in `text`, read as a file is."""
    path = folder / "mapping.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return load_mapping(path)


def row(line: int = 2, **cells: Cell) -> Row:
    """A row of the table that `MAPPING` reads: an arrival at East, but for the cells given."""
    usual: dict[str, Cell] = {
        "container": BOX,
        "station": "East",
        "operation": "Arrived",
        "time": "01.03.2026 08:40",
    }
    return Row(line, usual | cells)
