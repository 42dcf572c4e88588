"""The one door: every entrance offers here, and here an idea is accepted, with its raw form, in one transaction."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from intake.fingerprint import fingerprint
from intake.offer import Files, Offer, cleaned, without_control
from kader.errors import UserError
from kader.secret import secret_key
from kader.settings import Settings
from models import Attachment, Counter, Event, Idea, IntakeRecord, OutboxMessage, Person, Unit
from models.idea import file_digest
from models.words import IdeaStatus, IntakeOutcome, MessageKind, Source
from pipeline.caution import differ_by_files
from pipeline.lifecycle import OPEN
from pipeline.plans import MessagePlan
from pipeline.store.deciding.organisation import awaits_first_framework
from pipeline.store.deciding.recording import message_row

LONGEST_KEY = 400


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an offer. `follow_token` is given once, to who sends an idea without a name."""

    outcome: IntakeOutcome
    idea_id: int
    reference: str
    is_new: bool
    follow_token: str | None = None


def accept(session: Session, offer: Offer, *, now: datetime, settings: Settings) -> Accepted:
    """Make an idea of an offer, or find the idea that it repeats. The caller commits.

    Raises UserError, one sentence, when the offer can't become an idea; nothing is written then.
    """
    offer = cleaned(offer, longest_idea=settings.longest_idea)
    key = delivery_key(offer.delivery_key)
    # This counter's row lock lets one offer in at a time, so ids follow the order of the commits. It is the same
    # row whatever the year, which the number's own counter isn't.
    _next_number(session, "door")
    counter = f"idea-{now.astimezone(settings.zone).year}"
    number = _next_number(session, counter)
    follow = _follow_token(offer, key, settings)
    earlier = _already_delivered(session, offer.source, key, follow)
    if earlier is not None:
        _give_back(session, counter)
        return earlier
    unit = _unit(session, offer.unit_slug)
    submitter = _submitter(session, offer, unit, settings)
    mark = fingerprint(offer.title, offer.text)
    twin = _sent_before(session, mark, submitter, {file_digest(content) for *_, content in offer.attachments})
    if twin is not None:
        _give_back(session, counter)
        why = "\n".join(("same submitter, same words", *offer.remarks))
        session.add(_record(offer, key, IntakeOutcome.REPEAT, twin.id, now, detail=why))
        return Accepted(IntakeOutcome.REPEAT, twin.id, twin.reference, is_new=False)
    idea = Idea(
        reference=f"K-{now.astimezone(settings.zone).year}-{number:04d}",
        source=offer.source.value,
        submitter_id=submitter.id if submitter else None,
        is_anonymous=offer.anonymous,
        is_quiet=offer.is_quiet,
        follow_token_hash=hash_token(follow) if offer.anonymous else None,
        unit_id=unit.id if unit else submitter.unit_id if submitter else None,
        title=offer.title,
        text=offer.text,
        language=offer.language,
        same_as_id=offer.same_as_id,
        fingerprint=mark,
        status=IdeaStatus.RECEIVED.value,
        received_at=now,
    )
    session.add(idea)
    session.flush()
    remarks = "\n".join(offer.remarks) or None
    session.add(_record(offer, key, IntakeOutcome.IDEA, idea.id, now, detail=remarks))
    add_attachments(session, idea.id, offer.attachments)
    session.add(Event(idea_id=idea.id, kind="received", at=now, detail={"source": offer.source.value}))
    if submitter is not None and not offer.is_quiet:
        payload = {"awaits_framework": True} if awaits_first_framework(session) else {}
        receipt = MessagePlan(MessageKind.RECEIPT.value, submitter.id, payload)
        session.add(OutboxMessage(**message_row(idea.id, receipt, now, settings)))
    session.flush()
    return Accepted(
        IntakeOutcome.IDEA,
        idea.id,
        idea.reference,
        is_new=True,
        follow_token=follow if offer.anonymous else None,
    )


def keep_aside(
    session: Session,
    offer: Offer,
    outcome: IntakeOutcome,
    detail: str,
    *,
    now: datetime,
    settings: Settings,
    idea_id: int | None = None,
) -> bool:
    """Keep the raw form of something that is no idea, or that can't be read, where a person can see it.

    `idea_id` is set for a reply: the idea that it is about. Returns False when the same thing was kept before.
    """
    key = delivery_key(offer.delivery_key)
    _next_number(session, f"kept-{now.astimezone(settings.zone).year}")
    if session.execute(_delivered(offer.source, key)).first() is not None:
        return False
    session.add(_record(offer, key, outcome, idea_id, now, detail="\n".join((detail, *offer.remarks))))
    session.flush()
    return True


