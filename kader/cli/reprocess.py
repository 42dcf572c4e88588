"""`kader reprocess`: assess ideas again; first what would change, then, on demand, the change."""

import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table
from sqlalchemy import select

from kader.cli.here import Here, bar, here, now, say_json
from kader.cli.output import OutputFile, guarded, output_file
from kader.cli.telling import counted, show_table
from kader.errors import UserError
from models import Idea, ReprocessingItem, ReprocessingRun
from models.words import RunItemStatus, RunStatus
from pipeline.store.search.mind import Mind
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.reprocessing import work_on_runs
from pipeline.store.textmodels.runs import RunProgress, approve, cancel, progress, start_run
from pipeline.store.textmodels.standing import Selection

SHOWN = 50
PAUSE = 0.2  # seconds between two looks at what another process does
COLUMNS = ("reference", "title", "status", "from", "to", "probability", "owner_from", "owner_to", "note")


@click.command(name="reprocess")
@click.option("--framework", "frameworks", multiple=True, metavar="SLUG", help="Ideas in this framework.")
@click.option("--status", "statuses", multiple=True, help="Ideas with this status, such as with_coordinator.")
@click.option("--reference", "references", multiple=True, metavar="K-…", help="This idea.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Ideas received on or after this day.")
@click.option("--run", "run_id", type=int, help="Go on with this run instead of starting one.")
@click.option("--apply", "apply_now", is_flag=True, help="Carry out the changes after the dry run.")
@click.option("--cancel", "cancel_now", is_flag=True, help="Cancel the run given with --run.")
@click.option("--list", "list_runs", is_flag=True, help="List the runs.")
@click.option(
    "--csv", "csv_path", type=click.Path(path_type=Path, dir_okay=False), help="Write the difference here."
)
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
def command(
    *,
    frameworks: tuple[str, ...],
    statuses: tuple[str, ...],
    references: tuple[str, ...],
    since: datetime | None,
    run_id: int | None,
    apply_now: bool,
    cancel_now: bool,
    list_runs: bool,
    csv_path: Path | None,
    as_json: bool,
) -> None:
    """Assess ideas again after frameworks or model changed; without a choice: all ideas.

    Shows what would change and changes nothing, until you add --apply. What a person decided stays as it is,
    and nobody gets a mail. A run that was stopped goes on with --run.

    \b
    kader reprocess --framework slimmer-met-ict --csv difference.csv
    kader reprocess --run 3 --apply
    """
    output = None if csv_path is None else output_file(csv_path)
    with here("reprocess", only_looks=list_runs) as surroundings:
        if list_runs:
            _list(surroundings, as_json=as_json)
            return
        if cancel_now:
            if run_id is None:
                raise UserError("Say which run to cancel: --run NUMBER --cancel.")
            with surroundings.database.writing() as session:
                cancel(session, run_id, now=now())
            click.echo(f"Run {run_id} is cancelled; nothing was changed.")
            return
        mind = load_mind(surroundings.database, surroundings.settings)
        if mind is None:
            raise UserError("There is no text model yet: run 'kader train' first.")
        if run_id is None:
            selection = Selection(
                frameworks,
                statuses,
                references,
                # The day as people here know it.
                since.replace(tzinfo=surroundings.settings.zone) if since else None,
            )
            with surroundings.database.writing() as session:
                run_id = start_run(session, selection, model_version=mind.model.version, now=now())
        _work(surroundings, mind, run_id, "comparing", until={RunStatus.DRY_RUN})
        if apply_now:
            with surroundings.database.writing() as session:
                approve(session, run_id, now=now())
            _work(surroundings, mind, run_id, "applying", until={RunStatus.APPLYING})
        _show(surroundings, run_id, output, as_json=as_json)


def _work(surroundings: Here, mind: Mind, run_id: int, what: str, *, until: set[RunStatus]) -> RunProgress:
    """Work until the stage is done; a worker that is at it as well is no harm."""
    with bar() as shown:
        task = shown.add_task(what, total=None)
        while True:
            with surroundings.database.reading() as session:
                seen = progress(session, run_id)
            shown.update(task, total=seen.total, completed=seen.total - seen.waiting)
            if seen.status not in until:
                return seen
            worked = work_on_runs(
                surroundings.database,
                mind,
                owner=surroundings.owner,
                clock=now,
                settings=surroundings.settings,
            )
            if not worked:
                time.sleep(PAUSE)  # a worker is at it


