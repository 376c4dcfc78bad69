"""The mappings that come with the tracker, on tables as they are sent; and what snapshots do to journeys.

06:00 snapshot    Alashankou  left
12:00 snapshot    Alashankou  left          the same row: a duplicate
18:00 snapshot    Moyynty     passed        Dostyk and Aktogay were between two snapshots: implied
"""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tracker.batch import Batch, run
from tracker.contract.intake import Intake, IntakeRules
from tracker.contract.network_file import load_network
from tracker.domain.container import Rules
from tracker.domain.moment import Millis, from_datetime
from tracker.domain.places import Places
from tracker.domain.report import Outcome
from tracker.push.command import Push, run_push
from tracker.push.mapping_file import MappingError, load_mapping, packaged

BOX, OTHER = "TBJU4395630", "CSQU3054383"
RECEIVED = datetime(2026, 3, 3, 12, tzinfo=UTC)

HEAD = (
    "Справка о дислокации контейнеров;;;;;;;;\n\n"
    "Номер контейнера;Станция отправления;Станция назначения;Станция операции;Операция;Дата и время операции;"
    "Номер накладной;Осталось км;Номер вагона\n"
)


def pushed(folder: Path, text: str, mapping: str, received: datetime = RECEIVED, **more: Any) -> tuple[str, Path]:
    table = folder / "table.csv"
    table.write_text(text, encoding=more.pop("encoding", "utf-8"))
    to = folder / f"{received:%d%H}.jsonl"
    said = StringIO()
    run_push(
        Push(
            file=table, carrier="ktz-express", mapping=Path(mapping), to=to, received=from_datetime(received), **more
        ),
        said,
    )  # fmt: skip
    return said.getvalue(), to


def events(folder: Path, text: str, mapping: str, **more: Any) -> list[dict[str, Any]]:
    _, to = pushed(folder, text, mapping, **more)
    return [json.loads(line)["body"] for line in to.read_text().splitlines()]


def batch_of(*files: Path) -> tuple[Batch, Millis]:
    network = load_network()
    batch = Batch(Intake(Places(network), IntakeRules()), Rules(network, {"ktz-express": 0}))
    return batch, run(files, batch, None)


def row(operation: str, when: str, station: str = "Достык", box: str = BOX) -> str:
    return f"{box};Урумчи;Лодзь;{station};{operation};{when};SMGS123;2 410;94461209\n"


def test_every_packaged_mapping_can_be_used_and_a_name_that_is_none_says_which_there_are() -> None:
    assert packaged() == ["english-milestones", "russian-dislocation"]
    for name in packaged():
        assert load_mapping(Path(name)).version == 1
    with pytest.raises(MappingError, match="packaged are english-milestones, russian-dislocation"):
        load_mapping(Path("russian"))


def test_a_dislocation_table_becomes_events_of_moscow_s_time(tmp_path: Path) -> None:
    [event] = events(tmp_path, HEAD + row("Отправление поезда", "01.03.2026 08:40"), "russian-dislocation")

    assert event == {
        "container": BOX, "kind": "departed", "occurred_at": "2026-03-01T08:40:00+03:00", "mode": "rail",
        "node": {"scheme": "name", "code": "Достык"}, "origin": {"scheme": "name", "code": "Урумчи"},
        "destination": {"scheme": "name", "code": "Лодзь"}, "wagon": "94461209", "consignment_note": "SMGS123",
    }  # fmt: skip


def test_times_are_local_where_the_command_says_so_and_a_cp1251_table_is_read(tmp_path: Path) -> None:
    text = HEAD + row("Прибытие", "01.03.2026 08:40")
    [event] = events(tmp_path, text, "russian-dislocation", zone="node", encoding="cp1251")
    assert event["occurred_at"] == "2026-03-01T08:40:00+05:00"


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("Прибытие на станцию", "arrived"), ("ПРИБ", "arrived"), ("Отправление со станции", "departed"),
        ("отпр.", "departed"), ("Проследование без остановки", "passed"), ("Погрузка на вагон", "loaded"),
        ("Перегруз на колею 1435", "loaded"), ("Выгрузка с вагона", "unloaded"),
        ("Сдача вагона по межгосударственному стыку", "border_crossed"),
        ("Прием груженого вагона по межгосударственному стыку", "border_crossed"),
        ("Завоз груженого контейнера", "gate_in"), ("Вывоз контейнера", "gate_out"),
        ("Выдача груженого контейнера", "gate_out"), ("Возврат порожнего контейнера", "empty_returned"),
        ("Задержан таможенными органами", "customs_held"), ("Выпуск таможенными органами", "customs_released"),
    ],
)  # fmt: skip
def test_the_railways_words_for_operations_have_their_kinds(tmp_path: Path, operation: str, kind: str) -> None:
    [event] = events(tmp_path, HEAD + row(operation, "01.03.2026 08:40"), "russian-dislocation")
    assert event["kind"] == kind


