"""Parked ideas come back on their date, and everybody hears so."""

import logging
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.errors import PermanentError
from kader.settings import Settings
from models import DecisionRecord, Idea, Person
from models.words import DecisionKind, IdeaStatus, MessageKind
from pipeline.lifecycle import Status, move
from pipeline.payloads import promise_payload
from pipeline.plans import EventPlan
from pipeline.store.deciding.assigning import route_again, settle_again
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.telling import listeners, tell_all, write

logger = logging.getLogger(__name__)


def bring_back_parked(session: Session, *, now: datetime, settings: Settings) -> int:
    """Bring ideas whose parking date has come to who decides on them now; returns how many. The caller commits."""
    today = now.astimezone(settings.zone).date()
    last = select(func.max(DecisionRecord.id)).where(DecisionRecord.kind == DecisionKind.PARK.value)
    rows = session.execute(
        select(Idea, DecisionRecord.reason, Person.name)
        .join(DecisionRecord, DecisionRecord.idea_id == Idea.id)
        .join(Person, Person.id == DecisionRecord.person_id)
        .where(Idea.status == IdeaStatus.PARKED, DecisionRecord.id.in_(last.group_by(DecisionRecord.idea_id)))
        .where(DecisionRecord.parked_until <= today)
        .order_by(Idea.id)
        .with_for_update(of=Idea, skip_locked=True)
    ).all()
    if not rows:
        return 0
    organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
    back = 0
    for idea, reason, by in rows:
        try:
            route = route_again(session, idea, today=today, organisation=organisation)
        except PermanentError as error:
            logger.error("parked idea %d stays where it is: %s", idea.id, error)  # noqa: TRY400  # foreseen: no trace needed
            continue
        # Without a framework it needs a place first, and a coordinator finds one.
        status = Status.IN_REVIEW if route.framework else Status.WITH_COORDINATOR
        messages = settle_again(
            session,
            idea,
            route,
            organisation,
            status=move(idea.status, status),
            note={"returned": {"by": by, "reason": reason}},
            now=now,
            settings=settings,
        )
        promise = promise_payload(route, organisation)
        told = {
            "because": "parked",
            "framework": route.framework.text.title if route.framework else None,
            "promise": promise,
        }
        who = listeners(session, idea, with_quiet=False)
        messages += tell_all(session, who, MessageKind.IN_REVIEW, told)
        event = EventPlan("unparked", promise)
        write(session, idea, messages, [event], person_id=None, now=now, settings=settings)
        back += 1
    return back
