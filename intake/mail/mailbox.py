"""A mailbox on a server (IMAP4rev1, RFC 3501): what waits there unread, one message at a time, and marking it as read.

Nothing is remembered of a mailbox between two connections: what is unread there is what waits.
"""

import logging
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

from imapclient import DELETED, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError

from intake.mail.limits import DEFAULT_LIMITS
from intake.mail.mailbox_errors import (
    BrokenOffError,
    NoFolderError,
    RefusedError,
    broken_off,
    no_encryption,
    not_marked,
    not_moved,
    not_now,
    read_only,
    unreachable,
)
from intake.mail.mailbox_login import log_in
from intake.mail.sources import RawMessage, header_of, too_large
from kader.errors import UserError
from kader.settings import Settings, is_loopback

logger = logging.getLogger(__name__)

WHOLE = b"BODY[]"
HEADER = b"BODY[HEADER]<0>"
SIZE = b"RFC822.SIZE"
AT_A_TIME = 100  # messages whose sizes are asked for at once
# What the library makes of an answer that isn't the protocol's.
NONSENSE = (ValueError, LookupError, TypeError, AttributeError)


class Mailbox:
    """A connection to the folder that KADER_IMAP_URL names. To be used as a context manager, by one thread.

    Opening raises UserError when somebody must mend it (name or password, certificate, folder), TransientError when
    it may pass by itself. `timeout` in seconds holds for each step. With `only_looks` nothing can be marked.
    """

    def __init__(self, settings: Settings, *, timeout: float | None = None, only_looks: bool = False) -> None:
        url = settings.imap
        if url is None:
            raise UserError("No mailbox is set: give its address in KADER_IMAP_URL.")
        self._url = url
        self._settings = settings
        self._largest = settings.largest_mail
        self._done = settings.imap_done
        self._timeout = settings.imap_timeout if timeout is None else timeout
        self._only_looks = only_looks
        self._client: Any = None  # an IMAPClient, which carries no types
        self._state = ""

    def __enter__(self) -> Self:
        try:
            self._open()
        except BrokenOffError as error:
            self._drop()
            raise unreachable(self._url.host, error.__cause__ or error) from error
        except BaseException:
            self._drop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A server that hangs isn't waited for once more to say goodbye.
        if error is None:
            try:
                self._client.logout()
            except (OSError, IMAPClientError, *NONSENSE):
                self._drop()
        else:
            self._drop()

    def waiting(self, last: tuple[str, int] | None = None) -> list[int]:
        """The numbers (UIDs) of the messages that are unread, earliest first, but for the one to come `last`."""
        with self._talking():
            found = self._client.search("UNSEEN UNDELETED")
        return sorted(found, key=lambda number: ((self._state, number) == last, number))

    def read(self, numbers: Iterable[int]) -> Iterator[tuple[int, RawMessage | RefusedError]]:
        """Read these messages without marking them; one at a time in memory.

        A message over KADER_LARGEST_MAIL comes as an item with an error and its header alone; one that the server
        doesn't give comes as an error; one that is gone meanwhile doesn't come. Raises BrokenOffError.
        """
        waiting = list(numbers)
        for begin in range(0, len(waiting), AT_A_TIME):
            batch = waiting[begin : begin + AT_A_TIME]
            sizes = self._sizes(batch)
            for number in batch:
                try:
                    message = self._message(number, sizes.get(number))
                except RefusedError as error:
                    yield number, error
                    continue
                except BrokenOffError as error:
                    error.at = (self._state, number)
                    raise
                if message is not None:
                    yield number, message

    def mark(self, number: int) -> None:
        """Mark a message as read, and move it when KADER_IMAP_DONE says where to.

        It is marked first: what can't be moved is read already, and stays where it is. Raises NotMovedError for
        that, RefusedError when it can't be marked.
        """
        try:
            with self._talking():
                self._client.add_flags([number], [SEEN], silent=True)
        except RefusedError as error:
            raise not_marked(self._url.host) from error
        try:
            with self._talking():
                if self._done:
                    self._move(number)
        except RefusedError as error:
            raise not_moved(self._url.host, self._done) from error

    def _move(self, number: int) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move([number], self._done)
            return
        self._client.copy([number], self._done)
        self._client.add_flags([number], [DELETED], silent=True)
        # Without UIDPLUS a server can only remove all that anybody marked for it: then it stays, marked.
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge([number])

    def _open(self) -> None:
        context = ssl.create_default_context(cafile=self._settings.imap_ca or None)
        host = self._url.host
        try:
            self._client = IMAPClient(
                host, self._url.port, ssl=self._url.is_wrapped, ssl_context=context, timeout=self._timeout
            )
            # The library has every line formatted for a log that nobody keeps: a mail several times over.
            self._client._imap.debug = 0  # noqa: SLF001  # it has no switch for it
            is_encrypted = self._url.is_wrapped
            if not is_encrypted and self._client.has_capability("STARTTLS"):
                self._client.starttls(context)
                is_encrypted = True
        except (OSError, IMAPClientError, *NONSENSE) as error:
            raise unreachable(host, error) from error
        if not is_encrypted and not is_loopback(host):
            raise no_encryption(host)
        log_in(self._client, self._url, self._settings)
        self._select()

    def _select(self) -> None:
        folder = self._url.folder
        if self._done:
            self._there(self._done, "KADER_IMAP_DONE")
        try:
            with self._talking():
                state = self._client.select_folder(folder, readonly=self._only_looks)
        except RefusedError:
            self._there(folder, "KADER_IMAP_URL")
            raise not_now(folder) from None
        self._state = str(state.get(b"UIDVALIDITY", ""))
        flags = {flag.lower() for flag in state.get(b"PERMANENTFLAGS", (SEEN,))}
        if not self._only_looks and SEEN.lower() not in flags:
            raise read_only(folder)

    def _there(self, folder: str, setting: str) -> None:
        """See that a folder exists."""
        try:
            with self._talking():
                found = self._client.list_folders()
        except RefusedError:
            raise not_now(folder) from None
        names = [name for flags, _, name in found if b"\\noselect" not in {flag.lower() for flag in flags}]
        if folder not in names and (folder.upper() != "INBOX" or "INBOX" not in map(str.upper, names)):
            raise NoFolderError(folder, setting, names)

    def _sizes(self, batch: list[int]) -> dict[int, int]:
        """The sizes of these messages in bytes; of none when the server stumbles over one of them."""
        try:
            with self._talking():
                found = self._client.fetch(batch, [SIZE])
        except RefusedError:
            return {}
        return {number: facts[SIZE] for number, facts in found.items() if SIZE in facts}

    def _message(self, number: int, size: int | None) -> RawMessage | None:
        """A message; None when it is gone. `size` in bytes, if it is known already. Raises RefusedError."""
        if size is None:
            facts = self._fetch(number, SIZE)
            if facts is None:
                return None
            size = int(facts[SIZE])
        origin = f"imap://{self._url.host}/{self._url.folder};UIDVALIDITY={self._state};UID={number}"
        if size > self._largest:
            facts = self._fetch(number, HEADER, f"BODY.PEEK[HEADER]<0.{DEFAULT_LIMITS.header_block}>")
            if facts is None:
                return None
            header = bytes(facts[HEADER] or b"")
            # The same again when it is read again; the whole isn't fetched to tell it from others.
            digest = sha256(b"%d %b" % (size, header)).hexdigest()
            return too_large(origin, self._largest, header_of(header), digest)
        facts = self._fetch(number, WHOLE, "BODY.PEEK[]")
        if facts is None:
            return None
        raw = bytes(facts[WHOLE] or b"")
        if size and not raw:
            raise RefusedError("The server gives no text of this message.")
        # The size that some servers tell is an estimate.
        if len(raw) > self._largest:
            return too_large(origin, self._largest, header_of(raw), sha256(raw).hexdigest())
        return RawMessage(origin, raw)

    def _fetch(self, number: int, wanted: bytes, item: str = "") -> dict[bytes, Any] | None:
        with self._talking():
            found = self._client.fetch([number], [item or wanted])
        facts: dict[bytes, Any] | None = found.get(number)
        if facts is not None and wanted not in facts:
            raise RefusedError("The server gives no text of this message.")
        return facts

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """What can go wrong with one command: the connection (BrokenOffError), or this command (RefusedError)."""
        try:
            yield
        except IMAPClientReadOnlyError:
            raise read_only(self._url.folder) from None
        except (OSError, IMAPClientAbortError) as error:
            raise broken_off(self._url.host, error) from error
        except (IMAPClientError, *NONSENSE) as error:
            raise RefusedError(
                f"The server at {self._url.host} refuses a step ({type(error).__name__})."
            ) from error

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                client.shutdown()
            except OSError:
                logger.debug("the connection was closed already")
