"""A person's word on an idea: the answer, another place, a question answered. The caller commits."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.settings import Settings
from models import (
    Assessment,
    Assignment,
    Correction,
    DecisionRecord,
    DuplicateLink,
    Event,
    Framework,
    FrameworkVersion,
    Idea,
    OutboxMessage,
    Person,
)
from models.words import CorrectionKind, DecisionKind, IdeaStatus, LinkState, MessageKind
from pipeline.answering import Answer, Listener, checked_reason, consequences
from pipeline.decide import EventPlan, MessagePlan, framework_payload, promise_payload
from pipeline.lifecycle import Status, move
from pipeline.routing import Organisation, Route, Why, route_to_coordinator, route_to_manager
from pipeline.store.organisation import load_organisation
from pipeline.store.recording import message_row, promise_text


def answer(
    session: Session,
    *,
    idea_id: int,
    person_id: int,
    kind: DecisionKind,
    reason: str,
    parked_until: date | None = None,
    due_on: date | None = None,
    now: datetime,
    settings: Settings,
) -> None:
    """Record a decision and tell everybody who waits for it.

    Raises UserError when this person may not decide, a reason or date is missing, or it was decided before.
    """
    idea = locked_idea(session, idea_id)
    person = may_decide(session, idea, person_id)
    today = now.astimezone(settings.zone).date()
    number = _next(session, DecisionRecord, idea.id)
    given = Answer(kind.value, checked_reason(reason), person.name, number, parked_until, due_on)
    after = consequences(
        idea.status,
        given,
        framework=_framework_title(session, idea),
        listeners=_listeners(session, idea),
        today=today,
    )
    session.add(
        DecisionRecord(
            idea_id=idea.id,
            number=number,
            kind=kind.value,
            person_id=person.id,
            reason=given.reason,
            parked_until=parked_until if kind is DecisionKind.PARK else None,
            made_at=now,
        )
    )
    open_assignment = _open_assignment(session, idea.id)
    if after.status in {Status.ADOPTED, Status.DECLINED} and open_assignment is not None:
        open_assignment.ended_at = now
        _confirm_framework(session, idea, person.id, now)
    if kind is DecisionKind.EXTEND and due_on is not None and open_assignment is not None:
        open_assignment.ended_at = now
        session.flush()
        _assign(session, idea, open_assignment, due_on, now, settings)
    idea.status = after.status.value
    write(session, idea, after.messages, after.events, person_id=person.id, now=now, settings=settings)


def place(
    session: Session,
    *,
    idea_id: int,
    person_id: int,
    framework_slug: str | None,
    reason: str,
    now: datetime,
    settings: Settings,
) -> None:
    """Put an idea in a framework, or with a coordinator (None); the machine learns from it.

    Raises UserError when this person may not do so or the idea was answered already.
    """
    idea = locked_idea(session, idea_id)
    person = may_decide(session, idea, person_id)
    if idea.status == IdeaStatus.JOINED:
        raise UserError(
            "Dit idee volgt een ander idee: maak eerst de koppeling los. / "
            "This idea follows another one: undo the link first."
        )
    reason = checked_reason(reason)
    today = now.astimezone(settings.zone).date()
    organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
    if framework_slug is not None and framework_slug not in organisation.frameworks:
        raise UserError(
            f"Het kader '{framework_slug}' bestaat niet: kies een ander. / There is no such framework."
        )
    learn(session, idea, CorrectionKind.FRAMEWORK, framework_slug, person_id=person.id, now=now)
    session.add(
        DecisionRecord(
            idea_id=idea.id,
            number=_next(session, DecisionRecord, idea.id),
            kind=DecisionKind.HAND_OVER.value,
            person_id=person.id,
            reason=reason,
            made_at=now,
        )
    )
    route = _route(idea, framework_slug, today, organisation)
    messages = settle_again(session, idea, route, organisation, now=now, settings=settings)
    number = _next(session, DecisionRecord, idea.id)
    if idea.submitter_id is not None:
        payload = {
            "by": person.name,
            "reason": reason,
            "framework": route.framework.text.title if route.framework else None,
            "promise": promise_payload(route, organisation),
        }
        messages.append(
            MessagePlan(MessageKind.HANDED_OVER.value, idea.submitter_id, payload, revision=number)
        )
    event = EventPlan("hand_over", {"framework": framework_slug, "reason": reason, "by": person.name})
    write(session, idea, messages, [event], person_id=person.id, now=now, settings=settings)


def reply(
    session: Session, *, idea_id: int, person_id: int | None, text: str, now: datetime, settings: Settings
) -> None:
    """Record the submitter's answer to a question and bring it to who asked.

    Raises UserError when nothing was asked or nothing is said.
    """
    idea = locked_idea(session, idea_id)
    text = text.strip()
    if idea.submitter_id != person_id:
        raise UserError(
            "Alleen wie het idee stuurde, kan hier antwoorden. / Only the submitter can answer here."
        )
    if not text:
        raise UserError("Schrijf eerst je antwoord op. / Write your answer first.")
    if idea.status != IdeaStatus.WAITING_FOR_SUBMITTER:
        raise UserError("Er staat geen vraag meer open bij dit idee. / There is no open question.")
    idea.status = move(idea.status, Status.IN_REVIEW).value
    messages = []
    owner = _open_assignment(session, idea.id)
    if owner is not None:
        submitter = session.get(Person, person_id) if person_id else None
        payload = {"by": submitter.name if submitter else None, "answer": text}
        number = _next(session, DecisionRecord, idea.id)
        messages.append(MessagePlan(MessageKind.ANSWERED.value, owner.person_id, payload, revision=number))
    event = EventPlan("answered", {"answer": text})
    write(session, idea, messages, [event], person_id=person_id, now=now, settings=settings)


def settle_again(
    session: Session,
    idea: Idea,
    route: Route,
    organisation: Organisation,
    *,
    now: datetime,
    settings: Settings,
) -> list[MessagePlan]:
    """End the present assignment and make a new one; returns the message to who owns it now."""
    previous = _open_assignment(session, idea.id)
    if previous is not None:
        previous.ended_at = now
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
    idea.framework_id = route.framework.id if route.framework else None
    idea.status = move(idea.status, Status.ASSIGNED if route.framework else Status.WITH_COORDINATOR).value
    session.flush()
    submitter = session.get(Person, idea.submitter_id) if idea.submitter_id else None
    payload = {
        "promise": promise,
        "submitter": submitter.name if submitter else None,
        "unit": None,
        "twins": _twins(session, idea),
    }
    revision = (
        session.scalar(select(func.count()).select_from(Assignment).where(Assignment.idea_id == idea.id)) or 1
    )
    if route.framework is None:
        why = route.why.value if route.why else Why.UNSURE.value
        payload |= {"why": why, "candidates": []}
        return [MessagePlan(MessageKind.TO_COORDINATOR.value, route.person_id, payload, revision=revision)]
    payload |= {
        "framework": framework_payload(route.framework)["title"],
        "reasons": [],
        "touched_limits": [],
        "probability": None,
    }
    return [MessagePlan(MessageKind.TO_MANAGER.value, route.person_id, payload, revision=revision)]


def learn(
    session: Session,
    idea: Idea,
    kind: CorrectionKind,
    person_value: str | None,
    *,
    person_id: int,
    now: datetime,
) -> None:
    """Keep a person's word as training data, beside what the machine thought."""
    latest = session.scalar(
        select(Assessment).where(Assessment.idea_id == idea.id).order_by(Assessment.number.desc()).limit(1)
    )
    machine_value = None
    if (
        latest is not None
        and kind is CorrectionKind.FRAMEWORK
        and latest.candidates
        and latest.decision != "none"
    ):
        machine_value = latest.candidates[0][0]
    session.add(
        Correction(
            idea_id=idea.id,
            kind=kind.value,
            machine_value=machine_value,
            person_value=person_value,
            person_id=person_id,
            made_at=now,
        )
    )


