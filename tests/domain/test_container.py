"""A container's row is a function of what was reported, never of the order or number of deliveries."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tracker.contract.network_file import load_network
from tracker.domain.container import ContainerRow, Rules, dump, facts_of_row, fold, load
from tracker.domain.crowd import REPORTS_MAX
from tracker.domain.facts import Fact
from tracker.domain.moment import HOUR, Millis
from tracker.domain.report import Classifier, Kind, Mode, Outcome, Report
from tracker.domain.ruling import apply

BOX = "CSQU3054383"
NETWORK = load_network()
RULES = Rules(NETWORK, {"ktz": 0, "adyc": 1})
BEGIN = Millis(1_772_323_200_000)  # 2026-03-01T00:00:00Z

NODES = (
    "CN-XIAN", "CN-URUMQI", "CN-HORGOS", "KZ-ALTYNKOL", "KZ-ALMATY", "KZ-BEYNEU", "KZ-AKTAU", "KZ-KURYK",
    "AZ-ALAT", "GE-TBILISI", "GE-POTI", "TR-KARS", "TR-MERSIN", "KZ-BOLASHAK", "IR-APRIN", "UZ-CHUKURSAY",
)  # fmt: skip

reports = st.builds(
    Report,
    carrier=st.sampled_from(("ktz", "adyc", "gr-log")),
    id=st.sampled_from([f"r{n}" for n in range(12)]),
    kind=st.sampled_from(Kind),
    node=st.sampled_from(NODES),
    occurred=st.integers(0, 200).map(lambda h: Millis(BEGIN + 3 * h * HOUR)),
    received=st.integers(0, 900).map(lambda h: Millis(BEGIN + h * HOUR)),
    content=st.integers(0, 5),
    classifier=st.sampled_from((Classifier.ACTUAL, Classifier.ACTUAL, Classifier.ACTUAL, Classifier.PLANNED)),
    revision=st.none() | st.integers(0, 2),
    retracted=st.sampled_from((False, False, False, True)),
    recorded=st.none() | st.integers(0, 900).map(lambda h: Millis(BEGIN + h * HOUR)),
    mode=st.none() | st.sampled_from(Mode),
    laden=st.none() | st.booleans(),
    teu=st.none() | st.sampled_from((100, 200)),
    train=st.none() | st.sampled_from(("T1", "T2")),
    destination=st.none() | st.sampled_from(NODES),
)


def consistent(sent: list[Report]) -> list[Report]:
    """The same content hash means the same content: as intake makes it."""
    seen: dict[tuple[str, str, int], Report] = {}
    made = []
    for report in sent:
        first = seen.setdefault((report.carrier, report.id, report.content), report)
        made.append(
            Report(
                **{name: getattr(first, name) for name in first.__struct_fields__}
                | {name: getattr(report, name) for name in ("received", "revision", "retracted", "recorded")}
            )
        )
    return made


@dataclass
class Told:
    """What a reader of the facts topic holds after every operation so far."""

    facts: Counter[Fact] = field(default_factory=Counter)
    outcomes: list[Outcome | None] = field(default_factory=list)


def deliver(sent: list[Report], row: ContainerRow | None = None, told: Told | None = None) -> tuple[ContainerRow, Told]:
    row, told = row or ContainerRow(), told or Told()
    for report in sent:
        ruling = apply(row, BOX, report, RULES)
        told.facts.update(ruling.added)
        told.facts.subtract(ruling.withdrawn)
        told.outcomes.append(ruling.outcome)
    return row, told


def distinct(sent: list[Report]) -> list[Report]:
    """Versions once, as first received: what a batch keeps."""
    kept: dict[tuple[object, ...], Report] = {}
    for report in sorted(sent, key=lambda r: r.received):
        kept.setdefault(
            (report.carrier, report.id, report.content, report.revision, report.retracted, report.recorded), report
        )
    return list(kept.values())


sequences = st.lists(reports, max_size=14).map(consistent)


@settings(max_examples=300, deadline=None)
@given(sequences, st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_row_of_the_batch(sent: list[Report], chance: object) -> None:
    shuffled = [*sent, *sent[::2]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    row, told = deliver(shuffled)
    assert dump(row) == dump(fold(distinct(sent), BOX, RULES))
    assert +told.facts == Counter(facts_of_row(row, BOX, RULES))


@settings(max_examples=200, deadline=None)
@given(sequences, st.integers(0, 14))
def test_a_row_stored_and_read_again_goes_on_the_same(sent: list[Report], cut: int) -> None:
    row, told = deliver(sent[:cut])
    row, told = deliver(sent[cut:], load(dump(row)), told)
    assert dump(row) == dump(deliver(sent)[0])


@settings(max_examples=200, deadline=None)
@given(sequences)
def test_no_fact_is_withdrawn_that_was_not_added_nor_added_twice(sent: list[Report]) -> None:
    row, told = ContainerRow(), Told()
    for report in sent:
        row, told = deliver([report], row, told)
        assert set(told.facts.values()) <= {0, 1}


@settings(max_examples=200, deadline=None)
@given(sequences, reports)
def test_a_retracted_report_leaves_the_journeys_of_one_never_seen(sent: list[Report], wrong: Report) -> None:
    others = [report for report in sent if (report.carrier, report.id) != (wrong.carrier, wrong.id)]
    wrong = Report(**{n: getattr(wrong, n) for n in wrong.__struct_fields__} | {"revision": 0, "retracted": False})
    retraction = Report(
        **{name: getattr(wrong, name) for name in wrong.__struct_fields__} | {"revision": 1, "retracted": True}
    )
    middle = len(others) // 2
    row, told = deliver([*others[:middle], retraction, wrong, *others[middle:]])
    clean, _ = deliver(others)
    assert row.journeys == clean.journeys
    assert +told.facts == Counter(facts_of_row(clean, BOX, RULES))


WAYS = [
    [a, *(NETWORK.path(corridor, a, b) or ())]
    for corridor, a, b in (
        ("middle", "CN-XIAN", "GE-POTI"),
        ("middle", "GE-BATUMI", "CN-CHENGDU"),
        ("middle-btk", "CN-XIAN", "TR-MERSIN"),
        ("northern", "CN-CHONGQING", "DE-DUISBURG"),
        ("southern", "CN-YIWU", "IR-APRIN"),
        ("central-asia", "CN-XIAN", "UZ-CHUKURSAY"),
        ("instc-east", "RU-VORSINO", "IR-BANDARABBAS"),
        ("trans-siberian", "CN-CHENGDU", "PL-LODZ"),
    )
]
STAY = (Kind.ARRIVED, Kind.BORDER_CROSSED, Kind.UNLOADED, Kind.CUSTOMS_RELEASED, Kind.GATE_IN, Kind.LOADED,
        Kind.PASSED, Kind.GATE_OUT, Kind.DEPARTED)  # fmt: skip


@st.composite
def travels(draw: st.DrawFn) -> list[Report]:
    """Up to two journeys there and back on real corridors, in order of time, with milestones left out.

    No more reports than a row holds: beyond that the oldest journey goes, of which a fold of all knows nothing.
    """
    told: list[Report] = []
    hour = 0
    for way in draw(st.lists(st.sampled_from(WAYS), min_size=1, max_size=2)):
        turned = draw(st.none() | st.integers(1, len(way) - 1))
        nodes = way if turned is None else [*way[: turned + 1], *reversed(way[:turned])]
        for node in nodes:
            for kind in STAY:
                if draw(st.integers(0, 3)) == 0:
                    hour += draw(st.sampled_from((0, 1, 1, 2, 7, 30)))
                    at = Millis(BEGIN + hour * HOUR)
                    told.append(Report("ktz", f"t{len(told)}", kind, node, at, at, len(told)))
    return told[:REPORTS_MAX]


@settings(max_examples=300, deadline=None)
@given(travels())
def test_following_a_journey_report_by_report_tells_the_facts_of_the_whole(told: list[Report]) -> None:
    row, heard = deliver(told)
    whole = fold(told, BOX, RULES)
    assert dump(row) == dump(whole)
    assert +heard.facts == Counter(facts_of_row(whole, BOX, RULES))
    assert set(heard.facts.values()) <= {0, 1}


def _heard(*told: Report) -> list[Outcome | None]:
    return deliver(list(told))[1].outcomes


def _said(offset: int, received: int, **changes: object) -> Report:
    fields = {"revision": None, "content": 1, **changes}
    at = Millis(BEGIN + received)
    return Report("ktz", "r", Kind.ARRIVED, "KZ-AKTAU", BEGIN, at, source=(0, offset, 0), **fields)  # type: ignore[arg-type]


def test_a_record_delivered_again_has_its_outcome_already() -> None:
    # Intake writes a movement again when it crashed between its outputs and its rows.
    assert _heard(_said(7, 0), _said(7, 0)) == [Outcome.ACCEPTED, None]


def test_a_superseded_version_delivered_again_is_not_called_a_duplicate() -> None:
    old, new = _said(7, 0, revision=1), _said(8, 1, revision=2, content=2)
    assert _heard(new, old, old) == [Outcome.ACCEPTED, Outcome.SUPERSEDED, None]


def test_a_report_whose_copy_was_received_earlier_stays_the_accepted_one() -> None:
    late, early = _said(7, 60), _said(3, 0)
    assert _heard(late, early, late, early) == [Outcome.ACCEPTED, Outcome.DUPLICATE, None, Outcome.DUPLICATE]


@settings(max_examples=300)
@given(travels(), st.data())
def test_a_journey_told_in_any_order_and_partly_taken_back_tells_the_facts_of_what_is_left(
    told: list[Report], data: st.DataObject
) -> None:
    taken_back = data.draw(st.sets(st.integers(0, max(0, len(told) - 1)), max_size=3))
    retractions = [replace(report, retracted=True, revision=1) for at, report in enumerate(told) if at in taken_back]
    sent = [*told, *retractions]
    # Some come late, most in order: what is told last is then often changed in the middle.
    for at in data.draw(st.lists(st.integers(0, max(0, len(sent) - 1)), max_size=4)):
        if sent:
            sent.insert(data.draw(st.integers(0, len(sent) - 1)), sent.pop(at))
    row, heard = deliver(sent)
    assert dump(row) == dump(fold(sent, BOX, RULES))
    assert +heard.facts == Counter(facts_of_row(row, BOX, RULES))
    assert set(heard.facts.values()) <= {0, 1}
