"""PostgreSQL's own index beside the one in the process: the same neighbours, however ideas are followed.

With the pgvector of the tests' server, which may be too old for half precision, and with a newer one.
"""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from sqlalchemy import func, select, text

from models import DuplicateLink, Idea, IdeaReading, OutboxMessage, pgvector
from models.migrate import upgrade
from models.session import Database, open_database
from pipeline.store.search import pgvector as database_index
from pipeline.store.search.graph import build_graph, graph_of, index_name, kind_to_build
from pipeline.store.search.neighbours import FollowingIndex
from pipeline.store.search.pgvector import DatabaseIndex
from pipeline.store.search.recall import measure_recall
from tests.factories import make_idea
from tests.pipeline.store.office import COOR, HEAT, IDA, JAN, PUMP, SOUP
from tests.services import running_newer_postgres

SPACE, DIMENSIONS, COUNT = "made-16", 16, 240


@pytest.fixture(scope="module")
def newer_server():
    with running_newer_postgres() as server:
        yield server


@pytest.fixture
def newer_url(newer_server):
    """URL of a fresh database on a server whose pgvector has half precision."""
    url = newer_server.create()
    upgrade(url)
    yield url
    newer_server.drop(url)


@pytest.fixture(params=["postgres_url", "newer_url"])
def made(request):
    """A database with ideas at random places of a small space, and their vectors."""
    database = open_database(request.getfixturevalue(request.param))
    with database.reading() as session:
        assert pgvector.is_there(session.connection()), "These tests need pgvector on the server."
    random = np.random.default_rng(4)
    vectors = np.repeat(random.standard_normal((COUNT // 4, DIMENSIONS)), 4, axis=0)
    vectors += 0.3 * random.standard_normal(vectors.shape)
    vectors = np.round(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), 5).astype(np.float32)
    with database.writing() as session:
        for vector in vectors:
            idea = make_idea(session)
            session.add(
                IdeaReading(
                    idea_id=idea.id,
                    model_version="made",
                    space=SPACE,
                    vector=vector.tobytes(),
                    decision="ask",
                    probability_none=0,
                    candidates=[],
                    limits=[],
                    language="nl",
                )
            )
    yield database, vectors
    database.dispose()


def copied(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(text("SELECT count(*) FROM idea_vector"))


def found(index, database, vectors, first, last):
    keys = list(range(first, last + 1))
    with database.reading() as session:
        index.follow(session, up_to=last)
        near = index.before(session, keys, vectors[first - 1 : last], 5, least=0.35)
    return [[hit.key for hit in each] for each in near]


@pytest.mark.parametrize("at_once", [7, 60, 240])
def test_both_find_the_same_however_many_come_at_once(made, at_once):
    database, vectors = made
    ours, theirs = FollowingIndex(SPACE, DIMENSIONS), DatabaseIndex(database, SPACE, DIMENSIONS)
    for first in range(1, COUNT + 1, at_once):
        last = min(first + at_once - 1, COUNT)
        assert found(theirs, database, vectors, first, last) == found(ours, database, vectors, first, last)


def test_the_newest_are_found_at_once_and_in_the_table_later(made, monkeypatch):
    database, vectors = made
    one, other = (DatabaseIndex(database, SPACE, DIMENSIONS) for _ in range(2))
    monkeypatch.setattr(database_index, "_RECENT", 40)
    monkeypatch.setattr(database_index, "_MOST_RECENT", 90)
    found(one, database, vectors, 1, 80)
    assert copied(database) == 0
    # Too many of them: whoever settles puts the oldest in the table.
    found(one, database, vectors, 81, 120)
    assert copied(database) == 30
    found(one, database, vectors, 121, 150)
    assert copied(database) == 60
    # Another process, which begins now, has time for all but the newest; ideas that wait are no settled ones.
    with database.writing() as session:
        session.execute(text("UPDATE idea SET status = 'with_coordinator' WHERE id <= 150"))
        session.execute(text("UPDATE idea SET status = 'received' WHERE id > 150"))
    other.catch_up(lambda: True)
    assert copied(database) == 60
    other.catch_up()
    assert copied(database) == 110
    assert found(other, database, vectors, 151, 160) == found(one, database, vectors, 151, 160)
    again = FollowingIndex(SPACE, DIMENSIONS)
    assert found(one, database, vectors, 20, 40) == found(again, database, vectors, 20, 40)


def through_graph(index, session, keys, vectors, kind):
    """Neighbours that were found through the graph of this kind, and not by reading all rows."""
    # Reading so few rows is quicker.
    session.execute(text("SET LOCAL enable_sort = off"))
    near = index.before(session, keys, vectors, 5, least=0.35)
    name = {"name": index_name(SPACE, kind)}
    assert session.scalar(text("SELECT pg_stat_get_xact_numscans(to_regclass(:name))"), name) == len(keys)
    return near


def test_a_new_graph_is_in_half_precision_where_pgvector_can_and_what_it_finds_is_told_exactly(made):
    database, vectors = made
    index, ours = DatabaseIndex(database, SPACE, DIMENSIONS), FollowingIndex(SPACE, DIMENSIONS)
    with database.writing() as session:
        session.execute(text("UPDATE idea SET status = 'with_coordinator'"))
        installed = session.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'"))
    index.prepare()
    kind = "halfvec" if pgvector.has_halves(installed) else "vector"
    keys = [COUNT + 1] * COUNT
    with database.reading() as session:
        assert graph_of(session, SPACE) == database_index.Graph(kind, is_careful=True)
        index.follow(session, up_to=COUNT)
        ours.follow(session, up_to=COUNT)
        near = through_graph(index, session, keys, vectors, kind)
        wanted = ours.before(session, keys, vectors, 5, least=0.35)
    assert [[hit.key for hit in each] for each in near] == [[hit.key for hit in each] for each in wanted]
    # pgvector adds up in single precision; in half precision a hundred times as much would be lost.
    for hit, other in zip(chain(*near), chain(*wanted), strict=True):
        assert hit.cosine == pytest.approx(other.cosine, abs=2e-6)


def test_what_half_precision_cant_hold_is_no_vector_and_stops_no_later_one(made):
    database, vectors = made
    index, ours = DatabaseIndex(database, SPACE, DIMENSIONS), FollowingIndex(SPACE, DIMENSIONS)
    with database.writing() as session:
        session.execute(text("UPDATE idea SET status = 'with_coordinator'"))
        for idea_id, number in ((3, 70_000.0), (7, np.nan), (9, np.inf)):
            broken = vectors[idea_id - 1].copy()
            broken[5] = number
            session.execute(
                text("UPDATE idea_reading SET vector = :vector WHERE idea_id = :id"),
                {"vector": broken.tobytes(), "id": idea_id},
            )
    index.prepare()
    assert copied(database) == COUNT - 3
    near = found(index, database, vectors, COUNT - 9, COUNT)
    assert near == found(ours, database, vectors, COUNT - 9, COUNT)
    assert all(near)


def test_a_graph_in_single_precision_that_is_there_stays_in_use(made):
    database, vectors = made
    index, name = DatabaseIndex(database, SPACE, DIMENSIONS), index_name(SPACE, "vector")
    index.catch_up()
    with database.writing() as session:
        session.execute(text("UPDATE idea SET status = 'with_coordinator'"))
        # As earlier versions of Kader made it.
        session.execute(
            text(
                f"CREATE INDEX {name} ON idea_vector USING hnsw ((embedding::vector({DIMENSIONS})) vector_cosine_ops) "
                f"WHERE space = '{SPACE}'"
            )
        )
    index.prepare()
    with database.reading() as session:
        graph = graph_of(session, SPACE)
        assert graph == database_index.Graph("vector", is_careful=False)
        index.follow(session, up_to=COUNT)
        near = through_graph(index, session, [COUNT + 1] * 9, vectors[:9], "vector")
        assert [each[0].key for each in near] == list(range(1, 10))
        assert session.scalar(text("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%hnsw%'")) == 1
    # One that somebody dropped comes back as it is made now.
    with database.writing() as session:
        session.execute(text(f"DROP INDEX {name}"))
        kind = kind_to_build(session)
    build_graph(database, SPACE, DIMENSIONS)
    with database.reading() as session:
        assert graph_of(session, SPACE) == database_index.Graph(kind, is_careful=True)


def test_the_graph_is_asked_for_more_candidates_the_larger_it_is_and_the_less_care_it_was_made_with():
    sizes = (0, 1, 25_000, 30_000, 50_000, 1_000_000)
    careful = [database_index.breadth_for(ideas, is_careful=True) for ideas in sizes]
    other = [database_index.breadth_for(ideas, is_careful=False) for ideas in sizes]
    assert (careful, other) == ([60, 60, 60, 72, 120, 200], [100, 100, 100, 120, 200, 200])


def test_cosines_are_the_same_to_the_last_decimal(made):
    database, vectors = made
    ours, theirs = FollowingIndex(SPACE, DIMENSIONS), DatabaseIndex(database, SPACE, DIMENSIONS)
    ids = [[number, 9_999, number + 1] for number in range(1, 100)]
    with database.reading() as session:
        ours.follow(session, up_to=COUNT)
        assert theirs.cosines(session, vectors[:99], ids) == ours.cosines(session, vectors[:99], ids)
        assert theirs.cosines(session, vectors[:1], [[]]) == [[]]


def test_what_is_deleted_is_found_no_more(made):
    database, vectors = made
    index = DatabaseIndex(database, SPACE, DIMENSIONS)
    found(index, database, vectors, 1, 100)
    found(index, database, vectors, 101, 200)
    with database.writing() as session:
        session.execute(text("DELETE FROM event WHERE idea_id IN (50, 150)"))
        session.execute(text("DELETE FROM idea WHERE id IN (50, 150)"))
    index.forget([50, 150])
    near = found(index, database, vectors, 195, 200)
    with database.reading() as session:
        near = index.before(session, [999] * 2, vectors[[49, 149]], 240, least=-1.0)
    assert {50, 150} & {hit.key for each in near for hit in each} == set()


def test_ideas_get_to_the_same_place_by_either_index(postgres_url, office_at):
    office = office_at(postgres_url)
    texts = [PUMP, HEAT, SOUP, f"{PUMP} Dank!", "Een fietspomp", "Led lampen in de hal"]
    for number in range(24):
        office.send(texts[number % 6] + "!" * (number % 3), [IDA, JAN, COOR, None][number // 6])
    office.settings = office.settings.model_copy(update={"batch_size": 9})
    office.read()
    model = office.model

    def mind(index):
        return replace(office.mind(), index=index)

    def outcome():
        links = [
            (*each, round(link.score, 6))
            for each, link in zip(office.links(), office.rows(DuplicateLink), strict=True)
        ]
        return sorted(links), [(each.id, each.status) for each in office.rows(Idea)]

    index = DatabaseIndex(office.database, model.space, model.dimensions)
    index.prepare()
    assert office.settle(mind(index)) == len(office.rows(Idea))
    by_database = outcome()
    assert "confirmed" in {state for _, _, state, _ in by_database[0]}, by_database
    assert measure_recall(office.database, mind(index)).recall >= 0.98
    with office.database.writing() as session:
        session.query(OutboxMessage).where(OutboxMessage.kind != "receipt").delete()
        for table in ("duplicate_link", "assignment", "assessment"):
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text("UPDATE idea SET status = 'received', framework_id = NULL, settled_at = NULL"))
    assert office.settle(mind(FollowingIndex(model.space, model.dimensions))) == len(by_database[1])
    assert outcome() == by_database
    with office.database.reading() as session:
        assert session.scalar(select(func.count()).where(Idea.compared_by.is_(None))) == 0
