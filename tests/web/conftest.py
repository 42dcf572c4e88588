"""A running site on each store, with a small organisation."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from kader.links import Links, Purpose
from kader.settings import Settings
from models import FrameworkVersion, Person, Unit
from models.session import Database, open_database
from tests.factories import NOW, make_framework, make_person, make_unit
from web.app import create_app

HERE = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Town:
    """A small organisation, and links for its people."""

    database: Database
    links: Links
    unit: Unit
    submitter: Person
    colleague: Person
    manager: Person
    coordinator: Person
    green: FrameworkVersion
    roster: FrameworkVersion

    def path(self, purpose: Purpose, person: Person, idea_id: int | None = None) -> str:
        return self.links.make(purpose, person_id=person.id, idea_id=idea_id).removeprefix(HERE)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    database = open_database(settings.database)
    with database.writing() as session:
        unit = make_unit(session, "keuken", name="Keuken")
        submitter = make_person(session, "Anna Smit", unit=unit)
        colleague = make_person(session, "Bo Karsten", unit=unit)
        manager = make_person(session, "Mo Verhaar")
        coordinator = make_person(session, "Coen Oord", is_coordinator=True)
        green = make_framework(
            session,
            "groen",
            title="Groener werken",
            limits=[("Verbouwen", "Dat loopt al."), ("Leaseauto's", "Die staan vast.")],
            managers={None: manager},
        )
        roster = make_framework(session, "rooster", title="Rooster", managers={None: coordinator})
    links = Links(settings.secret_key, settings.pages, settings.link_days)
    yield Town(database, links, unit, submitter, colleague, manager, coordinator, green, roster)
    database.dispose()


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A browser at the machine itself, on a day in June 2026."""
    app = create_app(settings, clock=lambda: NOW)
    with TestClient(
        app,
        base_url=HERE,
        client=("127.0.0.1", 50000),
        follow_redirects=False,
        headers={"accept-language": "nl"},
    ) as browser:
        yield browser


@pytest.fixture
def stranger(settings: Settings) -> Iterator[TestClient]:
    """A browser at another machine."""
    app = create_app(settings, clock=lambda: NOW)
    with TestClient(
        app, base_url="http://kader.veld.example", client=("192.0.2.7", 50000), follow_redirects=False
    ) as browser:
        yield browser
