"""Gathers earlier ideas, where they stand and who owns them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from models import Assignment, Attachment, DecisionRecord, DuplicateLink, Framework, Idea, Person
from models.among import among
from models.words import DecisionKind, IdeaStatus, LinkState
from pipeline.core import IdeaText, Reading
from pipeline.facts import EarlierIdea
from pipeline.lifecycle import Status
from pipeline.payloads import KnownIdea
from pipeline.store.duplicates.decided import About
from pipeline.store.reading.ready import Ready


@dataclass(slots=True)
class Ledger:
    """Earlier ideas by id: their words, the digests of their files, what else pairs are compared by, and where those
    stand for which that counts; grows while a batch is settled.
    """

    ideas: dict[int, KnownIdea] = field(default_factory=dict)
    texts: dict[int, IdeaText] = field(default_factory=dict)
    files: dict[int, set[str]] = field(default_factory=dict)
    about: dict[int, About] = field(default_factory=dict)

    def original_of(self, idea_id: int) -> KnownIdea:
        """The idea itself, or the one it joined."""
        idea = self.ideas[idea_id]
        return self.ideas[idea.original_id] if idea.original_id is not None else idea


def load_ledger(session: Session, ids: Collection[int]) -> Ledger:
    """All about the ideas with these ids, and where the originals stand that they joined."""
    ledger = load_words(session, ids)
    add_standing(session, ledger, ids)
    return ledger


def load_words(session: Session, ids: Collection[int]) -> Ledger:
    """What ideas are compared by; one that was deleted has no words. Where they stand is for `add_standing`."""
    ledger = Ledger()
    if not ids:
        return ledger
    for idea_id, digest in session.execute(
        select(Attachment.idea_id, Attachment.digest).where(among(session, Attachment.idea_id, ids))
    ):
        ledger.files.setdefault(idea_id, set()).add(digest)
    for idea_id, title, text, submitter_id, received_at, slug in session.execute(
        select(Idea.id, Idea.title, Idea.text, Idea.submitter_id, Idea.received_at, Framework.slug)
        .outerjoin(Framework, Framework.id == Idea.framework_id)
        .where(among(session, Idea.id, ids))
    ):
        ledger.texts[idea_id] = IdeaText(str(idea_id), text, title)
        ledger.about[idea_id] = About(submitter_id, slug, received_at)
    return ledger


def add_standing(session: Session, ledger: Ledger, ids: Collection[int]) -> None:
    """Where the ideas with these ids stand, and the originals that they joined."""
    _add(session, ledger, set(ids) - ledger.ideas.keys())
    originals = {each.original_id for each in ledger.ideas.values() if each.original_id is not None}
    _add(session, ledger, originals - ledger.ideas.keys())


def precedent_ids(batch: Sequence[Ready]) -> set[int]:
    """The earlier ideas that the readings of a batch name."""
    return {int(each.idea) for ready in batch for each in ready.reading.precedents}


def earlier(reading: Reading, ledger: Ledger) -> list[EarlierIdea]:
    """The earlier ideas that a reading names, as they are named to people; what is gone is left out."""
    return [
        EarlierIdea(known.reference, known.title, each.framework)
        for each in reading.precedents
        if (known := ledger.ideas.get(int(each.idea))) is not None
    ]


def earliest_by_fingerprint(session: Session, fingerprints: Collection[str]) -> dict[str, int]:
    """For each fingerprint the id of the first idea that has it."""
    rows = session.execute(
        select(Idea.fingerprint, func.min(Idea.id))
        .where(among(session, Idea.fingerprint, fingerprints))
        .group_by(Idea.fingerprint)
    )
    return dict(rows.all())


def _add(session: Session, ledger: Ledger, ids: set[int]) -> None:
    if not ids:
        return
    owner, absent = aliased(Person), aliased(Person)
    parked_until = (
        select(DecisionRecord.parked_until)
        .where(
            DecisionRecord.idea_id == Idea.id,
            DecisionRecord.kind == DecisionKind.PARK,
            Idea.status == IdeaStatus.PARKED,
        )
        .order_by(DecisionRecord.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Idea.id,
            Idea.reference,
            Idea.title,
            Idea.status,
            DuplicateLink.original_id,
            Framework.slug,
            owner.id,
            owner.name,
            absent.name,
            Assignment.due_on,
            parked_until,
        )
        .outerjoin(
            DuplicateLink,
            (DuplicateLink.duplicate_id == Idea.id) & (DuplicateLink.state == LinkState.CONFIRMED),
        )
        .outerjoin(Framework, Framework.id == Idea.framework_id)
        .outerjoin(Assignment, (Assignment.idea_id == Idea.id) & Assignment.ended_at.is_(None))
        .outerjoin(owner, owner.id == Assignment.person_id)
        .outerjoin(absent, absent.id == Assignment.deputises_for_id)
        .where(among(session, Idea.id, ids))
    )
    for row in rows:
        (
            idea_id,
            reference,
            title,
            status,
            original_id,
            slug,
            owner_id,
            owner_name,
            absent_name,
            due_on,
            until,
        ) = row
        ledger.ideas[idea_id] = KnownIdea(
            id=idea_id,
            reference=reference,
            title=title,
            status=Status(status),
            original_id=original_id,
            framework=slug,
            owner_id=owner_id,
            owner_name=owner_name,
            deputises_for=absent_name,
            due_on=due_on,
            parked_until=until,
        )
