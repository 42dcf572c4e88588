"""`kader demo`: the whole of Kader at work, with an invented hospital and its ideas."""

import os
import signal
import threading

import click

from kader.cli.demo.feed import feed
from kader.cli.demo.organisation import prepare, settings_for
from kader.cli.demo.show import show_progress, where_to_look
from kader.cli.here import own_settings
from kader.demo.data import load_demo
from kader.demo.records import Demo
from kader.embedded.database import up_to_date
from kader.embedded.everything import run_everything
from kader.embedded.folders import prepare_folders
from kader.log import start_logging
from kader.settings import Settings
from models.session import open_database


@click.command(name="demo")
@click.option("--once", is_flag=True, help="Stop when all ideas are triaged and all mails are written.")
@click.option("--pause", type=float, default=0.02, show_default=True, help="Seconds between two ideas.")
def command(*, once: bool, pause: float) -> None:
    """Run Kader with an invented hospital: its ideas come in by e-mail, form, API and spreadsheet.

    Everything is kept in the var folder; a second run goes on where the first stopped. Ctrl-C stops it.
    """
    demo = load_demo()
    settings = settings_for(demo, own_settings())
    if settings.log_level == "INFO":
        # A line for each request would run through the table that shows how far the ideas are.
        settings = settings.model_copy(update={"log_level": "WARNING"})
    start_logging("demo", settings.log_level)
    prepare_folders(settings)
    up_to_date(settings, apply=True)
    prepare(demo, settings)

    def started(stopping: threading.Event) -> None:
        _play(demo, settings, stopping, once=once, pause=pause)

    run_everything(settings, migrate=True, on_started=started)


def _play(demo: Demo, settings: Settings, stopping: threading.Event, *, once: bool, pause: float) -> None:
    database = open_database(settings.database)
    try:
        feeder = threading.Thread(target=feed, args=(demo, settings, database, stopping, pause), name="feed")
        feeder.start()
        show_progress(database, settings, demo, feeder, stopping)
        feeder.join()
        if not stopping.is_set():
            where_to_look(database, settings)
    finally:
        database.dispose()
    if once and not stopping.is_set():
        os.kill(os.getpid(), signal.SIGTERM)
