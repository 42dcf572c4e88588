"""`kader export`: ideas with where they stand, as a table that other commands and other programs read."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from kader.cli.here import bar, here
from kader.cli.output import guarded, output_file
from kader.cli.telling import counted
from kader.errors import UserError
from pipeline.store.exporting import ExportedIdea, count_exported, exported
from pipeline.store.textmodels.standing import Selection, unknown_words

# As `kader import`, `classify` and `duplicates` name them, with what else is known behind.
COLUMNS = (
    "id", "title", "text", "language", "anonymous", "received_at", "source", "status", "framework", "placed_by",
    "decision", "reason", "decided_at", "joined",
)  # fmt: skip
PEOPLE = ("email", "name", "unit")
CSV, LINES = "csv", "jsonl"


@click.command(name="export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="IDEAS.CSV")
@click.option("--framework", "frameworks", multiple=True, metavar="SLUG", help="Ideas in this framework.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Ideas received on or after this day.")
@click.option("--with-people", is_flag=True, help="Also who sent it: email, name and unit.")
@click.option(
    "--format",
    "form",
    type=click.Choice((CSV, LINES)),
    help="CSV or one JSON object a line.  [default: by the file's name]",
)
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
def command(
    path: Path,
    *,
    frameworks: tuple[str, ...],
    since: datetime | None,
    with_people: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Write all ideas to a CSV file (or JSON lines), oldest first, with status, framework, decision and reason.

    `kader import`, `kader classify --ideas` or `--labelled`, `kader evaluate --labelled` and `kader duplicates`
    read it. In the column placed_by stands whether a person or the machine chose the framework: as labels only
    what people chose counts. Names stay out unless you ask for them; what people wrote in the idea itself
    doesn't. A CSV cell that a spreadsheet would take for a formula begins with an apostrophe.

    \b
    kader export ideas.csv
    kader export fietsen.jsonl --framework fietsen --since 2026-01-01
    """
    output = output_file(path)
    columns = (*COLUMNS, *PEOPLE) if with_people else COLUMNS
    with here("export", only_looks=True) as surroundings, surroundings.database.reading() as session:
        # The day as people here know it.
        begin = since.replace(tzinfo=surroundings.settings.zone) if since else None
        selection = Selection(frameworks=frameworks, since=begin)
        if unknown := unknown_words(session, selection):
            raise UserError(f"There is no such {', '.join(unknown)}.")
        total = count_exported(session, selection)
        with bar() as shown:
            task = shown.add_task("exporting", total=total)

            def cells() -> Iterator[dict[str, object]]:
                for idea in exported(session, selection):
                    yield _cells(idea)
                    shown.advance(task)

            if (form or (LINES if path.suffix.lower() in {".jsonl", ".ndjson"} else CSV)) == LINES:
                output.write_lines(
                    json.dumps({name: row[name] for name in columns}, ensure_ascii=False) for row in cells()
                )
            else:
                output.write(
                    columns, ([_cell(row[name]) for name in columns] for row in cells()), marked=True
                )
            written = int(shown.tasks[0].completed)
    if as_json:
        output.tell_json({"ideas": written, "out": str(path)})
    else:
        output.tell(f"{counted(written, 'idea')} written to {path}.")


def _cells(idea: ExportedIdea) -> dict[str, object]:
    known = asdict(idea)
    known["id"] = known.pop("reference")
    known["anonymous"] = known.pop("is_anonymous")
    for name in ("received_at", "decided_at"):
        known[name] = known[name].isoformat(timespec="seconds") if known[name] else None
    return known


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else guarded(str(value))
