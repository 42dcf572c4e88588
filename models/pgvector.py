"""The table of vectors that PostgreSQL can search by itself; it is there only where pgvector is.

It is a copy: the vectors themselves are kept in `idea_reading` on both stores. So it may come later, when somebody
installs pgvector on the server, and may be dropped at any time.
"""

import logging

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

TABLE = "idea_vector"
# The first with HNSW indexes that are built and searched quickly enough.
OLDEST = (0, 6)
# The first with vectors of half precision.
_HALVES = (0, 7)
# Of PostgreSQL: no right to do this; a type that is not on the search path.
_NOT_POSSIBLE = {"42501", "42704"}
# Any number that nothing else locks: two processes that migrate at once do this one after the other.
_LOCK = 721_604_118

logger = logging.getLogger(__name__)


def is_there(connection: Connection) -> bool:
    """Whether this database has the table, with its vectors: dropping the extension drops the column alone."""
    if connection.dialect.name != "postgresql":
        return False
    found = connection.scalar(
        text(
            "SELECT count(*) FROM pg_attribute "
            "WHERE attrelid = to_regclass(:table) AND attname = 'embedding' AND NOT attisdropped"
        ),
        {"table": TABLE},
    )
    return bool(found)


def versions(connection: Connection) -> tuple[str, str | None] | None:
    """The version of pgvector that the server offers and the one that this database uses; None without any."""
    row = connection.execute(
        text("SELECT default_version, installed_version FROM pg_available_extensions WHERE name = 'vector'")
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def is_new_enough(version: str) -> bool:
    return _numbers(version) >= OLDEST


def has_halves(version: str) -> bool:
    """Whether this version can index vectors in half precision."""
    return _numbers(version) >= _HALVES


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def ensure(connection: Connection) -> bool:
    """Make the extension and the table where that is possible; returns whether the table is there.

    Costs one small query when it is there already. Without pgvector, or without the right to switch it on,
    nothing is changed and Kader searches in its own process.
    """
    if connection.dialect.name != "postgresql":
        return False
    if is_there(connection):
        return True
    found = versions(connection)
    if found is None or not is_new_enough(found[1] or found[0]):
        return False
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            if not is_there(connection):
                # What is left of it after the extension was dropped has no vectors any more.
                connection.execute(text(f"DROP TABLE IF EXISTS {TABLE}"))
                connection.execute(
                    text(
                        f"CREATE TABLE {TABLE} ("
                        "space varchar(64) NOT NULL, "
                        "idea_id integer NOT NULL "
                        f"CONSTRAINT fk_{TABLE}_idea_id REFERENCES idea (id) ON DELETE CASCADE, "
                        "embedding vector NOT NULL, "
                        f"CONSTRAINT pk_{TABLE} PRIMARY KEY (space, idea_id))"
                    )
                )
                connection.execute(text(f"CREATE INDEX ix_{TABLE}_idea ON {TABLE} (idea_id)"))
                # Longer vectors than those of words alone would be kept elsewhere, to be fetched one by one.
                connection.execute(text(f"ALTER TABLE {TABLE} ALTER embedding SET STORAGE PLAIN"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _NOT_POSSIBLE:
            raise
        logger.info("pgvector is on the server but can't be switched on by this user")
        return False
    return True


def drop(connection: Connection) -> None:
    """Drop the table; the extension stays, others may use it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP TABLE IF EXISTS {TABLE}"))
