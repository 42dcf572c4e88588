"""Reading the CSV files of `classify` and `duplicates` (DESIGN 8)."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kader.errors import UserError
from pipeline.core import FrameworkText, IdeaText, LabelledIdea, LimitText

_LONGEST_CELL = 10_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row by column name (lower case), and the line of the file on which it ends."""

    line: int
    cells: dict[str, str]

    def cell(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def read_rows(path: Path, required: Sequence[str]) -> list[Row]:
    """All rows of a CSV file: UTF-8 with or without BOM, comma or semicolon, quoted line breaks.

    Raises UserError, naming file and row, for anything that isn't such a file or lacks a required column.
    """
    text = whole_text(path)
    delimiter = separator(text)
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip().lower() for name in next(reader)]
        _check_header(path, header, required)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise UserError(
                    f"{path}, row {reader.line_num}: {len(cells)} cells where the header has {len(header)}; "
                    "put quotation marks around a text that contains the separator or a line break."
                )
            rows.append(Row(reader.line_num, dict(zip(header, cells, strict=True))))
    except StopIteration:
        raise UserError(
            f"{path} is empty; its first row must name the columns {', '.join(required)}."
        ) from None
    except csv.Error as error:
        raise UserError(f"{path}, row {reader.line_num}: this isn't valid CSV ({error}).") from error
    return rows


def read_frameworks(path: Path) -> list[FrameworkText]:
    """Columns slug, title, description and, if there is one, limits (one per line)."""
    rows = read_rows(path, ("slug", "title", "description"))
    _check_ids(path, rows, "slug")
    if not rows:
        raise UserError(f"{path} has no frameworks below its header; add at least one.")
    for row in rows:
        if not row.cell("title") and not row.cell("description"):
            raise UserError(
                f"{path}, row {row.line}: the framework has no title and no description; fill in one."
            )
    return [
        FrameworkText(
            slug=row.cell("slug"),
            title=row.cell("title"),
            description=row.cell("description"),
            limits=tuple(
                LimitText(line.strip(), "") for line in row.cell("limits").splitlines() if line.strip()
            ),
        )
        for row in rows
    ]


def read_ideas(path: Path) -> list[IdeaText]:
    """Columns id, text and, if there is one, title."""
    rows = read_rows(path, ("id", "text"))
    _check_ids(path, rows, "id")
    return [IdeaText(id=row.cells["id"], text=row.cell("text"), title=row.cell("title")) for row in rows]


def read_labelled(path: Path, frameworks: Sequence[FrameworkText]) -> list[LabelledIdea]:
    """Columns id, text and framework, which is empty for an idea that fits none."""
    rows = read_rows(path, ("id", "text", "framework"))
    _check_ids(path, rows, "id")
    known = {framework.slug for framework in frameworks}
    for row in rows:
        if row.cell("framework") not in known | {""}:
            raise UserError(
                f"{path}, row {row.line}: the framework {row.cell('framework')!r} isn't in the frameworks file; "
                "correct it, or leave it empty when the idea fits none."
            )
    return [
        LabelledIdea(
            IdeaText(id=row.cells["id"], text=row.cell("text"), title=row.cell("title")),
            row.cell("framework") or None,
        )
        for row in rows
    ]


def separator(text: str) -> str:
    """Comma or semicolon: whichever the header has most."""
    header_line = text.partition("\n")[0]
    return ";" if header_line.count(";") > header_line.count(",") else ","


def whole_text(path: Path) -> str:
    """A CSV file's text. Raises UserError when it can't be read or isn't UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise UserError(f"{path}, row {row}: this isn't UTF-8; save the file as CSV UTF-8.") from error
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise UserError(f"{path}, row {row}: there is a NUL character; save the file as CSV UTF-8.")
    return text


def _check_header(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise UserError(
            f"{path}, row 1: the column {', '.join(missing)} is missing; found {', '.join(header)}."
        )
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise UserError(f"{path}, row 1: the column {', '.join(repeated)} occurs more than once.")


def _check_ids(path: Path, rows: Sequence[Row], column: str) -> None:
    first_line: dict[str, int] = {}
    for row in rows:
        identifier = row.cell(column)
        if not identifier:
            raise UserError(f"{path}, row {row.line}: the {column} is empty; give every row one of its own.")
        if identifier in first_line:
            raise UserError(
                f"{path}, row {row.line}: the {column} {identifier!r} was used on row {first_line[identifier]} "
                "already; give every row one of its own."
            )
        first_line[identifier] = row.line
