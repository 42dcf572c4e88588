import csv
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from kader.cli import cli
from models import Idea, OutboxMessage
from models.words import IdeaStatus
from tests.factories import (
    make_assigned_idea,
    make_assignment,
    make_framework,
    make_idea,
    make_person,
)


def reprocess(*arguments):
    return CliRunner().invoke(cli, ["reprocess", *map(str, arguments)])


def shown(*arguments):
    told = reprocess(*arguments, "--json")
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


@pytest.fixture
def ideas(here, monkeypatch):
    """One idea about energy that lies in fietsen, and one with the coordinator; the machine is sure from 30 % on."""
    monkeypatch.setenv("KADER_AUTO_WITHOUT_LABELS", "0.3")
    with here.writing() as session:
        anna, bram = make_person(session, "Anna Smit"), make_person(session, "Bram Vos")
        coordinator = make_person(session, "Coor Oord", is_coordinator=True)
        fietsen = make_framework(
            session,
            "fietsen",
            managers={None: anna},
            description="Ideeën over fietsen, de fietsenstalling en fietspompen.",
        )
        make_framework(
            session,
            "energie",
            managers={None: bram},
            description="Ideeën om stroom en warmte te besparen: lampen, verwarming, zonnepanelen.",
        )
        wrong = make_assigned_idea(
            session,
            fietsen,
            anna,
            title="=Verwarming",
            text="Zet de verwarming lager, dat bespaart warmte en stroom.",
        )
        unsure = make_idea(
            session,
            "Zonnepanelen en zuinige lampen besparen stroom.",
            title="Zonnepanelen",
            status=IdeaStatus.WITH_COORDINATOR,
        )
        make_assignment(session, unsure, coordinator)
        references = [wrong.reference, unsure.reference]
    trained = CliRunner().invoke(cli, ["train"])
    assert trained.exit_code == 0, trained.output
    return references


def frameworks(database):
    with database.reading() as session:
        return session.scalars(select(Idea.framework_id).order_by(Idea.id)).all()


def test_dry_run_then_difference_then_apply(here, ideas, tmp_path):
    before = frameworks(here)
    path = tmp_path / "difference.csv"
    found = shown("--csv", path)
    assert found == {"run": 1, "status": "ready", "ideas": 2, "changed": 2}
    assert frameworks(here) == before
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["reference"], row["from"], row["to"]) for row in rows] == [
        (ideas[0], "fietsen", "energie"),
        (ideas[1], "", "energie"),
    ]
    assert [row["owner_to"] for row in rows] == ["Bram Vos"] * 2
    assert rows[0]["title"] == "'=Verwarming"  # no formula in a spreadsheet
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")

    told = reprocess("--run", 1)
    assert told.exit_code == 0
    assert "To carry it out: kader reprocess --run 1 --apply" in told.stdout
    assert frameworks(here) == before

    assert shown("--run", 1, "--apply") == {"run": 1, "status": "applied", "ideas": 2, "applied": 2}
    after = frameworks(here)
    assert after != before
    assert len(set(after)) == 1
    with here.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    assert shown("--run", 1, "--apply")["applied"] == 2
    assert shown() == {"run": 2, "status": "ready", "ideas": 2, "unchanged": 2}


def test_a_choice_and_the_list_of_runs(here, ideas):
    assert shown("--framework", "fietsen")["ideas"] == 1
    assert shown("--status", "with_coordinator")["ideas"] == 1
    assert shown("--reference", ideas[0], "--reference", ideas[1])["ideas"] == 2
    assert reprocess("--run", 3, "--cancel").stdout == "Run 3 is cancelled; nothing was changed.\n"
    listed = shown("--list")
    assert [(each["run"], each["status"]) for each in listed] == [
        (3, "cancelled"),
        (2, "ready"),
        (1, "ready"),
    ]
    assert "cancelled" in reprocess("--list").stdout


def test_a_day_is_a_day_here(here, ideas):
    with here.writing() as session:
        first = session.get_one(Idea, 1)
        # Half past midnight in Amsterdam, still the day before in UTC.
        first.received_at = datetime(2026, 6, 10, 22, 30, tzinfo=UTC)
    assert shown("--since", "2026-06-11")["ideas"] == 1
    assert reprocess("--since", "2026-06-12").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--framework", "verzonnen"),
            "No idea fits this choice: nothing to reprocess, as there is no framework 'verzonnen'",
        ),
        (("--framework", "fietsen", "--framework", "fitsen"), "there is no framework 'fitsen' (fietsen?)"),
        (("--status", "assignd"), "there is no status 'assignd' (assigned?)"),
        (("--reference", "K-1999-0001"), "there is no idea 'K-1999-0001'"),
        (("--status", "declined"), "No idea fits this choice: nothing to reprocess"),
        (("--run", "99"), "There is no run 99"),
        (("--run", "99", "--cancel"), "Run 99 can't be cancelled"),
        (("--cancel",), "Say which run to cancel"),
        (("--csv", "weg/difference.csv"), "can't be written"),
    ],
)
def test_a_mistake_is_one_sentence(here, ideas, arguments, sentence):
    told = reprocess(*arguments)
    assert told.exit_code == 2, told.output
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_difference_on_standard_output_is_all_there_is(here, ideas, tmp_path):
    (tmp_path / "stdout").symlink_to("/dev/fd/1")
    command = [sys.executable, "-c", "from kader.cli import main; main()", "reprocess", "--csv", "stdout"]
    told = subprocess.run(command, capture_output=True, check=True, timeout=120)
    rows = list(csv.DictReader(told.stdout.decode("utf-8-sig").splitlines()))
    assert [row["reference"] for row in rows] == ideas
    assert b"Run 1 (ready): 2 ideas" in told.stderr


def test_without_a_model_it_says_what_to_do(here):
    told = reprocess()
    assert told.exit_code == 2
    assert "run 'kader train' first" in told.stderr


def test_what_is_skipped_is_shown_with_the_reason(here, ideas):
    with here.writing() as session:
        session.execute(update(Idea).where(Idea.reference == ideas[0]).values(status=IdeaStatus.DECLINED))
    told = reprocess()
    assert told.exit_code == 0, told.output
    assert "1 skipped: its status is declined" in told.output
