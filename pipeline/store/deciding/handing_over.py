"""Ideas whose owner can't answer any more, or not in time, go to who can: never silence."""

import logging
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kader.errors import PermanentError
from kader.settings import Settings
from models import Absence, Assignment, Idea, Person
from models.words import MessageKind
from pipeline.lifecycle import JOINABLE, Status, move
from pipeline.payloads import promise_payload
from pipeline.plans import EventPlan
from pipeline.routing import Organisation, PersonCard
from pipeline.store.deciding.assigning import (
    locked_idea,
    open_assignment,
    pending,
    placed,
    put_in,
    route_again,
    settle_again,
)
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.telling import listeners, tell_all, write

logger = logging.getLogger(__name__)

# Here something waits for somebody else, or for a day: that goes on whoever has the idea.
_STAYS = frozenset({Status.WAITING_FOR_SUBMITTER, Status.PARKED})


def hand_over_unattended(session: Session, *, now: datetime, settings: Settings) -> int:
    """Route ideas again whose owner has left, or is away until after the promised day; returns how many.

    The caller commits.
    """
    today = now.astimezone(settings.zone).date()
    gone = select(Person.id).where(Person.is_active.is_(False))
    away = select(Absence.person_id).where(Absence.first_day <= today, Absence.last_day >= today)
    found = session.execute(
        select(Idea.id, Assignment.person_id)
        .join(Assignment, (Assignment.idea_id == Idea.id) & Assignment.ended_at.is_(None))
        .where(Idea.status.in_([status.value for status in JOINABLE]))
        .where(or_(Assignment.person_id.in_(gone), Assignment.person_id.in_(away)))
        .order_by(Idea.id)
        .with_for_update(of=Idea, skip_locked=True)
    ).all()
    if not found:
        return 0
    owners = {owner for _, owner in found}
    organisation = load_organisation(
        session, today=today, coordinator_days=settings.coordinator_days, also=owners
    )
    return sum(
        _hand_over(session, locked_idea(session, idea_id), organisation, today, now=now, settings=settings)
        for idea_id, _ in found
    )


def _hand_over(
    session: Session,
    idea: Idea,
    organisation: Organisation,
    today: date,
    *,
    now: datetime,
    settings: Settings,
) -> bool:
    previous = open_assignment(session, idea.id)
    owner = organisation.people.get(previous.person_id) if previous is not None else None
    if previous is None or owner is None:
        return False
    because = _why_unattended(owner, previous.due_on, today, organisation.country)
    if because is None:
        return False
    try:
        route = route_again(session, idea, today=today, organisation=organisation)
    except PermanentError as error:
        logger.error("idea %d stays with who can't answer it: %s", idea.id, error)  # noqa: TRY400  # foreseen: no trace needed
        return False
    if route.person_id == previous.person_id:
        # There is nobody else; `kader check` shows it.
        return False
    now_at = Status(idea.status)
    status = now_at if now_at in _STAYS or (now_at is Status.IN_REVIEW and route.framework) else placed(route)
    if now_at is Status.PARKED:
        # Never before the idea is back.
        route = replace(route, due_on=max(previous.due_on, route.due_on))
    framework_id = idea.framework_id
    note: dict[str, Any] = {
        "because": because,
        "predecessor": owner.name,
        **pending(session, idea, status),
    }
    messages = settle_again(
        session,
        idea,
        route,
        organisation,
        status=move(idea.status, status),
        note=note,
        now=now,
        settings=settings,
    )
    if now_at in _STAYS:
        # It is still about that framework, when somebody can decide in it again.
        put_in(session, idea, framework_id)
    promise = promise_payload(route, organisation)
    told = {
        **note,
        "by": None,
        "framework": route.framework.text.title if route.framework else None,
        "promise": promise,
    }
    who = listeners(session, idea, with_quiet=False)
    messages += tell_all(session, who, MessageKind.HANDED_OVER, told)
    event = EventPlan("rerouted", {"from": owner.name, "because": because, **promise})
    write(session, idea, messages, [event], person_id=None, now=now, settings=settings)
    return True


def _why_unattended(owner: PersonCard, due_on: date, today: date, country: str) -> str | None:
    """Why the owner can't answer by the promised day (or, when that has passed, now); None when that may be."""
    if not owner.is_active:
        return "left"
    until = owner.away_until(today, country=country)
    return "absent" if until is not None and until >= due_on else None
