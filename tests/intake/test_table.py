from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from intake.table import import_rows
from kader.settings import Settings
from models import Idea, IntakeRecord, Person
from models.session import Database

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
SETTINGS = Settings(_env_file=None, secret_key="a key for tests only", longest_idea=1000)


def bring(database: Database, *rows: dict[str, str]):
    found = import_rows(
        database, list(enumerate(rows, 2)), origin="ideas.csv", settings=SETTINGS, clock=lambda: NOW
    )
    return [(each.row, each.outcome, each.reference, each.message) for each in found]


def test_good_rows_become_ideas_and_bad_ones_are_named(database):
    reports = bring(
        database,
        {"text": "Een fietspomp", "email": "Ida@veld.example", "name": "Ida Bos", "language": "EN"},
        {"text": "", "title": ""},
        {"text": "Te lang " * 200},
        {"text": "Soep", "unit": "nergens"},
        {"text": "Taart", "email": "geen adres"},
        {
            "text": "Kuchen",
            "language": "Duits, of toch liever iets anders dat hier helemaal niet in past" * 3,
        },
        {"text": "Een lamp", "email": "jan@veld.example"},
    )
    assert [(row, outcome, reference) for row, outcome, reference, _ in reports] == [
        (2, "idea", "K-2026-0001"),
        (3, "error", None),
        (4, "error", None),
        (5, "error", None),
        (6, "error", None),
        (7, "error", None),
        (8, "idea", "K-2026-0002"),
    ]
    for (_, _, _, message), word in zip(
        reports[1:6], ["leeg", "te lang", "nergens", "e-mailadres", "taal"], strict=True
    ):
        assert word in message
        assert "\n" not in message
    with database.reading() as session:
        first, second = session.scalars(select(Idea).order_by(Idea.id))
        (record, _) = session.scalars(select(IntakeRecord).order_by(IntakeRecord.id))
    assert (first.text, first.language, second.text) == ("Een fietspomp", "en", "Een lamp")
    assert (first.source, record.origin, record.content_type) == ("import", "ideas.csv", "application/json")
    assert b'"email": "Ida@veld.example"' in record.content


def test_the_same_file_again_brings_nothing_in_twice(database):
    rows = [{"text": "Een fietspomp", "email": "ida@veld.example"}, {"text": "Een lamp"}]
    first, again = bring(database, *rows), bring(database, *rows)
    assert [outcome for _, outcome, _, _ in first] == ["idea", "idea"]
    assert [(outcome, reference) for _, outcome, reference, _ in again] == [
        ("repeat", "K-2026-0001"),
        ("repeat", "K-2026-0002"),
    ]
    # What was added or changed in the file is new.
    more = bring(database, rows[0], {"text": "Twee lampen"}, {"text": "Een lamp", "id": "7"})
    assert [outcome for _, outcome, _, _ in more] == ["repeat", "idea", "idea"]


def test_a_row_without_a_name_leaves_no_name(database):
    (report,) = bring(
        database,
        {"text": "Een fietspomp", "email": "geheim@veld.example", "name": "Geheim", "anonymous": "Ja"},
    )
    assert report[1] == "idea"
    with database.reading() as session:
        (idea,) = session.scalars(select(Idea))
        (record,) = session.scalars(select(IntakeRecord))
        assert session.scalars(select(Person)).all() == []
    assert (idea.is_anonymous, idea.submitter_id) == (True, None)
    kept = f"{record.delivery_key} {record.content!r} {record.origin} {record.detail}"
    assert "geheim" not in kept.lower()


@pytest.mark.parametrize("word", ["WAAR", "TRUE", "Ja", "j", "x", "1", "yes", "anoniem", " Anonymous "])
def test_a_yes_is_a_yes_in_both_languages(database, word):
    bring(database, {"text": "Een pomp", "email": "geheim@veld.example", "anonymous": word})
    with database.reading() as session:
        assert [idea.is_anonymous for idea in session.scalars(select(Idea))] == [True]
        assert session.scalars(select(Person)).all() == []


@pytest.mark.parametrize("word", ["", "ONWAAR", "false", "Nee", "n", "0", "no"])
def test_a_no_is_a_no_in_both_languages(database, word):
    bring(database, {"text": "Een pomp", "email": "ida@veld.example", "anonymous": word})
    with database.reading() as session:
        assert [idea.is_anonymous for idea in session.scalars(select(Idea))] == [False]


@pytest.mark.parametrize("word", ["misschien", "ja, graag", "2", "-"])
def test_what_is_neither_discloses_no_name(database, word):
    row = {"text": "Een pomp", "email": "geheim@veld.example", "anonymous": word}
    ((_, outcome, _, message), (_, good, _, _)) = bring(database, row, {"text": "Een lamp"})
    assert (outcome, good) == ("error", "idea")
    assert "ja of nee" in message
    assert "yes or no" in message
    with database.reading() as session:
        assert session.scalars(select(Person)).all() == []
