"""Bring a database to the newest schema, and tell whether it is there."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from models import pgvector
from models.session import open_database


def configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("models") / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def pending(url: str) -> list[str]:
    """Revisions that the database at `url` still lacks, oldest first."""
    script = ScriptDirectory.from_config(configuration(url))
    database = open_database(url)
    try:
        with database.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        database.dispose()
    revisions = [revision.revision for revision in script.walk_revisions("base", "heads")]
    newest_first = revisions[: revisions.index(current)] if current in revisions else revisions
    return newest_first[::-1]


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
