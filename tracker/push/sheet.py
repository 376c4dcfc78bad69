"""XLSX workbooks, row by row. The only file that knows openpyxl, which is an extra: most tables are CSV."""

from collections.abc import Generator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile

from tracker.push.cell import Cell, Line, TableError


def sheet_lines(path: Path, sheet: str | None) -> Generator[Line, None, None]:
    """The lines of a sheet, the first one unless named. Read as a stream: memory does not grow with the file."""
    try:
        import openpyxl
    except ImportError:
        raise TableError(
            f"{path}: XLSX needs openpyxl; install the extra: pip install 'rail-container-tracker[xlsx]'"
        ) from None
    with path.open("rb") as file:  # opened here: openpyxl goes by a path's ending, not by the content
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (BadZipFile, KeyError, ValueError, OSError) as error:
            raise TableError(f"{path}: not a readable XLSX workbook ({error}); save it again, or as CSV") from None
        with closing(book):
            if sheet is not None and sheet not in book.sheetnames:
                raise TableError(f"{path}: no sheet {sheet!r}; it has {', '.join(map(repr, book.sheetnames))}")
            page = book[sheet if sheet is not None else book.sheetnames[0]]
            for line, values in enumerate(page.iter_rows(values_only=True), start=1):
                yield line, [_cell(value) for value in values]


def _cell(value: object) -> Cell:
    match value:
        case None:
            return ""
        case datetime() | time():
            return value
        case date():
            return datetime.combine(value, time())
        case timedelta() if value.days == 0:  # a time of day formatted as a duration ([h]:mm)
            return (datetime.combine(date.min, time()) + value).time()
        case float() if value.is_integer():  # numbers typed into a text column: 94461209.0
            return str(int(value))
        case _:
            return str(value)
