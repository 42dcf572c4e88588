"""A person's word on duplicates: confirm, reject, undo. Links only; nothing is ever deleted. The caller commits."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.settings import Settings
from models import Assignment, Correction, DuplicateLink, Framework, Idea, OutboxMessage, Person
from models.words import CorrectionKind, IdeaStatus, LinkState, MessageKind, MessageStatus
from pipeline.decide import (
    EventPlan,
    MessagePlan,
    framework_payload,
    promise_payload,
)
from pipeline.lifecycle import JOINABLE, Status, move
from pipeline.routing import Organisation, Route, Why, route_to_coordinator, route_to_manager
from pipeline.store.answers import may_decide
from pipeline.store.assigning import locked_idea, settle_again, write
from pipeline.store.organisation import load_organisation


def link_word(
    session: Session,
    *,
    link_id: int,
    person_id: int,
    word: Literal["confirm", "reject", "undo"],
    now: datetime,
    settings: Settings,
) -> None:
    """Record a person's word on a duplicate link, with all that follows from it.

    Raises UserError when the link doesn't exist or its state doesn't allow the word.
    """
    link = session.get(DuplicateLink, link_id)
    if link is None:
        raise UserError("Deze koppeling bestaat niet. / This link does not exist.")
    idea, original = _locked_pair(session, link)
    _may_link(session, idea, original, person_id, today=now.astimezone(settings.zone).date())
    if word == "confirm":
        _confirm(session, link, idea, original, person_id=person_id, now=now, settings=settings)
    elif word == "reject" and link.state == LinkState.SUGGESTED:
        _close(session, link, LinkState.REJECTED, original, person_id=person_id, now=now)
        event = EventPlan("link_rejected", {"original": original.reference})
        write(session, idea, [], [event], person_id=person_id, now=now, settings=settings)
    elif word == "undo" and link.state == LinkState.CONFIRMED:
        _undo(session, link, idea, original, person_id=person_id, now=now, settings=settings)
    else:
        raise UserError("Over deze koppeling is al beslist. / This link was decided already.")


def not_mine(
    session: Session, *, idea_id: int, person_id: int | None, now: datetime, settings: Settings
) -> None:
    """The submitter says that the idea differs from the one it joined: it gets a place of its own again.

    Raises UserError when it isn't this person's idea or it isn't joined.
    """
    submitter_id = session.scalar(select(Idea.submitter_id).where(Idea.id == idea_id))
    if person_id != submitter_id:
        raise UserError("Dit is niet jouw idee. / This is not your idea.")
    link = session.scalar(
        select(DuplicateLink).where(
            DuplicateLink.duplicate_id == idea_id, DuplicateLink.state == LinkState.CONFIRMED.value
        )
    )
    if link is None:
        raise UserError("Je idee staat al op zichzelf. / Your idea already stands by itself.")
    idea, original = _locked_pair(session, link)
    if link.state != LinkState.CONFIRMED:
        raise UserError("Je idee staat al op zichzelf. / Your idea already stands by itself.")
    _undo(session, link, idea, original, person_id=person_id, now=now, settings=settings)


def _locked_pair(session: Session, link: DuplicateLink) -> tuple[Idea, Idea]:
    """The later and the earlier idea of a link, locked, and the link as it is now.

    The earlier one first, as everybody does: two who lock in another order wait for each other for ever.
    """
    before = link.original_id
    original, idea = locked_idea(session, before), locked_idea(session, link.duplicate_id)
    session.refresh(link)
    if link.original_id != before:
        raise UserError(
            "Over deze koppeling is net beslist: ververs de pagina. / "
            "This link was decided a moment ago: reload the page."
        )
    return idea, original


def _may_link(session: Session, idea: Idea, original: Idea, person_id: int, *, today: date) -> None:
    """Who decides on one of the two may say whether they are the same."""
    try:
        may_decide(session, idea, person_id, today=today)
    except UserError:
        may_decide(session, original, person_id, today=today)


def _confirm(
    session: Session,
    link: DuplicateLink,
    idea: Idea,
    original: Idea,
    *,
    person_id: int,
    now: datetime,
    settings: Settings,
) -> None:
    if link.state != LinkState.SUGGESTED or idea.status == IdeaStatus.JOINED:
        raise UserError("Over deze koppeling is al beslist. / This link was decided already.")
    if original.status not in JOINABLE or idea.status not in JOINABLE:
        raise UserError(
            "Een van de twee ideeën is al beantwoord, dus samenvoegen kan niet meer. / "
            "One of the two ideas was answered already, so they can't be joined."
        )
    _close(session, link, LinkState.CONFIRMED, original, person_id=person_id, now=now)
    _move_followers(session, idea, original, person_id=person_id, now=now)
    session.execute(
        update(Assignment)
        .where(Assignment.idea_id == idea.id, Assignment.ended_at.is_(None))
        .values(ended_at=now)
    )
    idea.framework_id = original.framework_id
    idea.status = move(idea.status, Status.JOINED).value
    owner = session.execute(
        select(Person.name, Assignment.due_on)
        .join(Assignment, Assignment.person_id == Person.id)
        .where(Assignment.idea_id == original.id, Assignment.ended_at.is_(None))
    ).first()
    messages = []
    if idea.submitter_id is not None and owner is not None:
        payload = {
            "original": original.reference,
            "original_title": original.title,
            "framework": None,
            "promise": {"manager": owner[0], "deputy_for": None, "due_on": owner[1].isoformat()},
        }
        messages.append(
            MessagePlan(MessageKind.JOINED.value, idea.submitter_id, payload, revision=original.id + 1)
        )
    event = EventPlan("joined", {"original": original.reference})
    write(session, idea, messages, [event], person_id=person_id, now=now, settings=settings)


def _move_followers(session: Session, idea: Idea, original: Idea, *, person_id: int, now: datetime) -> None:
    """What had joined `idea` now follows the earliest as well: a star, never a chain.

    Raises UserError when a person said of one of them that it is not the same as the earliest.
    """
    followers = session.scalars(
        select(DuplicateLink)
        .where(DuplicateLink.original_id == idea.id, DuplicateLink.state == LinkState.CONFIRMED.value)
        .order_by(DuplicateLink.id)
    ).all()
    known = {
        link.duplicate_id: link
        for link in session.scalars(
            select(DuplicateLink).where(
                DuplicateLink.original_id == original.id,
                DuplicateLink.duplicate_id.in_([each.duplicate_id for each in followers]),
            )
        )
    }
    for link in followers:
        direct = known.get(link.duplicate_id)
        if direct is None:
            link.original_id = original.id
            continue
        if direct.state != LinkState.SUGGESTED:
            reference = session.scalar(select(Idea.reference).where(Idea.id == link.duplicate_id))
            raise UserError(
                f"{reference} volgt dit idee, en een collega zei dat dat niet hetzelfde is als "
                f"{original.reference}: maak die koppeling eerst los. / {reference} follows this idea, and a "
                f"colleague said that it isn't the same as {original.reference}: undo that link first."
            )
        # The pair was suggested before: that link becomes the confirmed one.
        link.state, link.decided_at, link.decided_by_id = LinkState.UNDONE.value, now, person_id
        session.flush()
        direct.state, direct.decided_at, direct.decided_by_id = LinkState.CONFIRMED.value, now, person_id
    session.flush()


def _undo(
    session: Session,
    link: DuplicateLink,
    idea: Idea,
    original: Idea,
    *,
    person_id: int | None,
    now: datetime,
    settings: Settings,
) -> None:
    _close(session, link, LinkState.UNDONE, original, person_id=person_id, now=now)
    # The other manager needn't hear any more of what was taken back before it left.
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.idea_id == original.id,
            OutboxMessage.kind == MessageKind.TWIN_JOINED.value,
            OutboxMessage.revision == idea.id,
            OutboxMessage.status == MessageStatus.PENDING.value,
        )
        .values(status=MessageStatus.CANCELLED.value, trouble="the link was undone before this message left")
    )
    today = now.astimezone(settings.zone).date()
    organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
    slug = session.scalar(select(Framework.slug).where(Framework.id == original.framework_id))
    if slug is None:
        route = route_to_coordinator(
            Why.UNSURE,
            idea_id=idea.id,
            submitter_id=idea.submitter_id,
            today=today,
            organisation=organisation,
        )
    else:
        route = route_to_manager(
            slug,
            idea_id=idea.id,
            unit_id=idea.unit_id,
            submitter_id=idea.submitter_id,
            today=today,
            organisation=organisation,
        )
    messages = settle_again(session, idea, route, organisation, now=now, settings=settings)
    if idea.submitter_id is not None and not idea.is_quiet:
        messages.append(_told_place(idea.submitter_id, route, organisation, revision=messages[0].revision))
    event = EventPlan("link_undone", {"original": original.reference})
    write(session, idea, messages, [event], person_id=person_id, now=now, settings=settings)


def _told_place(submitter_id: int, route: Route, organisation: Organisation, *, revision: int) -> MessagePlan:
    """To the submitter: where the idea is now that it stands by itself, and by when it is answered."""
    promise = promise_payload(route, organisation)
    payload: dict[str, Any]
    if route.framework is None:
        payload = {"why": (route.why or Why.UNSURE).value, "promise": promise}
        return MessagePlan(MessageKind.WITH_COORDINATOR.value, submitter_id, payload, revision=revision)
    payload = {
        "framework": framework_payload(route.framework),
        "promise": promise,
        "reasons": [],
        "touched_limits": [],
    }
    return MessagePlan(MessageKind.ROUTED.value, submitter_id, payload, revision=revision)


def _close(
    session: Session,
    link: DuplicateLink,
    state: LinkState,
    original: Idea,
    *,
    person_id: int | None,
    now: datetime,
) -> None:
    machine_value = original.reference
    link.state = state.value
    link.decided_at = now
    link.decided_by_id = person_id
    if person_id is not None:
        session.add(
            Correction(
                idea_id=link.duplicate_id,
                kind=CorrectionKind.DUPLICATE.value,
                machine_value=machine_value,
                person_value=original.reference if state is LinkState.CONFIRMED else None,
                person_id=person_id,
                made_at=now,
            )
        )
    session.flush()
