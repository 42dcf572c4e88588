"""Against a real mail server on a free port of this machine."""

import socket
import ssl
from contextlib import contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from kader.errors import PermanentError, TransientError
from models.words import MessageStatus
from notifications.compose import compose
from notifications.deliver import DeliveryReport, deliver
from notifications.errors import UncertainError, UnreachableError
from notifications.outbox import claim, release_expired
from notifications.smtp import SmtpTransport
from notifications.transport import transport_for
from tests.notifications.samples import LINKS, SETTINGS, letter

# Of no other use than this test: for localhost, signed by itself.
CERTIFICATE = Path(__file__).parent / "localhost.pem"
YOUSSEF = "youssef@waterland.example"


class Server:
    """Answers as told: per step, a queue of answers; otherwise it accepts and keeps the mail."""

    def __init__(self):
        self.mails = []
        self.sessions = []
        self.rcpt_answers = []
        self.mail_answers = []
        self.data_answers = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - the server library asks for this name
        self.sessions.append(session)
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - the server library asks for this name
        if self.mail_answers:
            return self.mail_answers.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the server library asks for this name
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the server library asks for this name
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer == "drop":
            server.transport.abort()
        if answer.startswith("250") or answer == "drop":
            self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return answer


@contextmanager
def serving(handler, **options):
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def port(server):
    with serving(server) as port:
        yield port


@pytest.fixture
def transport(port):
    with SmtpTransport(
        f"smtp://127.0.0.1:{port}", sender=SETTINGS.mail_from, timeout=5, final_timeout=5
    ) as made:
        yield made


def send(transport, name="routed"):
    transport.send(compose(letter(name), LINKS, SETTINGS), recipient=YOUSSEF)


def test_the_server_gets_what_was_written_over_one_connection(server, transport):
    for name in ("receipt", "routed", "adopted"):
        send(transport, name)
    assert len(server.sessions) == 1
    assert [(sender, recipients) for sender, recipients, _ in server.mails] == [
        (SETTINGS.mail_from, [YOUSSEF])
    ] * 3
    message = message_from_bytes(server.mails[1][2], policy=default)
    assert message["Message-ID"] == "<routed.1@waterland.example>"
    assert "vrijdag 4 december 2026" in message.get_body(("plain",)).get_content()


def test_dots_and_line_ends_arrive_as_they_were_sent(server, transport):
    message = compose(letter(), LINKS, SETTINGS)
    message.clear_content()
    message.set_content(".\r\n..\nregel\n.einde\n", cte="7bit")
    transport.send(message, recipient=YOUSSEF)
    body = server.mails[0][2].partition(b"\r\n\r\n")[2]
    assert body == b".\r\n..\r\nregel\r\n.einde\r\n"


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("rcpt_answers", "450 mailbox busy", TransientError),
        ("rcpt_answers", "550 no such user", PermanentError),
        ("data_answers", "451 try later", TransientError),
        ("data_answers", "554 looks like spam", PermanentError),
        ("mail_answers", "550 you may not send", UnreachableError),
        ("rcpt_answers", "421 closing", UnreachableError),
    ],
)
def test_the_servers_answer_decides_and_the_next_mail_goes_on(server, transport, step, answer, error):
    getattr(server, step).append(answer)
    with pytest.raises(error, match=answer) as caught:
        send(transport)
    assert type(caught.value) is error
    send(transport, "adopted")
    assert len(server.mails) == 1


def test_a_connection_lost_after_the_final_dot_is_uncertain(server, transport):
    server.data_answers.append("drop")
    with pytest.raises(UncertainError):
        send(transport)
    send(transport, "adopted")
    assert len(server.mails) == 2
    assert len(server.sessions) == 2


def talking(script):
    """A server that says each line of a script when it has heard a line, then closes; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk():
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            for line in script:
                stream.write(line + b"\r\n")
                stream.flush()
                stream.readline()
        listener.close()

    thread = Thread(target=talk)
    thread.start()
    return listener.getsockname()[1], thread


@pytest.mark.parametrize(
    "script",
    [
        [b"220 hello"],
        [b"220 hello", b"250 hello"],
        [b"220 hello", b"250 hello", b"250 ok"],
        [b"220 hello", b"250 hello", b"250 ok", b"250 ok"],
    ],
    ids=["after greeting", "after EHLO", "after MAIL", "after RCPT"],
)
def test_a_connection_lost_before_the_text_is_sent_can_be_tried_again(script):
    port, thread = talking(script)
    with (
        SmtpTransport(f"smtp://127.0.0.1:{port}", sender=SETTINGS.mail_from, timeout=5) as transport,
        pytest.raises(UnreachableError),
    ):
        send(transport)
    thread.join()


@contextmanager
def hearing_all(last=None):
    """A server that takes a whole message, says `last` after the final dot (None: nothing), and gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers = [b"220 hello", b"250 hello", b"250 ok", b"250 ok", b"354 go on"]

    def talk():
        connection, _ = listener.accept()
        with suppress(ConnectionError), connection, connection.makefile("rb") as heard:
            for answer in answers:
                connection.sendall(answer + b"\r\n")
                if answer is not answers[-1]:
                    heard.readline()
            while line := heard.readline():
                if line == b".\r\n" and last is not None:
                    connection.sendall(last + b"\r\n")

    thread = Thread(target=talk)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


