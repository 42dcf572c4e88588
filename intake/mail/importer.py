"""E-mail as an entrance: raw messages in, and each ends as an idea, a repeat, or something a person can see."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.accept import accept, add_attachments, keep_aside
from intake.fingerprint import fingerprint
from intake.mail.answering import Answered, answered
from intake.mail.bounces import note_bounce
from intake.mail.limits import MailLimits
from intake.mail.parsed import AutomaticKind, ParsedMail, UnreadableMail
from intake.mail.sandbox import SafeParser
from intake.mail.sources import RawMessage, iter_messages
from intake.offer import Offer, cleaned, without_control
from kader.errors import UserError
from kader.log import kind_of, places_of
from kader.settings import Settings
from models import Idea, Person
from models.session import Database, is_of_the_row
from models.words import IdeaStatus, IntakeOutcome, Source
from pipeline.store.deciding.replying import reply

logger = logging.getLogger(__name__)

# Above this many ideas by mail from one sender within BUSY_HOURS, and above this many under one title, something
# may be answering our receipts without end: the ideas are kept and triaged, and nothing is sent by itself.
MOST_RECEIPTS = 10
MOST_ALIKE = 2
BUSY_HOURS = 3
# Nobody reads the answer to these.
_NOBODY = {AutomaticKind.NULL_SENDER, AutomaticKind.SYSTEM_SENDER}


@dataclass(frozen=True, slots=True)
class MailReport:
    """What became of the messages that were read; all the others add up to `read`."""

    read: int = 0
    ideas: int = 0
    repeats: int = 0
    automatic: int = 0
    kept_exceptions: int = 0
    replies: int = 0

    def plus(self, outcome: IntakeOutcome) -> "MailReport":
        name = {
            IntakeOutcome.IDEA: "ideas",
            IntakeOutcome.REPEAT: "repeats",
            IntakeOutcome.AUTOMATIC: "automatic",
            IntakeOutcome.EXCEPTION: "kept_exceptions",
            IntakeOutcome.REPLY: "replies",
        }[outcome]
        return replace(self, read=self.read + 1, **{name: getattr(self, name) + 1})

    def as_row(self) -> dict[str, int]:
        """The numbers by name; replies, which few mailboxes hold, only when there are any."""
        return {name: number for name, number in asdict(self).items() if number or name != "replies"}


def import_mails(
    database: Database,
    paths: Iterable[Path],
    *,
    settings: Settings,
    clock: Callable[[], datetime],
    told: Callable[[MailReport], None] | None = None,
) -> MailReport:
    """Import all messages under these paths, each in a transaction of its own.

    Raises UserError when a path doesn't exist; no message stops the others.
    """
    report = MailReport()
    limits = MailLimits(total=settings.largest_mail)
    with SafeParser(limits, authserv_id=settings.authserv_id) as parser:
        for message in iter_messages(list(paths), largest=settings.largest_mail):
            outcome = import_message(database, message, parser, settings=settings, now=clock())
            report = report.plus(outcome)
            if told is not None:
                told(report)
    return report


def import_message(
    database: Database, message: RawMessage, parser: SafeParser, *, settings: Settings, now: datetime
) -> IntakeOutcome:
    """Accept one message, or keep it aside with the reason, also when it breaks something that nobody foresaw."""
    try:
        return _import(database, message, parser, settings, now)
    except Exception as error:
        if not is_of_the_row(error):
            raise
        # Not a whole trace, which ends in the error's words: they may be somebody's.
        logger.error("a mail can't be taken (%s)\n%s", kind_of(error), places_of(error))  # noqa: TRY400  # see above
        detail = (
            f"Kader kan deze mail niet verwerken ({type(error).__name__}). / "
            f"Kader can't take this mail ({type(error).__name__})."
        )
        return _aside(database, _unread(message), IntakeOutcome.EXCEPTION, detail, settings, now)


def _import(
    database: Database, message: RawMessage, parser: SafeParser, settings: Settings, now: datetime
) -> IntakeOutcome:
    if message.error is not None:
        return _aside(database, _unread(message), IntakeOutcome.EXCEPTION, str(message.error), settings, now)
    try:
        mail = parser.parse(message.raw)
    except UnreadableMail as error:
        return _aside(database, _unread(message), IntakeOutcome.EXCEPTION, str(error), settings, now)
    offer = _offer(message, mail)
    aside = _why_aside(mail) or _stranger_through_list(database, mail)
    if aside is not None:
        bounced = message.raw if mail.automatic is AutomaticKind.DELIVERY_REPORT else None
        return _aside(database, offer, *aside, settings, now, bounced=bounced)
    with database.reading() as session:
        answer = answered(session, mail, settings)
    try:
        if answer is not None:
            return _reply(database, offer, mail, answer, settings, now)
        with database.writing() as session:
            offer = _calmed(session, cleaned(offer, longest_idea=settings.longest_idea), now)
            return accept(session, offer, now=now, settings=settings).outcome
    except UserError as error:
        return _aside(database, offer, IntakeOutcome.EXCEPTION, str(error), settings, now)


def _reply(
    database: Database, offer: Offer, mail: ParsedMail, answer: Answered, settings: Settings, now: datetime
) -> IntakeOutcome:
    """Take the submitter's answer to a question; keep any other answer to Kader's own mail for a person.

    Raises UserError when the answer can't be taken after all.
    """
    if not _is_reply(database, mail, answer, settings):
        detail = (
            f"Dit is een antwoord op {answer.what}: lees het en handel het af bij dat idee. / "
            f"This is an answer to {answer.what}: read it and handle it with that idea."
        )
        return _aside(database, offer, IntakeOutcome.EXCEPTION, detail, settings, now)
    with database.writing() as session:
        idea = session.get_one(Idea, answer.idea_id)
        # Under the same key as what is set aside: a mail that was kept before is not taken now.
        kept = keep_aside(
            session,
            _set_aside(offer),
            IntakeOutcome.REPLY,
            f"Antwoord op de vraag over {answer.what}. / Answer to the question about {answer.what}.",
            now=now,
            settings=settings,
            idea_id=idea.id,
        )
        if not kept:
            return IntakeOutcome.REPEAT
        add_attachments(session, idea.id, offer.attachments)
        text = without_control(mail.text)
        reply(session, idea_id=idea.id, person_id=idea.submitter_id, text=text, now=now, settings=settings)
    return IntakeOutcome.REPLY


def _is_reply(database: Database, mail: ParsedMail, answer: Answered, settings: Settings) -> bool:
    """Whether a person, the submitter, answers the question that an idea waits for."""
    if mail.automatic is not None or not answer.in_thread:
        return False
    if not 0 < len(mail.text.strip()) <= settings.longest_idea:
        return False
    with database.reading() as session:
        waits = session.scalar(
            select(Idea.id)
            .join(Person, Person.id == Idea.submitter_id)
            .where(Idea.id == answer.idea_id, Idea.status == IdeaStatus.WAITING_FOR_SUBMITTER)
            .where(Person.email == (mail.from_address or "").lower())
        )
    return waits is not None


def _calmed(session: Session, offer: Offer, now: datetime) -> Offer:
    """The offer, made quiet when its sender sent so much lately that a machine may be at work."""
    if offer.is_quiet or offer.submitter_email is None:
        return offer
    alike = func.count().filter(Idea.title == offer.title)
    number, number_alike = session.execute(
        select(func.count(), alike)
        .select_from(Idea)
        .join(Person, Person.id == Idea.submitter_id)
        .where(Person.email == offer.submitter_email, Idea.source == Source.EMAIL)
        .where(Idea.received_at > now - timedelta(hours=BUSY_HOURS))
    ).one()
    if number < MOST_RECEIPTS and number_alike < MOST_ALIKE:
        return offer
    remark = (
        f"Deze afzender stuurde in {BUSY_HOURS} uur al {number} ideeën per mail ({number_alike} met deze titel). "
        "Daarom gaan er over dit idee geen automatische berichten naar de indiener. / "
        f"This sender sent {number} ideas by mail within {BUSY_HOURS} hours ({number_alike} under this title). "
        "So no automatic messages about this idea go to the submitter."
    )
    return replace(offer, is_quiet=True, remarks=(*offer.remarks, remark))


def _why_aside(mail: ParsedMail) -> tuple[IntakeOutcome, str] | None:
    """Why a message that was read isn't taken as an idea; None when it is."""
    if mail.automatic is not None and not mail.automatic.may_be_idea:
        return IntakeOutcome.AUTOMATIC, mail.automatic_sign
    if mail.sender_verified is False:
        detail = (
            "Het is niet zeker dat deze mail echt van de afzender komt: vraag het de afzender. / "
            "The sender could not be verified: nobody may write in somebody else's name. Ask the sender."
        )
        return IntakeOutcome.EXCEPTION, detail
    return None


