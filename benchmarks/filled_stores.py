"""Stores filled with made ideas: a database of its own for each size, which may be left and used again."""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.engine import URL

from benchmarks.made_ideas import DIMENSIONS, SPACE, Made, put_ideas
from benchmarks.throughput import store_url
from models.migrate import upgrade
from models.session import Database, open_database
from pipeline.store.search.pgvector import DatabaseIndex


@dataclass(frozen=True, slots=True)
class Built:
    """What PostgreSQL's index took: seconds to copy the vectors and to build it, and bytes of the server's process at its
    largest.
    """

    copied: float = 0.0
    seconds: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Filled:
    database: Database
    built: Built

    def processor(self) -> float:
        """Seconds of processor time so far: of this process, and of those that serve this database, when they are here."""
        if not str(self.database.engine.url).startswith("postgresql"):
            return time.process_time()
        with self.database.reading() as session:
            pids = session.scalars(
                text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            ).all()
        return time.process_time() + sum(map(_processor_of, pids))


@contextlib.contextmanager
def filled(store: str, made: Made, size: int, *, keep: bool) -> Iterator[Filled]:
    """A database with `size` ideas that were read; for `pgvector` with the index built."""
    if store == "sqlite":
        folder = Path(tempfile.mkdtemp(prefix="kader-near-"))
        url = f"sqlite:///{folder / 'kader.db'}"
        _fill(url, made, size)
        try:
            with _opened(url) as database:
                yield Filled(database, Built())
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    name, with_index = f"kader_near_{size}", store == "pgvector"
    if with_index:
        name += "_indexed"
    with store_url("postgresql") as server:
        home = make_url(server).set(drivername="postgresql+psycopg")
        with server_of(home) as connection:
            built = _kept(connection, name) if keep else None
            if built is None:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
                connection.execute(text(f"CREATE DATABASE {name}"))
                built = _fill(address_of(home, name), made, size, with_index=with_index)
                note = json.dumps(asdict(built))
                connection.execute(text(f"COMMENT ON DATABASE {name} IS '{note}'"))
            # Measuring adds ideas: what is kept stays as it is.
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}_run"))
            if keep:
                connection.execute(text(f"CREATE DATABASE {name}_run TEMPLATE {name} STRATEGY file_copy"))
            else:
                connection.execute(text(f"ALTER DATABASE {name} RENAME TO {name}_run"))
            try:
                with _opened(address_of(home, f"{name}_run")) as database:
                    yield Filled(database, built)
            finally:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name}_run"))


def _fill(url: str, made: Made, size: int, *, with_index: bool = False) -> Built:
    upgrade(url)
    with _opened(url) as database:
        put_ideas(database, made, 0, size)
        if not with_index:
            return Built()
        # As `kader migrate` does it: the vectors are copied, here all but the newest, then the index is built in one go.
        index, begin = DatabaseIndex(database, SPACE, DIMENSIONS), time.perf_counter()
        index.catch_up()
        copied = time.perf_counter()
        index.prepare()
        seconds = time.perf_counter() - copied
        with database.reading() as session:
            # The pool has one connection by now, which did all of it.
            pid = session.scalar(text("SELECT pg_backend_pid()"))
        return Built(copied - begin, seconds, _largest(pid or 0))


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()


@contextlib.contextmanager
def server_of(home: URL) -> Iterator[Connection]:
    """A connection on which databases can be made and dropped."""
    engine = create_engine(home, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def address_of(home: URL, name: str) -> str:
    """The address of the database `name` on the server whose own database is `home`."""
    return home.set(database=name).render_as_string(hide_password=False)


def _kept(connection: Connection, name: str) -> Built | None:
    """What building it took when a database was left by an earlier run that came to its end."""
    note = connection.scalar(
        text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name"),
        {"name": name},
    )
    return Built(**json.loads(note)) if note else None


def _processor_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _largest(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
