"""Delivery to a mail server. What the server said decides: later, never, or nobody knows."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from kader.errors import PermanentError, TransientError
from notifications.errors import UncertainError, UnreachableError

SERVICE_CLOSING = 421
LINE_END = re.compile(rb"\r\n|\r|\n")
NEITHER = (
    "The mail server got the whole message but did not say whether it took it. "
    "Ask the recipient or look in the server's log before you send it again."
)
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpTransport:
    """One mail server: `smtp://` (STARTTLS when offered) or `smtps://`, with a login if the URL has one.

    `timeout` in seconds holds for every step but the last; after the final dot the server gets
    `final_timeout` seconds (RFC 5321, 4.5.3.2.6: 10 minutes), because giving up too early doubles mail.
    """

    name = "smtp"
    is_idempotent = False
    group = 1

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        final_timeout: float = 600.0,
        timeout: float = 60.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._wrapped = parts.scheme == "smtps"
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._port = parts.port or (465 if self._wrapped else 587 if self._user else 25)
        self._sender = sender
        self._timeout = timeout
        self._final_timeout = final_timeout
        self._context = context or ssl.create_default_context()
        self._connection: smtplib.SMTP | None = None

    @property
    def slowest(self) -> float:
        # Greeting, EHLO, STARTTLS, EHLO, login (two steps), MAIL, RCPT, DATA and the text itself.
        return self._final_timeout + 10 * self._timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def settle(self) -> None:
        """Nothing to do: the server's answer was its word."""

    def send(self, message: EmailMessage, *, recipient: str) -> None:
        """Send one message over the open connection, or over a new one."""
        content = _on_the_wire(message)
        connection = self._connected()
        try:
            self._step(connection.mail(self._sender), "the sender", blames_message=False)
            self._step(connection.rcpt(recipient), "the recipient")
            self._step(connection.docmd("DATA"), "the message", expected=3)
            connection.send(content)
        except (OSError, smtplib.SMTPException) as error:
            # The final dot was not sent: the server can't have taken it.
            self._drop()
            raise UnreachableError(
                f"The connection to the mail server broke ({type(error).__name__})."
            ) from error
        try:
            if connection.sock is not None:
                connection.sock.settimeout(self._final_timeout)
            answer = connection.getreply()
            if connection.sock is not None:
                connection.sock.settimeout(self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise UncertainError(NEITHER) from error
        # Only yes, not now and never are answers; with anything else it may have been taken.
        if answer[0] // 100 not in {2, 4, 5}:
            self._drop()
            raise UncertainError(NEITHER)
        self._step(answer, "the message")

    def _step(
        self, answer: tuple[int, bytes], what: str, *, expected: int = 2, blames_message: bool = True
    ) -> None:
        code, words = answer
        if code // 100 == expected:
            return
        said = " ".join(words.decode("utf-8", "replace").split())[:300]
        sentence = f"The mail server refused {what}: {code} {said}"
        if code == SERVICE_CLOSING or code < 0:
            self._drop()
            raise UnreachableError(sentence)
        self._reset()
        if not blames_message:
            raise UnreachableError(sentence)
        raise PermanentError(sentence) if code // 100 == 5 else TransientError(sentence)

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._open()
            except (OSError, smtplib.SMTPException) as error:
                # A wrong password or certificate is nobody's message: all wait until somebody mends it.
                raise UnreachableError(
                    f"The mail server can't be reached or refuses us ({type(error).__name__}): "
                    "check KADER_SMTP_URL and the server."
                ) from error
        return self._connection

    def _open(self) -> smtplib.SMTP:
        connection: smtplib.SMTP
        if self._wrapped:
            connection = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=self._context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            connection.ehlo_or_helo_if_needed()
            encrypted = self._wrapped
            if not encrypted and connection.has_extn("starttls"):
                connection.starttls(context=self._context)
                connection.ehlo()
                encrypted = True
            if self._user:
                self._log_in(connection, encrypted=encrypted)
        except BaseException:
            connection.close()
            raise
        return connection

    def _log_in(self, connection: smtplib.SMTP, *, encrypted: bool) -> None:
        if not encrypted and not _is_this_machine(self._host):
            raise smtplib.SMTPNotSupportedError("no encryption, so no password is sent")
        connection.login(self._user, self._password)

    def _reset(self) -> None:
        if self._connection is not None:
            try:
                self._connection.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _leave(self) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except (OSError, smtplib.SMTPException):
                self._connection.close()
            self._connection = None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _on_the_wire(message: EmailMessage) -> bytes:
    """The message with CRLF ends, leading dots doubled, and the final dot."""
    content = LINE_END.sub(b"\r\n", message.as_bytes())
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    return LEADING_DOT.sub(b"..", content) + b".\r\n"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
