"""The answer to an idea, or another place for it, by who may decide on it. The caller commits."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.settings import Settings
from models import DecisionRecord, Idea
from models.words import CorrectionKind, DecisionKind, IdeaStatus, MessageKind
from pipeline.answering import FARTHEST, Answer, checked_reason, consequences
from pipeline.lifecycle import Status
from pipeline.payloads import promise_payload
from pipeline.plans import EventPlan, MessagePlan
from pipeline.routing import Organisation, Route, Why, route_to_coordinator, route_to_manager
from pipeline.store.deciding.assigning import (
    day_of_answer,
    end,
    framework_title,
    locked_idea,
    open_assignment,
    promise_anew,
    settle_again,
)
from pipeline.store.deciding.correcting import confirm_framework, learn
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.repeats import Said, is_repeat, next_number
from pipeline.store.deciding.rights import may_decide
from pipeline.store.deciding.telling import listeners, next_revision, tell_all, write


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
    number = next_number(session, idea.id)
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
            confirm_framework(session, idea, person.id, now)
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
    number = next_number(session, idea.id)
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


def _after_those_before(session: Session, message: MessagePlan) -> MessagePlan:
    """The message with a revision that its reader didn't have: an idea that follows another hears that one's decisions,
    and both count their own.
    """
    if message.idea_id is None:
        return message
    free = next_revision(session, message.idea_id, message.recipient_id, MessageKind(message.kind))
    return replace(message, revision=max(message.revision, free))


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
