"""What most commands need: settings, an open and up-to-date database, a clock."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kader.embedded.database import already_there, up_to_date
from kader.embedded.folders import prepare_folders
from kader.log import start_logging
from kader.settings import Settings, read_settings, unknown_settings
from models.session import Database, open_database


@dataclass(frozen=True, slots=True)
class Here:
    """This command's surroundings."""

    settings: Settings
    database: Database
    owner: str


def now() -> datetime:
    return datetime.now(UTC)


def own_settings() -> Settings:
    """The settings; what was probably meant as one but isn't is told on standard error."""
    settings = read_settings()
    unknown = unknown_settings()
    if unknown:
        click.echo(f"kader: There is no such setting, it has no effect: {', '.join(unknown)}.", err=True)
    return settings


@contextmanager
def here(name: str, *, only_looks: bool = False) -> Iterator[Here]:
    """Open the database for a command; for one that `only_looks` nothing is made or migrated.

    Raises UserError when it can't be reached, isn't there while the command only looks, or isn't migrated and
    isn't Kader's own.
    """
    settings = own_settings()
    start_logging(name, "WARNING" if settings.log_level == "INFO" else settings.log_level)
    if only_looks:
        already_there(settings)
    else:
        prepare_folders(settings)
        up_to_date(settings, apply=False)
    database = open_database(settings.database)
    try:
        yield Here(settings, database, f"{socket.gethostname()[:40]}:{os.getpid()}:{name}")
    finally:
        database.dispose()


def say_json(value: object) -> None:
    """One JSON object on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def bar() -> Progress:
    """A progress bar on standard error; invisible when nobody watches."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not Console(stderr=True).is_terminal,
    )
