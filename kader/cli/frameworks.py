"""`kader frameworks`: the organisation and its frameworks, from a file that people can read and keep."""

from pathlib import Path

import click
from rich.table import Table
from sqlalchemy import func, select

from kader.cli.here import here, now, say_json
from kader.cli.organisation_file import read_organisation
from kader.cli.output import guarded, output_file
from kader.cli.telling import counted, show_table
from models import Idea
from pipeline.core import FrameworkText
from pipeline.store.deciding.organisation import load_frameworks
from pipeline.store.publishing import publish

TEXTS = ("slug", "title", "description", "goal", "limits", "examples")


@click.group(name="frameworks")
def command() -> None:
    """Publish and list frameworks."""


@command.command(name="import")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="ORGANISATION.YAML")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
def import_command(path: Path, *, as_json: bool) -> None:
    """Publish units, people, absences and frameworks from a YAML file.

    A framework that differs from the one in force becomes a new version; the rest stays as it is, and doing it
    again changes nothing. 'kader train' teaches the machine, 'kader reprocess' looks again at earlier ideas.
    """
    plan = read_organisation(path)
    with here("frameworks") as surroundings, surroundings.database.writing() as session:
        published = publish(session, plan, now=now())
    if as_json:
        say_json(
            {
                "units": published.units,
                "people": published.people,
                "published": list(published.frameworks),
                "unchanged": list(published.unchanged),
            }
        )
        return
    click.echo(
        f"{counted(published.units, 'unit')} and {counted(published.people, 'person', 'people')}; "
        f"frameworks: {len(published.frameworks)} published, "
        f"{len(published.unchanged)} unchanged."
    )
    if published.frameworks:
        click.echo("Next: kader train")


@command.command(name="list")
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write their texts to this file, for kader classify and evaluate.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_command(csv_path: Path | None, *, as_json: bool) -> None:
    """List the frameworks in force, with the number of ideas in each."""
    output = None if csv_path is None else output_file(csv_path)
    with here("frameworks", only_looks=True) as surroundings, surroundings.database.reading() as session:
        cards = load_frameworks(session)
        counted = session.execute(select(Idea.framework_id, func.count()).group_by(Idea.framework_id)).all()
    ideas = dict(counted)
    if output is not None:
        output.write(
            TEXTS, ([guarded(cell) for cell in _texts(card.text)] for card in cards.values()), marked=True
        )
    say = click.echo if output is None else output.tell
    rows = [
        {
            "slug": slug,
            "title": card.text.title,
            "version": card.text.version,
            "opens_on": card.opens_on,
            "closes_on": card.closes_on,
            "response_days": card.response_days,
            "ideas": ideas.get(card.id, 0),
        }
        for slug, card in cards.items()
    ]
    if as_json:
        (say_json if output is None else output.tell_json)({"frameworks": rows})
        return
    if not rows:
        say("There is no framework yet. Write one in a YAML file and run: kader frameworks import FILE")
        return
    table = Table("slug", "title", "version", "closes", "answer within", "ideas")
    for row in rows:
        table.add_row(
            str(row["slug"]),
            str(row["title"]),
            str(row["version"]),
            str(row["closes_on"] or "stays open"),
            f"{row['response_days']} working days",
            str(row["ideas"]),
        )
    show_table(table, err=output is not None and output.is_standard_output)


def _texts(framework: FrameworkText) -> tuple[str, ...]:
    limits = (f"{limit.title}: {limit.reason}" if limit.reason else limit.title for limit in framework.limits)
    return (
        framework.slug,
        framework.title,
        framework.description,
        framework.goal,
        "\n".join(" ".join(limit.split()) for limit in limits),
        "\n".join(" ".join(example.split()) for example in framework.examples),
    )
