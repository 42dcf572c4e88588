"""Rules of ideas themselves: who has them, which are the same, and what was recorded of them."""

from datetime import date, datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from models import Assessment, Assignment, DecisionRecord, DuplicateLink, Idea, IntakeRecord, Person
from models.words import IdeaStatus, IntakeOutcome, LinkState
from pipeline.lifecycle import OPEN, Status
from pipeline.store.checking.rule import PATIENCE, Rule

_OWNED = [status.value for status in OPEN - {Status.RECEIVED, Status.TRIAGED, Status.JOINED}]


def owners(now: datetime, today: date) -> list[Rule]:
    """Every open idea has somebody who may decide, and a day."""
    owned = exists().where(Assignment.idea_id == Idea.id, Assignment.ended_at.is_(None))
    return [
        Rule(
            "every open idea has an owner and a promised date",
            select(Idea.reference).where(Idea.status.in_(_OWNED), ~owned).order_by(Idea.id),
        ),
        Rule(
            "an open idea's owner is active",
            select(Idea.reference)
            .join(Assignment, Assignment.idea_id == Idea.id)
            .join(Person, Person.id == Assignment.person_id)
            .where(Idea.status.in_(_OWNED), Assignment.ended_at.is_(None), Person.is_active.is_(False))
            .order_by(Idea.id),
        ),
        Rule(
            "what was received is triaged within 15 minutes",
            select(Idea.reference)
            .where(Idea.status == IdeaStatus.RECEIVED, Idea.received_at < now - PATIENCE)
            .order_by(Idea.id),
        ),
        Rule(
            "nobody decides on their own idea",
            select(Idea.reference)
            .join(Assignment, Assignment.idea_id == Idea.id)
            .where(Assignment.ended_at.is_(None), Assignment.person_id == Idea.submitter_id)
            .order_by(Idea.id),
        ),
        Rule(
            "the promised date has not passed",
            select(Idea.reference)
            .join(Assignment, Assignment.idea_id == Idea.id)
            .where(Assignment.ended_at.is_(None), Assignment.due_on < today, Idea.status.in_(_OWNED))
            .where(Idea.status.not_in([IdeaStatus.WAITING_FOR_SUBMITTER, IdeaStatus.PARKED]))
            .order_by(Idea.id),
            is_error=False,
        ),
    ]


def links() -> list[Rule]:
    """Links of duplicates lead to the earliest, and say the same as the status of the ideas."""
    other = aliased(DuplicateLink)
    confirmed = (DuplicateLink.duplicate_id == Idea.id) & (DuplicateLink.state == LinkState.CONFIRMED)
    return [
        Rule(
            "a confirmed link never points to a duplicate",
            select(Idea.reference)
            .join(DuplicateLink, confirmed)
            .join(other, other.duplicate_id == DuplicateLink.original_id)
            .where(other.state == LinkState.CONFIRMED)
            .order_by(Idea.id),
        ),
        Rule(
            "a joined idea has a confirmed link",
            select(Idea.reference)
            .outerjoin(DuplicateLink, confirmed)
            .where(Idea.status == IdeaStatus.JOINED, DuplicateLink.id.is_(None))
            .order_by(Idea.id),
        ),
        Rule(
            "an idea with a confirmed link is joined",
            select(Idea.reference)
            .join(DuplicateLink, confirmed)
            .where(Idea.status != IdeaStatus.JOINED)
            .order_by(Idea.id),
        ),
    ]


def records() -> list[Rule]:
    """Of everything that came in and was decided there is a record, once."""
    decided = {
        IdeaStatus.ADOPTED: "adopt",
        IdeaStatus.DECLINED: "decline",
        IdeaStatus.PARKED: "park",
        IdeaStatus.STOPPED: "stop",
    }
    first = select(Assessment.idea_id).where(Assessment.run_id.is_(None)).group_by(Assessment.idea_id)
    return [
        Rule(
            "every idea has its raw form",
            select(Idea.reference)
            .where(
                ~exists().where(
                    IntakeRecord.idea_id == Idea.id, IntakeRecord.outcome == IntakeOutcome.IDEA.value
                )
            )
            .order_by(Idea.id),
        ),
        Rule(
            "every triaged idea has an assessment",
            select(Idea.reference)
            .where(Idea.status != IdeaStatus.RECEIVED, ~exists().where(Assessment.idea_id == Idea.id))
            .order_by(Idea.id),
        ),
        Rule(
            "no idea is triaged twice",
            select(Idea.reference).where(Idea.id.in_(first.having(func.count() > 1))).order_by(Idea.id),
        ),
        *[
            Rule(
                f"an idea that is {status.value} was decided on by a person",
                select(Idea.reference)
                .where(
                    Idea.status == status,
                    ~exists().where(DecisionRecord.idea_id == Idea.id, DecisionRecord.kind == kind),
                )
                .order_by(Idea.id),
            )
            for status, kind in decided.items()
        ],
        Rule(
            "no message or import row waits for a person",
            select(IntakeRecord.delivery_key)
            .where(IntakeRecord.outcome == IntakeOutcome.EXCEPTION.value, IntakeRecord.resolved_at.is_(None))
            .order_by(IntakeRecord.id),
            is_error=False,
        ),
    ]
