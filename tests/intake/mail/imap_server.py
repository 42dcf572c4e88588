"""A real IMAP server in a process of its own (pymap), for one user; and a wire to it that can be cut, held or wrapped.

Run as a program it is the server: with the mechanism XOAUTH2 beside those that it has, the token being the password.
"""

import gc
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from imapclient import IMAPClient
from pymap.config import IMAPConfig
from pymap.main import main
from pysasl import SASLAuth
from pysasl.creds.plain import PlainCredentials
from pysasl.hashing import Cleartext
from pysasl.mechanism.oauth import OAuth2Mechanism

from tests.services import free_port, wait_until

USER = "ideeën@waterland.example"
PASSWORD = "p@ss/w%rd#1"
LOGIN = "idee%C3%ABn%40waterland.example:p%40ss%2Fw%25rd%231"
# Of no other use than tests: for localhost, signed by itself.
CERTIFICATE = Path(__file__).parents[2] / "notifications" / "localhost.pem"


class TokenMechanism(OAuth2Mechanism):
    """XOAUTH2 for a server that has no issuer of tokens: its one token is the password."""

    def server_attempt(self, responses):
        found, final = super().server_attempt(responses)
        return PlainCredentials(found.authzid, found._token), final


class Server:
    """The server at `port`, with a client of its own that sees to what lies in it."""

    def __init__(self, port: int, user: str = USER) -> None:
        self.port = port
        self.user = user
        self.client = self.connected()

    def connected(self) -> IMAPClient:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        # Without, each message waits for the other side's answer to its first half.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sasl_login("PLAIN", lambda _: f"\0{self.user}\0{PASSWORD}")
        return client

    def url(self, folder: str = "INBOX", *, login: str = LOGIN, scheme: str = "imap", port: int = 0) -> str:
        return f"{scheme}://{login}@localhost:{port or self.port}/{folder}"

    def put(self, folder: str, *mails: bytes) -> None:
        for mail in mails:
            self.client.append(folder, mail)

    @contextmanager
    def looking(self, folder: str) -> Iterator[IMAPClient]:
        """Another client, which looks into a folder."""
        with self.connected() as client:
            client.select_folder(folder)
            yield client

    def flags(self, folder: str) -> list[set[bytes]]:
        """The flags of all messages in a folder, in their order."""
        with self.looking(folder) as client:
            found = client.fetch(client.search("ALL"), ["FLAGS"])
        return [set(found[number][b"FLAGS"]) - {b"\\Recent"} for number in sorted(found)]

    def unread(self, folder: str) -> int:
        return sum(b"\\Seen" not in flags for flags in self.flags(folder))


@contextmanager
def serving(name: str = USER) -> Iterator[Server]:
    port = free_port()
    place = ["--host", "127.0.0.1", "--port", str(port)]
    key = ["--cert", str(CERTIFICATE), "--key", str(CERTIFICATE)]
    user = ["--demo-user", name, "--demo-password", PASSWORD]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.intake.mail.imap_server", *place, *key, "dict", *user],
        cwd=Path(__file__).parents[3],
    )
    try:
        wait_until(lambda: process.poll() is not None or _listens(port), 60, "an IMAP server")
        server = Server(port, name)
        yield server
        server.client.shutdown()
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


@dataclass(slots=True)
class Wire:
    """A port that leads to another one: what the client says passes `change`, one line at a time.

    What the server says passes `answer`, as it comes. At a line for which `cut` is true all connections end; with
    `hold` they stay open and nothing passes any more. After `most` bytes of answers all ends too. `wrapped` makes it TLS from the first byte on; STARTTLS, after
    which lines can't be read, is only offered with `starttls`.
    """

    to: int
    cut: Callable[[bytes], bool] = lambda _: False
    change: Callable[[bytes], bytes] = lambda said: said
    hold: bool = False
    answer: Callable[[bytes], bytes] = lambda said: said
    wrapped: ssl.SSLContext | None = None
    starttls: bool = False
    most: int = sys.maxsize
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    open_ones: list[socket.socket] = field(default_factory=list)

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                inside, _ = self.listener.accept()
                Thread(target=self.lead, args=(inside,), daemon=True).start()

    def lead(self, inside: socket.socket) -> None:
        with suppress(OSError):
            client = self.wrapped.wrap_socket(inside, server_side=True) if self.wrapped else inside
            server = socket.create_connection(("127.0.0.1", self.to))
            self.open_ones.extend((client, server))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=self.answers, args=(server, client), daemon=True).start()
            with client.makefile("rb") as said:
                for line in said:
                    if self.cut(line):
                        break
                    server.sendall(self.change(line))
                    if b"STARTTLS" in line:
                        while piece := said.read1(65_536):
                            server.sendall(piece)
            if not self.hold:
                _end(client, server)

    def answers(self, server: socket.socket, client: socket.socket) -> None:
        left = self.most
        with suppress(OSError):
            while left and (piece := server.recv(min(65_536, left))):
                left -= len(piece)
                client.sendall(self.answer(piece if self.starttls else piece.replace(b" STARTTLS", b"")))
            _end(client, server)


@contextmanager
def wire(to: int, **options) -> Iterator[int]:
    """The port of a `Wire`."""
    made = Wire(to, **options)
    Thread(target=made.accept, daemon=True).start()
    try:
        yield made.listener.getsockname()[1]
    finally:
        _end(made.listener, *made.open_ones)


def _end(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


if __name__ == "__main__":
    # On Python 3.13 its connections that wait are otherwise collected as garbage: nothing but themselves holds them.
    gc.disable()
    SASLAuth.defaults = classmethod(
        lambda cls: cls([*cls.named([b"PLAIN", b"LOGIN"]).server_mechanisms, TokenMechanism()])
    )
    # Its usual way with passwords is slow on purpose.
    IMAPConfig._get_hash_context = classmethod(lambda _cls, _given: Cleartext())
    main()
