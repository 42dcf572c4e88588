"""A person's word on duplicates: confirm, reject, undo. Links only; nothing is ever deleted. The caller commits."""

from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.settings import Settings
from models import (
    Assignment,
    Correction,
    DuplicateLink,
    Idea,
    Person,
)
from models.words import CorrectionKind, IdeaStatus, LinkState
from pipeline.lifecycle import JOINABLE, Status, apart, move
from pipeline.payloads import twin_payload
from pipeline.plans import EventPlan
from pipeline.routing import Route
from pipeline.store.deciding.assigning import (
    end,
    locked_idea,
    open_assignment,
    pending,
    placed,
    route_again,
    settle_again,
)
from pipeline.store.deciding.following import give_back_followers, move_followers
from pipeline.store.deciding.link_messages import (
    framework_title,
    tell_joined,
    tell_owner,
    told_place,
    withdraw,
)
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.rights import may_decide
from pipeline.store.deciding.telling import write
from pipeline.store.duplicates.links import BEFORE, MADE_BY, WAS, was_called_different

_EXCERPT = 400

Word = Literal["confirm", "reject", "undo", "again"]


def link_word(
    session: Session,
    *,
    link_id: int,
    person_id: int,
    word: Word,
    now: datetime,
    settings: Settings,
) -> None:
    """Record a person's word on a duplicate link, with all that follows from it.

    "confirm" and "reject" are for what was suggested, "undo" for what was joined, and "again" for what somebody said is
    different: they are the same after all.

    Raises UserError when the link doesn't exist or its state doesn't allow the word.
    """
    link = session.get(DuplicateLink, link_id)
    if link is None:
        raise UserError("Deze koppeling bestaat niet. / This link does not exist.")
    idea, original = _locked_pair(session, link)
    _may_link(session, idea, original, person_id, today=now.astimezone(settings.zone).date())
    if (word == "confirm" and link.state == LinkState.SUGGESTED) or (
        word == "again" and was_called_different(link.state, link.evidence)
    ):
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
    original, idea = locked_idea(session, link.original_id), locked_idea(session, link.duplicate_id)
    session.refresh(link)
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
    for each in (idea, original):
        if each.status == IdeaStatus.JOINED:
            raise UserError(
                f"{each.reference} volgt al een ander idee: maak die koppeling eerst los. / "
                f"{each.reference} follows another idea already: undo that link first."
            )
    if original.status not in JOINABLE or idea.status not in JOINABLE:
        raise UserError(
            "Een van de twee ideeën is al beantwoord, dus samenvoegen kan niet meer. / "
            "One of the two ideas was answered already, so they can't be joined."
        )
    link.evidence = {
        **{name: said for name, said in link.evidence.items() if name not in {MADE_BY, WAS}},
        BEFORE: {"status": idea.status, "framework_id": idea.framework_id},
    }
    _close(session, link, LinkState.CONFIRMED, original, person_id=person_id, now=now)
    followers = move_followers(session, link, idea, original, person_id=person_id, now=now)
    previous = open_assignment(session, idea.id)
    if previous is not None:
        end(previous, now)
    for each in (idea, *followers):
        each.framework_id = original.framework_id
    idea.status = move(idea.status, Status.JOINED).value
    session.flush()
    today = now.astimezone(settings.zone).date()
    told = [] if idea.submitter_id is None else [idea]
    told += [each for each in followers if each.submitter_id is not None and not each.is_quiet]
    messages = tell_joined(session, told, original, today)
    owner = open_assignment(session, original.id)
    # Who linked them knows.
    if owner is not None and owner.person_id != person_id:
        submitter = session.get(Person, idea.submitter_id) if idea.submitter_id else None
        payload = twin_payload(
            reference=idea.reference,
            title=idea.title,
            excerpt=idea.text[:_EXCERPT],
            submitter=submitter.name if submitter else None,
            framework=framework_title(session, original),
        )
        payload["companions"] = len(followers)
        messages += tell_owner(session, idea, original, owner.person_id, payload)
    event = EventPlan("joined", {"original": original.reference})
    write(session, idea, messages, [event], person_id=person_id, now=now, settings=settings)
    for each in followers:
        write(session, each, [], [event], person_id=person_id, now=now, settings=settings)


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
    followers = give_back_followers(session, link, idea, original, person_id=person_id, now=now)
    withdraw(session, [idea, *followers], original)
    today = now.astimezone(settings.zone).date()
    organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
    before = link.evidence.get(BEFORE, {"status": None, "framework_id": original.framework_id})
    idea.framework_id = before["framework_id"]
    for each in followers:
        each.framework_id = idea.framework_id
    route = route_again(session, idea, today=today, organisation=organisation)
    status, note = placed(route), {"apart": original.reference}
    if before["status"] in {IdeaStatus.PARKED, IdeaStatus.WAITING_FOR_SUBMITTER}:
        status = Status(before["status"])
        note |= pending(session, idea, status)
    elif before["status"] == IdeaStatus.IN_REVIEW and route.framework is not None:
        status = Status.IN_REVIEW
    route = _as_promised_before(session, idea, route, status, today)
    messages = settle_again(
        session,
        idea,
        route,
        organisation,
        status=apart(idea.status, status),
        note=note,
        now=now,
        settings=settings,
    )
    if idea.submitter_id is not None and not idea.is_quiet:
        messages.append(told_place(session, idea, idea.submitter_id, route, organisation, note))
    told = [each for each in followers if each.submitter_id is not None and not each.is_quiet]
    messages += tell_joined(session, told, idea, today)
    event = EventPlan("link_undone", {"original": original.reference})
    write(session, idea, messages, [event], person_id=person_id, now=now, settings=settings)
    back = EventPlan("joined", {"original": idea.reference})
    for each in followers:
        write(session, each, [], [back], person_id=person_id, now=now, settings=settings)


def _as_promised_before(session: Session, idea: Idea, route: Route, status: Status, today: date) -> Route:
    """The route with the day that was promised before the idea joined, when that can still be kept."""
    last = session.scalar(
        select(Assignment).where(Assignment.idea_id == idea.id).order_by(Assignment.id.desc()).limit(1)
    )
    if last is None:
        return route
    if status is Status.PARKED:
        # Never before the idea is back.
        return replace(route, due_on=max(last.due_on, route.due_on))
    keeps = last.person_id == route.person_id and last.due_on > today
    return replace(route, due_on=last.due_on) if keeps else route


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
