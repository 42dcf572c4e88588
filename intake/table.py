"""A table of ideas as an entrance: one row, one idea, and a report for each row."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.accept import accept
from intake.fingerprint import fingerprint
from intake.offer import Offer
from kader.errors import UserError
from kader.settings import Settings
from models.session import Database
from models.words import Source

COLUMNS = ("text", "title", "email", "name", "unit", "language", "anonymous", "id")
# What spreadsheets and people write for yes and no, in Dutch and English.
_YES = {"1", "j", "ja", "y", "yes", "waar", "true", "x", "anoniem", "anonymous"}
_NO = {"", "0", "n", "nee", "no", "onwaar", "false"}


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row; `row` is its number in the file, the header being 1."""

    row: int
    outcome: str  # idea, repeat or error
    reference: str | None = None
    message: str | None = None


def import_rows(
    database: Database,
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    origin: str,
    settings: Settings,
    clock: Callable[[], datetime],
) -> Iterator[RowReport]:
    """Accept rows one by one, each in a transaction of its own; a bad row never stops the others.

    `rows` are (row number, cells by column name in lower case). Importing the same file again gives repeats.
    """
    for number, cells in rows:
        try:
            with database.writing() as session:
                accepted = accept(session, _offer(number, cells, origin), now=clock(), settings=settings)
            yield RowReport(number, accepted.outcome.value, accepted.reference)
        except UserError as error:
            yield RowReport(number, "error", message=str(error))


def _is_yes(cell: str) -> bool:
    """Whether a cell says yes. Raises UserError for what is neither yes nor no: a guess might disclose a name."""
    word = cell.strip().lower()
    if word not in _YES | _NO:
        raise UserError(
            "De kolom anonymous is niet duidelijk: vul ja of nee in, of laat die leeg. / "
            "The column anonymous is not clear: use yes or no, or leave it empty."
        )
    return word in _YES


def _offer(number: int, cells: Mapping[str, str], origin: str) -> Offer:
    title, text = cells.get("title", "").strip(), cells.get("text", "").strip()
    email = cells.get("email", "").strip().lower()
    anonymous = _is_yes(cells.get("anonymous", ""))
    key = cells.get("id", "").strip() or f"row {number}"
    return Offer(
        source=Source.IMPORT,
        title=title,
        text=text,
        submitter_email=email or None,
        submitter_name=cells.get("name", "").strip() or None,
        anonymous=anonymous,
        unit_slug=cells.get("unit", "").strip() or None,
        language=cells.get("language", "").strip().lower() or None,
        # The key is kept: of an idea without a name the address must not be in it.
        delivery_key=f"{key} {'' if anonymous else email} {fingerprint(title, text)}",
        raw=json.dumps(dict(cells), ensure_ascii=False).encode(),
        content_type="application/json",
        origin=origin,
    )
