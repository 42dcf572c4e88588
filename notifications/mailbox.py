"""Read the Maildir of `MaildirTransport`, so that people can see their mail in the browser."""

import email
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from kader.errors import UserError
from notifications.maildir import FILE_NAME, recipient_mark


@dataclass(frozen=True, slots=True)
class MailSummary:
    """One line of the list. `key` names the mail in an address of a page."""

    key: str
    sent_at: datetime
    recipient_name: str
    recipient: str
    subject: str


@dataclass(frozen=True, slots=True)
class MailPage:
    """One page of the list, newest first. `page` counts from 1; `total` is the number of all mails."""

    mails: tuple[MailSummary, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class MailView:
    """One whole mail. `html` is shown only in a sandboxed frame."""

    summary: MailSummary
    sender: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def list_mails(folder: Path, *, recipient: str | None = None, page: int = 1, size: int = 50) -> MailPage:
    """One page of the mails in a Maildir, of all people or to one address. Opens only the files it shows."""
    found = sorted(_files(folder, recipient), reverse=True)
    pages = max(1, -(-len(found) // size))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * size : page * size]
    # A mail may be moved by another program between listing and opening; then it's on the next page load.
    mails = tuple(_summary(key, _parsed(path)) for _, _, key, path in shown if path.exists())
    return MailPage(mails, len(found), page, pages)


def read_mail(folder: Path, key: str) -> MailView:
    """One mail by its key. Raises UserError when there is no such mail."""
    if not FILE_NAME.fullmatch(key):
        raise UserError("Dit is geen bericht van Kader. / This is not a message of Kader.")
    path = next((path for _, _, name, path in _files(folder, None) if name == key), None)
    if path is None:
        raise UserError("Dit bericht is er niet (meer). / This message is not there (any more).")
    message = _parsed(path)
    return MailView(
        summary=_summary(key, message),
        sender=str(message["From"]),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _files(folder: Path, recipient: str | None) -> Iterator[tuple[int, int, str, Path]]:
    """Second of writing, moment of delivery, key and path of each mail, in no order."""
    mark = recipient_mark(recipient) if recipient else None
    for part in ("new", "cur"):
        if not (folder / part).is_dir():
            continue
        with os.scandir(folder / part) as entries:
            for entry in entries:
                key = entry.name.partition(":")[0]
                match = FILE_NAME.fullmatch(key)
                if match and mark in {None, match["who"]}:
                    yield int(match["second"]), entry.stat().st_mtime_ns, key, Path(entry.path)


def _parsed(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return email.message_from_binary_file(file, policy=default)


def _summary(key: str, message: EmailMessage) -> MailSummary:
    addresses = message["To"].addresses if message["To"] else ()
    sent_at = message["Date"].datetime if message["Date"] else None
    return MailSummary(
        key=key,
        sent_at=sent_at or datetime.fromtimestamp(int(key.partition(".")[0]), UTC),
        recipient_name=addresses[0].display_name if addresses else "",
        recipient=addresses[0].addr_spec if addresses else "",
        subject=str(message["Subject"] or ""),
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return str(part.get_content()) if isinstance(part, EmailMessage) else ""
