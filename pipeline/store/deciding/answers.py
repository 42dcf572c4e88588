"""A person's word on an idea: the answer, another place, a question answered. The caller commits."""

from dataclasses import replace
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
    Event,
    Framework,
    Idea,
    Person,
)
from models.words import CorrectionKind, DecisionKind, IdeaStatus, MessageKind
from pipeline.answering import FARTHEST, Answer, checked_reason, consequences
from pipeline.lifecycle import Status, move
from pipeline.payloads import promise_payload
from pipeline.plans import EventPlan, MessagePlan
from pipeline.routing import Organisation, Route, Why, route_to_coordinator, route_to_manager
from pipeline.store.deciding.asked import is_placed_by_person
from pipeline.store.deciding.assigning import (
    as_promised,
    day_of_answer,
    end,
    framework_title,
    listeners,
    locked_idea,
    next_revision,
    open_assignment,
    promise_anew,
    settle_again,
    tell_all,
    write,
)
from pipeline.store.deciding.organisation import load_organisation, stand_ins
from pipeline.store.deciding.repeats import Said, is_repeat


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
    seen: int | None = None,
) -> None:
    """Record a decision and tell everybody who waits for it.

    `seen`: the number of the last decision that the page showed; the same decision once more does nothing then.
    Raises UserError when this person may not decide, a reason or date is missing, or something was decided since.
    """
    idea = locked_idea(session, idea_id)
    number = _next(session, DecisionRecord, idea.id)
    said = Said(person_id, kind, reason, parked_until=parked_until, due_on=due_on)
    if is_repeat(session, idea.id, said, seen=seen, last=number - 1):
        return
    today = now.astimezone(settings.zone).date()
    person = may_decide(session, idea, person_id, today=today)
    previous = open_assignment(session, idea.id)
    if (
        kind is DecisionKind.PARK
        and parked_until
        and parked_until <= today + FARTHEST
        and previous is not None
    ):
        # Who parks an idea can begin on it when it is back: the answer is promised from that day on.
        due_on = day_of_answer(session, previous, parked_until, settings)
    given = Answer(kind.value, checked_reason(reason), person.name, number, parked_until, due_on)
    after = consequences(
        idea.status,
        given,
        framework=framework_title(session, idea),
        listeners=listeners(session, idea),
        today=today,
        promised=previous.due_on if previous is not None else None,
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
    if previous is not None:
        if after.status in {Status.ADOPTED, Status.DECLINED}:
            end(previous, now)
            _confirm_framework(session, idea, person.id, now)
        elif kind in {DecisionKind.PARK, DecisionKind.EXTEND} and due_on is not None:
            promise_anew(session, previous, due_on, now=now, settings=settings)
    idea.status = after.status.value
    messages = [_after_those_before(session, each) for each in after.messages]
    write(session, idea, messages, after.events, person_id=person.id, now=now, settings=settings)


def place(
    session: Session,
    *,
    idea_id: int,
    person_id: int,
    framework_slug: str | None,
    reason: str,
    now: datetime,
    settings: Settings,
    seen: int | None = None,
) -> None:
    """Put an idea in a framework, or with a coordinator (None); the machine learns from it.

    `seen` as in `answer`. Raises UserError when this person may not do so, the idea was answered already, or
    something was decided since.
    """
    idea = locked_idea(session, idea_id)
    number = _next(session, DecisionRecord, idea.id)
    said = Said(person_id, DecisionKind.HAND_OVER, reason, framework=framework_slug)
    if is_repeat(session, idea.id, said, seen=seen, last=number - 1):
        return
    today = now.astimezone(settings.zone).date()
    person = may_decide(session, idea, person_id, today=today)
    if idea.status == IdeaStatus.JOINED:
        raise UserError(
            "Dit idee volgt een ander idee: maak eerst de koppeling los. / "
            "This idea follows another one: undo the link first."
        )
    reason = checked_reason(reason)
    organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
    if framework_slug is not None and framework_slug not in organisation.frameworks:
        raise UserError(
            f"Het kader '{framework_slug}' bestaat niet: kies een ander. / There is no such framework."
        )
    learn(session, idea, CorrectionKind.FRAMEWORK, framework_slug, person_id=person.id, now=now)
    session.add(
        DecisionRecord(
            idea_id=idea.id,
            number=number,
            kind=DecisionKind.HAND_OVER.value,
            person_id=person.id,
            reason=reason,
            made_at=now,
        )
    )
    received_on = idea.received_at.astimezone(settings.zone).date()
    route = _route(idea, framework_slug, today, received_on, organisation)
    messages = settle_again(session, idea, route, organisation, now=now, settings=settings)
    told = {
        "by": person.name,
        "reason": reason,
        "framework": route.framework.text.title if route.framework else None,
        "promise": promise_payload(route, organisation),
    }
    messages += tell_all(session, listeners(session, idea), MessageKind.HANDED_OVER, told)
    event = EventPlan("hand_over", {"framework": framework_slug, "reason": reason, "by": person.name})
    write(session, idea, messages, [event], person_id=person.id, now=now, settings=settings)


def reply(
    session: Session,
    *,
    idea_id: int,
    person_id: int | None,
    text: str,
    now: datetime,
    settings: Settings,
    from_button: bool = False,
) -> None:
    """Record the submitter's answer to a question and bring it to who asked.

    `from_button`: the same answer once more is a button that was pressed twice, and does nothing.
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
        if from_button and text == _last_reply(session, idea):
            return
        raise UserError("Er staat geen vraag meer open bij dit idee. / There is no open question.")
    messages = []
    promise = open_assignment(session, idea.id)
    # Without a framework it needs a place first: back to the coordinators' desk.
    is_placed = promise is None or promise.framework_version_id is not None
    idea.status = move(idea.status, Status.IN_REVIEW if is_placed else Status.WITH_COORDINATOR).value
    if promise is not None:
        submitter = session.get(Person, person_id) if person_id else None
        payload = {"by": submitter.name if submitter else None, "answer": text}
        told = listeners(session, idea, with_quiet=False)
        today = now.astimezone(settings.zone).date()
        if promise.due_on <= today:
            # The day passed while the question was open: there is a new one, and all who wait for it hear that.
            due_on = day_of_answer(session, promise, today, settings)
            promise = promise_anew(session, promise, due_on, now=now, settings=settings)
            payload["due_on"] = due_on.isoformat()
        else:
            told = [each for each in told if each.linked_to is None]
        back = {
            "because": "answered",
            "framework": framework_title(session, idea),
            "promise": as_promised(session, promise),
        }
        messages += tell_all(session, told, MessageKind.IN_REVIEW, back)
        number = _next(session, DecisionRecord, idea.id)
        messages.append(MessagePlan(MessageKind.ANSWERED.value, promise.person_id, payload, revision=number))
    event = EventPlan("answered", {"answer": text})
    write(session, idea, messages, [event], person_id=person_id, now=now, settings=settings)


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


def may_decide(session: Session, idea: Idea, person_id: int, *, today: date) -> Person:
    """The person, who may decide on the idea: its owner, who stands in for the owner today, or a coordinator.

    Raises UserError otherwise.
    """
    person = session.get(Person, person_id)
    if person is None or not person.is_active:
        raise UserError("Jouw naam is niet meer actief in Kader. / Your name is no longer active in Kader.")
    if person.id == idea.submitter_id:
        raise UserError("Je kunt niet over je eigen idee beslissen. / You can't decide on your own idea.")
    # Who had the idea before somebody else got it no longer decides on it.
    last = session.scalar(
        select(Assignment).where(Assignment.idea_id == idea.id).order_by(Assignment.id.desc()).limit(1)
    )
    owners = {last.person_id, last.deputises_for_id} - {None} if last is not None else set()
    if (
        person_id not in owners
        and not person.is_coordinator
        and person_id not in stand_ins(session, owners, today=today, submitter_id=idea.submitter_id)
    ):
        raise UserError("Dit idee ligt niet bij jou. / This idea is not with you.")
    return person


def _after_those_before(session: Session, message: MessagePlan) -> MessagePlan:
    """The message with a revision that its reader didn't have: an idea that follows another hears that one's decisions,
    and both count their own.
    """
    if message.idea_id is None:
        return message
    free = next_revision(session, message.idea_id, message.recipient_id, MessageKind(message.kind))
    return replace(message, revision=max(message.revision, free))


def _last_reply(session: Session, idea: Idea) -> str | None:
    """What the submitter answered last."""
    detail = session.scalar(
        select(Event.detail)
        .where(Event.idea_id == idea.id, Event.kind == "answered")
        .order_by(Event.id.desc())
        .limit(1)
    )
    return None if detail is None else str(detail["answer"])


def _confirm_framework(session: Session, idea: Idea, person_id: int, now: datetime) -> None:
    """A decision within a framework confirms that the idea belongs there, unless somebody said so before."""
    if idea.framework_id is not None and not is_placed_by_person(session, idea.id):
        slug = session.scalar(select(Framework.slug).where(Framework.id == idea.framework_id))
        learn(session, idea, CorrectionKind.FRAMEWORK, slug, person_id=person_id, now=now)


def _route(idea: Idea, slug: str | None, today: date, received_on: date, organisation: Organisation) -> Route:
    facts = {
        "idea_id": idea.id,
        "submitter_id": idea.submitter_id,
        "today": today,
        "organisation": organisation,
    }
    if slug is None:
        return route_to_coordinator(Why.FITS_NONE, **facts)  # type: ignore[arg-type]  # the same facts twice
    # Who sent the idea before the framework closed need not suffer from how long it took to find its place.
    in_time = organisation.frameworks[slug].is_open(received_on)
    return route_to_manager(slug, unit_id=idea.unit_id, is_placed=in_time, **facts)  # type: ignore[arg-type]  # as above


def _next(session: Session, table: type[DecisionRecord], idea_id: int) -> int:
    return (session.scalar(select(func.max(table.number)).where(table.idea_id == idea_id)) or 0) + 1
