import json
import os
import shutil
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kader.cli import cli
from kader.cli.doctor import examine
from kader.embedded.folders import only_one, prepare_folders
from kader.embedded.health import State, within
from kader.settings import Settings
from models import Correction, Idea, TextModelVersion
from pipeline.core import FrameworkText
from pipeline.text import artifact
from pipeline.text.artifact import save
from pipeline.text.training import train
from tests.factories import make_person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def by_name(settings, now=NOW):
    return {finding.name: finding for finding in examine(settings, now)}


def insert_idea(database, received):
    with database.writing() as session:
        session.add(
            Idea(
                reference="K-2026-0001",
                source="form",
                title="Fietsen",
                text="Meer plek voor fietsen",
                fingerprint="x",
                status="received",
                received_at=received,
            )
        )


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_working_kader_is_found_working(settings):
    prepare_folders(settings)
    with only_one(settings, ["web", "worker"]):
        found = by_name(settings)
    assert [name for name, finding in found.items() if finding.state is State.BAD] == []
    assert "web, worker" in found["processes"].found
    assert found["tables"].found == "up to date"
    assert found["broker"].found.startswith("Valkey 9.")
    assert found["waiting ideas"].found == "none"
    assert found["text model"].state is State.NOTE


def test_postgresql_tells_about_pgvector(postgres_url, broker_url, tmp_path):
    settings = Settings(var=tmp_path, database_url=postgres_url, broker_url=broker_url)
    found = by_name(settings)
    assert found["database"].found.startswith("PostgreSQL 1")
    assert "pgvector 0." in found["neighbours"].found


def test_ideas_that_wait_too_long_are_bad(settings, database):
    insert_idea(database, NOW - timedelta(minutes=3))
    assert by_name(settings)["waiting ideas"].found == "1, the oldest for 3 minutes"
    assert by_name(settings)["waiting ideas"].state is State.OK
    late = by_name(settings, NOW + timedelta(hours=3))["waiting ideas"]
    assert (late.found, late.state) == ("1, the oldest for 3 hours", State.BAD)
    assert "kader up" in late.advice


def insert_model(database, settings):
    """A text model in use, and its files."""
    model = train((FrameworkText("groen", "Groener werken", "Minder energie, papier en afval."),))
    save(model, settings.models / model.version)
    with database.writing() as session:
        session.add(
            TextModelVersion(
                version=model.version,
                space="s1",
                dimensions=64,
                data_hash="h",
                framework_versions={},
                metrics={},
                trained_at=NOW,
                is_active=True,
            )
        )


def test_an_active_model_without_its_files_is_bad(settings, database):
    insert_model(database, settings)
    assert by_name(settings)["text model"].state is State.OK
    shutil.rmtree(settings.models)
    gone = by_name(settings)["text model"]
    assert gone.state is State.BAD
    assert "kader train --new-space" in gone.advice


def test_a_model_whose_files_were_changed_is_bad(settings, database):
    insert_model(database, settings)
    (file,) = settings.models.glob("*/model.json")
    file.parent.chmod(0o755)
    file.chmod(0o644)
    file.write_text(file.read_text("utf-8").replace("groen", "green"), "utf-8")
    changed = by_name(settings)["text model"]
    assert changed.state is State.BAD
    assert "changed after it was saved" in changed.found
    assert "kader train --new-space" in changed.advice


def test_a_model_of_another_version_of_kader_is_told_with_what_happens(settings, database, monkeypatch):
    with monkeypatch.context() as before_update:
        before_update.setattr(artifact, "FORMAT", artifact.FORMAT - 1)
        insert_model(database, settings)
    older = by_name(settings)["text model"]
    assert older.state is State.NOTE
    assert "another version of Kader" in older.found
    assert "by itself" in older.advice


