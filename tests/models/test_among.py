"""Rows by many keys, in one parameter, on both stores."""

from sqlalchemy import select, update

from models import Idea
from models.among import among
from models.session import Database
from tests.factories import make_idea

MANY = 40_000  # more parameters than SQLite takes


def test_rows_are_found_by_numbers_and_by_words(database: Database) -> None:
    with database.writing() as session:
        ideas = [make_idea(session) for _ in range(4)]
        session.flush()
        ids, references = [each.id for each in ideas], [each.reference for each in ideas]
    with database.reading() as session:
        for asked, wanted in ((ids[1:3], ids[1:3]), ([], []), ([ids[0], *range(10_000, MANY)], ids[:1])):
            found = session.scalars(select(Idea.id).where(among(session, Idea.id, asked)).order_by(Idea.id))
            assert found.all() == wanted
        odd = [references[2], 'it\'s "quoted" \\ 🙂']
        assert session.scalars(select(Idea.id).where(among(session, Idea.reference, odd))).all() == [ids[2]]


def test_rows_are_changed(database: Database) -> None:
    with database.writing() as session:
        for _ in range(3):
            make_idea(session)
        session.flush()
        ids = list(session.scalars(select(Idea.id).order_by(Idea.id)))
        session.execute(update(Idea).where(among(session, Idea.id, set(ids[:2]))).values(attempts=7))
    with database.reading() as session:
        assert session.scalars(select(Idea.attempts).order_by(Idea.id)).all()[:3] == [7, 7, 0]
