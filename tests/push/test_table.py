"""Separators, encodings, headers, workbooks."""

from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest

from tests.push.builders import BOX, MAPPING, mapping
from tracker.push.cell import Cell, TableError
from tracker.push.table import open_table

HEADER = ("container", "station", "operation", "time")
LINE = (BOX, "East", "Arrived", "01.03.2026 08:40")


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows(path: Path, folder: Path, text: str = MAPPING) -> list[tuple[int, dict[str, Cell]]]:
    return [(row.line, dict(row.cells)) for row in open_table(path, mapping(folder, text)).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_that_shows_the_header(tmp_path: Path, separator: str) -> None:
    path = written(tmp_path, "\n".join(separator.join(cells) for cells in (HEADER, LINE)))

    assert rows(path, tmp_path) == [(2, dict(zip(HEADER, LINE, strict=True)))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_cyrillic_is_read_in_both_encodings_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    text = f"Контейнер;Станция операции;Операция;Дата операции\r\n{BOX};Восток;Прибытие;01.03.2026 08:40\r\n"

    [(_, cells)] = rows(written(tmp_path, text, encoding), tmp_path)

    assert cells == {"container": BOX, "station": "Восток", "operation": "Прибытие", "time": "01.03.2026 08:40"}


def test_an_encoding_given_in_the_mapping_is_not_guessed(tmp_path: Path) -> None:
    path = written(tmp_path, f"container;station;operation;time\n{BOX};Восток;Arrived;x\n")

    [(_, cells)] = rows(path, tmp_path, MAPPING + "encoding: cp1251\n")

    assert cells["station"] == "Восток".encode().decode("cp1251", "replace")


def test_the_header_may_stand_below_a_title(tmp_path: Path) -> None:
    title = 'Справка о дислокации;;;\n"на 01.03.2026\n06:00";;;\n\nfor: Steppe\n\n'  # a quoted title of two lines

    [(line, cells)] = rows(written(tmp_path, title + ";".join(HEADER) + "\n" + ";".join(LINE)), tmp_path)

    assert (line, cells["container"]) == (8, BOX)


def test_a_header_below_line_20_is_not_looked_for(tmp_path: Path) -> None:
    within, below = (written(tmp_path, "\n" * blank + ";".join(HEADER) + "\n") for blank in (19, 20))
    within = tmp_path / "within.csv"
    within.write_text("x\n" * 19 + ";".join(HEADER) + "\n")
    below = tmp_path / "below.csv"
    below.write_text("x\n" * 20 + ";".join(HEADER) + "\n")

    assert open_table(within, mapping(tmp_path)).header_line == 20
    with pytest.raises(TableError, match="no header with every column in the first 20 lines"):
        open_table(below, mapping(tmp_path))


def test_columns_are_found_by_name_in_any_order_and_case(tmp_path: Path) -> None:
    path = written(tmp_path, f"TIME, Operation ,x,station,Container\n01.03.2026 08:40,Arrived,,East,{BOX}\n")

    assert rows(path, tmp_path) == [(2, dict(zip(HEADER, LINE, strict=True)))]


def test_the_first_of_several_accepted_names_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, "Станция операции;station;container;operation;time\nold;new;a;b;c\n")

    assert rows(path, tmp_path)[0][1]["station"] == "new"


def test_a_missing_column_is_named_with_what_was_seen(tmp_path: Path) -> None:
    path = written(tmp_path, "title\ncontainer;station;time\n")

    with pytest.raises(TableError) as caught:
        open_table(path, mapping(tmp_path))

    assert "nearest is line 2, which has no 'operation' ('operation' or 'Операция')" in str(caught.value)
    assert "seen 'container', 'station', 'time'" in str(caught.value)


def test_an_optional_column_may_be_absent_and_is_then_empty(tmp_path: Path) -> None:
    text = MAPPING.replace("station: [station, Станция операции]", "station: {names: station, optional: true}")
    path = written(tmp_path, "container;operation;time\na;b;c\n")

    assert rows(path, tmp_path, text) == [(2, {"container": "a", "station": "", "operation": "b", "time": "c"})]


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "container;station;operation;time;Time\n")

    with pytest.raises(TableError, match="the column 'time' is there twice"):
        open_table(path, mapping(tmp_path))


def test_a_short_row_has_empty_cells_and_a_long_one_is_marked(tmp_path: Path) -> None:
    path = written(tmp_path, "container,station,operation,time\na,b\na,b,c,d,\na,b,c,d,e\n")

    found = list(open_table(path, mapping(tmp_path)).rows)

    assert [row.overlong for row in found] == [False, False, True]
    assert found[0].cells == {"container": "a", "station": "b", "operation": "", "time": ""}


def test_a_quoted_cell_may_hold_separators_and_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, f'container,station,operation,time\n{BOX},"East, the\nport",Arrived,x\n{BOX},y,z,x\n')

    (first, cells), (second, _) = rows(path, tmp_path)

    assert (first, second, cells["station"]) == (2, 4, "East, the\nport")


def test_a_quote_that_is_never_closed_is_named_by_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, 'container,station,operation,time\na,b,c,d\na,"b' + "x\n" * 100_000)

    with pytest.raises(TableError, match=r"line 3: not CSV .* a quote that is never closed"):
        rows(path, tmp_path)


def workbook(folder: Path, *lines: tuple[object, ...], sheet: str = "Лист1") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "empty"
    page = book.create_sheet(sheet, 0)
    for line in lines:
        page.append(line)
    path = folder / "table.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_own_times_and_numbers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, ("title",), (), HEADER, (BOX, 700007.0, "Arrived", datetime.fromisoformat("2026-03-01T08:40"))
    )

    assert rows(path, tmp_path) == [
        (
            4,
            {
                "container": BOX,
                "station": "700007",
                "operation": "Arrived",
                "time": datetime.fromisoformat("2026-03-01T08:40"),
            },
        )
    ]


def test_a_workbook_is_known_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEADER, (BOX, None, "Arrived", time(8, 40))).rename(tmp_path / "table.csv")

    assert open_table(path, mapping(tmp_path)).form == "XLSX"
    assert rows(path, tmp_path)[0][1]["time"] == time(8, 40)


def test_a_sheet_is_chosen_by_name_and_a_wrong_name_lists_them(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEADER, LINE, sheet="Март")

    assert len(rows(path, tmp_path, MAPPING + "sheet: Март\n")) == 1
    with pytest.raises(TableError, match="no sheet 'April'; it has 'Март', 'empty'"):
        rows(path, tmp_path, MAPPING + "sheet: April\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0old", "the old Excel format; save it as .xlsx or as CSV"),
        (b"PK\x03\x04broken", "not a readable XLSX workbook"),
        (b"", "no header with every column"),
        (bytes(range(256)) * 100, "no header with every column"),
    ],
)
def test_what_is_no_table_is_said_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)

    with pytest.raises(TableError, match=said) as caught:
        rows(path, tmp_path)

    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"table.csv: cannot be read \(No such file or directory\)"):
        rows(tmp_path / "table.csv", tmp_path)
