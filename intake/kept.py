"""What a person does with what was kept for a person to look at. The caller commits."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.accept import Accepted, accept, add_attachments
from intake.mail.limits import MailLimits
from intake.mail.parsed import ParsedMail, UnreadableMail
from intake.mail.sandbox import SafeParser
from intake.offer import Files, Offer, without_control
from kader.errors import UserError
from kader.settings import Settings
from models import Event, Idea, IntakeRecord
from models.words import IntakeOutcome, Source
from pipeline.store.deciding.replying import reply

LONGEST_NOTE = 4_000
SHORTEST_NOTE = 3


def read_mail(content: bytes, content_type: str, settings: Settings) -> ParsedMail | None:
    """Read the raw form of a mail once more; None when it is none, or can't be read."""
    if content_type != "message/rfc822":
        return None
    limits = MailLimits(total=settings.largest_mail)
    with SafeParser(limits, authserv_id=settings.authserv_id) as parser:
        try:
            return parser.parse(content)
        except UnreadableMail:
            return None


def resolve(session: Session, *, record_id: int, note: str, person_id: int, now: datetime) -> None:
    """Settle something that was kept, with a note of what was done about it.

    Raises UserError when the note says nothing, or somebody handled it before.
    """
    note = without_control(note).strip()
    if len(note) < SHORTEST_NOTE:
        raise UserError("Schrijf op wat je ermee deed. / Write down what you did about it.")
    if len(note) > LONGEST_NOTE:
        raise UserError(f"Houd het onder {LONGEST_NOTE} tekens. / Keep it under {LONGEST_NOTE} characters.")
    _settle(_open(session, record_id), note, person_id=person_id, now=now)
    session.flush()


def make_idea(
    session: Session,
    fields: Mapping[str, str],
    *,
    record_id: int,
    attachments: Files = (),
    person_id: int,
    now: datetime,
    settings: Settings,
) -> Accepted:
    """Make an idea of something that was kept, with the words and the sender that a person filled in.

    `fields` are title, text, email, name and unit; without an address nobody is told. The raw form stays where it
    was kept. Raises UserError when it can't become an idea, or somebody handled it before.
    """
    record = _open(session, record_id)
    offer = Offer(
        source=Source(record.source),
        title=fields.get("title", ""),
        text=fields.get("text", ""),
        submitter_email=fields.get("email") or None,
        submitter_name=fields.get("name") or None,
        anonymous=False,
        unit_slug=fields.get("unit") or None,
        language=None,
        delivery_key=f"kept {record.id}",
        raw=json.dumps(dict(fields), ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"),
        content_type="application/json",
        origin=f"kept {record.id}",
        attachments=attachments,
        remarks=tuple((record.detail or "").splitlines()),
    )
    accepted = accept(session, offer, now=now, settings=settings)
    if accepted.is_new:
        detail = {"record": record.id}
        session.add(
            Event(idea_id=accepted.idea_id, kind="taken_up", at=now, person_id=person_id, detail=detail)
        )
    _settle(record, accepted.reference, person_id=person_id, now=now)
    session.flush()
    return accepted


def take_as_reply(
    session: Session,
    *,
    record_id: int,
    reference: str,
    text: str,
    attachments: Files = (),
    person_id: int,
    now: datetime,
    settings: Settings,
) -> Idea:
    """Record something that was kept as the submitter's answer to the question about an idea.

    Raises UserError when there is no such idea, it waits for no answer, or somebody handled the record before.
    """
    record = _open(session, record_id)
    idea = session.scalar(select(Idea).where(Idea.reference == reference.strip().strip("[]").upper()))
    if idea is None:
        raise UserError(
            "Er is geen idee met dit nummer: kijk het na. / There is no idea with this number: check it."
        )
    add_attachments(session, idea.id, attachments)
    reply(
        session,
        idea_id=idea.id,
        person_id=idea.submitter_id,
        text=without_control(text),
        now=now,
        settings=settings,
    )
    # The answer is the submitter's; who put it here is told beside it.
    detail = {"record": record.id}
    session.add(Event(idea_id=idea.id, kind="reply_recorded", at=now, person_id=person_id, detail=detail))
    record.outcome, record.idea_id = IntakeOutcome.REPLY.value, idea.id
    _settle(record, idea.reference, person_id=person_id, now=now)
    session.flush()
    return idea


def _open(session: Session, record_id: int) -> IntakeRecord:
    """The record, locked until the end of the transaction, so that two people don't both handle it."""
    record = session.scalar(
        select(IntakeRecord)
        .where(IntakeRecord.id == record_id, IntakeRecord.outcome == IntakeOutcome.EXCEPTION.value)
        .with_for_update()
    )
    if record is None or record.resolved_at is not None:
        raise UserError("Dit is al afgehandeld. / This was handled already.")
    return record


def _settle(record: IntakeRecord, resolution: str, *, person_id: int, now: datetime) -> None:
    record.resolved_at, record.resolved_by_id, record.resolution = now, person_id, resolution
