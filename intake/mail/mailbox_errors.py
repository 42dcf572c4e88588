"""What goes wrong with a mailbox on a server, each as one sentence that says what to do. None names a user or password."""

import ssl
from collections.abc import Sequence

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from kader.errors import KaderError, TransientError, UserError

MOST_FOLDERS = 20
# Of OpenSSL: the other side doesn't speak TLS there.
NOT_TLS = {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"}


class BrokenOffError(TransientError):
    """The connection ended, or the server was silent for too long.

    `at`: the mailbox's state and the number of the message that was read at that moment, which may be to blame.
    """

    at: tuple[str, int] | None = None


class RefusedError(TransientError):
    """The server refused one command; the connection goes on."""


class NotMovedError(RefusedError):
    """A message was taken in and marked as read, and could not be moved."""


class LoginError(UserError):
    """The server refuses the name, the password or the token."""


class NoFolderError(UserError):
    """There is no such folder. `short` leaves out the names of those that there are, which may be somebody's."""

    def __init__(self, folder: str, setting: str, names: Sequence[str]) -> None:
        self.short = f"There is no folder {folder} in the mailbox: correct {setting}."
        shown = ", ".join(sorted(names)[:MOST_FOLDERS]) + (", …" if len(names) > MOST_FOLDERS else "")
        super().__init__(f"{self.short} There are: {shown or 'none'}.")


def unreachable(host: str, error: BaseException) -> KaderError:
    """Why no connection came about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return UserError(
            f"The certificate of {host} can't be trusted ({error.verify_message}): let that server have a valid one, "
            "or name the file with your own authority's certificate in KADER_IMAP_CA."
        )
    if isinstance(error, ssl.SSLError) and error.reason in NOT_TLS:
        return UserError(
            f"{host} speaks no TLS at that port: check the port in KADER_IMAP_URL, or use imap:// there."
        )
    return TransientError(
        f"The mailbox at {host} can't be reached now ({_why(error)}): if this lasts, check KADER_IMAP_URL and that server. "
        "Mail waits there meanwhile."
    )


def broken_off(host: str, error: BaseException) -> BrokenOffError:
    return BrokenOffError(
        f"The connection to the mailbox at {host} broke off ({_why(error)}). "
        "What was read is kept; the rest waits there for the next time."
    )


def _why(error: BaseException) -> str:
    if isinstance(error, IMAPClientAbortError):
        return "the other side ended it"
    if isinstance(error, IMAPClientError):
        return "it refuses"
    return "no answer" if isinstance(error, TimeoutError) else type(error).__name__


def no_encryption(host: str) -> UserError:
    return UserError(
        f"{host} offers no encryption at that port, and Kader sends no password in clear: use imaps:// in KADER_IMAP_URL."
    )


def not_now(folder: str) -> TransientError:
    return TransientError(f"The server doesn't open the folder {folder} now: mail waits there meanwhile.")


def not_marked(host: str) -> RefusedError:
    return RefusedError(
        f"The mailbox at {host} refuses to mark a message as read: check what Kader's user may do there."
    )


def not_moved(host: str, folder: str) -> NotMovedError:
    return NotMovedError(
        f"The mailbox at {host} refuses to move mail to {folder}: check that folder. What came in was marked as read."
    )


def read_only(folder: str) -> UserError:
    return UserError(
        f"Mail in the folder {folder} can be read but not marked as read: let Kader's user change it there."
    )
