import json

from click.testing import CliRunner

from kader.cli import cli


def migrate(monkeypatch, url, *arguments):
    monkeypatch.setenv("KADER_DATABASE_URL", url)
    return CliRunner().invoke(cli, ["migrate", *arguments])


def test_missing_tables_are_named_then_made_once(monkeypatch, tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    missing = migrate(monkeypatch, url, "--check", "--json")
    assert missing.exit_code == 1
    assert json.loads(missing.stdout)["applied"] == []
    made = migrate(monkeypatch, url, "--json")
    assert made.exit_code == 0
    assert json.loads(made.stdout) == {"applied": json.loads(missing.stdout)["missing"], "missing": []}
    again = migrate(monkeypatch, url)
    assert (again.exit_code, again.stdout) == (0, "The database is up to date.\n")


def test_an_empty_postgresql_is_migrated(monkeypatch, empty_postgres_url):
    told = migrate(monkeypatch, empty_postgres_url)
    assert told.exit_code == 0
    assert told.stdout.startswith("Applied: 0001")


def test_a_server_that_is_away_is_a_sentence_without_the_password(monkeypatch):
    told = migrate(monkeypatch, "postgresql://kader:geheim@127.0.0.1:9/kader")
    assert told.exit_code == 2
    assert told.stderr.startswith("kader: The database can't be used (")
    assert "check KADER_DATABASE_URL" in told.stderr
    assert "geheim" not in told.output
    assert told.stderr.count("\n") == 1


def test_a_file_that_is_no_database_is_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "text.db").write_text("this is no database, " * 100)
    told = migrate(monkeypatch, f"sqlite:///{tmp_path / 'text.db'}")
    assert told.exit_code == 2
    assert "file is not a database" in told.stderr
