"""A Kader of its own in the environment, for commands that need a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.session import Database, open_database


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_url: str) -> Iterator[Database]:
    """The database of the Kader that commands in this test work on. Its broker is away: that stops no command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KADER_DATABASE_URL", sqlite_url)
    database = open_database(sqlite_url)
    yield database
    database.dispose()