@pytest.mark.parametrize("operation", ["Сдача по внутреннему стыку", "Бросание поезда", "Раскредитование", "Отцепка"])
def test_what_moves_nothing_is_skipped_and_a_word_of_nobody_s_is_a_finding(tmp_path: Path, operation: str) -> None:
    said, _ = pushed(tmp_path, HEAD + row(operation, "01.03.2026 08:40"), "russian-dislocation")
    assert "        1 rows skipped, as the mapping says" in said
    said, _ = pushed(tmp_path, HEAD + row("Телепортация", "01.03.2026 08:40"), "russian-dislocation")
    assert "operation 'Телепортация' is not in the mapping" in said


def test_a_row_that_did_not_change_is_a_duplicate_and_a_jump_implies_the_stations_between(tmp_path: Path) -> None:
    left = HEAD + row("Отправление", "01.03.2026 08:40", "Алашанькоу")
    passed = HEAD + row("Проследование", "02.03.2026 14:20", "Мойынты")
    files = [
        pushed(tmp_path, table, "russian-dislocation", RECEIVED + timedelta(hours=6 * number))[1]
        for number, table in enumerate((left, left, passed))
    ]
    batch, until = batch_of(*files)
    batch.write(batch.conclude(until), tmp_path)

    [journey] = [json.loads(line) for line in (tmp_path / "journeys.jsonl").read_text().splitlines()]
    assert (batch.outcomes[Outcome.ACCEPTED], batch.outcomes[Outcome.DUPLICATE]) == (2, 1)
    assert [(visit["node"], visit["implied"]) for visit in journey["visits"]] == [
        ("CN-ALASHANKOU", False), ("KZ-DOSTYK", True), ("KZ-AKTOGAY", True), ("KZ-MOYYNTY", False),
    ]  # fmt: skip


ENGLISH = """\
Tracking report
Container No,Event,Location,UN/LOCODE,Event Date,Mode,Vessel,Actual/Planned,Size
CSQU3054383,Gate in full,Xi'an,CNXIA,2026-03-01 08:00,Truck,,Actual,40HC
CSQU3054383,Loaded on rail,Xi'an,CNXIA,2026-03-01 12:00,Rail,,Actual,40HC
CSQU3054383,Train departed,Xi'an,CNXIA,2026-03-01 20:30,Rail,,Actual,40HC
CSQU3054383,Border crossed,Dostyk,KZDOS,2026-03-02 10:00,Rail,,Actual,40HC
CSQU3054383,Vessel departure,Aktau,KZAAU,2026-03-03 09:00,Ferry,Barys,Actual,40HC
CSQU3054383,Estimated arrival,Alat,AZALA,2026-03-05 09:00,Vessel,Barys,,40HC
CSQU3054383,Customs cleared,Alat,AZALA,2026-03-03 09:00,,,Planned,40HC
CSQU3054383,Empty return,Poti,GEPTI,2026-03-03 12:00,Truck,,,40HC
CSQU3054383,VGM received,Poti,GEPTI,2026-03-03 12:00,Truck,,,40HC
"""


def test_a_table_of_milestones_in_english_becomes_events_local_to_their_places(tmp_path: Path) -> None:
    told = [
        (event["kind"], event.get("classifier"), event.get("mode"), event["node"]["code"], event["occurred_at"][-14:])
        for event in events(tmp_path, ENGLISH, "english-milestones")
    ]
    assert told == [
        ("gate_in", "actual", None, "CNXIA", "08:00:00+08:00"),
        ("loaded", "actual", "rail", "CNXIA", "12:00:00+08:00"),
        ("departed", "actual", "rail", "CNXIA", "20:30:00+08:00"),
        ("border_crossed", "actual", "rail", "KZDOS", "10:00:00+05:00"),
        ("departed", "actual", "vessel", "KZAAU", "09:00:00+05:00"),
        ("arrived", "estimated", "vessel", "AZALA", "09:00:00+04:00"),
        ("customs_released", "planned", None, "AZALA", "09:00:00+04:00"),
        ("empty_returned", None, None, "GEPTI", "12:00:00+04:00"),
    ]
    said, _ = pushed(tmp_path, ENGLISH, "english-milestones")
    assert "        8 accepted by the tracker's rules" in said
