"""A command that only looks makes nothing and changes nothing, and says so when there is no Kader to look at."""

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect

from kader.cli import cli

# With the exit code where there is no Kader.
LOOKING = [
    (("backup", "backup.tar.gz"), 2),
    (("check",), 2),
    (("check", "--json"), 2),
    (("evaluate",), 2),
    (("export", "ideas.csv"), 2),
    (("frameworks", "list"), 2),
    (("frameworks", "list", "--json"), 2),
    (("reprocess", "--list"), 2),
    (("migrate", "--check"), 1),
    (("doctor", "--json"), 1),
]
looking = pytest.mark.parametrize(("arguments", "code"), LOOKING, ids=lambda each: " ".join(map(str, [each])))


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "vra"))
    return tmp_path


def run(arguments):
    return CliRunner().invoke(cli, list(arguments))


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def advice(told):
    """What the doctor says to do about the database, or else the one line on standard error."""
    if told.stdout.startswith("{"):
        return next(
            check["advice"] for check in json.loads(told.stdout)["checks"] if check["name"] == "database"
        )
    return told.stderr


@looking
@pytest.mark.parametrize("is_made", [False, True])
def test_a_folder_without_a_kader_stays_empty(place, arguments, code, is_made):
    if is_made:
        (place / "vra").mkdir()
    before = everything(place)
    told = run(arguments)
    assert everything(place) == before
    assert told.exit_code == code, told.output
    if code == 2:
        assert told.stderr == (
            f"kader: There is no Kader in {place / 'vra'}: check KADER_VAR, or start one with `kader up`.\n"
        )
        assert not told.stdout


@looking
def test_a_database_that_is_not_there_is_not_made(place, monkeypatch, arguments, code):
    monkeypatch.setenv("KADER_DATABASE_URL", f"sqlite:///{place / 'folder' / 'kadr.db'}")
    told = run(arguments)
    assert everything(place) == {}
    assert told.exit_code == code, told.output
    if code == 2:
        assert "check KADER_DATABASE_URL" in told.stderr
        assert told.stderr.count("\n") == 1


@looking
@pytest.mark.parametrize("content", ["tables", "nothing", "migrations"])
def test_another_programs_database_is_left_alone(place, arguments, code, content):
    (place / "vra").mkdir()
    with closing(sqlite3.connect(place / "vra" / "kader.db")) as connection:
        if content != "nothing":
            connection.execute("CREATE TABLE customer (id INTEGER)")
        if content == "migrations":
            connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            connection.execute("INSERT INTO alembic_version VALUES ('57c2a1')")
        connection.commit()
    before = everything(place)
    told = run(arguments)
    assert everything(place) == before
    assert told.exit_code == code, told.output
    if arguments[0] != "migrate":
        assert "KADER_VAR" in advice(told)


@looking
def test_an_empty_postgresql_stays_empty(monkeypatch, empty_postgres_url, arguments, code):
    monkeypatch.setenv("KADER_DATABASE_URL", empty_postgres_url)
    told = run(arguments)
    assert told.exit_code == code, told.output
    if arguments[0] != "migrate":
        assert "KADER_DATABASE_URL" in advice(told)
    engine = create_engine(empty_postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_an_older_kader_is_not_migrated_by_a_look(place):
    assert run(["migrate"]).exit_code == 0
    with closing(sqlite3.connect(place / "vra" / "kader.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    told = run(["check"])
    assert told.exit_code == 2
    assert told.stderr.startswith("kader: The database lacks the newest tables")
    assert "kader migrate" in told.stderr


def test_a_kader_without_anything_in_it_is_told(place):
    assert run(["migrate"]).exit_code == 0
    told = run(["check"])
    assert told.exit_code == 2
    assert told.stderr.startswith("kader: This database holds nothing yet")
    assert told.stderr.count("\n") == 1


def test_the_doctor_sees_a_folder_that_cannot_be_made(place, monkeypatch):
    (place / "file").write_text("in the way")
    monkeypatch.setenv("KADER_VAR", str(place / "file" / "var"))
    found = {check["name"]: check for check in json.loads(run(["doctor", "--json"]).stdout)["checks"]}
    assert found["var folder"]["state"] == "bad"
    assert "KADER_VAR" in found["var folder"]["advice"]
    assert everything(place) == {"file": b"in the way"}
