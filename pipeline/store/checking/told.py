"""Rules of messages: whatever became of an idea, its submitter was told."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from models import Assessment, Assignment, Event, Idea, OutboxMessage
from models.words import DecisionKind, IdeaStatus, MessageKind, MessageStatus
from pipeline.lifecycle import JOINABLE
from pipeline.store.checking.rule import PATIENCE, Rule

# A message may be this long on its way before silence counts.
DELIVERY = timedelta(hours=24)
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


def told(now: datetime) -> list[Rule]:
    """Submitters were told where their idea stands, and every message leaves or is shown to people."""
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
    unheard = [
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
            for status, query in zip([IdeaStatus(each) for each in _TOLD_BY], unheard, strict=True)
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