def test_silence_after_the_final_dot_is_uncertain():
    with (
        hearing_all() as port,
        SmtpTransport(
            f"smtp://127.0.0.1:{port}", sender=SETTINGS.mail_from, timeout=5, final_timeout=0.2
        ) as transport,
        pytest.raises(UncertainError),
    ):
        send(transport)


@pytest.mark.parametrize("answer", [b"what?", b"", b"2", b"\xff\xfe 250", b"354 go on", b"199 hm"])
def test_an_answer_after_the_final_dot_that_says_neither_is_uncertain(answer):
    """The server has the whole message and may have taken it: sending it again might tell twice."""
    with (
        hearing_all(answer) as port,
        SmtpTransport(
            f"smtp://127.0.0.1:{port}", sender=SETTINGS.mail_from, timeout=5, final_timeout=5
        ) as transport,
        pytest.raises(UncertainError),
    ):
        send(transport)


def test_no_server_at_all():
    transport = SmtpTransport(f"smtp://127.0.0.1:{free_port()}", sender=SETTINGS.mail_from, timeout=5)
    with transport, pytest.raises(UnreachableError, match="KADER_SMTP_URL"):
        send(transport)


@pytest.mark.parametrize(("password", "accepted"), [("p%40ss", True), ("wrong", False)])
def test_login(server, password, accepted):
    def authenticate(smtp, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"kader", b"p@ss"), handled=False)

    with serving(server, authenticator=authenticate, auth_require_tls=False) as port:
        url = f"smtp://kader:{password}@127.0.0.1:{port}"
        with SmtpTransport(url, sender=SETTINGS.mail_from, timeout=5) as transport:
            if accepted:
                send(transport)
            else:
                # A wrong password is no message's fault: nothing fails, all wait.
                with pytest.raises(UnreachableError):
                    send(transport)
    assert len(server.mails) == int(accepted)


def test_a_password_is_not_sent_in_the_clear_to_another_machine(server, port, monkeypatch):
    monkeypatch.setattr("notifications.smtp._is_this_machine", lambda host: False)
    url = f"smtp://kader:geheim@127.0.0.1:{port}"
    with (
        SmtpTransport(url, sender=SETTINGS.mail_from, timeout=5) as transport,
        pytest.raises(UnreachableError, match="SMTPNotSupportedError"),
    ):
        send(transport)


@pytest.fixture
def server_certificate():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.mark.parametrize(
    ("scheme", "option"),
    [("smtp", {"tls_context": True}), ("smtps", {"ssl_context": True})],
    ids=["STARTTLS", "TLS"],
)
def test_encryption_is_used_and_the_certificate_is_checked(server, server_certificate, scheme, option):
    options = dict.fromkeys(option, server_certificate)
    with serving(server, **options) as port:
        url = f"{scheme}://127.0.0.1:{port}"
        known = ssl.create_default_context(cafile=CERTIFICATE)
        with SmtpTransport(url, sender=SETTINGS.mail_from, timeout=5, context=known) as transport:
            send(transport)
        assert len(server.mails) == 1
        assert server.sessions[-1].ssl is not None or scheme == "smtps"
        with (
            SmtpTransport(url, sender=SETTINGS.mail_from, timeout=5) as transport,
            pytest.raises(UnreachableError, match="SSLCertVerificationError"),
        ):
            send(transport)
        assert len(server.mails) == 1


def test_deliver_over_smtp(server, port, post, clock, database):
    settings = SETTINGS.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}", "smtp_timeout": 5.0})
    person = post.person()
    for number in range(5):
        post.message(person, post.idea(number))
    server.rcpt_answers.append("550 no such user")
    server.data_answers += ["451 later", "drop"]

    def run():
        return deliver(database, transport_for(settings), LINKS, settings, now=clock, owner="test")

    assert run() == DeliveryReport(sent=2, failed=1, uncertain=1, retried=1)
    clock.forward(minutes=2)
    assert run() == DeliveryReport(sent=1)
    assert run() == DeliveryReport()
    # The one of which nobody knows did arrive, and did not go out again.
    assert len({message_from_bytes(content)["Message-ID"] for _, _, content in server.mails}) == 4
    assert len(server.mails) == 4


def test_a_crash_after_sending_is_shown_and_not_repeated(server, transport, post, clock, database):
    post.message(post.person(), post.idea())
    with database.writing() as session:
        one = claim(
            session, now=clock(), owner="dead", token="t", expires_at=clock() + timedelta(minutes=1), limit=1
        )[0]
    transport.send(compose(one.letter, LINKS, SETTINGS), recipient=one.letter.recipient.email)
    clock.forward(minutes=2)
    with database.writing() as session:
        assert release_expired(session, now=clock(), is_idempotent=transport.is_idempotent) == 1
    assert deliver(database, transport, LINKS, SETTINGS, now=clock, owner="test") == DeliveryReport()
    assert post.statuses() == [MessageStatus.UNCERTAIN]
    assert len(server.mails) == 1
