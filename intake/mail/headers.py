"""Header fields of a mail, read so that no sender can break the reading."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

from intake.mail.charset import decode

ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
ADDRESS = re.compile(r"[\w.!#$%&'*+/=^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)*", re.ASCII)
WIDE_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}@[^\s<>()\[\]\\,;:\"@]{1,255}")
MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
# Control characters, and those that turn the direction of text (which hide what a name really says).
INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
SPACES = re.compile(r"\s+")
REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|antw|antwort|betr|sv|rif|res|réf|ref)|(?P<forward>fwd?|doorst|doorgest|wg|tr|vs|i))"
    r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]\s*",
    re.IGNORECASE,
)

LONGEST_ADDRESS = 320
MOST_REFERENCES = 100


def word_content(match: re.Match[str]) -> bytes | None:
    """The bytes within an encoded word (RFC 2047), or None when it can't be read."""
    payload = match[3].encode("ascii", "replace")
    if match[2] in "qQ":
        return quopri.decodestring(payload, header=True)
    # Letters that aren't base64 are left out, and missing padding is added: both occur in real mail.
    payload = re.sub(rb"[^A-Za-z0-9+/]", b"", payload)
    try:
        return base64.b64decode(payload + b"=" * (-len(payload) % 4))
    except binascii.Error:
        return None


def decode_words(value: str) -> str:
    """The value with its encoded words decoded.

    Neighbours in one character set are decoded together, for senders cut letters of several bytes in two.
    """
    pieces: list[str] = []
    pending, charset, end = b"", "", 0
    for match in ENCODED_WORD.finditer(value):
        content = word_content(match)
        if content is None:
            continue
        between, name = value[end : match.start()], match[1].partition("*")[0].lower()
        neighbours = end > 0 and not between.strip()
        if not (neighbours and name == charset):
            pieces += [decode(pending, charset), "" if neighbours else between]
            pending, charset = b"", name
        pending += content
        end = match.end()
    return "".join([*pieces, decode(pending, charset), value[end:]])


def one_line(value: str) -> str:
    """The header's value as people see it: encoded words decoded, one line, no control characters.

    The cleaning comes after the decoding: an encoded word may hide a line break that would start a header.
    """
    if not value.isascii():
        # Bytes above 127 arrive as lone surrogates; they are undeclared, mostly UTF-8.
        value = decode(value.encode("utf-8", "surrogateescape"), None)
    decoded = decode_words(value) if "=?" in value else value
    return SPACES.sub(" ", INVISIBLE.sub(" ", decoded)).strip()


def title_of(subject: str) -> tuple[str, bool]:
    """The subject without Re:, Antw:, Fwd: and the like, and whether one of them says that it is forwarded."""
    forwarded = False
    while match := REPLY_PREFIX.match(subject):
        forwarded = forwarded or match["forward"] is not None
        subject = subject[match.end() :]
    return subject.strip(), forwarded


def addresses(values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of (name, address in lower case) in the order of the headers; broken ones by their look."""
    found: dict[str, str] = {}
    for value in values:
        try:
            pairs = getaddresses([value])
        except (IndexError, ValueError, RecursionError, AttributeError):
            pairs = []
        pairs = [
            (name, address)
            for name, address in pairs
            if ADDRESS.fullmatch(address) or WIDE_ADDRESS.fullmatch(address)
        ]
        for name, address in pairs or by_look(value):
            if len(address) <= LONGEST_ADDRESS:
                found.setdefault(one_line(address).lower(), one_line(name))
    return tuple((name, address) for address, name in found.items())


def by_look(value: str) -> list[tuple[str, str]]:
    """The first thing that looks like an address; where angle brackets stand, the one within."""
    value = SPACES.sub(" ", INVISIBLE.sub(" ", value))
    within = value[value.rfind("<") + 1 :] if "<" in value else value
    match = ADDRESS.search(within) or ADDRESS.search(value)
    if match is None:
        return []
    name = value[: value.rfind("<")].strip(" \"'") if "<" in value else ""
    return [(name[:200], match[0])]


def message_ids(value: str) -> tuple[str, ...]:
    """Message-IDs without their brackets, at most the last hundred; whole words when no brackets stand."""
    # Long IDs are sometimes sent as encoded words, against RFC 2047; mail programs decode them all the same.
    value = one_line(value)
    found = MESSAGE_ID.findall(value) or [
        word.strip("<>") for word in value.split() if "@" in word and len(word) <= 500
    ]
    return tuple(dict.fromkeys(word for word in found if word))[-MOST_REFERENCES:]


def sent_at(value: str) -> datetime | None:
    """The time of a Date header in UTC; without a zone it is taken for UTC; None when it is no date."""
    try:
        moment = parsedate_to_datetime(one_line(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
