"""CSV files: which encoding they are in, and their lines."""

import codecs
import csv
from collections.abc import Generator
from pathlib import Path
from typing import Final

from tracker.push.cell import Line, TableError

_CHUNK_BYTES: Final = 1 << 20


def encoding_and_lines(path: Path) -> tuple[str, int]:
    """The encoding, `utf-8` or else `cp1251`, and the number of line ends. Reads the whole file once.

    Text in cp1251 is practically never valid UTF-8: a Cyrillic letter there is one byte above 127, which in
    UTF-8 must be followed by another of a narrow range.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, lines = "utf-8", 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            lines += chunk.count(b"\n")
            if encoding == "utf-8":
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    encoding = "cp1251"
    try:
        decoder.decode(b"", final=encoding == "utf-8")
    except UnicodeDecodeError:
        encoding = "cp1251"
    return encoding, lines


def csv_lines(path: Path, encoding: str, separator: str) -> Generator[Line, None, None]:
    """The records of a CSV file, each with the number of the line it begins in.

    A byte that the encoding does not know becomes U+FFFD, so that one broken byte spoils one cell.
    """
    codec = "utf-8-sig" if encoding == "utf-8" else encoding  # with or without a byte order mark
    with path.open(encoding=codec, errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=separator)
        begins = 1
        try:
            for cells in reader:
                yield begins, [cell.strip() for cell in cells]
                begins = reader.line_num + 1
        except csv.Error as error:
            raise TableError(
                f"{path}: line {begins}: not CSV ({error}); look for a quote that is never closed"
            ) from None
