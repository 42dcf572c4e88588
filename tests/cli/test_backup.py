"""A backup is restored as docs/operation.md says, and is the same Kader."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from kader.cli import cli
from kader.embedded import backup
from kader.embedded.backup import back_up
from kader.settings import Settings
from models import Idea
from models.session import open_database
from pipeline.store.textmodels.loading import load_mind
from tests.factories import NOW, make_framework, make_idea, make_person


def run(*arguments):
    return CliRunner().invoke(cli, [*map(str, arguments)])


@pytest.fixture
def kader(tmp_path, monkeypatch, database_url):
    """A trained Kader with a few ideas, on each store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KADER_DATABASE_URL", database_url)
    database = open_database(database_url)
    with database.writing() as session:
        make_framework(session, "fietsen", managers={None: make_person(session, "Anna Smit")})
        make_framework(session, "energie")
        make_idea(session, "Zet een fietspomp neer")
    assert run("train").exit_code == 0
    (tmp_path / "var" / "secret").write_text("a key for tests only")
    (tmp_path / "var" / "mail" / "new").mkdir(parents=True)
    (tmp_path / "var" / "mail" / "new" / "1").write_text("een mail")
    yield database
    database.dispose()


@pytest.fixture
def postgres_programs(monkeypatch):
    """pg_dump and pg_restore of the PostgreSQL that comes with the tests, if one does, before those of the machine."""
    if (found := find_spec("pgserver")) and found.origin:
        monkeypatch.setenv("PATH", str(Path(found.origin).parent / "pginstall" / "bin"), prepend=":")


def unpacked(path, folder):
    # In a process of its own: with which arguments a program unpacks differs between versions of Python.
    subprocess.run([sys.executable, "-m", "tarfile", "-e", path, folder], check=True, capture_output=True)
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def is_whole(url, var):
    """Whether the Kader there has the idea and the text model in use."""
    settings = Settings(var=var, database_url=url)
    database = open_database(url)
    with database.reading() as session:
        ideas = session.scalars(select(Idea.text)).all()
    mind = load_mind(database, settings)
    database.dispose()
    return ideas == ["Zet een fietspomp neer"] and mind is not None


def test_what_is_restored_is_the_same_kader(kader, tmp_path, postgres_programs, postgres_server):
    path, var = tmp_path / "backup.tar.gz", tmp_path / "restored"
    told = run("backup", path, "--json")
    assert told.exit_code == 0, told.output
    made = json.loads(told.stdout)
    assert (made["has_secret"], made["has_mail"], made["size"]) == (True, True, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600
    files = unpacked(path, var)
    assert {"backup.json", "secret", "mail/new/1", made["database"]} <= set(files)
    assert (var / "secret").read_text() == "a key for tests only"
    if kader.is_sqlite:
        assert is_whole(f"sqlite:///{var / 'kader.db'}", var)
    else:
        url = postgres_server.create()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        restored = [
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            f"--dbname={plain}",
            str(var / "database.dump"),
        ]
        told = subprocess.run(restored, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert is_whole(url, var)
        postgres_server.drop(url)


def test_it_says_what_is_in_it_and_leaves_the_rest_alone(here, tmp_path, monkeypatch):
    monkeypatch.setenv("KADER_SECRET_KEY", "a key for tests only")
    path = tmp_path / "backup.tar.gz"
    path.write_text("an older one")
    told = run("backup", path)
    assert told.exit_code == 0, told.output
    first, second = told.stdout.splitlines()
    assert first.startswith(f"{path} holds the database (")
    assert "KADER_SECRET_KEY comes from your settings" in second
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".kader")] == []
    assert unpacked(path, tmp_path / "seen") == ["backup.json", "kader.db"]


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(here, tmp_path, monkeypatch):
    """Two rows in each transaction, while pages are copied one by one."""
    monkeypatch.setattr(backup, "_PAGES", 1)
    written = []

    def write(_done, _total):
        if len(written) < 20:
            with here.writing() as session:
                written.extend(make_idea(session, "tekst " * 500).id for _ in range(2))

    write(0, 0)
    settings = Settings(database_url=here.engine.url.render_as_string(), var=tmp_path / "var")
    back_up(here, settings, tmp_path / "backup.tar.gz", now=NOW, progress=write)
    assert len(written) == 20  # others went on meanwhile
    unpacked(tmp_path / "backup.tar.gz", tmp_path / "seen")
    with closing(sqlite3.connect(tmp_path / "seen" / "kader.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM idea").fetchone() == (
            2,
        )  # as it was at the beginning
    with here.reading() as session:
        assert session.scalar(select(func.count()).select_from(Idea)) == 20


def test_without_pg_dump_it_says_what_to_do(postgres_url, tmp_path, monkeypatch):
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KADER_DATABASE_URL", postgres_url)
    monkeypatch.setenv("PATH", str(tmp_path))
    told = run("backup", tmp_path / "backup.tar.gz")
    assert told.exit_code == 2
    assert "pg_dump backs up, and that isn't here: install the PostgreSQL client" in told.stderr
    assert told.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_pg_dump_that_fails_leaves_nothing(postgres_url, tmp_path, monkeypatch):
    bad = tmp_path / "bin" / "pg_dump"
    bad.parent.mkdir()
    bad.write_text("#!/bin/sh\necho 'server version mismatch' >&2\nexit 1\n")
    bad.chmod(0o755)
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KADER_DATABASE_URL", postgres_url)
    monkeypatch.setenv("PATH", str(bad.parent), prepend=":")
    told = run("backup", tmp_path / "backup.tar.gz")
    assert (told.exit_code, told.stderr) == (
        2,
        "kader: pg_dump can't back the database up: server version mismatch\n",
    )
    shutil.rmtree(bad.parent)
    assert list(tmp_path.iterdir()) == []


def test_where_it_can_not_be_written_it_says_so(here, tmp_path):
    told = run("backup", tmp_path / "nowhere" / "backup.tar.gz")
    assert told.exit_code == 2
    assert "backup.tar.gz can't be written: No such file or directory." in told.stderr
