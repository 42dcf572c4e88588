"""Kader's own mails that came back: a server took them, and told later that they reached nobody."""

import re

from sqlalchemy import update
from sqlalchemy.orm import Session

from kader.settings import Settings
from models import OutboxMessage
from models.words import MessageStatus

# RFC 3464 names each recipient's fate, of which "delayed" is no end; Exim tells failures in a header.
_FAILED = re.compile(rb"^(?:Action:[ \t]*failed\b|X-Failed-Recipients:)", re.IGNORECASE | re.MULTILINE)
# The mail that came back, or its header, lies within.
_MESSAGE_ID = re.compile(
    rb"^Message-ID:[ \t]*(?:\r?\n[ \t]+)?<([^<>\s@]{1,200}@[^<>\s@]{1,200})>", re.IGNORECASE | re.MULTILINE
)
_MOST = 20
CAME_BACK = "The mail came back: it could not be delivered. Ask for the right address, or tell the recipient otherwise."


def note_bounce(session: Session, raw: bytes, settings: Settings) -> None:
    """Record of a message that counts as sent that it came back, so that a person sees it.

    `raw` is a delivery report. The caller commits.
    """
    host = settings.mail_from.rpartition("@")[2].lower()
    named = [each.decode("ascii", "replace") for each in _MESSAGE_ID.findall(raw)]
    ours = [each for each in named if each.rpartition("@")[2].lower() == host][:_MOST]
    if not ours or _FAILED.search(raw) is None:
        return
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.message_id.in_(ours), OutboxMessage.status == MessageStatus.SENT)
        .values(status=MessageStatus.FAILED, trouble=CAME_BACK)
        .execution_options(synchronize_session=False)
    )
