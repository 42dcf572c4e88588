"""`kader migrate`: bring the database to the newest tables."""

import json

import click

from kader.cli.here import own_settings
from kader.embedded.database import apply_revisions, missing_revisions
from kader.settings import Settings
from models.session import open_database


@click.command(name="migrate")
@click.option("--check", is_flag=True, help="Only say what is missing; exit code 1 when something is.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, check: bool, as_json: bool) -> None:
    """Bring the database to the newest tables. Running it twice does no harm."""
    settings = own_settings()
    applied = [] if check else apply_revisions(settings)
    if not check and settings.database_url.startswith("postgresql"):
        _build_index(settings)
    missing = missing_revisions(settings)
    if as_json:
        click.echo(json.dumps({"applied": applied, "missing": missing}))
    elif missing:
        click.echo(f"Missing: {', '.join(missing)}. Run `kader migrate`.")
    elif applied:
        click.echo(f"Applied: {', '.join(applied)}. The database is up to date.")
    else:
        click.echo("The database is up to date.")
    if missing:
        raise click.exceptions.Exit(1)


def _build_index(settings: Settings) -> None:
    """Build what a worker has no time for: see `pipeline.store.search.neighbour_choice`."""
    from pipeline.store.search.neighbour_choice import build_index

    database = open_database(settings.database)
    try:
        build_index(database, settings, lambda words: click.echo(words, err=True))
    finally:
        database.dispose()
