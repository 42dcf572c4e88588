"""The address of a mailbox on a server: `imaps://user:password@host:993/Folder`."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

HOW = "use imaps://user:password@host/Folder or imap://user:password@host/Folder"
ENCODE = "write %40 for @, %3A for :, %2F for /, %23 for # and %25 for % in a name or password"
PORTS = {"imaps": 993, "imap": 143}
FOLDER = "INBOX"


@dataclass(frozen=True, slots=True)
class ImapUrl:
    """Where a mailbox is and who may open it; `user`, `password` and `folder` as they are, without percent-encoding.

    `is_wrapped`: encrypted from the first byte on (imaps); otherwise STARTTLS makes it so.
    """

    is_wrapped: bool
    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    folder: str

    @property
    def place(self) -> str:
        """The mailbox as people may see it: without user and password."""
        return f"{self.host} port {self.port}, folder {self.folder}"


def refuse_unseen(words: str) -> None:
    """Raise ValueError, a sentence, when a sign in it would break a line of the protocol."""
    if not words.isprintable():
        raise ValueError("there is a sign in it that can't be seen, such as the end of a line")


def parse_imap_url(url: str) -> ImapUrl:
    """Take such an address apart.

    Raises ValueError, a sentence without any part of the address: a sign that isn't encoded moves a piece of the
    password to where the host or the port belongs.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{HOW}; {ENCODE}") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(f"{HOW}; {ENCODE}")
    if parts.query or parts.fragment or not parts.username:
        raise ValueError(f"{HOW}, with a name and nothing after the folder; {ENCODE}")
    try:
        user, password, folder = (
            unquote(part, errors="strict")
            for part in (parts.username, parts.password or "", parts.path.removeprefix("/"))
        )
    except UnicodeDecodeError:
        raise ValueError(f"{HOW}; percent-encoding is that of UTF-8") from None
    refuse_unseen(user + password + folder)
    return ImapUrl(
        is_wrapped=parts.scheme == "imaps",
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=user,
        password=password,
        folder=folder or FOLDER,
    )
