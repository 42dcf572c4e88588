"""Who has an idea and by when it is answered: a new promise, another owner, and who must hear of it.

The caller holds the idea's lock (`locked_idea`) and commits.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.settings import Settings
from models import (
    Assignment,
    DecisionRecord,
    DuplicateLink,
    Framework,
    FrameworkVersion,
    Idea,
    Person,
)
from models.words import DecisionKind, LinkState, MessageKind
from pipeline.lifecycle import Status, move
from pipeline.payloads import framework_payload, promise_payload
from pipeline.plans import MessagePlan
from pipeline.routing import Organisation, Route, Why, route_to_coordinator, route_to_manager
from pipeline.store.deciding.asked import asked_about
from pipeline.store.deciding.recording import promise_text
from pipeline.store.deciding.telling import those_that_joined
from pipeline.workdays import add_workdays


def locked_idea(session: Session, idea_id: int) -> Idea:
    """The idea, locked until the end of the transaction, so that two people can't both decide."""
    idea = session.scalar(
        select(Idea).where(Idea.id == idea_id).with_for_update().execution_options(populate_existing=True)
    )
    if idea is None:
        raise UserError("Dit idee bestaat niet (meer). / This idea does not exist.")
    return idea


def open_assignment(session: Session, idea_id: int) -> Assignment | None:
    """The promise that holds for an idea."""
    return session.scalar(
        select(Assignment).where(Assignment.idea_id == idea_id, Assignment.ended_at.is_(None))
    )


def end(assignment: Assignment, now: datetime) -> None:
    """A promise no longer holds. Not before it was made: clocks of two hosts differ a little."""
    assignment.ended_at = max(now, assignment.made_at)


def day_of_answer(session: Session, assignment: Assignment, start: date, settings: Settings) -> date:
    """The day by which an answer is promised when its owner can begin on `start`."""
    days = session.scalar(
        select(FrameworkVersion.response_days).where(FrameworkVersion.id == assignment.framework_version_id)
    )
    return add_workdays(start, days or settings.coordinator_days)


def promise_anew(
    session: Session, previous: Assignment, due_on: date, *, now: datetime, settings: Settings
) -> Assignment:
    """End a promise and make another by the same owner, for a new day: what was promised once stays as it was."""
    end(previous, now)
    session.flush()
    owner = session.get_one(Person, previous.person_id)
    made = Assignment(
        idea_id=previous.idea_id,
        person_id=previous.person_id,
        deputises_for_id=previous.deputises_for_id,
        framework_version_id=previous.framework_version_id,
        due_on=due_on,
        promise=promise_text(owner.name, due_on.isoformat(), settings.language),
        made_at=now,
    )
    session.add(made)
    session.flush()
    return made


def as_promised(session: Session, assignment: Assignment) -> dict[str, Any]:
    """A promise that holds, as messages say it: the same as `promise_payload` of a route."""
    absent = session.get(Person, assignment.deputises_for_id) if assignment.deputises_for_id else None
    return {
        "manager": session.get_one(Person, assignment.person_id).name,
        "deputy_for": absent.name if absent else None,
        "due_on": assignment.due_on.isoformat(),
    }


def framework_title(session: Session, idea: Idea) -> str | None:
    """The title of the framework that an idea is in, or was in last."""
    return session.scalar(
        select(FrameworkVersion.title)
        .join(Assignment, Assignment.framework_version_id == FrameworkVersion.id)
        .where(Assignment.idea_id == idea.id)
        .order_by(Assignment.id.desc())
        .limit(1)
    )


def route_again(session: Session, idea: Idea, *, today: date, organisation: Organisation) -> Route:
    """Who has an idea now that was placed before: within its framework, or else a coordinator."""
    slug = session.scalar(select(Framework.slug).where(Framework.id == idea.framework_id))
    if slug is None:
        return route_to_coordinator(
            Why.UNSURE,
            idea_id=idea.id,
            submitter_id=idea.submitter_id,
            today=today,
            organisation=organisation,
        )
    return route_to_manager(
        slug,
        idea_id=idea.id,
        unit_id=idea.unit_id,
        submitter_id=idea.submitter_id,
        today=today,
        organisation=organisation,
        is_placed=True,
    )


