import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from kader.cli import cli
from kader.cli.files import read_labelled
from kader.cli.output import guarded, unguarded
from models import Correction, DecisionRecord, DuplicateLink
from models.session import open_database
from models.words import CorrectionKind, DecisionKind, IdeaStatus, LinkState
from pipeline.core import FrameworkText
from pipeline.store.exporting import exported
from pipeline.store.textmodels.standing import Selection
from tests.factories import NOW, make_framework, make_idea, make_person, make_unit

EARLY = NOW - timedelta(days=40)
NASTY = '=SOM(A1)\n"Ja; nee", zei ze.'


def fill(session):
    """Five ideas: chosen by the machine, put right and declined by a person, fits none, joined, and just in."""
    kitchen = make_unit(session, "keuken")
    anna, ida = make_person(session, "Anna Smit"), make_person(session, "Ida Bos")
    fietsen, energie = make_framework(session, "fietsen"), make_framework(session, "energie")
    first = make_idea(
        session,
        NASTY,
        title="-10 graden",
        submitter=ida,
        unit=kitchen,
        status=IdeaStatus.ASSIGNED,
        framework=fietsen,
        received_at=EARLY,
    )
    second = make_idea(session, "Lampen uit", title="Lamp", status=IdeaStatus.DECLINED, framework=energie)
    third = make_idea(
        session, "Hond gevonden", title="Hond", submitter=ida, status=IdeaStatus.WITH_COORDINATOR
    )
    joined = make_idea(
        session, NASTY, title="Ook", submitter=anna, status=IdeaStatus.JOINED, framework=fietsen
    )
    make_idea(session, "Net binnen", title="Nieuw")
    for idea, words in ((second, ("fietsen", "energie")), (third, (None,))):
        session.add_all(
            Correction(
                idea_id=idea.id, kind=CorrectionKind.FRAMEWORK.value, machine_value="fietsen", person_value=word,
                person_id=anna.id, made_at=NOW,
            )
            for word in words
        )  # fmt: skip
        session.flush()
    session.add_all(
        DecisionRecord(
            idea_id=second.id, number=number, kind=kind.value, person_id=anna.id, reason=reason, made_at=NOW
        )
        for number, kind, reason in [
            (1, DecisionKind.ASK, "Welke?"),
            (2, DecisionKind.DECLINE, "@ Dat kan niet."),
        ]
    )
    session.add(
        DuplicateLink(
            duplicate_id=joined.id, original_id=first.id, state=LinkState.CONFIRMED.value, score=1.0, evidence={},
            made_at=NOW,
        )
    )  # fmt: skip


@pytest.fixture
def ideas(here):
    with here.writing() as session:
        fill(session)
    return here


def export(path, *arguments):
    return CliRunner().invoke(cli, ["export", str(path), *arguments])


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_every_idea_with_where_it_stands(ideas, tmp_path):
    path = tmp_path / "ideas.csv"
    told = export(path)
    assert told.exit_code == 0, told.output
    assert told.stdout == f"5 ideas written to {path}.\n"
    found = rows(path)
    assert [row["id"] for row in found] == [f"K-2026-000{number}" for number in range(1, 6)]
    assert [(row["status"], row["framework"], row["placed_by"], row["joined"]) for row in found] == [
        ("assigned", "fietsen", "machine", ""),
        ("declined", "energie", "person", ""),
        ("with_coordinator", "", "person", ""),
        ("joined", "fietsen", "machine", "K-2026-0001"),
        ("received", "", "", ""),
    ]
    assert (found[1]["decision"], found[1]["reason"], found[0]["reason"]) == (
        "decline",
        "'@ Dat kan niet.",
        "",
    )
    assert found[1]["decided_at"] == NOW.isoformat(timespec="seconds")
    assert (found[0]["title"], found[0]["text"]) == ("'-10 graden", f"'{NASTY}")
    assert [row["anonymous"] for row in found] == ["no", "yes", "no", "no", "yes"]
    assert path.read_text(encoding="utf-8").startswith("\ufeffid,title,text")


def test_no_name_or_unit_leaves_unless_asked_for(ideas, tmp_path):
    path = tmp_path / "ideas.csv"
    export(path)
    written = path.read_text(encoding="utf-8")
    assert not [word for word in ("Smit", "smit", "Ida", "keuken", "@veld") if word in written]
    assert not {"email", "name", "unit"} & rows(path)[0].keys()
    assert export(path, "--with-people").exit_code == 0
    first, second, *_ = rows(path)
    assert (first["name"], first["unit"], "@" in first["email"]) == ("Ida Bos", "keuken", True)
    assert (second["name"], second["email"]) == ("", "")


