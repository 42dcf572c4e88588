import json

from click.testing import CliRunner
from sqlalchemy import update

from kader.cli import cli
from models import Assignment
from tests.factories import make_assigned_idea, make_framework, make_idea, make_person


def test_a_healthy_database_is_told(here):
    with here.writing() as session:
        make_person(session, "Anna Smit")
    told = CliRunner().invoke(cli, ["check"])
    assert told.exit_code == 0, told.output
    assert told.stdout.endswith(" rules checked: 0 broken, 0 warnings.\n")
    found = json.loads(CliRunner().invoke(cli, ["check", "--json"]).stdout)
    assert found["ok"] is True
    assert (found["errors"], found["warnings"]) == ([], [])
    assert found["rules"] > 20


def test_broken_promises_are_named_and_end_with_1(here):
    with here.writing() as session:
        anna = make_person(session, "Anna Smit")
        version = make_framework(session, "groen", managers={None: anna})
        idea = make_assigned_idea(session, version, anna)
        reference = idea.reference
        session.execute(update(Assignment).values(ended_at=Assignment.made_at))
    told = CliRunner().invoke(cli, ["check", "--json"])
    assert told.exit_code == 1
    found = json.loads(told.stdout)
    assert found["ok"] is False
    broken = {each["rule"]: each for each in found["errors"]}
    assert broken["every open idea has an owner and a promised date"]["examples"] == [reference]
    table = CliRunner().invoke(cli, ["check"])
    assert table.exit_code == 1
    assert reference in table.stdout
    assert "error" in table.stdout


def test_a_warning_alone_ends_with_0(here):
    with here.writing() as session:
        make_idea(session)
        session.connection().exec_driver_sql(
            "INSERT INTO intake_record (source, delivery_key, outcome, idea_id, detail, content_type, content,"
            " received_at) VALUES ('form', 'a', 'idea', 1, NULL, 'x', x'00', '2026-06-03 09:00:00'),"
            " ('email', 'k', 'exception', NULL, 'too large', 'x', x'00', '2026-06-03 09:00:00')"
        )
        session.connection().exec_driver_sql("UPDATE idea SET received_at = '2999-01-01 00:00:00'")
    told = CliRunner().invoke(cli, ["check", "--json"])
    assert told.exit_code == 0, told.stdout
    found = json.loads(told.stdout)
    assert [each["rule"] for each in found["warnings"]] == ["no message or import row waits for a person"]


def test_a_database_without_tables_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KADER_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    told = CliRunner().invoke(cli, ["check"])
    assert told.exit_code == 2
    assert told.stderr.startswith("kader: The database lacks the newest tables")
    assert told.stderr.count("\n") == 1
