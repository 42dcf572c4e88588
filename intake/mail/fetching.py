"""Ideas from a mailbox on a server: each message is read, committed with its raw form, and only then marked as read."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from intake.mail.fetched import LEASE, note_fetched, note_refused, prepare
from intake.mail.importer import MailReport, import_message
from intake.mail.limits import MailLimits
from intake.mail.mailbox import Mailbox
from intake.mail.mailbox_errors import BrokenOffError, NotMovedError, RefusedError
from intake.mail.sandbox import SafeParser
from kader.errors import KaderError, TransientError, UserError
from kader.settings import Settings
from models.session import Database
from pipeline.store.reading.claims import kept_lease

LEASE_SECONDS = 120


class BusyError(TransientError):
    """Another process fetches mail at this moment."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch came to.

    `refused`: messages that the server didn't give, which stay unread; `left`: messages for which there was no time,
    or which stayed behind `trouble`, the error that ended it early or let mail that came in stay where it was.
    """

    report: MailReport = field(default_factory=MailReport)
    refused: int = 0
    left: int = 0
    trouble: KaderError | None = None

    def as_row(self) -> dict[str, int]:
        """The numbers by name; those of the mailbox only when there are any."""
        numbers = {"refused": self.refused, "left": self.left}
        return {**self.report.as_row(), **{name: number for name, number in numbers.items() if number}}


def fetch_mails(
    database: Database,
    *,
    settings: Settings,
    owner: str,
    clock: Callable[[], datetime],
    is_over: Callable[[], bool] = lambda: False,
    told: Callable[[Fetched], None] = lambda _: None,
) -> Fetched:
    """Fetch what waits unread in the mailbox of KADER_IMAP_URL, earliest first; one process at a time.

    `is_over` is asked after each message, `told` hears how far it is. What ends it early stands in `trouble`: a
    UserError must be mended by somebody, a TransientError may pass. Raises BusyError, UserError when no mailbox is
    set, and what the database raises; a message that was not committed stays unread.
    """
    if settings.imap is None:
        raise UserError(
            "No mailbox is set: give its address in KADER_IMAP_URL (imaps://user:password@host/Folder)."
        )
    prepare(database, now=clock())
    # Two at once, when a lease ended too early, do no harm: the second finds what the first took, and takes no second.
    with kept_lease(database, LEASE, owner=owner, clock=clock, seconds=LEASE_SECONDS) as token:
        if token is None:
            raise BusyError("Another process fetches mail already: wait until it is done.")
        fetched = _read(database, settings, clock, is_over, told)
        blamed = fetched.trouble.at if isinstance(fetched.trouble, BrokenOffError) else None
        if blamed is not None and not is_over():
            # There are messages over which a server breaks off: the others flow on, and that one is tried once more.
            fetched = _read(database, settings, clock, is_over, told, fetched.report, blamed)
        with database.writing() as session:
            if fetched.trouble is None or isinstance(fetched.trouble, NotMovedError):
                note_fetched(session, now=clock())
            elif isinstance(fetched.trouble, UserError):
                note_refused(session, now=clock())
    return fetched


def _read(
    database: Database,
    settings: Settings,
    clock: Callable[[], datetime],
    is_over: Callable[[], bool],
    told: Callable[[Fetched], None],
    before: MailReport = MailReport(),  # noqa: B008  # frozen
    last: tuple[str, int] | None = None,
) -> Fetched:
    """Read what waits over one connection, after what was read `before`; the message `last` comes at the end."""
    so_far = Fetched(before)
    try:
        with (
            Mailbox(settings) as mailbox,
            SafeParser(MailLimits(total=settings.largest_mail), authserv_id=settings.authserv_id) as parser,
        ):
            waiting = mailbox.waiting(last)
            so_far = replace(so_far, left=len(waiting))
            told(so_far)
            for number, message in mailbox.read(waiting):
                if isinstance(message, RefusedError):
                    so_far = replace(so_far, refused=so_far.refused + 1, left=so_far.left - 1)
                else:
                    outcome = import_message(database, message, parser, settings=settings, now=clock())
                    so_far = replace(so_far, report=so_far.report.plus(outcome), left=so_far.left - 1)
                    try:
                        mailbox.mark(number)
                    except NotMovedError as error:
                        so_far = replace(so_far, trouble=error)
                told(so_far)
                if is_over():
                    return so_far
    except BrokenOffError as error:
        if last is not None and error.at == last:
            return replace(so_far, refused=so_far.refused + 1, left=0)
        return replace(so_far, trouble=error)
    except KaderError as error:
        return replace(so_far, trouble=error)
    return replace(so_far, left=0)
