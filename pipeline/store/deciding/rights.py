"""Who may decide on an idea."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kader.errors import UserError
from models import Assignment, Idea, Person
from pipeline.store.deciding.organisation import stand_ins


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