def test_some_of_them(ideas, tmp_path):
    path = tmp_path / "ideas.csv"
    told = export(path, "--framework", "fietsen", "--json")
    assert json.loads(told.stdout) == {"ideas": 2, "out": str(path)}
    export(path, "--framework", "fietsen", "--framework", "energie", "--since", NOW.date().isoformat())
    assert [row["id"] for row in rows(path)] == ["K-2026-0002", "K-2026-0004"]
    before = path.read_bytes()
    told = export(path, "--framework", "fitsen")
    assert (told.exit_code, told.stderr) == (2, "kader: There is no such framework 'fitsen' (fietsen?).\n")
    assert path.read_bytes() == before


def test_json_lines_keep_what_is_not_known_apart_from_what_is_empty(ideas, tmp_path):
    path = tmp_path / "ideas.jsonl"
    assert export(path).exit_code == 0
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert (found[0]["text"], found[0]["anonymous"]) == (NASTY, False)
    assert (found[2]["framework"], found[2]["placed_by"], found[4]["decision"]) == (None, "person", None)
    plain = tmp_path / "ideas.txt"
    export(plain, "--format", "jsonl")
    assert plain.read_bytes() == path.read_bytes()


def test_what_was_exported_is_read_by_the_others(ideas, tmp_path, monkeypatch, capsys):
    path = tmp_path / "ideas.csv"
    export(path)
    labelled = read_labelled(path, [FrameworkText("energie", "Energie")])
    assert capsys.readouterr().err == ""
    assert [(each.idea.id, each.framework) for each in labelled] == [
        ("K-2026-0002", "energie"),
        ("K-2026-0003", None),
    ]
    assert [each.framework for each in read_labelled(path, [FrameworkText("fietsen", "Fiets")])] == [None]
    assert "1 labelled idea is in a framework that isn't in the frameworks file" in capsys.readouterr().err
    told = CliRunner().invoke(cli, ["duplicates", "--ideas", str(path), "--out", str(tmp_path / "twins.csv")])
    assert told.exit_code == 0, told.output
    twins = [(row["id"], row["duplicate_of"]) for row in rows(tmp_path / "twins.csv")]
    assert ("K-2026-0004", "K-2026-0001") in twins
    # In another Kader it is the same idea, to the letter.
    url = f"sqlite:///{tmp_path / 'other' / 'kader.db'}"
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "other"))
    monkeypatch.setenv("KADER_DATABASE_URL", url)
    assert CliRunner().invoke(cli, ["migrate"]).exit_code == 0
    told = CliRunner().invoke(cli, ["import", str(path), "--json"])
    assert json.loads(told.stdout) == {"read": 5, "ideas": 5, "repeats": 0, "errors": 0}, told.output
    other = open_database(url)
    with ideas.reading() as here, other.reading() as there:
        one, two = (
            [(idea.title, idea.text) for idea in exported(each, Selection())] for each in (here, there)
        )
    other.dispose()
    assert one == two


@pytest.mark.parametrize("cell", ["", "=1", "'=1", "''-1", "'", "'s nachts", "\tx", "@", "gewoon", "'\"+"])
def test_guarding_loses_nothing(cell):
    assert unguarded(guarded(cell)) == cell
    assert not guarded(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_an_empty_kader_gives_a_table_without_rows(here, tmp_path):
    told = export(tmp_path / "ideas.csv")
    assert (told.exit_code, rows(tmp_path / "ideas.csv")) == (0, [])
    assert told.stdout.startswith("0 ideas written")


def test_both_stores_give_the_same(database):
    with database.writing() as session:
        fill(session)
    with database.reading() as session:
        found = list(exported(session, Selection(since=datetime(2026, 1, 1, tzinfo=UTC))))
    assert [(each.reference, each.framework, each.joined, each.decision) for each in found] == [
        ("K-2026-0001", "fietsen", None, None),
        ("K-2026-0002", "energie", None, "decline"),
        ("K-2026-0003", None, None, None),
        ("K-2026-0004", "fietsen", "K-2026-0001", None),
        ("K-2026-0005", None, None, None),
    ]
