"""`kader import`: ideas from a spreadsheet, with a report for each row."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from intake.table import COLUMNS, RowReport, import_rows
from kader.cli.files import each_row, whole_text
from kader.cli.here import bar, here, now
from kader.cli.output import guarded, output_file, unguarded
from kader.cli.telling import counted
from kader.errors import UserError, half
from kader.settings import Settings
from workers.doorbell import ring, ring_for

FAULTS_SHOWN = 20
GUARDED = ("text", "title", "name")


@click.command(name="import")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="IDEAS.CSV")
@click.option(
    "--report",
    "report_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what became of each row to this file.",
)
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
def command(path: Path, report_path: Path | None, *, as_json: bool) -> None:
    """Bring in ideas from a CSV file with at least the column text.

    Other columns: title, email, name, unit, language (nl or en), anonymous (yes), id. Every good row becomes an
    idea; a bad row is named with what is wrong and stops none of the others. Importing the same file again
    brings nothing in twice. Exit code 1 when some row was bad, 2 when the file can't be used at all.
    """
    output = None if report_path is None else output_file(report_path, inputs=(path,))
    reports: list[RowReport] = []
    with here("import") as surroundings, bar() as shown:
        rows, broken = read_table(path, surroundings.settings)
        task = shown.add_task("importing", total=len(rows))
        imported = import_rows(
            surroundings.database, rows, origin=path.name, settings=surroundings.settings, clock=now
        )
        for report in imported:
            reports.append(report)
            shown.advance(task)
    told = [replace(each, message=half(each.message or "", "en")) for each in (*reports, *broken)]
    reports = sorted(told, key=lambda report: report.row)
    count = {
        outcome: sum(report.outcome == outcome for report in reports)
        for outcome in ("idea", "repeat", "error")
    }
    if count["idea"] and ring_for(count["idea"], batch=surroundings.settings.batch_size):
        ring("mail")
    if output is not None:
        cells = ((str(r.row), r.outcome, r.reference or "", guarded(r.message or "")) for r in reports)
        output.write(("row", "outcome", "reference", "message"), cells)
    faults = [report for report in reports if report.outcome == "error"]
    for report in faults[:FAULTS_SHOWN]:
        click.echo(f"row {report.row}: {report.message}", err=True)
    if len(faults) > FAULTS_SHOWN:
        click.echo(f"… and {len(faults) - FAULTS_SHOWN} more rows; --report FILE names them all.", err=True)
    tell = click.echo if output is None else output.tell
    if as_json:
        tell(
            json.dumps(
                {
                    "read": len(reports),
                    "ideas": count["idea"],
                    "repeats": count["repeat"],
                    "errors": count["error"],
                }
            )
        )
    else:
        tell(
            f"{counted(len(reports), 'row')} read: {counted(count['idea'], 'idea')}, "
            f"{counted(count['repeat'], 'repeat')}, {count['error']} not accepted."
        )
    if faults:
        raise click.exceptions.Exit(1)


def read_table(path: Path, settings: Settings) -> tuple[list[tuple[int, Mapping[str, str]]], list[RowReport]]:
    """The rows of a file by number, and those that aren't rows of this table.

    Raises UserError when the file can't be read, is too large, or has no column `text`.
    """
    if path.exists() and path.stat().st_size > settings.largest_import:
        raise UserError(
            f"{path} is larger than {settings.largest_import} bytes: split it into smaller files."
        )
    table = each_row(whole_text(path))
    first = next(table, [])
    if isinstance(first, csv.Error):
        raise UserError(f"{path}, row 1: this isn't valid CSV ({first}).")
    header = [name.strip().lower() for name in first]
    if "text" not in header:
        raise UserError(f"{path}, row 1: the column text is missing; the columns are {', '.join(COLUMNS)}.")
    return _sorted_out(table, header)


def _sorted_out(
    table: Iterator[list[str] | csv.Error], header: list[str]
) -> tuple[list[tuple[int, Mapping[str, str]]], list[RowReport]]:
    rows: list[tuple[int, Mapping[str, str]]] = []
    broken: list[RowReport] = []
    for number, cells in enumerate(table, 2):
        if isinstance(cells, csv.Error):
            broken.append(RowReport(number, "error", message=f"this isn't valid CSV ({cells})"))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            message = (
                f"{len(cells)} cells where the header has {len(header)}; put texts between quotation marks"
            )
            broken.append(RowReport(number, "error", message=message))
            continue
        known = dict(zip(header, cells, strict=True))
        # As `kader export` guards them for spreadsheets.
        rows.append((number, known | {name: unguarded(known[name]) for name in GUARDED if name in known}))
    return rows, broken
