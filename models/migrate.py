"""Bring a database to the newest schema, and tell whether it is there."""

import sqlite3
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from models import pgvector
from models.session import open_database


def configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("models") / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def revisions() -> list[str]:
    """All revisions of this version of Kader, oldest first."""
    script = ScriptDirectory.from_config(configuration("sqlite://"))
    return [revision.revision for revision in script.walk_revisions("base", "heads")][::-1]


def applied(url: str) -> str | None:
    """The revision that the database at `url` has, or None; looking makes no file and changes none."""
    path = make_url(url).database
    if make_url(url).get_backend_name() != "sqlite" or not path:
        engine = open_database(url).engine
    elif Path(path).exists():
        # Not by `open_database`, which prepares a file for Kader: it may be another program's.
        address = f"{Path(path).absolute().as_uri()}?mode=ro"
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    else:
        return None
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def pending(url: str) -> list[str]:
    """Revisions that the database at `url` still lacks, oldest first; looking makes no file and changes none."""
    known, current = revisions(), applied(url)
    return known[known.index(current) + 1 :] if current in known else known


def upgrade(url: str) -> list[str]:
    """Apply the missing revisions; returns them, oldest first. Safe to run twice at once."""
    missing = pending(url)
    if missing:
        command.upgrade(configuration(url), "head")
    _ensure_vectors(url)
    return missing


def _ensure_vectors(url: str) -> None:
    """Add the table of vectors to a database that got pgvector after its last migration."""
    if make_url(url).get_backend_name() != "postgresql":
        return
    database = open_database(url)
    try:
        with database.writing() as session:
            pgvector.ensure(session.connection())
    finally:
        database.dispose()
