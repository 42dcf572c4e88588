"""What must always hold, as queries: each returns the rows that break it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from kader.settings import Settings
from models import (
    Assessment,
    Assignment,
    DecisionRecord,
    DuplicateLink,
    Event,
    Idea,
    IntakeRecord,
    OutboxMessage,
    Person,
)
from models.words import DecisionKind, IdeaStatus, IntakeOutcome, LinkState, MessageKind, MessageStatus
from pipeline.lifecycle import JOINABLE, OPEN, Status

# Longer than this, and what was received isn't being worked on.
PATIENCE = timedelta(minutes=15)
# A message may be this long on its way before silence counts.
DELIVERY = timedelta(hours=24)
MOST_SHOWN = 20

_OWNED = [status.value for status in OPEN - {Status.RECEIVED, Status.TRIAGED, Status.JOINED}]
_PLACED = [MessageKind.ROUTED, MessageKind.WITH_COORDINATOR, MessageKind.HANDED_OVER]
# What puts an idea in a status, or changes its promise: the submitter must have heard since. A reprocessing run moves
# an idea and tells nobody, on purpose: what was told before it then stands.
_NEWS = [
    "received",
    "assigned",
    "with_coordinator",
    "joined",
    "link_undone",
    "hand_over",
    "rerouted",
    "answered",
    "unparked",
    *[kind.value for kind in DecisionKind],
]
# Who has the idea, or by when it is answered, may change whatever its status.
_OTHER_PROMISE = ["link_undone", "rerouted", "extend"]
_TOLD_BY: dict[str, list[MessageKind]] = {
    IdeaStatus.RECEIVED: [MessageKind.RECEIPT],
    IdeaStatus.ASSIGNED: [MessageKind.ROUTED, MessageKind.HANDED_OVER],
    IdeaStatus.WITH_COORDINATOR: [
        MessageKind.WITH_COORDINATOR,
        MessageKind.HANDED_OVER,
        MessageKind.IN_REVIEW,
    ],
    IdeaStatus.JOINED: [MessageKind.JOINED],
    IdeaStatus.IN_REVIEW: [MessageKind.IN_REVIEW],
    IdeaStatus.WAITING_FOR_SUBMITTER: [MessageKind.QUESTION],
    IdeaStatus.ADOPTED: [MessageKind.ADOPTED],
    IdeaStatus.DECLINED: [MessageKind.DECLINED],
    IdeaStatus.PARKED: [MessageKind.PARKED],
    IdeaStatus.IN_PROGRESS: [MessageKind.PROGRESS],
    IdeaStatus.REALISED: [MessageKind.PROGRESS],
    IdeaStatus.STOPPED: [MessageKind.PROGRESS],
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that is broken, by how many rows, with some of their references."""

    rule: str
    is_error: bool
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and the query that finds what breaks it. A warning is visible to people but breaks no promise."""

    name: str
    query: Select[str]
    is_error: bool = True


def check(session: Session, *, now: datetime, settings: Settings) -> list[Finding]:
    """Run all rules; returns only those that are broken."""
    findings = []
    for rule in rules(now, settings):
        count = session.scalar(select(func.count()).select_from(rule.query.order_by(None).subquery())) or 0
        if count:
            shown = session.scalars(rule.query.limit(MOST_SHOWN))
            findings.append(Finding(rule.name, rule.is_error, count, tuple(str(each) for each in shown)))
    return findings


def rules(now: datetime, settings: Settings) -> list[Rule]:
    """All rules, most important first."""
    today = now.astimezone(settings.zone).date()
    made: list[Callable[[], list[Rule]]] = [
        lambda: _owners(now, today),
        lambda: _messages(now),
        _duplicates,
        _records,
    ]
    return [rule for each in made for rule in each()]


def _owners(now: datetime, today: date) -> list[Rule]:
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


def _messages(now: datetime) -> list[Rule]:
    # What changes an idea and what tells of it are written with the same moment.
    news = aliased(Event)
    last_news = select(news).where(news.idea_id == Idea.id, news.kind.in_(_NEWS))
    last_news = last_news.order_by(news.id.desc()).limit(1).correlate(Idea)
    since = last_news.with_only_columns(news.at).scalar_subquery()
    what = last_news.with_only_columns(news.kind).scalar_subquery()
    moved_by_run = exists().where(
        Assignment.idea_id == Idea.id,
        Assignment.ended_at.is_(None),
        Assessment.idea_id == Idea.id,
        Assessment.run_id.is_not(None),
        Assessment.made_at == Assignment.made_at,
    )
    told = [
        select(Idea.reference)
        .where(Idea.status == status, Idea.submitter_id.is_not(None), Idea.is_quiet.is_(False))
        .where(
            ~exists().where(
                OutboxMessage.idea_id == Idea.id,
                OutboxMessage.recipient_id == Idea.submitter_id,
                OutboxMessage.created_at >= func.coalesce(since, Idea.received_at),
                or_(
                    OutboxMessage.kind.in_([kind.value for kind in kinds]),
                    and_(moved_by_run, OutboxMessage.kind.in_(_PLACED)),
                    and_(
                        Idea.status.in_(JOINABLE),
                        what.in_(_OTHER_PROMISE),
                        OutboxMessage.kind.in_([*_PLACED, MessageKind.EXTENDED]),
                    ),
                ),
                # On its way, delivered, or not deliverable for a reason that is known and shown.
                or_(
                    OutboxMessage.status.in_(
                        [MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNCERTAIN]
                    ),
                    OutboxMessage.created_at > now - DELIVERY,
                ),
                OutboxMessage.status != MessageStatus.CANCELLED,
            )
        )
        for status, kinds in _TOLD_BY.items()
    ]
    stays = aliased(Event)
    return [
        *[
            Rule(f"the submitter was told that the idea is {status.value}", query.order_by(Idea.id))
            for status, query in zip([IdeaStatus(each) for each in _TOLD_BY], told, strict=True)
        ],
        Rule(
            "who said that an idea is in the wrong place was told why it stays",
            select(Idea.reference)
            .join(stays, (stays.idea_id == Idea.id) & (stays.kind == "stays"))
            .where(
                Idea.submitter_id.is_not(None),
                ~exists().where(
                    OutboxMessage.idea_id == Idea.id,
                    OutboxMessage.recipient_id == Idea.submitter_id,
                    OutboxMessage.kind == MessageKind.STAYS,
                    OutboxMessage.created_at >= stays.at,
                    OutboxMessage.status != MessageStatus.CANCELLED,
                ),
            )
            .order_by(Idea.id),
        ),
        Rule(
            "no message stays under way after its lease",
            select(OutboxMessage.message_id)
            .where(
                OutboxMessage.status == MessageStatus.SENDING, OutboxMessage.claim_expires_at < now - PATIENCE
            )
            .order_by(OutboxMessage.id),
        ),
        Rule(
            "no message failed or is uncertain",
            select(OutboxMessage.message_id)
            .where(OutboxMessage.status.in_([MessageStatus.FAILED, MessageStatus.UNCERTAIN]))
            .where(OutboxMessage.dismissed_at.is_(None))
            .order_by(OutboxMessage.id),
            is_error=False,
        ),
    ]


def _duplicates() -> list[Rule]:
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


def _records() -> list[Rule]:
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
