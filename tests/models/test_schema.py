from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import StatementError

from models import Base, Counter, Lease, pgvector
from models.idea import file_digest
from models.migrate import configuration, pending, upgrade
from models.session import open_database


def described(engine):
    """All that a database says of its tables, in an order of its own."""
    found = inspect(engine)
    tables = sorted(set(found.get_table_names()) - {"alembic_version", pgvector.TABLE})
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in found.get_columns(table)
            },
            "key": found.get_pk_constraint(table),
            "foreign": sorted(map(str, found.get_foreign_keys(table))),
            "unique": sorted(map(str, found.get_unique_constraints(table))),
            "checks": sorted((each["name"], each["sqltext"]) for each in found.get_check_constraints(table)),
            "indexes": sorted(
                (
                    each["name"],
                    each["unique"],
                    each["column_names"],
                    [(name, str(value)) for name, value in each.get("dialect_options", {}).items()],
                )
                for each in found.get_indexes(table)
            ),
        }
        for table in tables
    }


@pytest.fixture
def metadata_url(request, tmp_path, database_url):
    """A database beside the migrated one, made from the metadata."""
    if database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'metadata.db'}"
    else:
        url = request.getfixturevalue("empty_postgres_url")
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    yield url
    engine.dispose()


def test_the_migrations_make_exactly_what_the_metadata_says(database_url, metadata_url):
    engines = [create_engine(database_url), create_engine(metadata_url)]
    migrated, made = (described(engine) for engine in engines)
    with engines[0].connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                # A copy of vectors that is there only where pgvector is; not one of the tables that migrations promise.
                "include_name": lambda name, kind, _parents: (kind, name) != ("table", pgvector.TABLE),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
    for engine in engines:
        engine.dispose()
    assert migrated.keys() == made.keys() == {table.name for table in Base.metadata.tables.values()}
    for table in made:
        assert migrated[table] == made[table], table
    # The description sees what matters: here is one of each.
    assert any("ended_at IS NULL" in str(each) for each in made["assignment"]["indexes"])
    assert "ck_idea_attempts" in str(made["idea"]["checks"])
    assert made["idea"]["foreign"]


def test_down_and_up_again_is_the_same(database_url):
    engine = create_engine(database_url)
    before = described(engine)
    command.downgrade(configuration(database_url), "base")
    assert described(engine) == {}
    assert pending(database_url) == upgrade(database_url)
    assert described(engine) == before
    assert upgrade(database_url) == []
    engine.dispose()


def test_files_that_were_there_get_their_digest(database_url):
    command.downgrade(configuration(database_url), "0002")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO idea (id, reference, source, is_anonymous, is_quiet, title, text, fingerprint, status,"
                " received_at, is_read, attempts) VALUES"
                " (1, 'K-1', 'form', true, false, 'T', 'T', 'f', 'received', '2026-06-03', false, 0)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO attachment (idea_id, name, content_type, content) VALUES (1, 'n', 't', :content)"
            ),
            {"content": b"\x00een"},
        )
    upgrade(database_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT digest FROM attachment")).scalar_one() == file_digest(
            b"\x00een"
        )
    engine.dispose()


def test_the_leases_are_there_from_the_start(database):
    with database.reading() as session:
        assert set(session.scalars(select(Lease.name))) == {"settle", "train", "reprocess", "second look"}


def test_moments_are_kept_in_utc_and_a_naive_one_is_refused(database):
    amsterdam = timezone(timedelta(hours=2))
    moment = datetime(2026, 6, 3, 11, 30, 15, 123456, tzinfo=amsterdam)
    with database.writing() as session:
        session.get_one(Lease, "settle").expires_at = moment
    with database.reading() as session:
        kept = session.get_one(Lease, "settle").expires_at
        same = session.scalar(select(Lease.name).where(Lease.expires_at == moment.astimezone(UTC)))
    assert kept == moment
    assert kept is not None
    assert kept.utcoffset() == timedelta(0)
    assert same == "settle"
    with pytest.raises(StatementError, match="aware datetime"), database.writing() as session:
        session.get_one(Lease, "train").expires_at = moment.replace(tzinfo=None)


def test_a_transaction_is_all_or_nothing(database):
    def stop_halfway():
        with database.writing() as session:
            session.add(Counter(name="half", value=1))
            session.flush()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stop_halfway()
    with database.writing() as session:
        session.add(Counter(name="whole", value=1))
    with database.reading() as session:
        assert session.scalars(select(Counter.name)).all() == ["whole"]
        session.add(Counter(name="read only", value=1))
        session.flush()
    with database.reading() as session:
        assert session.get(Counter, "read only") is None


def test_a_folder_for_sqlite_is_made(tmp_path):
    url = f"sqlite:///{tmp_path / 'deep' / 'kader.db'}"
    assert upgrade(url)
    database = open_database(url)
    assert database.is_sqlite
    database.dispose()
    assert (tmp_path / "deep").stat().st_mode & 0o777 == 0o700
