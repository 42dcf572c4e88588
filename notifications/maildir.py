"""Delivery into a Maildir on this machine: nothing leaves, and people read it in the browser."""

import os
import re
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from kader.errors import PermanentError
from notifications.errors import UnreachableError

# <seconds>.<who>.<which>.kader: when it was caused, a mark of the recipient, a mark of the Message-ID.
FILE_NAME = re.compile(r"(?P<second>\d{10,12})\.(?P<who>[0-9a-f]{16})\.(?P<which>[0-9a-f]{32})\.kader")


def recipient_mark(email: str) -> str:
    """What stands in a file's name for an address, so that a list for one person opens no files."""
    return sha256(email.strip().lower().encode()).hexdigest()[:16]


def file_name(message: EmailMessage, recipient: str) -> str:
    """The same for the same message and recipient, however often it is delivered."""
    message_id, date = message["Message-ID"], message["Date"]
    if not message_id or not date:
        raise PermanentError("A mail without Message-ID or Date can't be kept in the mailbox.")
    second = int(parsedate_to_datetime(str(date)).timestamp())
    which = sha256(str(message_id).strip().encode()).hexdigest()[:32]
    return f"{second:010d}.{recipient_mark(recipient)}.{which}.kader"


class MaildirTransport:
    """One Maildir for all mail. Delivering the same message twice leaves one file.

    Mails become visible in `settle`: a disk that writes a whole group down at once is many times
    quicker than one that does so mail by mail, and nothing counts as sent before.
    """

    name = "maildir"
    is_idempotent = True
    group = 200
    slowest = 60.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, Path] = {}

    def __enter__(self) -> Self:
        for part in ("tmp", "new", "cur"):
            (self.folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for beside in self._written.values():
            beside.unlink(missing_ok=True)
        self._written.clear()

    def send(self, message: EmailMessage, *, recipient: str) -> None:
        """Write the mail beside its place. Raises UnreachableError on a full disk."""
        name = file_name(message, recipient)
        # The process in the name: two that deliver the same message never write in one file.
        beside = self.folder / "tmp" / f"{name}.{os.getpid()}"
        content = message.as_bytes(policy=message.policy.clone(linesep="\n"))
        try:
            if not self._is_there(name):
                beside.write_bytes(content)
                self._written[name] = beside
        except OSError as error:
            raise UnreachableError(f"The mailbox folder can't be written: {error.strerror}.") from error

    def settle(self) -> None:
        """Write down what was sent and move it whole to its place. Raises UnreachableError on a full disk."""
        try:
            for beside in self._written.values():
                _write_down(beside)
            for name, beside in self._written.items():
                beside.replace(self.folder / "new" / name)
            self._written.clear()
            _write_down(self.folder / "new")
        except OSError as error:
            raise UnreachableError(f"The mailbox folder can't be written: {error.strerror}.") from error

    def _is_there(self, name: str) -> bool:
        """Whether it was delivered before; a mail program may have moved it to `cur`, with flags."""
        return (self.folder / "new" / name).exists() or any(
            (self.folder / "cur" / f"{name}{flags}").exists() for flags in ("", ":2,", ":2,S")
        )


def _write_down(path: Path) -> None:
    """Have a file's content or a folder's names outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