def write(
    session: Session,
    idea: Idea,
    messages: "list[MessagePlan] | tuple[MessagePlan, ...]",
    events: "list[EventPlan] | tuple[EventPlan, ...]",
    *,
    person_id: int | None,
    now: datetime,
    settings: Settings,
) -> None:
    """Add messages to the outbox and events to the history."""
    session.add_all(OutboxMessage(**message_row(idea.id, message, now, settings)) for message in messages)
    session.add_all(
        Event(idea_id=idea.id, kind=event.kind, at=now, person_id=person_id, detail=event.detail)
        for event in events
    )
    session.flush()


def locked_idea(session: Session, idea_id: int) -> Idea:
    """The idea, locked until the end of the transaction, so that two people can't both decide."""
    idea = session.scalar(
        select(Idea).where(Idea.id == idea_id).with_for_update().execution_options(populate_existing=True)
    )
    if idea is None:
        raise UserError("Dit idee bestaat niet (meer). / This idea does not exist.")
    return idea


def may_decide(session: Session, idea: Idea, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or not person.is_active:
        raise UserError("Jouw naam is niet meer actief in Kader. / Your name is no longer active in Kader.")
    if person.id == idea.submitter_id:
        raise UserError("Je kunt niet over je eigen idee beslissen. / You can't decide on your own idea.")
    # Who had the idea before somebody else got it no longer decides on it.
    last = session.scalar(
        select(Assignment).where(Assignment.idea_id == idea.id).order_by(Assignment.id.desc()).limit(1)
    )
    is_owner = last is not None and person_id in {last.person_id, last.deputises_for_id}
    if not is_owner and not person.is_coordinator:
        raise UserError("Dit idee ligt niet bij jou. / This idea is not with you.")
    return person


def _open_assignment(session: Session, idea_id: int) -> Assignment | None:
    return session.scalar(
        select(Assignment).where(Assignment.idea_id == idea_id, Assignment.ended_at.is_(None))
    )


def _assign(
    session: Session, idea: Idea, previous: Assignment, due_on: date, now: datetime, settings: Settings
) -> None:
    owner = session.get_one(Person, previous.person_id)
    session.add(
        Assignment(
            idea_id=idea.id,
            person_id=previous.person_id,
            deputises_for_id=previous.deputises_for_id,
            framework_version_id=previous.framework_version_id,
            due_on=due_on,
            promise=promise_text(owner.name, due_on.isoformat(), settings.language),
            made_at=now,
        )
    )


def _confirm_framework(session: Session, idea: Idea, person_id: int, now: datetime) -> None:
    """A decision within a framework confirms that the idea belongs there, unless somebody said so before."""
    said = select(Correction.id).where(
        Correction.idea_id == idea.id, Correction.kind == CorrectionKind.FRAMEWORK.value
    )
    if session.scalar(said.limit(1)) is None and idea.framework_id is not None:
        slug = session.scalar(select(Framework.slug).where(Framework.id == idea.framework_id))
        learn(session, idea, CorrectionKind.FRAMEWORK, slug, person_id=person_id, now=now)


def _route(idea: Idea, slug: str | None, today: date, organisation: Organisation) -> Route:
    facts = {
        "idea_id": idea.id,
        "submitter_id": idea.submitter_id,
        "today": today,
        "organisation": organisation,
    }
    if slug is None:
        return route_to_coordinator(Why.FITS_NONE, **facts)  # type: ignore[arg-type]  # the same facts twice
    return route_to_manager(slug, unit_id=idea.unit_id, **facts)  # type: ignore[arg-type]  # the same facts twice


def _listeners(session: Session, idea: Idea) -> list[Listener]:
    """The submitters of the idea and of all ideas that joined it."""
    listeners = [Listener(idea.id, idea.submitter_id)] if idea.submitter_id is not None else []
    joined = session.execute(
        select(Idea.id, Idea.submitter_id)
        .join(DuplicateLink, DuplicateLink.duplicate_id == Idea.id)
        .where(DuplicateLink.original_id == idea.id, DuplicateLink.state == LinkState.CONFIRMED)
        .where(Idea.submitter_id.is_not(None))
        .order_by(Idea.id)
    )
    listeners += [
        Listener(twin, submitter, idea.reference) for twin, submitter in joined if submitter is not None
    ]
    return listeners


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


def _framework_title(session: Session, idea: Idea) -> str | None:
    return session.scalar(
        select(FrameworkVersion.title)
        .join(Assignment, Assignment.framework_version_id == FrameworkVersion.id)
        .where(Assignment.idea_id == idea.id)
        .order_by(Assignment.id.desc())
        .limit(1)
    )


def _next(session: Session, table: type[DecisionRecord], idea_id: int) -> int:
    return (session.scalar(select(func.max(table.number)).where(table.idea_id == idea_id)) or 0) + 1
