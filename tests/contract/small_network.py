"""A network file without a finding, and the means to spoil it."""

SMALL = """\
nodes:
  - id: CN-EAST
    name: East
    country: CN
    kinds: [origin]
    at: [40.0, 90.0]
    zone: Asia/Shanghai
    codes: [{scheme: unlocode, code: CNEAS}, {scheme: esr, code: '0660'}]
    names: [Восток, 东]
  - id: CN-GATE
    name: Gate
    country: CN
    kinds: [border]
    at: [40.0, 80.0]
    zone: Asia/Shanghai
    gauges: [1435, 1520]
    stay: {planned: 14, p95: 48}
  - id: KZ-GATE
    name: Far Gate
    country: KZ
    kinds: [border, gauge]
    at: [40.0, 79.9]
    zone: Asia/Almaty
    codes: [{scheme: unlocode, code: KZGAT, nearest: true}]
    stay: 20
  - id: KZ-WEST
    name: West
    country: KZ
    kinds: [inland]
    at: [40.0, 70.0]
    zone: Asia/Almaty
legs:
  - {id: CN-EAST--CN-GATE, km: 900, hours: 20}
  - {id: CN-GATE--KZ-GATE, km: 10, hours: {planned: 2, p95: 3}, crossing: true}
  - {id: KZ-GATE--KZ-WEST, km: 900, hours: 20, back: 25}
corridors:
  - id: whole-way
    name: East to west
    directions: [westbound, eastbound]
    starts: [CN-EAST]
    finishes: &west [KZ-WEST]
    legs:
      - &china
        - CN-EAST--CN-GATE
        - CN-GATE--KZ-GATE
      - KZ-GATE--KZ-WEST
    sections:
      - {id: whole, start: [CN-EAST], end: *west}
      - {id: steppe, start: [KZ-GATE], end: *west}
    counting: [CN-GATE--KZ-GATE]
    stays:
      KZ-GATE: {planned: 12, p95: 30}
  - id: half-way
    name: And a child of it
    parent: whole-way
    directions: [westbound, eastbound]
    starts: [CN-EAST]
    finishes: [KZ-WEST]
    legs: [*china, KZ-GATE--KZ-WEST]
    sections:
      - {id: whole, start: [CN-EAST], end: [KZ-WEST]}
"""
"""A file without a finding; the tests spoil one thing in it each."""


def spoilt(old: str, new: str) -> str:
    """SMALL with `old`, which is there once, replaced."""
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def line_of(text: str, part: str, *, last: bool = False) -> int:
    """The line of the first (or last) `part` in `text`, counted from 1."""
    return text[: text.rindex(part) if last else text.index(part)].count("\n") + 1
