"""The demo, played once on each store for all tests here."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.play import Played, play
from tests.services import PostgresServer, short_folder


@pytest.fixture(scope="session")
def played_on_sqlite(migrated_sqlite: Path) -> Iterator[Played]:
    """On SQLite, with two worker processes."""
    with short_folder() as folder:
        shutil.copyfile(migrated_sqlite, folder / "kader.db")
        played = play(folder)
        yield played
        played.database.dispose()


@pytest.fixture(scope="session")
def played_on_postgresql(postgres_server: PostgresServer, migrated_postgres: str) -> Iterator[Played]:
    """On PostgreSQL, with one worker process."""
    url = postgres_server.create(template=migrated_postgres)
    with short_folder() as folder:
        played = play(folder, database_url=url, processes=1)
        yield played
        played.database.dispose()
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def played(request: pytest.FixtureRequest) -> Played:
    """A demo that has run to its end, on each store."""
    found = request.getfixturevalue(f"played_on_{request.param}")
    assert isinstance(found, Played)
    return found