def _stranger_through_list(database: Database, mail: ParsedMail) -> tuple[IntakeOutcome, str] | None:
    """Newsletters come through lists as well: what a list brings is an idea only when a colleague wrote it."""
    if mail.automatic not in {AutomaticKind.LIST, AutomaticKind.BULK}:
        return None
    with database.reading() as session:
        known = session.scalar(select(Person.id).where(Person.email == (mail.from_address or "").lower()))
    return None if known is not None else (IntakeOutcome.AUTOMATIC, mail.automatic_sign)


def _offer(message: RawMessage, mail: ParsedMail) -> Offer:
    nobody = mail.automatic in _NOBODY
    words = fingerprint(mail.title, mail.text or mail.whole_text)
    # One mail reaches two mailboxes with other headers; a forged or repeated Message-ID carries other words.
    key = f"{mail.message_id} {words}" if mail.message_id else _digest(message.raw)
    return Offer(
        source=Source.EMAIL,
        title=mail.title,
        text=mail.text,
        submitter_email=None if nobody else mail.from_address,
        submitter_name=mail.from_name,
        anonymous=False,
        unit_slug=None,
        language=None,
        delivery_key=key,
        raw=message.raw,
        content_type="message/rfc822",
        origin=message.origin,
        attachments=tuple((each.name, each.content_type, each.content) for each in mail.attachments),
        remarks=_remarks(mail),
        is_quiet=mail.automatic is not None,
    )


