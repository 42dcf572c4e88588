"""At night a worker learns from what people said since, where the settings say so."""

from dataclasses import replace
from typing import Literal

import pytest
from sqlalchemy import select

from kader.cli.here import now
from kader.links import Links
from kader.settings import Settings
from models import Idea, Person, TextModelVersion
from pipeline.store.deciding.answers import place
from tests.workers.conftest import Office
from workers.runtime import Runtime
from workers.tasks import learn, triage


@pytest.fixture
def here(office: Office) -> Runtime:
    """This process as a worker, on a machine that has all of Kader."""
    settings = office.settings.model_copy(update={"broker_url": ""})
    return Runtime(settings, office.database, "test", Links(b"secret", settings.pages, 7))


def say_where_it_belongs(office: Office, here: Runtime) -> None:
    """The coordinator places an idea."""
    office.accept("Doe het licht in de gang uit als er niemand is.")
    triage(here)
    with office.database.writing() as session:
        place(
            session,
            idea_id=session.scalars(select(Idea.id)).one(),
            person_id=session.scalars(select(Person.id).where(Person.is_coordinator)).one(),
            framework_slug="groen",
            reason="Licht dat uit is kost geen energie.",
            now=now(),
            settings=office.settings,
        )


def labelled(office: Office) -> list[int]:
    """How many ideas each text model learned from, in the order in which they were made."""
    with office.database.reading() as session:
        versions = session.scalars(select(TextModelVersion).order_by(TextModelVersion.id)).all()
        return [each.metrics["labelled"] for each in versions]


def test_it_learns_what_a_person_said_and_rests_when_nobody_said_more(office: Office, here: Runtime) -> None:
    assert not learn(here)
    say_where_it_belongs(office, here)
    assert learn(here)
    assert labelled(office) == [0, 1]
    mind = here.mind()
    assert mind is not None
    assert mind.model.parts.labelled == 1
    assert not learn(here)


@pytest.mark.parametrize(
    ("broker", "said", "learns"),
    [
        ("", "auto", True),
        ("", "off", False),
        ("redis://broker:6379/0", "auto", False),
        ("redis://broker:6379/0", "on", True),
    ],
)
def test_by_itself_only_where_all_of_kader_is_on_one_machine(
    broker: str, said: Literal["auto", "on", "off"], learns: bool
) -> None:
    assert Settings(broker_url=broker, nightly_training=said).learns_at_night is learns


def test_where_it_is_switched_off_nothing_is_learned(office: Office, here: Runtime) -> None:
    say_where_it_belongs(office, here)
    off = replace(here, settings=here.settings.model_copy(update={"nightly_training": "off"}))
    assert not learn(off)
    assert labelled(office) == [0]


def test_the_first_model_is_left_to_the_first_idea(office: Office, here: Runtime) -> None:
    with office.database.writing() as session:
        for version in session.scalars(select(TextModelVersion)):
            session.delete(version)
    assert not learn(here)
    assert labelled(office) == []
