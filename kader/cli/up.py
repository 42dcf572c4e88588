"""`kader up`: run the processes of Kader until Ctrl-C."""

import threading

import click

from kader.cli.here import own_settings
from kader.embedded.everything import ALL_ROLES, run_everything
from kader.log import start_logging


@click.command(name="up")
@click.option(
    "--only",
    type=click.Choice(ALL_ROLES),
    multiple=True,
    help="Run only this process, when Kader is spread over several hosts. Can be given more than once.",
)
@click.option("--migrate", is_flag=True, help="Bring the database to the newest tables first.")
def command(*, only: tuple[str, ...], migrate: bool) -> None:
    """Run web, worker and beat, and the embedded broker when no other is configured.

    A process that dies is started again. Ctrl-C stops everything in good order, twice at once.
    Kader's own SQLite database is brought up to date by itself; another one with --migrate.
    """
    settings = own_settings()
    start_logging("up", settings.log_level)

    def tell(stopping: threading.Event) -> None:
        del stopping
        if not only or "web" in only:
            click.echo(f"Kader is up: {settings.pages} (Ctrl-C stops it)")

    run_everything(settings, only=only, migrate=migrate, on_started=tell)
