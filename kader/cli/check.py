"""`kader check`: whether everything that must always hold does hold."""

import click
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from kader.cli.here import here, now, say_json
from kader.cli.telling import counted, show_table
from kader.embedded.database import where_set
from kader.errors import UserError
from models import Framework, Idea, IntakeRecord, Person
from pipeline.store.checking import Finding, check, rules


@click.command(name="check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, as_json: bool) -> None:
    """See whether everything that must always hold does hold.

    Exit code 0: no promise is broken. Exit code 1: at least one is; the table names the ideas. Exit code 2:
    there is nothing to check, because the settings name no database of Kader's or one that holds nothing.
    Warnings (overdue answers, messages that failed, input that waits for a person) don't change the exit code.
    """
    with here("check", only_looks=True) as surroundings, surroundings.database.reading() as session:
        if _holds_nothing(session):
            raise UserError(
                "This database holds nothing yet, no framework, person or idea: "
                f"check {where_set(surroundings.settings)}, or begin with `kader frameworks import FILE`."
            )
        moment = now()
        number = len(rules(moment, surroundings.settings))
        findings = check(session, now=moment, settings=surroundings.settings)
    errors = [finding for finding in findings if finding.is_error]
    if as_json:
        say_json(
            {
                "ok": not errors,
                "rules": number,
                "errors": [_row(finding) for finding in errors],
                "warnings": [_row(finding) for finding in findings if not finding.is_error],
            }
        )
    elif findings:
        table = Table("", "must hold", "broken by", "for example")
        for finding in findings:
            mark = "[red]error[/red]" if finding.is_error else "[yellow]warning[/yellow]"
            table.add_row(mark, finding.rule, str(finding.count), ", ".join(finding.examples[:5]))
        show_table(table)
    if not as_json:
        click.echo(
            f"{number} rules checked: {len(errors)} broken, {counted(len(findings) - len(errors), 'warning')}."
        )
    if errors:
        raise click.exceptions.Exit(1)


def _holds_nothing(session: Session) -> bool:
    kept = (Idea, Framework, Person, IntakeRecord)
    return all(session.scalar(select(each.id).limit(1)) is None for each in kept)


def _row(finding: Finding) -> dict[str, object]:
    return {"rule": finding.rule, "count": finding.count, "examples": list(finding.examples)}
