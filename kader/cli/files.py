"""Reading the CSV files of `classify` and `duplicates` (DESIGN 8)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import click

from kader.cli.output import unguarded
from kader.cli.telling import counted
from kader.errors import UserError
from pipeline.core import FrameworkText, IdeaText, LabelledIdea, LimitText, PlacedBy

_LONGEST_CELL = 10_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row by column name (lower case), and its number."""

    number: int
    cells: dict[str, str]

    def cell(self, name: str) -> str:
        return self.cells.get(name, "").strip()

    def words(self, name: str) -> str:
        """What people wrote, without what `kader export` guards it with for spreadsheets."""
        return unguarded(self.cell(name))


def read_rows(path: Path, required: Sequence[str]) -> list[Row]:
    """All rows of a CSV file: UTF-8 with or without BOM, comma or semicolon, quoted line breaks.

    Raises UserError, naming file and row, for anything that isn't such a file or lacks a required column.
    """
    reader = table(whole_text(path), strict=True)
    rows: list[Row] = []
    number = 0
    header: list[str] = []
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1:
                header = [name.strip().lower() for name in cells]
                _check_header(path, header, required)
            elif any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    raise UserError(
                        f"{path}, row {number}: {len(cells)} cells where the header has {len(header)}; "
                        "put quotation marks around a text that contains the separator or a line break."
                    )
                rows.append(Row(number, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise UserError(f"{path}, row {number + 1}: this isn't valid CSV ({error}).") from error
    if not number:
        raise UserError(f"{path} is empty; its first row must name the columns {', '.join(required)}.")
    return rows


def read_frameworks(path: Path) -> list[FrameworkText]:
    """Columns slug, title, description and, if they are there, goal, and limits and examples (one per line)."""
    rows = read_rows(path, ("slug", "title", "description"))
    _check_ids(path, rows, "slug")
    if not rows:
        raise UserError(f"{path} has no frameworks below its header; add at least one.")
    for row in rows:
        if not row.cell("title") and not row.cell("description"):
            raise UserError(
                f"{path}, row {row.number}: the framework has no title and no description; fill in one."
            )
    return [
        FrameworkText(
            slug=row.cell("slug"),
            title=row.words("title"),
            description=row.words("description"),
            goal=row.words("goal"),
            limits=tuple(LimitText(line, "") for line in _lines(row.words("limits"))),
            examples=_lines(row.words("examples")),
        )
        for row in rows
    ]


def _lines(cell: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in cell.splitlines() if line.strip())


def read_ideas(path: Path) -> list[IdeaText]:
    """Columns id, text and, if there is one, title."""
    rows = read_rows(path, ("id", "text"))
    _check_ids(path, rows, "id")
    return [_idea(row) for row in rows]


def read_labelled(path: Path, frameworks: Sequence[FrameworkText]) -> list[LabelledIdea]:
    """Columns id, text and framework, which is empty for an idea that fits none.

    With a column placed_by, as `kader export` writes it, only what a person placed, as in training: in one of the
    frameworks. How many are left out for that is told.
    """
    rows = read_rows(path, ("id", "text", "framework"))
    _check_ids(path, rows, "id")
    known = {framework.slug for framework in frameworks}
    if rows and "placed_by" in rows[0].cells:
        rows = _placed(path, rows, known)
    for row in rows:
        if row.cell("framework") not in known | {""}:
            raise UserError(
                f"{path}, row {row.number}: the framework {row.cell('framework')!r} isn't in the frameworks file; "
                "correct it, or leave it empty when the idea fits none."
            )
    return [LabelledIdea(_idea(row), row.cell("framework") or None) for row in rows]


def _placed(path: Path, rows: Sequence[Row], known: AbstractSet[str]) -> list[Row]:
    placed = [row for row in rows if row.cell("placed_by") == PlacedBy.PERSON]
    kept = [row for row in placed if row.cell("framework") in known | {""}]
    if left_out := len(placed) - len(kept):
        ideas = counted(left_out, "labelled idea is", "labelled ideas are")
        click.echo(
            f"kader: {path}: {ideas} in a framework that isn't in the frameworks file, and left out.",
            err=True,
        )
    return kept


def _idea(row: Row) -> IdeaText:
    return IdeaText(id=row.cells["id"], text=row.words("text"), title=row.words("title"))


def table(text: str, *, strict: bool = False) -> Iterator[list[str]]:
    """The rows of a CSV file's text. Counted from 1 these are the rows that a spreadsheet shows.

    A quoted line break doesn't begin a row, and a blank line is one. Comma or semicolon: whichever the header
    has most. Not `strict` takes what it can of misplaced quotation marks; both may raise csv.Error.
    """
    return csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=strict)


def each_row(text: str) -> Iterator[list[str] | csv.Error]:
    """The rows as `table` gives them, not strict, and in place of one that can't be told apart what is wrong with it.

    That is so where quotation marks that don't pair up hold several lines together: in them may be other people's rows.
    """
    delimiter = _delimiter(text)
    lines: list[str] = []
    reader = csv.reader(_noted(io.StringIO(text, newline=""), lines), delimiter=delimiter)
    while True:
        lines.clear()
        try:
            cells = next(reader)
            if len(lines) > 1:
                _see_pairs(lines, delimiter, reader.line_num)
        except StopIteration:
            return
        except csv.Error as error:
            yield error
        else:
            yield cells


def _delimiter(text: str) -> str:
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)
    header_line = re.split("[\r\n]", text, maxsplit=1)[0]
    return ";" if header_line.count(";") > header_line.count(",") else ","


def _noted(lines: Iterable[str], read: list[str]) -> Iterator[str]:
    for line in lines:
        read.append(line)
        yield line


def _see_pairs(lines: list[str], delimiter: str, last: int) -> None:
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        raise csv.Error(
            f"its quotation marks, up to line {last} of the file, don't pair up; close each, double those within a text"
        ) from error


def whole_text(path: Path) -> str:
    """A CSV file's text. Raises UserError when it can't be read or isn't UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = _row_after(error.object[: error.start].decode("utf-8"))
        raise UserError(f"{path}, row {row}: this isn't UTF-8; save the file as CSV UTF-8.") from error
    if "\0" in text:
        row = _row_after(text[: text.index("\0")])
        raise UserError(f"{path}, row {row}: there is a NUL character; save the file as CSV UTF-8.")
    return text


def _row_after(text: str) -> int:
    """The number of the row in which the next character stands."""
    return sum(1 for _ in table(f"{text}x"))


def _check_header(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        which = f"column {missing[0]} is" if len(missing) == 1 else f"columns {', '.join(missing)} are"
        raise UserError(f"{path}, row 1: the {which} missing; found {', '.join(header)}.")
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise UserError(f"{path}, row 1: the column {', '.join(repeated)} occurs more than once.")


def _check_ids(path: Path, rows: Sequence[Row], column: str) -> None:
    first_row: dict[str, int] = {}
    for row in rows:
        identifier = row.cell(column)
        if not identifier:
            raise UserError(
                f"{path}, row {row.number}: the {column} is empty; give every row one of its own."
            )
        if identifier in first_row:
            raise UserError(
                f"{path}, row {row.number}: the {column} {identifier!r} was used on row {first_row[identifier]} "
                "already; give every row one of its own."
            )
        first_row[identifier] = row.number