def _rows(surroundings: Here, run_id: int) -> list[dict[str, object]]:
    statuses = [RunItemStatus.CHANGED.value, RunItemStatus.APPLIED.value, RunItemStatus.SKIPPED.value]
    with surroundings.database.reading() as session:
        found = session.execute(
            select(ReprocessingItem, Idea.reference, Idea.title)
            .join(Idea, Idea.id == ReprocessingItem.idea_id)
            .where(ReprocessingItem.run_id == run_id, ReprocessingItem.status.in_(statuses))
            .order_by(ReprocessingItem.idea_id)
        )
        return [
            {
                "reference": reference,
                "title": title,
                "status": item.status,
                "from": item.before["framework"],
                "to": (item.after or {}).get("framework"),
                "probability": (item.after or {}).get("probability"),
                "owner_from": item.before["owner"],
                "owner_to": (item.after or {}).get("owner"),
                "note": item.note,
            }
            for item, reference, title in found
        ]


def _show(surroundings: Here, run_id: int, output: OutputFile | None, *, as_json: bool) -> None:
    rows = _rows(surroundings, run_id)
    with surroundings.database.reading() as session:
        seen = progress(session, run_id)
    if output is not None:
        cells = ([guarded("" if row[name] is None else str(row[name])) for name in COLUMNS] for row in rows)
        output.write(COLUMNS, cells, marked=True)
    # Where the difference goes to standard output, the words about it don't.
    aside = output is not None and output.is_standard_output
    say = click.echo if output is None else output.tell
    if as_json:
        summary = {"run": run_id, "status": seen.status, "ideas": seen.total, **seen.counts}
        (say_json if output is None else output.tell_json)(summary)
        return
    changed = [row for row in rows if row["status"] != RunItemStatus.SKIPPED]
    if changed:
        table = Table("idea", "title", "from", "to", "sure", "status", title=f"Run {run_id}")
        for row in changed[:SHOWN]:
            table.add_row(
                str(row["reference"]),
                str(row["title"])[:50],
                str(row["from"] or "coordinator"),
                str(row["to"] or "coordinator"),
                f"{row['probability']:.0%}" if isinstance(row["probability"], float) else "",
                str(row["status"]),
            )
        show_table(table, err=aside)
        if len(changed) > SHOWN:
            say(f"… and {len(changed) - SHOWN} more; --csv FILE writes them all.")
    parts = ", ".join(f"{count} {status}" for status, count in sorted(seen.counts.items()))
    say(f"Run {run_id} ({seen.status}): {counted(seen.total, 'idea')}, {parts}.")
    left = Counter(str(row["note"]) for row in rows if row["status"] == RunItemStatus.SKIPPED)
    for note, count in left.most_common():
        say(f"  {count} skipped: {note}")
    if seen.status == RunStatus.READY and seen.counts.get(RunItemStatus.CHANGED.value):
        say(f"Nothing was changed yet. To carry it out: kader reprocess --run {run_id} --apply")


def _list(surroundings: Here, *, as_json: bool) -> None:
    with surroundings.database.reading() as session:
        runs = session.scalars(select(ReprocessingRun).order_by(ReprocessingRun.id.desc()).limit(SHOWN)).all()
        seen = [(run, progress(session, run.id)) for run in runs]
    if as_json:
        say_json(
            [
                {"run": run.id, "status": run.status, "started_at": run.started_at, **each.counts}
                for run, each in seen
            ]
        )
        return
    if not seen:
        click.echo("No run was made yet. 'kader reprocess' starts one; it changes nothing by itself.")
        return
    table = Table("run", "started", "status", "ideas")
    for run, each in seen:
        table.add_row(str(run.id), f"{run.started_at:%Y-%m-%d %H:%M}", run.status, str(each.total))
    show_table(table)
