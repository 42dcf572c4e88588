"""The submitter answers a question about their idea. The caller commits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.settings import Settings
from models import Event, Idea, Person
from models.words import IdeaStatus, MessageKind
from pipeline.lifecycle import Status, move
from pipeline.plans import EventPlan, MessagePlan
from pipeline.store.deciding.assigning import (
    as_promised,
    day_of_answer,
    framework_title,
    locked_idea,
    open_assignment,
    promise_anew,
)
from pipeline.store.deciding.repeats import next_number
from pipeline.store.deciding.telling import listeners, tell_all, write


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
        number = next_number(session, idea.id)
        messages.append(MessagePlan(MessageKind.ANSWERED.value, promise.person_id, payload, revision=number))
    event = EventPlan("answered", {"answer": text})
    write(session, idea, messages, [event], person_id=person_id, now=now, settings=settings)


def _last_reply(session: Session, idea: Idea) -> str | None:
    """What the submitter answered last."""
    detail = session.scalar(
        select(Event.detail)
        .where(Event.idea_id == idea.id, Event.kind == "answered")
        .order_by(Event.id.desc())
        .limit(1)
    )
    return None if detail is None else str(detail["answer"])