def _remarks(mail: ParsedMail) -> tuple[str, ...]:
    """What whoever looks at the idea should know of its mail."""
    if mail.reply_to is None or mail.reply_to == mail.from_address:
        return mail.problems
    # Anybody may write any address there: it is told to people, and no message goes to it.
    elsewhere = (
        f"De afzender vraagt om antwoord op een ander adres: {mail.reply_to}. / "
        f"The sender asks for answers at another address: {mail.reply_to}."
    )
    return (*mail.problems, elsewhere)


def _unread(message: RawMessage) -> Offer:
    return Offer(
        source=Source.EMAIL,
        title="",
        text="",
        submitter_email=None,
        submitter_name=None,
        anonymous=False,
        unit_slug=None,
        language=None,
        delivery_key=_unread_key(message),
        raw=message.raw,
        content_type="message/rfc822",
        origin=message.origin,
    )


def _unread_key(message: RawMessage) -> str:
    if message.digest is not None:
        return f"sha256:{message.digest}"
    return _digest(message.raw) if message.raw else f"unread {message.origin}"


def _aside(
    database: Database,
    offer: Offer,
    outcome: IntakeOutcome,
    detail: str,
    settings: Settings,
    now: datetime,
    *,
    bounced: bytes | None = None,
) -> IntakeOutcome:
    with database.writing() as session:
        is_new = keep_aside(session, _set_aside(offer), outcome, detail, now=now, settings=settings)
        # Once: when it is read again the message may have been sent again.
        if is_new and bounced is not None:
            note_bounce(session, bounced, settings)
    return outcome if is_new else IntakeOutcome.REPEAT


def _set_aside(offer: Offer) -> Offer:
    """The offer under a key of its own: what was set aside never hides an idea with the same key."""
    return replace(offer, delivery_key=f"aside {offer.delivery_key}")


def _digest(raw: bytes) -> str:
    return f"sha256:{sha256(raw).hexdigest()}"