def test_what_people_said_since_the_training_is_told_with_what_to_do(settings, database):
    insert_model(database, settings)
    insert_idea(database, NOW)
    with database.writing() as session:
        session.add(
            Correction(
                idea_id=session.scalars(select(Idea.id)).one(),
                kind="framework",
                person_value="groen",
                person_id=make_person(session, "Coen Oord", is_coordinator=True).id,
                made_at=NOW + timedelta(days=1),
            )
        )
    elsewhere = by_name(settings.model_copy(update={"broker_url": "redis://broker:6379/0"}))["text model"]
    assert elsewhere.state is State.NOTE
    assert elsewhere.found.endswith(": 1")
    assert "kader train" in elsewhere.advice
    here = by_name(settings.model_copy(update={"broker_url": ""}))["text model"]
    assert here.state is State.OK
    assert "tonight" in here.found


def test_a_fresh_start_says_what_to_do_and_makes_no_database(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("KADER_")]:
        monkeypatch.delenv(name)
    told = CliRunner().invoke(cli, ["doctor", "--json"])
    assert told.exit_code == 1
    report = json.loads(told.stdout)
    assert report["ok"] is False
    bad = {check["name"]: check["advice"] for check in report["checks"] if check["state"] == "bad"}
    assert bad == {"database": "Run `kader migrate`.", "broker": "Start it with `kader up`."}
    assert not (tmp_path / "var" / "kader.db").exists()


def test_the_table_shows_every_finding(monkeypatch, tmp_path):
    monkeypatch.setenv("KADER_VAR", str(tmp_path))
    told = CliRunner().invoke(cli, ["doctor"], env={"COLUMNS": "200"})
    assert told.exit_code == 1
    for name in ("python", "settings", "var folder", "database", "broker", "processes", "mail"):
        assert name in told.stdout


def test_a_dead_broker_database_and_mail_server_are_told_apart_and_in_time(tmp_path, free_port):
    settings = Settings(
        var=tmp_path,
        database_url=f"postgresql://kader:geheim@127.0.0.1:{free_port}/kader",
        broker_url=f"redis://kader:geheim@127.0.0.1:{free_port}/0",
        smtp_url=f"smtp://kader:geheim@127.0.0.1:{free_port}",
    )
    started = time.monotonic()
    found = by_name(settings)
    assert time.monotonic() - started < 10
    for name, setting in (
        ("database", "KADER_DATABASE_URL"),
        ("broker", "KADER_BROKER_URL"),
        ("mail", "KADER_SMTP_URL"),
    ):
        assert found[name].state is State.BAD
        assert setting in found[name].advice
    assert not any("geheim" in finding.found + finding.advice for finding in found.values())


def test_servers_that_accept_and_say_nothing_do_not_hold_it_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = Settings(
            var=tmp_path,
            database_url=f"postgresql://kader@127.0.0.1:{port}/kader",
            broker_url=f"redis://127.0.0.1:{port}/0",
            smtp_url=f"smtp://127.0.0.1:{port}",
        )
        started = time.monotonic()
        found = by_name(settings)
        assert time.monotonic() - started < 10
    assert {found[name].state for name in ("database", "broker", "mail")} == {State.BAD}


def test_a_var_folder_that_is_a_file_is_bad(tmp_path):
    (tmp_path / "var").write_text("in the way")
    found = by_name(Settings(var=tmp_path / "var", broker_url=""))
    assert found["var folder"].state is State.BAD
    assert "KADER_VAR" in found["var folder"].advice
    assert "database" not in found


def test_a_misspelt_setting_is_noticed_and_no_value_is_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("KADER_PROT", "8001")
    monkeypatch.setenv("KADER_SECRET_KEY", "very secret")
    settings = Settings(var=tmp_path, broker_url="")
    found = by_name(settings)
    assert found["settings"].state is State.NOTE
    assert "KADER_PROT (KADER_PORT?)" in found["settings"].advice
    assert "KADER_SECRET_KEY" in found["settings"].found
    assert not any("very secret" in finding.found for finding in found.values())


def test_a_look_is_bounded_in_time():
    with pytest.raises(TimeoutError, match=r"no answer within 0\.05 seconds"):
        within(0.05, lambda: time.sleep(1))
    with pytest.raises(KeyError):
        within(5, lambda: {}["missing"])
    assert within(5, lambda: 42) == 42
