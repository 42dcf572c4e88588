"""Write a mail from an outbox message: one text, in Dutch or English, as plain text and as HTML."""

import re
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from typing import Any, Literal

from markupsafe import Markup

from kader.errors import PermanentError
from kader.links import Links, Purpose
from kader.settings import Settings
from models.words import MessageKind
from notifications.asked import reason
from notifications.dates import long_date
from notifications.headers import MAIL, address, header_text, shorten, whole_message_id
from notifications.layout import Form, environment
from notifications.letter import IdeaSnapshot, Letter

# More of an idea than this is read on its page.
LONGEST_QUOTE = 3_000

# Where a template leaves something out, empty lines pile up.
GAPS = re.compile(r"\n{3,}")

# Without a coordinator an idea that nobody can place falls to a manager, who has no desk.
ANSWERING = frozenset(
    {
        MessageKind.TO_MANAGER,
        MessageKind.TO_COORDINATOR,
        MessageKind.TWIN_JOINED,
        MessageKind.ANSWERED,
        MessageKind.OBJECTION,
    }
)
AT_DESK = frozenset({MessageKind.TO_COORDINATOR, MessageKind.OBJECTION})

# Keys that an older payload may lack, and what their absence means.
ABSENT: dict[str, Any] = {
    "framework": None, "promise": None, "reasons": (), "touched_limits": (), "twins": (), "candidates": (),
    "submitter": None, "unit": None, "probability": None, "reason": None, "parked_until": None, "due_on": None,
    "linked_to": None, "because": None, "predecessor": None, "returned": None, "is_late": False, "apart": None,
    "question": None, "companions": 0, "against": (), "quote": None, "earlier": (), "asks": None,
    "awaits_framework": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """Subject and both forms of one mail."""

    subject: str
    text: str
    html: str


def compose(letter: Letter, links: Links, settings: Settings) -> EmailMessage:
    """The whole mail. The same letter gives the same Message-ID, thread and facts, whenever it is composed.

    Raises PermanentError when an address or identifier can't be used, and jinja2.UndefinedError, KeyError,
    TypeError or ValueError when the payload lacks something that its kind must say.
    """
    domain = settings.mail_from.rpartition("@")[2]
    written = write(letter, links, settings)
    message = EmailMessage(policy=MAIL)
    message["From"] = address(settings.organisation, settings.mail_from)
    message["To"] = address(letter.recipient.name, letter.recipient.email)
    message["Reply-To"] = settings.mail_from
    message["Subject"] = written.subject
    message["Date"] = letter.created_at.astimezone(settings.zone)
    message["Message-ID"] = whole_message_id(letter.message_id, domain)
    if letter.idea is not None:
        # All mails about one idea hang on one root, which is never sent itself.
        root = whole_message_id(letter.idea.reference, domain)
        message["In-Reply-To"] = root
        message["References"] = root
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    # After the content: setting that drops every Content- header.
    message["Content-Language"] = _language(letter, settings)
    return message


def write(letter: Letter, links: Links, settings: Settings) -> Written:
    """Subject, text and HTML of a letter, from the templates of its kind and language."""
    language = _language(letter, settings)
    idea = letter.idea
    if idea is None and letter.kind is not MessageKind.FRESH_LINK:
        raise PermanentError("The message is about an idea that is not there.")
    facts: dict[str, Any] = {
        **ABSENT,
        **letter.payload,
        "kind": letter.kind.value,
        "name": header_text(letter.recipient.name),
        "is_coordinator": letter.recipient.is_coordinator,
        "organisation": settings.organisation,
        "idea": _shown(idea) if idea else None,
        "received_on": idea.received_at.astimezone(settings.zone).date()
        if idea and idea.received_at
        else None,
        "link": _link(letter, links),
        "link_days": links.days,
        "language": language,
        "day": lambda value: _day(value, language),
        "percent": lambda share: f"{min(99, max(1, round(share * 100)))}\u00a0%",
        "short_quote": _beginning,
        "why_asked": lambda reader: reason(
            reader, language, letter.payload["why"], letter.payload.get("asks")
        ),
    }
    subject, text = _render("text", language, facts)
    _, html = _render("html", language, facts)
    about = f"[{idea.reference}] " if idea else ""
    return Written(header_text(f"{about}{subject}"), text, html)


def _render(form: Form, language: str, facts: dict[str, Any]) -> tuple[str, str]:
    templates = environment(form)
    facts = {**facts, "m": templates.get_template(f"{form}.jinja").module}
    body = templates.get_template(f"{language}/{facts['kind']}.jinja").make_module(facts)
    subject = str(body.subject)  # type: ignore[attr-defined]  # each template sets it
    whole = templates.get_template(f"{language}/letter.jinja").render(facts, body=_safe(form, str(body)))
    page = templates.get_template(f"page.{form}.jinja").render(
        facts, whole=_safe(form, whole), subject=_safe(form, subject)
    )
    return subject, page if form == "html" else GAPS.sub("\n\n", page).strip() + "\n"


def _safe(form: Form, rendered: str) -> str:
    """What a template of ours made is markup already; its parts were escaped when it was made."""
    return Markup(rendered) if form == "html" else rendered  # noqa: S704 - made by an escaping template


def _shown(idea: IdeaSnapshot) -> IdeaSnapshot:
    text = _beginning(idea.text)
    title = " ".join(idea.title.split()) or shorten(text, 80)
    return IdeaSnapshot(idea.id, idea.reference, title, text, idea.received_at)


def _beginning(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rstrip() + " […]"


def _link(letter: Letter, links: Links) -> str:
    person, idea_id = letter.recipient, letter.idea.id if letter.idea else None
    if letter.kind is MessageKind.FRESH_LINK:
        return links.make(Purpose(letter.payload["purpose"]), person_id=person.id, idea_id=idea_id)
    if letter.kind in AT_DESK and person.is_coordinator:
        return links.make(Purpose.DESK, person_id=person.id)
    purpose = Purpose.ANSWER if letter.kind in ANSWERING else Purpose.FOLLOW
    return links.make(purpose, person_id=person.id, idea_id=idea_id)


def _language(letter: Letter, settings: Settings) -> Literal["nl", "en"]:
    match letter.recipient.language[:2].lower():
        case "nl":
            return "nl"
        case "en":
            return "en"
        case _:
            return settings.language


def _day(value: str | date, language: str) -> str:
    return long_date(value if isinstance(value, date) else date.fromisoformat(value), language)
