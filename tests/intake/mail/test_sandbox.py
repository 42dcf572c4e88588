import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from intake.mail.limits import MailLimits
from intake.mail.parse import parse_message
from intake.mail.parsed import Attachment, AutomaticKind, ParsedMail, UnreadableMail
from intake.mail.sandbox import SafeParser
from intake.mail.wire import LENGTH_BYTES, error_to_bytes, frame, mail_from_bytes, mail_to_bytes

MAIL = b"From: noor@werk.example\r\nSubject: Idee\r\n\r\nMinder papier."
# So many lines keep the standard library busy for many seconds.
SPINS = MAIL + b"\n" * 24_000_000


@pytest.fixture
def parser() -> Iterator[SafeParser]:
    with SafeParser(MailLimits(seconds=1.0)) as parser:
        yield parser


def test_it_reads_what_parse_message_reads(parser: SafeParser):
    assert [parser.parse(MAIL) for _ in range(3)] == [parse_message(MAIL)] * 3


def test_an_unreadable_mail_keeps_the_child(parser: SafeParser):
    parser.parse(MAIL)
    child = parser._child
    with pytest.raises(UnreadableMail, match="empty"):
        parser.parse(b"")
    assert parser._child is child


def test_a_mail_that_hangs_is_set_aside_and_the_next_one_is_read(parser: SafeParser):
    with pytest.raises(UnreadableMail, match="too long"):
        parser.parse(SPINS)
    assert parser.parse(MAIL).text == "Minder papier."


def test_processor_time_is_limited_for_each_mail():
    with SafeParser(MailLimits(seconds=60.0, processor_seconds=0)) as parser:
        with pytest.raises(UnreadableMail, match="too much time or memory"):
            parser.parse(SPINS)
        assert parser.parse(MAIL).text == "Minder papier."


def test_memory_is_limited():
    # Python and its modules fit in this, a text of 20 MB with its copies doesn't.
    with SafeParser(MailLimits(memory=120_000_000)) as parser:
        assert parser.parse(MAIL).text == "Minder papier."
        with pytest.raises(UnreadableMail, match="too much time or memory"):
            parser.parse(MAIL + b"a" * 24_000_000)
        assert parser.parse(MAIL).text == "Minder papier."


def test_a_child_that_was_killed_is_replaced(parser: SafeParser):
    parser.parse(MAIL)
    assert parser._child is not None
    os.kill(parser._child.pid, signal.SIGKILL)
    parser._child.wait()
    assert parser.parse(MAIL).text == "Minder papier."


def test_the_child_ends_with_the_parser():
    with SafeParser() as parser:
        parser.parse(MAIL)
        child = parser._child
    assert child is not None
    assert child.returncode is not None


def test_the_child_ends_when_its_parent_does(parser: SafeParser):
    parser.parse(MAIL)
    child = parser._child
    assert child is not None
    assert child.stdin is not None
    # All that a child sees of its parent's death is that its input ends.
    child.stdin.close()
    assert child.wait(timeout=20) == 0


def test_a_large_mail_is_refused_before_it_is_sent():
    with SafeParser(MailLimits(total=100)) as parser:
        with pytest.raises(UnreadableMail, match="larger"):
            parser.parse(MAIL + b"a" * 100)
        assert parser._child is None


def test_everything_survives_the_wire():
    mail = ParsedMail(
        message_id="1@x.example",
        to=("a@x.example",),
        text="café \x7f 日本",
        sent_at=datetime(2021, 5, 3, tzinfo=UTC),
        automatic=AutomaticKind.LIST,
        sender_verified=False,
        attachments=(
            Attachment("a", "b/c", 2, b"\x00\xff"),
            Attachment("d", "e/f", 9, b""),
            Attachment("g", "h/i", 1, b"z"),
        ),
        problems=("x",),
    )
    assert mail_from_bytes(mail_to_bytes(mail)) == mail


@pytest.mark.parametrize(
    "answer", [b"", b"\xff" * 20, frame(b"[]"), frame(b'{"to": 1}'), bytes(LENGTH_BYTES)]
)
def test_nonsense_from_the_child_makes_a_mail_unreadable(answer: bytes):
    with pytest.raises(UnreadableMail):
        mail_from_bytes(answer)


def test_an_error_survives_the_wire():
    with pytest.raises(UnreadableMail, match="Kapot"):
        mail_from_bytes(error_to_bytes(UnreadableMail("Kapot.")))
