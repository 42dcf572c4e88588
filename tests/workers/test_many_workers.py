"""Eight worker processes that ring all the time come to the same clusters as one."""

from collections.abc import Callable
from random import Random

from sqlalchemy import delete, select, update

from models import Assessment, Assignment, DuplicateLink, Event, Idea, IdeaReading, OutboxMessage
from models.words import IdeaStatus
from tests.services import running_worker, wait_until
from tests.workers.bells import rung
from tests.workers.conftest import Office

THEMES = (
    "Zet een fietspomp bij de ingang van de fietsenstalling.",
    "Doe de verwarming in de vergaderzaal om vijf uur uit.",
    "Laat medewerkers zelf hun diensten ruilen in het rooster.",
    "Geen plastic bekers meer bij de koffieautomaat in de hal.",
)
ENDINGS = ("", " Dank!", "!", " Dat scheelt veel tijd.", " Graag snel.")


def send_all(office: Office) -> None:
    """Equal and near ideas, mixed, from many people."""
    texts = [f"{theme}{ending}" for theme in THEMES for ending in ENDINGS] * 3
    Random(7).shuffle(texts)
    for number, text in enumerate(texts):
        office.accept(text, email=f"m{number % 23}@veld.example" if number % 5 else None)


def outcome(office: Office) -> tuple[list, list]:
    with office.database.reading() as session:
        links = session.execute(
            select(
                DuplicateLink.duplicate_id,
                DuplicateLink.original_id,
                DuplicateLink.state,
                DuplicateLink.score,
            ).order_by(DuplicateLink.duplicate_id, DuplicateLink.original_id)
        ).all()
        ideas = session.execute(select(Idea.id, Idea.status).order_by(Idea.id)).all()
    return [tuple(row) for row in links], [tuple(row) for row in ideas]


def triaged(office: Office) -> Callable[[], bool]:
    def look() -> bool:
        # Bells come too often, in any order, and while others are at it.
        rung(office.settings, "triage")
        with office.database.reading() as session:
            return session.scalar(select(Idea.id).where(Idea.status == IdeaStatus.RECEIVED).limit(1)) is None

    return look


def start_over(office: Office) -> None:
    """All ideas as they came in."""
    with office.database.writing() as session:
        for table in (DuplicateLink, Assignment, Assessment, IdeaReading):
            session.execute(delete(table))
        session.execute(delete(OutboxMessage).where(OutboxMessage.kind != "receipt"))
        session.execute(delete(Event).where(Event.kind != "received"))
        session.execute(
            update(Idea).values(
                status="received",
                is_read=False,
                settled_at=None,
                framework_id=None,
                claim_owner=None,
                claim_token=None,
                claim_expires_at=None,
                attempts=0,
            )
        )


def test_eight_workers_give_the_clusters_of_one(office: Office) -> None:
    send_all(office)
    found = []
    for processes in (8, 1):
        # Few at a time, so that all have something to do and batches end in other places each time.
        office.settings = office.settings.model_copy(
            update={"processes": processes, "batch_size": 3 if processes > 1 else 256, "lease_seconds": 60}
        )
        with running_worker(office.settings):
            wait_until(triaged(office), 90, "all ideas triaged")
        found.append(outcome(office))
        start_over(office)
    eight, one = found
    assert eight == one
    links, ideas = one
    assert {"joined", "with_coordinator"} <= {status for _, status in ideas}
    # Of equal ideas exactly one is the original, and nobody points to who joined another.
    joined = {duplicate for duplicate, _, state, _ in links if state == "confirmed"}
    assert joined
    assert not joined & {original for _, original, state, _ in links if state == "confirmed"}
