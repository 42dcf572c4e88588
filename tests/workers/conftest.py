"""A small organisation with a trained text model, on each store and a real broker."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from intake.accept import accept
from intake.offer import Offer
from kader.cli.here import now
from kader.settings import Settings
from models.session import Database, open_database
from models.words import Source
from pipeline.store.textmodels.training import Trained, train_and_activate
from tests.factories import make_framework, make_person


@dataclass
class Office:
    """The organisation, and a door."""

    settings: Settings
    database: Database
    offered: list[str] = field(default_factory=list)

    def accept(
        self, text: str, *, email: str | None = "anna.smit@veld.example", name: str = "Anna Smit"
    ) -> str:
        """Accept an idea; gives its reference."""
        self.offered.append(text)
        offer = Offer(
            source=Source.API,
            title="",
            text=text,
            submitter_email=email,
            submitter_name=name if email else None,
            anonymous=email is None,
            unit_slug=None,
            language="nl",
            delivery_key=f"office-{len(self.offered)}",
            raw=text.encode(),
            content_type="text/plain",
        )
        with self.database.writing() as session:
            return accept(session, offer, now=now(), settings=self.settings).reference

    def add_framework(self, slug: str, title: str, description: str) -> None:
        with self.database.writing() as session:
            manager = make_person(session, f"Beheer {slug.capitalize()}")
            make_framework(session, slug, title=title, description=description, managers={None: manager})

    def train(self) -> Trained:
        return train_and_activate(self.database, self.settings, owner="office", clock=now)


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    """One coordinator, two frameworks, and a machine that asks a person about everything."""
    quick = settings.model_copy(update={"sweep_seconds": 0.5, "lease_seconds": 3, "log_level": "DEBUG"})
    database = open_database(quick.database)
    office = Office(quick, database)
    with database.writing() as session:
        make_person(session, "Coen Oord", is_coordinator=True)
    office.add_framework("groen", "Groener werken", "Minder energie, papier en afval in ons gebouw.")
    office.add_framework("rooster", "Een beter rooster", "Diensten, pauzes en vrije dagen eerlijk verdelen.")
    office.train()
    yield office
    database.dispose()
