"""A submitter says that an idea is in the wrong place. Who has it, and by when, stays until a person acts.

It is open until somebody hands the idea over (`pipeline.store.deciding.answers.place`), a coordinator says why it stays, or
the idea is answered. The caller commits.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from kader.errors import UserError
from kader.settings import Settings
from models import Assignment, Event, Idea, Person
from models.words import MessageKind
from pipeline.answering import LONGEST_REASON, checked_reason
from pipeline.lifecycle import JOINABLE, OBJECTABLE, Status
from pipeline.plans import EventPlan, MessagePlan
from pipeline.routing import Why, route_to_coordinator
from pipeline.store.deciding.assigning import (
    as_promised,
    framework_title,
    locked_idea,
    open_assignment,
    pending,
)
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.rights import may_decide
from pipeline.store.deciding.telling import listeners, next_revision, tell_all, write

OBJECTED = "objected"
STAYS = "stays"
_ENDS = (STAYS, "hand_over")


def object_to_place(
    session: Session, *, idea_id: int, person_id: int | None, text: str, now: datetime, settings: Settings
) -> None:
    """Keep what the submitter says is wrong, and bring it to a coordinator.

    Raises UserError when nothing is said, it isn't this person's idea, or there is nothing to say it about (now).
    """
    idea = locked_idea(session, idea_id)
    text = text.strip()
    if idea.submitter_id != person_id:
        raise UserError("Dit is niet jouw idee. / This is not your idea.")
    if not text:
        raise UserError("Schrijf kort op wat er niet klopt. / Write shortly what is not right.")
    if len(text) > LONGEST_REASON:
        raise UserError(
            f"Je uitleg is te lang: houd het onder {LONGEST_REASON} tekens. / "
            f"Your explanation is too long: keep it under {LONGEST_REASON} characters."
        )
    promise = open_assignment(session, idea.id)
    if Status(idea.status) not in OBJECTABLE or promise is None:
        raise UserError(
            "Dit kan nu niet: kijk hieronder waar je idee is. / "
            "This can't be done now: see below where your idea is."
        )
    said = open_objections(session, [idea.id]).get(idea.id)
    if said == text:
        return  # a button that was pressed twice
    if said is not None:
        raise UserError(
            "Je hebt dit al laten weten. Een mens kijkt ernaar. / You said so already. A person looks at it."
        )
    submitter = session.get(Person, person_id) if person_id else None
    today = now.astimezone(settings.zone).date()
    reader = _who_looks(session, idea, promise, today, settings)
    payload = {
        "by": submitter.name if submitter else None,
        "objection": text,
        "framework": framework_title(session, idea),
        "promise": as_promised(session, promise),
    }
    revision = next_revision(session, idea.id, reader, MessageKind.OBJECTION)
    message = MessagePlan(MessageKind.OBJECTION.value, reader, payload, revision=revision)
    event = EventPlan(OBJECTED, {"objection": text})
    write(session, idea, [message], [event], person_id=person_id, now=now, settings=settings)


def let_stay(
    session: Session, *, idea_id: int, person_id: int, reason: str, now: datetime, settings: Settings
) -> None:
    """A coordinator says why the idea stays where it is; whoever said otherwise hears it.

    Raises UserError when this person may not do so, no reason is given, or nobody said (any more) that it is wrong.
    """
    idea = locked_idea(session, idea_id)
    person = may_decide(session, idea, person_id, today=now.astimezone(settings.zone).date())
    if not person.is_coordinator:
        raise UserError("Dit doet een coördinator. / A coordinator does this.")
    reason = checked_reason(reason)
    said = open_objections(session, [idea.id]).get(idea.id)
    promise = open_assignment(session, idea.id)
    if said is None or promise is None:
        raise UserError(
            "Dit is al beantwoord: ververs de pagina. / This was answered already: reload the page."
        )
    told = {
        "by": person.name,
        "reason": reason,
        "objection": said,
        "framework": framework_title(session, idea),
        "promise": as_promised(session, promise),
        **pending(session, idea, Status(idea.status)),
    }
    # Those whose ideas joined this one didn't say so, and nothing changes for them.
    who = [each for each in listeners(session, idea) if each.linked_to is None]
    messages = tell_all(session, who, MessageKind.STAYS, told)
    event = EventPlan(STAYS, {"reason": reason, "by": person.name})
    write(session, idea, messages, [event], person_id=person.id, now=now, settings=settings)


def has_open_objection() -> ColumnElement[bool]:
    """Whether the submitter of an idea waits for what a coordinator says of its place."""
    said, later = aliased(Event), aliased(Event)
    ended = exists().where(later.idea_id == said.idea_id, later.id > said.id, later.kind.in_(_ENDS))
    return Idea.status.in_([status.value for status in JOINABLE]) & exists().where(
        said.idea_id == Idea.id, said.kind == OBJECTED, ~ended
    )


def open_objections(session: Session, idea_ids: Collection[int]) -> dict[int, str]:
    """What submitters say is wrong with the place of these ideas, as far as nobody answered it."""
    rows = session.execute(
        select(Event.idea_id, Event.detail)
        .join(Idea, Idea.id == Event.idea_id)
        .where(Event.idea_id.in_(idea_ids), Event.kind == OBJECTED, has_open_objection())
        .order_by(Event.id)
    )
    return {idea_id: str(detail["objection"]) for idea_id, detail in rows}


def _who_looks(session: Session, idea: Idea, promise: Assignment, today: date, settings: Settings) -> int:
    """A coordinator, in turn; where there is none but the submitter: who has the idea."""
    organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
    others = [each for each in organisation.coordinators if each != idea.submitter_id]
    if not any(organisation.people[each].is_active for each in others):
        return promise.person_id
    return route_to_coordinator(
        Why.UNSURE,
        idea_id=idea.id,
        submitter_id=idea.submitter_id,
        today=today,
        organisation=organisation,
    ).person_id
