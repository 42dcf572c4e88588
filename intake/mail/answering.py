"""Which idea a mail answers: Kader's own mails carry their idea in their Message-ID, their thread and their subject."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.mail.parsed import ParsedMail
from kader.settings import Settings
from models import Idea
from models.ids import id_in

_OWN_MESSAGE = re.compile(r"(K-\d{4}-\d{1,12})|(\d{1,12})\.[a-z_]+\.\d+\.\d+", re.IGNORECASE)
_MARK = re.compile(r"\[(K-\d{4}-\d{1,12})\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a mail answers. `what` names it for a person; `in_thread`: its headers say so, not only its subject."""

    what: str
    idea_id: int | None
    in_thread: bool


def answered(session: Session, mail: ParsedMail, settings: Settings) -> Answered | None:
    """Return which of Kader's own mails this one answers; None when it answers none.

    Many programs that answer by themselves set no In-Reply-To but keep the subject, and with it the mark that
    each of Kader's subjects begins with. A mark of no idea of ours is somebody else's.
    """
    host = settings.mail_from.rpartition("@")[2].lower()
    for each in (*([mail.in_reply_to] if mail.in_reply_to else []), *mail.references):
        left, _, right = each.rpartition("@")
        found = _OWN_MESSAGE.fullmatch(left)
        if found is not None and right.lower() == host:
            # Anybody may write any number there.
            condition = Idea.reference == found[1].upper() if found[1] else Idea.id == id_in(found[2])
            row = session.execute(select(Idea.reference, Idea.id).where(condition)).first()
            return Answered(row[0], row[1], in_thread=True) if row else Answered(left, None, in_thread=True)
    for mark in _MARK.findall(mail.subject):
        row = session.execute(select(Idea.reference, Idea.id).where(Idea.reference == mark.upper())).first()
        if row is not None:
            return Answered(row[0], row[1], in_thread=False)
    return None
