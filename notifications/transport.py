"""How mail leaves: the seam, and the choice between a folder on this machine and a mail server."""

from email.message import EmailMessage
from types import TracebackType
from typing import Protocol, Self

from kader.settings import Settings
from notifications.maildir import MaildirTransport
from notifications.smtp import SmtpTransport


class Transport(Protocol):
    """A way for mail to leave. Used in a `with` block: one connection serves many messages."""

    @property
    def name(self) -> str: ...

    @property
    def is_idempotent(self) -> bool:
        """Whether sending the same Message-ID twice leaves one mail."""
        ...

    @property
    def group(self) -> int:
        """How many messages may be held at once.

        Where a repeat does harm this is 1, so that a crash leaves one unknown outcome and not a hundred.
        """
        ...

    @property
    def slowest(self) -> float:
        """Seconds that sending one group takes at most."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def send(self, message: EmailMessage, *, recipient: str) -> None:
        """Hand over one message.

        Raises TransientError (try this message later), UnreachableError (try everything later),
        PermanentError (never) or UncertainError (nobody knows whether it was taken).
        """
        ...

    def settle(self) -> None:
        """Return once all that was sent so far will outlive a power cut. Raises UnreachableError."""
        ...


def transport_for(settings: Settings) -> Transport:
    """SMTP when a server is set, otherwise the Maildir that the pages show."""
    if settings.smtp_url:
        return SmtpTransport(
            settings.smtp_url, sender=settings.mail_from, final_timeout=settings.smtp_timeout
        )
    return MaildirTransport(settings.mailbox)
