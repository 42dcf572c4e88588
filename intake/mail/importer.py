"""E-mail as an entrance: raw messages in, and each ends as an idea, a repeat, or something a person can see."""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from intake.accept import accept, keep_aside
from intake.fingerprint import fingerprint
from intake.mail.limits import MailLimits
from intake.mail.parsed import AutomaticKind, ParsedMail, UnreadableMail
from intake.mail.sandbox import SafeParser
from intake.mail.sources import RawMessage, iter_messages
from intake.offer import Offer
from kader.errors import UserError
from kader.settings import Settings
from models import Person
from models.session import Database
from models.words import IntakeOutcome, Source

_OWN_MESSAGE = re.compile(r"K-\d{4}-\d+|\d+\.[a-z_]+\.\d+\.\d+", re.IGNORECASE)
# Nobody reads the answer to these.
_NOBODY = {AutomaticKind.NULL_SENDER, AutomaticKind.SYSTEM_SENDER}


@dataclass(frozen=True, slots=True)
class MailReport:
    """What became of the messages that were read; the four add up to `read`."""

    read: int = 0
    ideas: int = 0
    repeats: int = 0
    automatic: int = 0
    kept_exceptions: int = 0

    def plus(self, outcome: IntakeOutcome) -> "MailReport":
        name = {
            IntakeOutcome.IDEA: "ideas",
            IntakeOutcome.REPEAT: "repeats",
            IntakeOutcome.AUTOMATIC: "automatic",
            IntakeOutcome.EXCEPTION: "kept_exceptions",
        }[outcome]
        return replace(self, read=self.read + 1, **{name: getattr(self, name) + 1})

    def as_row(self) -> dict[str, int]:
        return asdict(self)


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
    """Accept one message, or keep it aside with the reason."""
    if message.error is not None:
        return _aside(database, _unread(message), IntakeOutcome.EXCEPTION, str(message.error), settings, now)
    try:
        mail = parser.parse(message.raw)
    except UnreadableMail as error:
        return _aside(database, _unread(message), IntakeOutcome.EXCEPTION, str(error), settings, now)
    offer = _offer(message, mail)
    aside = _why_aside(mail, settings) or _stranger_through_list(database, mail)
    if aside is not None:
        return _aside(database, offer, *aside, settings, now)
    try:
        with database.writing() as session:
            return accept(session, offer, now=now, settings=settings).outcome
    except UserError as error:
        return _aside(database, offer, IntakeOutcome.EXCEPTION, str(error), settings, now)


def _why_aside(mail: ParsedMail, settings: Settings) -> tuple[IntakeOutcome, str] | None:
    """Why a message that was read isn't taken as an idea; None when it is."""
    if mail.automatic is not None and not mail.automatic.may_be_idea:
        return IntakeOutcome.AUTOMATIC, mail.automatic_sign
    if mail.sender_verified is False:
        detail = "The sender could not be verified: nobody may write in somebody else's name. Ask the sender."
        return IntakeOutcome.EXCEPTION, detail
    answered = _answers_own_mail(mail, settings)
    if answered is not None:
        detail = f"This is an answer to {answered}: read it and handle it with that idea."
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
        delivery_key=_digest(message.raw) if message.raw else f"unread {message.origin}",
        raw=message.raw,
        content_type="message/rfc822",
        origin=message.origin,
    )


def _aside(
    database: Database, offer: Offer, outcome: IntakeOutcome, detail: str, settings: Settings, now: datetime
) -> IntakeOutcome:
    offer = replace(offer, delivery_key=f"aside {offer.delivery_key}")
    with database.writing() as session:
        is_new = keep_aside(session, offer, outcome, detail, now=now, settings=settings)
    return outcome if is_new else IntakeOutcome.REPEAT


def _answers_own_mail(mail: ParsedMail, settings: Settings) -> str | None:
    """The Message-ID of Kader's own mail that this one answers: one message's, or the root of an idea's thread."""
    host = settings.mail_from.rpartition("@")[2].lower()
    answered = (*mail.references, *([mail.in_reply_to] if mail.in_reply_to else []))
    for each in answered:
        left, _, right = each.rpartition("@")
        if right.lower() == host and _OWN_MESSAGE.fullmatch(left):
            return left
    return None


def _digest(raw: bytes) -> str:
    return f"sha256:{sha256(raw).hexdigest()}"