def placed(route: Route) -> Status:
    """The status of an idea that was just brought to its owner."""
    return Status.ASSIGNED if route.framework else Status.WITH_COORDINATOR


def settle_again(
    session: Session,
    idea: Idea,
    route: Route,
    organisation: Organisation,
    *,
    now: datetime,
    settings: Settings,
    status: Status | None = None,
    note: dict[str, Any] | None = None,
) -> list[MessagePlan]:
    """End the present assignment and make a new one; returns the message to who owns it now.

    `status` is given when it is another than that of an idea that was just brought to its owner, and must be allowed;
    `note` says in that message why the idea comes again.
    """
    previous = open_assignment(session, idea.id)
    if previous is not None:
        end(previous, now)
    session.flush()
    promise = promise_payload(route, organisation)
    session.add(
        Assignment(
            idea_id=idea.id,
            person_id=route.person_id,
            deputises_for_id=route.deputises_for_id,
            framework_version_id=route.framework.version_id if route.framework else None,
            due_on=route.due_on,
            promise=promise_text(promise["manager"], promise["due_on"], settings.language),
            made_at=now,
        )
    )
    put_in(session, idea, route.framework.id if route.framework else None)
    idea.status = (status or move(idea.status, placed(route))).value
    session.flush()
    return [_to_owner(session, idea, route, organisation, promise, note or {})]


def put_in(session: Session, idea: Idea, framework_id: int | None) -> None:
    """The framework that an idea is in now, and with it those that joined it."""
    idea.framework_id = framework_id
    for each in session.scalars(those_that_joined(idea, Idea)):
        each.framework_id = framework_id


def _to_owner(
    session: Session,
    idea: Idea,
    route: Route,
    organisation: Organisation,
    promise: dict[str, Any],
    note: dict[str, Any],
) -> MessagePlan:
    submitter = session.get(Person, idea.submitter_id) if idea.submitter_id else None
    payload = {
        "promise": promise,
        "submitter": submitter.name if submitter else None,
        "unit": None,
        "twins": _twins(session, idea),
        **note,
    }
    revision = (
        session.scalar(select(func.count()).select_from(Assignment).where(Assignment.idea_id == idea.id)) or 1
    )
    if route.framework is None:
        why = route.why or Why.UNSURE
        asked = asked_about(session, idea.id, why, organisation)
        payload |= {"why": why.value, "asks": asked, "candidates": []}
        return MessagePlan(MessageKind.TO_COORDINATOR.value, route.person_id, payload, revision=revision)
    payload |= {
        "framework": framework_payload(route.framework)["title"],
        "reasons": [],
        "touched_limits": [],
        "probability": None,
    }
    return MessagePlan(MessageKind.TO_MANAGER.value, route.person_id, payload, revision=revision)


def pending(session: Session, idea: Idea, status: Status) -> dict[str, Any]:
    """What must happen before an idea is decided on: until when it is kept, or what its submitter was asked."""
    kinds = {Status.PARKED: DecisionKind.PARK, Status.WAITING_FOR_SUBMITTER: DecisionKind.ASK}
    if status not in kinds:
        return {}
    last = session.scalar(
        select(DecisionRecord)
        .where(DecisionRecord.idea_id == idea.id, DecisionRecord.kind == kinds[status].value)
        .order_by(DecisionRecord.number.desc())
        .limit(1)
    )
    if last is None:
        return {}
    if last.parked_until is not None:
        return {"parked_until": last.parked_until.isoformat()}
    return {"question": last.reason}


def _twins(session: Session, idea: Idea) -> list[dict[str, str]]:
    rows = session.execute(
        select(Idea.reference, Idea.title, DuplicateLink.state)
        .join(DuplicateLink, DuplicateLink.duplicate_id == Idea.id)
        .where(DuplicateLink.original_id == idea.id)
        .where(DuplicateLink.state.in_([LinkState.CONFIRMED, LinkState.SUGGESTED]))
        .order_by(Idea.id)
        .limit(20)
    )
    return [{"reference": reference, "title": title, "state": state} for reference, title, state in rows]
