"""Send what is due: claim in one short transaction, write and send outside any, record in another."""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from zlib import crc32

from kader.address import is_address
from kader.errors import PermanentError, TransientError
from kader.links import Links
from kader.settings import Settings
from models.session import Database
from models.words import MessageStatus
from notifications.compose import compose
from notifications.errors import UncertainError, UnreachableError
from notifications.outbox import Claimed, Outcome, claim, record
from notifications.transport import Transport

# Minutes until the next try of a message that the server put off; then a person must look. About 29 hours.
PAUSES = (1, 5, 15, 60, 120, 240, 480, 840)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many messages left, and what became of the others."""

    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    retried: int = 0

    def __add__(self, other: "DeliveryReport") -> "DeliveryReport":
        return DeliveryReport(
            self.sent + other.sent,
            self.failed + other.failed,
            self.uncertain + other.uncertain,
            self.retried + other.retried,
        )


def deliver(
    database: Database,
    transport: Transport,
    links: Links,
    settings: Settings,
    *,
    now: Callable[[], datetime],
    owner: str,
    limit: int = 100,
    is_over: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Send at most `limit` messages that are due; `now` gives an aware moment, `owner` names this process.

    Ends early when `is_over()`, which is asked after each group: over SMTP that is after each message.
    Safe to run in several processes at once. A message that can't be written or is refused is set aside
    with its reason and the others flow on; when the mail service itself is away, all wait.
    """
    report = DeliveryReport()
    lease = timedelta(seconds=transport.slowest + settings.lease_seconds)
    with transport:
        left = limit
        while left > 0:
            token = secrets.token_hex(16)
            moment = now()
            with database.writing() as session:
                claimed = claim(
                    session,
                    now=moment,
                    owner=owner,
                    token=token,
                    expires_at=moment + lease,
                    limit=min(left, transport.group),
                )
            if not claimed:
                break
            left -= len(claimed)
            outcomes, reachable = _send(claimed, transport, links, settings, now)
            with database.writing() as session:
                ours = record(session, outcomes, token=token)
            if ours != len(outcomes):
                logger.warning("%d messages were sent after their lease had ended", len(outcomes) - ours)
            report += _counted(outcomes)
            if not reachable or is_over():
                break
    return report


def _send(
    claimed: Sequence[Claimed],
    transport: Transport,
    links: Links,
    settings: Settings,
    now: Callable[[], datetime],
) -> tuple[list[Outcome], bool]:
    """Send a group; also tells whether the mail service is there."""
    outcomes: list[Outcome] = []
    away: UnreachableError | None = None
    # Whoever's earlier message was put off gets the later ones later too.
    put_off: dict[tuple[int, int | None], datetime] = {}
    for one in claimed:
        pair = (one.letter.recipient.id, one.letter.idea.id if one.letter.idea else None)
        if away is not None:
            outcomes.append(_later(one, now(), away, counts=False))
        elif pair in put_off and pair[1] is not None:
            outcomes.append(Outcome(one.id, MessageStatus.PENDING, one.attempts, None, put_off[pair], None))
        else:
            outcome, away = _send_one(one, transport, links, settings, now)
            outcomes.append(outcome)
            if outcome.status is MessageStatus.PENDING:
                put_off[pair] = outcome.not_before
    try:
        transport.settle()
    except UnreachableError as error:
        # Nothing of this group is known to be kept, so nothing counts as sent.
        kept = [
            _later(one, now(), error, counts=False) if outcome.status is MessageStatus.SENT else outcome
            for one, outcome in zip(claimed, outcomes, strict=True)
        ]
        return kept, False
    return outcomes, away is None


def _send_one(
    one: Claimed, transport: Transport, links: Links, settings: Settings, now: Callable[[], datetime]
) -> tuple[Outcome, UnreachableError | None]:
    away: UnreachableError | None = None
    try:
        message = _composed(one, links, settings)
        transport.send(message, recipient=one.letter.recipient.email)
    except UnreachableError as error:
        away = error
        outcome = _later(one, now(), error, counts=False)
    except TransientError as error:
        outcome = _later(one, now(), error, counts=True)
    except PermanentError as error:
        outcome = _ended(one, MessageStatus.FAILED, str(error), now())
    except UncertainError as error:
        outcome = _ended(one, MessageStatus.UNCERTAIN, str(error), now())
    else:
        moment = now()
        outcome = Outcome(one.id, MessageStatus.SENT, one.attempts + 1, None, moment, moment)
    return outcome, away


def _composed(one: Claimed, links: Links, settings: Settings) -> EmailMessage:
    if not one.is_active:
        raise PermanentError("The recipient is no longer active: somebody else must be told.")
    if not is_address(one.letter.recipient.email):
        raise PermanentError("The recipient has no e-mail address that can be used: correct it, then resend.")
    try:
        return compose(one.letter, links, settings)
    except PermanentError:
        raise
    except Exception as error:
        # Whatever is wrong with one message, it must not stop the others. The words of the error may be
        # personal: they are kept with the message and not logged.
        logger.error("message %d can't be written (%s)", one.id, type(error).__name__)  # noqa: TRY400 - see above
        raise PermanentError(f"The message can't be written ({type(error).__name__}: {error}).") from error


def _later(one: Claimed, now: datetime, error: TransientError, *, counts: bool) -> Outcome:
    """Due again after a pause; failed when there have been too many. The service being away never counts."""
    attempts = one.attempts + counts
    if attempts > len(PAUSES):
        trouble = f"{error} Tried {attempts} times."
        return Outcome(one.id, MessageStatus.FAILED, attempts, trouble, now, None)
    minutes = PAUSES[attempts - 1] if counts else PAUSES[0]
    return Outcome(
        one.id, MessageStatus.PENDING, attempts, str(error), now + _spread(minutes, one, attempts), None
    )


def _spread(minutes: int, one: Claimed, attempts: int) -> timedelta:
    """The pause, up to a quarter longer: else all that failed together would come back together."""
    share = crc32(f"{one.letter.message_id}/{attempts}".encode()) / 2**32
    return timedelta(minutes=minutes * (1 + share / 4))


def _ended(one: Claimed, status: MessageStatus, trouble: str, now: datetime) -> Outcome:
    return Outcome(one.id, status, one.attempts + 1, trouble, now, None)


def _counted(outcomes: Sequence[Outcome]) -> DeliveryReport:
    count = Counter(outcome.status for outcome in outcomes)
    return DeliveryReport(
        sent=count[MessageStatus.SENT],
        failed=count[MessageStatus.FAILED],
        uncertain=count[MessageStatus.UNCERTAIN],
        retried=count[MessageStatus.PENDING],
    )
