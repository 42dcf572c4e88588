"""A small organisation in the database, and the short ways in which the tests of the store use it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from intake.accept import accept
from intake.offer import Offer
from kader.settings import Settings
from models import Assignment, DuplicateLink, Idea, OutboxMessage, Person
from models.session import Database
from models.words import Source
from pipeline.core import FrameworkText, LimitText
from pipeline.store.deciding.linking import Word, link_word
from pipeline.store.deciding.settling import settle_waiting
from pipeline.store.duplicates.second_look import Looked, look_again
from pipeline.store.publishing import (
    FrameworkPlan,
    OrganisationPlan,
    PersonPlan,
    UnitPlan,
    publish,
)
from pipeline.store.reading.claims import claim_ideas
from pipeline.store.reading.readings import read_claimed
from pipeline.store.search.meanings import FollowingMeanings
from pipeline.store.search.mind import Mind
from pipeline.store.search.neighbours import FollowingIndex
from pipeline.store.search.rare import FollowingWords
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.model import TextModel

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)  # a Wednesday

ANNA, BRAM, COOR, IDA, JAN = (f"{name}@veld.example" for name in ("anna", "bram", "coor", "ida", "jan"))
FRAMEWORKS = (
    FrameworkPlan(
        "fietsen",
        "Fietsend naar het werk",
        "Ideeën over fietsen, de fietsenstalling, fietspompen, laadpunten voor fietsen en deelfietsen.",
        limits=(LimitText("Geen leaseauto's", "Over leaseauto's beslist de cao."),),
        examples=("Een fietspomp bij de ingang", "Een grotere fietsenstalling"),
        managers=((None, ANNA),),
    ),
    FrameworkPlan(
        "energie",
        "Zuinig met energie",
        "Ideeën om stroom en warmte te besparen: lampen, verwarming, zonnepanelen, isolatie.",
        examples=("Zet de verwarming om vijf uur lager", "Led lampen in de gang"),
        managers=((None, BRAM),),
    ),
)
PLAN = OrganisationPlan(
    units=(UnitPlan("hof", "Het hof"), UnitPlan("keuken", "Keuken", "hof")),
    people=(
        PersonPlan(ANNA, "Anna Smit"),
        PersonPlan(BRAM, "Bram Vos"),
        PersonPlan(COOR, "Coor Oord", is_coordinator=True),
        PersonPlan(IDA, "Ida Bos", unit="keuken"),
        PersonPlan(JAN, "Jan Kok", unit="keuken"),
    ),
    frameworks=FRAMEWORKS,
)
PUMP = "Zet een fietspomp bij de ingang van de fietsenstalling."
HEAT = "Zet de verwarming in de gang om vijf uur lager, dat bespaart warmte."
SOUP = "Mogen we op vrijdag soep eten met de hele afdeling, dat is gezellig."


def framework_texts() -> list[FrameworkText]:
    """The frameworks as the text model learns them."""
    return [
        FrameworkText(
            each.slug, each.title, each.description, each.goal, each.limits, each.examples, version=1
        )
        for each in sorted(FRAMEWORKS, key=lambda each: each.slug)
    ]


@dataclass(slots=True)
class Clock:
    """A clock that goes only when it is told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(slots=True)
class Office:
    """One Kader: its database, settings, clock and text model, and who works there."""

    database: Database
    settings: Settings
    model: TextModel
    clock: Clock = field(default_factory=Clock)
    people: dict[str, int] = field(default_factory=dict)

    def open(self) -> "Office":
        with self.database.writing() as session:
            publish(session, PLAN, now=self.clock())
            self.people = dict(session.execute(select(Person.email, Person.id)).all())
        return self

    def mind(self, model: TextModel | None = None, pairs: PairModel | None = None) -> Mind:
        """What a worker process has loaded; each call is another process."""
        model = model or self.model
        pairs = pairs or PairModel(model.parts.vectoriser)
        return Mind(
            model,
            pairs,
            FollowingIndex(model.space, model.dimensions),
            FollowingWords(model.space),
            FollowingMeanings(model.parts.space, model.between),
        )

    def send(
        self,
        text: str,
        email: str | None = IDA,
        *,
        title: str = "",
        quiet: bool = False,
        files: Sequence[bytes] = (),
    ) -> int:
        """Offer an idea; gives its id."""
        with self.database.writing() as session:
            number = session.scalar(select(func.count()).select_from(Idea)) or 0
            offer = Offer(
                source=Source.FORM,
                title=title,
                text=text,
                submitter_email=email,
                submitter_name=None,
                anonymous=email is None,
                unit_slug=None,
                language=None,
                delivery_key=f"key {number}",
                raw=text.encode(),
                content_type="text/plain",
                is_quiet=quiet,
                attachments=tuple(("bijlage.pdf", "application/pdf", content) for content in files),
            )
            return accept(session, offer, now=self.clock(), settings=self.settings).idea_id

    def read(self, owner: str = "one", *, limit: int = 256, model: TextModel | None = None) -> int:
        claim = claim_ideas(
            self.database,
            owner=owner,
            now=self.clock(),
            limit=limit,
            lease_seconds=self.settings.lease_seconds,
        )
        return read_claimed(
            self.database, claim, model or self.model, max_attempts=self.settings.max_attempts
        )

    def settle(self, mind: Mind | None = None, owner: str = "one") -> int:
        return settle_waiting(
            self.database, mind or self.mind(), owner=owner, clock=self.clock, settings=self.settings
        )

    def triage(self, mind: Mind | None = None) -> int:
        self.read()
        return self.settle(mind)

    def say(self, link_id: int, word: Word, person: str = COOR) -> None:
        """A person's word on a link."""
        with self.database.writing() as session:
            link_word(
                session,
                link_id=link_id,
                person_id=self.people[person],
                word=word,
                now=self.clock(),
                settings=self.settings,
            )

    def look(self, mind: Mind | None = None, **more: Any) -> Looked:
        """The second look."""
        return look_again(
            self.database,
            mind or self.mind(),
            owner="night",
            clock=self.clock,
            settings=self.settings,
            **{"most": 100} | more,
        )

    def idea(self, idea_id: int) -> Idea:
        with self.database.reading() as session:
            return session.get_one(Idea, idea_id)

    def status(self, idea_id: int) -> str:
        return self.idea(idea_id).status

    def rows(self, table, *conditions):
        """All rows of a table that meet the conditions, oldest first."""
        with self.database.reading() as session:
            return session.scalars(select(table).where(*conditions).order_by(table.id)).all()

    def links(self) -> list[tuple[int, int, str]]:
        return [(each.duplicate_id, each.original_id, each.state) for each in self.rows(DuplicateLink)]

    def owner(self, idea_id: int) -> int | None:
        """Who has the idea now."""
        found = self.rows(Assignment, Assignment.idea_id == idea_id, Assignment.ended_at.is_(None))
        return found[0].person_id if found else None

    def messages(self, idea_id: int | None = None) -> list[tuple[str, str]]:
        """Kinds of messages with the name before the @ of who gets them."""
        names = {key: email.partition("@")[0] for email, key in self.people.items()}
        return [
            (each.kind, names.get(each.recipient_id, "?"))
            for each in self.rows(OutboxMessage)
            if idea_id is None or each.idea_id == idea_id
        ]
