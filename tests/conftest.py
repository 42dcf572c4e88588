"""Fixtures with real parts: both databases, built by the migrations, and the embedded broker."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kader.embedded.valkey import EmbeddedValkey
from kader.settings import Settings
from models.migrate import upgrade
from models.session import Database, open_database
from tests.services import PostgresServer, running_postgres, short_folder


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests: these bring their own."""
    for name in list(os.environ):
        if name.startswith("KADER_") and name != "KADER_TEST_DATABASE_URL":
            del os.environ[name]


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, since many tests wait for processes of their own."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of a database that is copied for each test; nobody connects to it."""
    url = postgres_server.create()
    upgrade(url)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    """URL of a fresh PostgreSQL database with the newest tables."""
    url = postgres_server.create(template=migrated_postgres)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of a PostgreSQL database without any table."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """URL of a fresh SQLite database with the newest tables."""
    path = tmp_path / "kader.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh database with the newest tables: the test runs on both stores."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with the newest tables, opened: the test runs on both stores."""
    database = open_database(database_url)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def running_broker() -> Iterator[EmbeddedValkey]:
    with short_folder() as folder:
        broker = EmbeddedValkey(Settings(var=folder, broker_url=""))
        broker.start()
        yield broker
        broker.stop()


@pytest.fixture
def broker_url(running_broker: EmbeddedValkey) -> str:
    """URL of a real broker that holds nothing."""
    running_broker.flush()
    return running_broker.url


@pytest.fixture
def settings(tmp_path: Path, database_url: str, broker_url: str) -> Settings:
    """Settings of a Kader of its own, on each store."""
    return Settings(
        var=tmp_path, database_url=database_url, broker_url=broker_url, secret_key="a key for tests only"
    )