def add_attachments(session: Session, idea_id: int, files: Files) -> None:
    """Keep files with an idea."""
    session.add_all(
        Attachment(
            idea_id=idea_id,
            name=without_control(name)[:500],
            content_type=without_control(kind)[:500],
            content=content,
        )
        for name, kind, content in files
    )


def delivery_key(key: str) -> str:
    """A delivery key that fits its column; a long one is replaced by its hash."""
    return key if len(key) <= LONGEST_KEY and without_control(key) == key else f"sha256:{_sha256(key)}"


def hash_token(token: str) -> str:
    """What is kept of a token: enough to recognise it, not to rebuild it."""
    return _sha256(token)


def _follow_token(offer: Offer, key: str, settings: Settings) -> str:
    """A secret that only who offered can have: the same again when the same thing is offered again."""
    secret = secret_key(settings).encode()
    digest = hmac.digest(
        secret, f"follow {offer.source.value} {key}".encode("utf-8", "surrogatepass"), "sha256"
    )
    return urlsafe_b64encode(digest[:24]).decode()


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _next_number(session: Session, name: str) -> int:
    dialect = session.get_bind().dialect.name
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Counter).values(
        name=name, value=1
    )
    counted = statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": Counter.value + 1}
    ).returning(Counter.value)
    return session.execute(counted).scalar_one()


def _give_back(session: Session, name: str) -> None:
    """Undo the last count; nobody else saw it, for its row is locked until the end of the transaction."""
    session.execute(update(Counter).where(Counter.name == name).values(value=Counter.value - 1))


def _delivered(source: Source, key: str) -> Select[IntakeRecord, str, str | None]:
    return (
        select(IntakeRecord, Idea.reference, Idea.follow_token_hash)
        .outerjoin(Idea, Idea.id == IntakeRecord.idea_id)
        .where(IntakeRecord.source == source.value, IntakeRecord.delivery_key == key)
    )


def _already_delivered(session: Session, source: Source, key: str, follow: str) -> Accepted | None:
    row = session.execute(_delivered(source, key)).first()
    if row is None:
        return None
    record, reference, follow_hash = row
    if record.idea_id is None:
        raise UserError("Dit bericht is al eerder apart gelegd. / This message was set aside before.")
    # Who clicks twice must not lose the only link to an idea without a name.
    mine = follow_hash == hash_token(follow)
    token = follow if mine else None
    return Accepted(IntakeOutcome.REPEAT, record.idea_id, reference, is_new=False, follow_token=token)


def _unit(session: Session, slug: str | None) -> Unit | None:
    if not slug:
        return None
    unit = session.scalar(select(Unit).where(Unit.slug == slug))
    if unit is None:
        raise UserError(f"De afdeling '{slug}' bestaat niet: kies een andere. / There is no unit '{slug}'.")
    return unit


def _submitter(session: Session, offer: Offer, unit: Unit | None, settings: Settings) -> Person | None:
    if offer.anonymous or offer.submitter_email is None:
        return None
    person = session.scalar(select(Person).where(Person.email == offer.submitter_email))
    if person is None:
        person = Person(
            name=offer.submitter_name or offer.submitter_email.partition("@")[0],
            email=offer.submitter_email,
            language=offer.reader_language or offer.language or settings.language,
            unit_id=unit.id if unit else None,
        )
        session.add(person)
        session.flush()
    return person


def _sent_before(session: Session, mark: str, submitter: Person | None, files: set[str]) -> Idea | None:
    """The open idea in which the same person wrote the same words: a double click, or sent again."""
    if submitter is None:
        return None
    earlier = session.scalars(
        select(Idea)
        .where(Idea.fingerprint == mark, Idea.submitter_id == submitter.id, Idea.status.in_(list(OPEN)))
        .order_by(Idea.id)
    ).all()
    kept = session.execute(
        select(Attachment.idea_id, Attachment.digest).where(
            Attachment.idea_id.in_([idea.id for idea in earlier])
        )
    ).all()
    for idea in earlier:
        if not differ_by_files(files, {digest for idea_id, digest in kept if idea_id == idea.id}):
            return idea
    return None


def _record(
    offer: Offer,
    key: str,
    outcome: IntakeOutcome,
    idea_id: int | None,
    now: datetime,
    detail: str | None = None,
) -> IntakeRecord:
    return IntakeRecord(
        source=offer.source.value,
        delivery_key=key,
        outcome=outcome.value,
        idea_id=idea_id,
        detail=detail,
        origin=without_control(offer.origin)[:500] if offer.origin else None,
        content_type=without_control(offer.content_type)[:500],
        content=offer.raw,
        received_at=now,
    )
