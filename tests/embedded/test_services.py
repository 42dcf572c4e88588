"""The fixtures themselves: a fresh database for each test, on both stores, built by the migrations."""

import sys

import pytest
from sqlalchemy import text

from models.migrate import pending, upgrade
from models.session import open_database
from tests.services import running_postgres, wait_until


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_fresh_migrated_database(database_url, database, turn):
    assert pending(database_url) == []
    with database.writing() as session:
        assert session.scalar(text("SELECT count(*) FROM unit")) == 0
        session.execute(text("INSERT INTO unit (slug, name) VALUES ('fresh', 'Fresh')"))


def test_an_empty_postgresql_can_be_migrated(empty_postgres_url):
    missing = pending(empty_postgres_url)
    assert missing
    assert upgrade(empty_postgres_url) == missing
    assert pending(empty_postgres_url) == []


def test_the_tests_server_has_pgvector(postgres_url):
    database = open_database(postgres_url)
    try:
        with database.reading() as session:
            version = session.scalar(
                text("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
            )
    finally:
        database.dispose()
    assert version is not None, "KADER_TEST_DATABASE_URL must name a server with pgvector"


def test_without_any_postgresql_the_tests_fail_with_a_sentence(monkeypatch):
    monkeypatch.delenv("KADER_TEST_DATABASE_URL", raising=False)
    # None makes the import fail, as on Python 3.13, for which there is no wheel.
    monkeypatch.setitem(sys.modules, "pgserver", None)
    with pytest.raises(RuntimeError, match="set KADER_TEST_DATABASE_URL"), running_postgres():
        pytest.fail("there was a server after all")


def test_waiting_gives_the_answer_or_fails():
    answers = iter([0, "", "yes"])
    assert wait_until(lambda: next(answers)) == "yes"
    with pytest.raises(AssertionError, match="a miracle did not come true within 0 seconds"):
        wait_until(lambda: False, 0, "a miracle")
