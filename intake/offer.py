"""What a door offers to the one function that accepts ideas."""

import json
import re
from dataclasses import dataclass, replace

from kader.address import is_address
from kader.errors import UserError
from models.words import Source

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ADDRESS = re.compile(r"[^@\s<>,;\"()]+@[^@\s<>,;\"()]+\.[^@\s<>,;\"()]+")
LONGEST_TITLE = 200
LONGEST_ADDRESS = 254
LONGEST_NAME = 200

Files = tuple[tuple[str, str, bytes], ...]  # name, content type, content


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that came in at a door and asks to be an idea.

    `delivery_key` is the same when the same thing is offered again (Message-ID, idempotency key, import row);
    `raw` is the form in which it came, byte for byte.
    """

    source: Source
    title: str
    text: str
    submitter_email: str | None
    submitter_name: str | None
    anonymous: bool
    unit_slug: str | None
    language: str | None
    delivery_key: str
    raw: bytes
    content_type: str
    origin: str | None = None
    attachments: Files = ()
    remarks: tuple[str, ...] = ()  # sentences for the person who looks at it, kept with the raw form
    same_as_id: int | None = (
        None  # the idea, shown to the submitter, of which they say that theirs is the same
    )
    reader_language: str | None = (
        None  # of the pages on which somebody sent it: that of mails to who is new here
    )
    is_quiet: bool = False  # no automatic messages to the submitter; a person's answer does go out


def cleaned(offer: Offer, *, longest_idea: int) -> Offer:
    """The offer with tidy texts. Raises UserError when it can't become an idea."""
    text = _CONTROL.sub("", offer.text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    title = " ".join(_CONTROL.sub("", offer.title).split())
    if not text:
        text = title
    if not text:
        raise UserError(
            "Het idee is leeg: schrijf op wat je wilt voorstellen. / The idea is empty: write it down."
        )
    if len(text) > longest_idea:
        raise UserError(
            f"Het idee is te lang: {len(text)} tekens; maak het korter dan {longest_idea} tekens. / "
            f"The idea is too long: {len(text)} characters; make it shorter than {longest_idea}."
        )
    if offer.language not in {None, "nl", "en"}:
        raise UserError(
            "De taal klopt niet: vul nl of en in, of laat die leeg. / "
            "The language is not valid: use nl or en, or leave it empty."
        )
    email = (offer.submitter_email or "").strip().lower() or None
    if offer.anonymous:
        email = None
    elif email is not None and not (
        # Who wrote a mail can't mend its address: the idea is taken, and the desk shows what couldn't be sent.
        _may_be_kept(email) if offer.source is Source.EMAIL else can_be_mailed(email)
    ):
        raise UserError(
            "Het e-mailadres klopt niet: vul een adres in zoals naam@organisatie.nl. / "
            "The e-mail address is not valid: use an address such as name@organisation.org."
        )
    if offer.anonymous:
        # What was sent may hold a name or an address; of an idea without a name only its words are kept.
        words = {"title": title, "text": text, "unit": offer.unit_slug}
        offer = replace(
            offer,
            raw=json.dumps(words, ensure_ascii=False).encode(),
            content_type="application/json",
            origin=None,
        )
    return replace(
        offer,
        title=_short(title or _first_line(text)),
        text=text,
        submitter_email=email,
        submitter_name=None if offer.anonymous else _name(offer.submitter_name, email),
        anonymous=offer.anonymous or email is None,
        unit_slug=without_control(offer.unit_slug or "").strip() or None,
    )


def can_be_mailed(email: str) -> bool:
    """Whether what is promised to this address can reach it, so that who types it wrong hears so at once."""
    return _may_be_kept(email) and is_address(email)


def _may_be_kept(email: str) -> bool:
    return (
        _ADDRESS.fullmatch(email) is not None and not _CONTROL.search(email) and len(email) <= LONGEST_ADDRESS
    )


def without_control(line: str) -> str:
    """The line without what a database can't keep or a page can't show."""
    return _CONTROL.sub("", line)


def _first_line(text: str) -> str:
    return " ".join(text.split("\n", 1)[0].split())


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _name(name: str | None, email: str | None) -> str | None:
    plain = " ".join(_CONTROL.sub("", name or "").split())[:LONGEST_NAME]
    return plain or (email.partition("@")[0] if email else None)
