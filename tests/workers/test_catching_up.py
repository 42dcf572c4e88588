"""Ideas get into PostgreSQL's graph of neighbours by a worker that has nothing to settle, and by no other."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from kader.embedded.environment import environment
from kader.settings import Settings
from models import Idea
from models.session import open_database
from models.words import IdeaStatus
from pipeline.store.search import pgvector
from tests.factories import make_person
from tests.workers.conftest import Office
from workers import tasks
from workers.runtime import forget_runtime, runtime

IDEAS, RECENT = 7, 2


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An organisation whose neighbours PostgreSQL finds; this process is its worker."""
    monkeypatch.setattr(pgvector, "_RECENT", RECENT)
    settings = settings.model_copy(update={"neighbours": "database"})
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    database = open_database(settings.database)
    office = Office(settings, database)
    with database.writing() as session:
        make_person(session, "Coen Oord", is_coordinator=True)
    office.add_framework("groen", "Groener werken", "Minder energie, papier en afval in ons gebouw.")
    office.add_framework("rooster", "Een beter rooster", "Diensten, pauzes en vrije dagen eerlijk verdelen.")
    office.train()
    forget_runtime()
    yield office
    # Forgetting alone leaves connections open, as after a fork.
    runtime().database.dispose()
    forget_runtime()
    database.dispose()


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Only PostgreSQL has such a graph."""
    return postgres_url


def test_who_has_nothing_to_settle_puts_ideas_in_the_graph(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The graph is made before there is any idea.
    tasks.triage_task()
    for number in range(IDEAS):
        office.accept(f"Idee {number}: zet een fietspomp bij ingang {number} en een bank ernaast.")
    monkeypatch.setattr(tasks, "LONGEST_TURN", 0.0)
    tasks.triage_task()
    assert (settled(office), in_graph(office)) == (IDEAS, 0)
    monkeypatch.setattr(tasks, "LONGEST_TURN", 10.0)
    tasks.triage_task()
    assert (settled(office), in_graph(office)) == (IDEAS, IDEAS - RECENT)


def settled(office: Office) -> int:
    with office.database.reading() as session:
        return len(session.scalars(select(Idea.id).where(Idea.status != IdeaStatus.RECEIVED.value)).all())


def in_graph(office: Office) -> int:
    with office.database.reading() as session:
        return session.scalar(text("SELECT count(*) FROM idea_vector")) or 0
