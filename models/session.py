"""Engines and transactions, alike on SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from kader.errors import TransientError

# How long a writer waits for another on SQLite, in milliseconds.
BUSY_TIMEOUT = 30_000
# Of PostgreSQL, a class of errors: a table, column or right that isn't there.
_NOT_THERE = "42"


@dataclass(frozen=True, slots=True)
class Database:
    """One database. `writing` and `reading` are the only ways to open a transaction."""

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end of the block, or rolled back on an error.

        On SQLite it takes the write lock at once: a transaction that reads first and writes later
        fails as soon as another has written in between, whatever the busy timeout.
        """
        with self.engine.connect().execution_options(kader_writes=True) as connection:
            with Session(connection, expire_on_commit=False) as session, session.begin():
                yield session
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that changes nothing; what was loaded can be used after it.

        On SQLite it sees one state. On PostgreSQL each statement sees what was committed until then, so what must
        belong together is asked for in one statement, or rests on what can't change meanwhile.
        """
        with self.engine.connect() as connection, Session(connection, expire_on_commit=False) as session:
            yield session

    def dispose(self, *, close: bool = True) -> None:
        """Let go of pooled connections; `close=False` after a fork, where they belong to the parent."""
        self.engine.dispose(close=close)


def _json(value: object) -> str:
    # Assessments and messages are mostly JSON; the standard library's encoder took a third of their writing.
    return orjson.dumps(value).decode()


def open_database(url: str) -> Database:
    """Open the database at a SQLAlchemy URL; a folder for SQLite is made when it is missing."""
    parts = make_url(url)
    common: dict[str, Any] = {
        # Parameters hold what people wrote, and an error's message ends in a log.
        "hide_parameters": True,
        "json_serializer": _json,
        "json_deserializer": orjson.loads,
    }
    if parts.get_backend_name() == "sqlite":
        if parts.database:
            Path(parts.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(
            url, connect_args={"timeout": BUSY_TIMEOUT / 1000}, pool_size=10, max_overflow=20, **common
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=15,
            connect_args={"connect_timeout": 5, "application_name": "kader"},
            **common,
        )
    return Database(engine)


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    del record
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError("the SQLite driver must be the standard library's")
    # The driver must not open transactions by itself; `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT}",
        "journal_mode = WAL",
        # Accepted means kept: a commit is on the disk, not only in the system's cache.
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -64000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("kader_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_transient(error: BaseException) -> bool:
    """Whether a database error may pass by itself: a lost connection, a lock, a deadlock, a restart."""
    if isinstance(error, (OperationalError, PoolTimeoutError)):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
    return False


def is_of_the_row(error: Exception) -> bool:
    """Whether an error may come from what one row holds, so that the others can go on without it.

    Not when it may pass by itself, nor when the machine or the schema is at fault: those would fail every row.
    """
    if isinstance(error, (TransientError, OSError, MemoryError)) or is_transient(error):
        return False
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return not (state or "").startswith(_NOT_THERE)
