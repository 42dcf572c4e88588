"""When mail was last fetched from the mailbox, and when the mailbox last refused: for those who must see to it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kader.settings import Settings
from models import Counter, Lease
from models.bulk import insert_many
from models.session import Database

LEASE = "mailbox"
# Minutes since 1970, as numbers are kept. The first is there as soon as a fetch was tried.
FETCHED = "mailbox fetched"
REFUSED = "mailbox refused"

# A wrong password that is tried every minute gets the user locked out.
REST = timedelta(minutes=15)
# So long without a fetch is no hiccup any more, and somebody must look.
LONG = timedelta(minutes=30)


def prepare(database: Database, *, now: datetime) -> None:
    """Make what a first fetch needs: the lease, and the moment from which mail is waited for."""
    with database.reading() as session:
        is_first = last_fetched(session) is None
    if is_first:
        with database.writing() as session:
            insert_many(session, Lease, [{"name": LEASE}], skip=["name"])
            insert_many(session, Counter, [{"name": FETCHED, "value": _minutes(now)}], skip=["name"])


def note_fetched(session: Session, *, now: datetime) -> None:
    """All is well with the mailbox, as far as was looked."""
    session.merge(Counter(name=FETCHED, value=_minutes(now)))
    session.execute(delete(Counter).where(Counter.name == REFUSED))


def note_refused(session: Session, *, now: datetime) -> None:
    """The mailbox refused something that only a person can mend."""
    session.merge(Counter(name=REFUSED, value=_minutes(now)))


def may_try(session: Session, *, now: datetime) -> bool:
    """Whether Kader should try by itself: not soon after the mailbox refused it."""
    refused = _moment(session, REFUSED)
    return refused is None or now - refused >= REST


def last_fetched(session: Session) -> datetime | None:
    """When mail was last fetched without trouble, or the first attempt if none ever went well; None before that."""
    return _moment(session, FETCHED)


def silent_since(session: Session, settings: Settings, *, now: datetime) -> datetime | None:
    """Since when no mail could be fetched, if that is long; None when all is well or no mailbox is set."""
    if not settings.imap_url:
        return None
    last = last_fetched(session)
    if last is None or now - last <= LONG + timedelta(seconds=settings.imap_seconds):
        return None
    return last


def _minutes(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _moment(session: Session, name: str) -> datetime | None:
    minutes = session.scalar(select(Counter.value).where(Counter.name == name))
    return None if minutes is None else datetime.fromtimestamp(minutes * 60, UTC)
