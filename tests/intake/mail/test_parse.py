from datetime import UTC, datetime

import pytest

from intake.mail.limits import MailLimits
from intake.mail.parse import parse_message
from intake.mail.parsed import ParsedMail, UnreadableMail

HEAD = b"From: Noor <noor@werk.example>\r\nSubject: Idee\r\n"
IDEA = "Zet een bak voor lege batterijen."


def nested(levels: int) -> bytes:
    parts = (f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(levels))
    return HEAD + "".join(parts).encode() + b"\r\nhoi"


def test_an_ordinary_mail():
    mail = parse_message(
        b"Message-ID: <1@werk.example>\r\nFrom: =?utf-8?Q?No=C3=ABl?= <Noel@werk.example>\r\n"
        b"To: ideeen@werk.example\r\nCc: jan@werk.example\r\nReply-To: thuis@werk.example\r\n"
        b"Subject: Re: Lege\r\n batterijen\r\nDate: Mon, 3 May 2021 10:11:12 +0200\r\n"
        b"In-Reply-To: <0@werk.example>\r\nReferences: <00@werk.example> <0@werk.example>\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"Zet een bak neer voor caf=C3=A9afval.\r\n\r\nGroet,\r\nNo=C3=ABl\r\n"
    )
    assert mail == ParsedMail(
        message_id="1@werk.example",
        from_address="noel@werk.example",
        from_name="Noël",
        reply_to="thuis@werk.example",
        to=("ideeen@werk.example", "jan@werk.example"),
        subject="Re: Lege batterijen",
        title="Lege batterijen",
        sent_at=datetime(2021, 5, 3, 8, 11, 12, tzinfo=UTC),
        text="Zet een bak neer voor caféafval.",
        whole_text="Zet een bak neer voor caféafval.\n\nGroet,\nNoël\n",
        in_reply_to="0@werk.example",
        references=("00@werk.example", "0@werk.example"),
    )


def multipart(kind: str, *parts: str) -> bytes:
    body = "".join(f"--grens\r\n{part}\r\n" for part in parts)
    return HEAD + f"Content-Type: multipart/{kind}; boundary=grens\r\n\r\n{body}--grens--\r\n".encode()


PLAIN = f"Content-Type: text/plain\r\n\r\n{IDEA}"
HTML = f"Content-Type: text/html\r\n\r\n<p>{IDEA}</p>"
PICTURE = (
    "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
    'Content-Disposition: attachment; filename="../../C:\\geheim\\bak.png"\r\n\r\niVBORw=='
)


@pytest.mark.parametrize(
    "parts",
    [(PLAIN, HTML), (HTML, PLAIN), (HTML,), ("Content-Type: text/plain\r\n\r\n ", HTML)],
)
def test_plain_text_is_chosen_else_html(parts: tuple[str, ...]):
    assert parse_message(multipart("alternative", *parts)).text == IDEA


def test_attachments_lose_their_folders():
    mail = parse_message(multipart("mixed", PLAIN, PICTURE))
    (attachment,) = mail.attachments
    assert mail.text == IDEA
    assert (attachment.name, attachment.content_type) == ("bak.png", "image/png")
    assert attachment.content == b"\x89PNG"
    assert attachment.complete


def test_only_an_attachment():
    mail = parse_message(HEAD + PICTURE.encode())
    assert (mail.text, mail.whole_text) == ("", "")
    assert [each.size for each in mail.attachments] == [4]


def test_an_attachment_over_the_limit_is_named_and_left_out():
    mail = parse_message(multipart("mixed", PLAIN, PICTURE, PICTURE), MailLimits(attachments=5))
    assert [each.complete for each in mail.attachments] == [True, False]
    assert mail.attachments[1].size == 4
    assert "bak.png" in mail.problems[0]


def test_text_over_the_limit_is_cut_and_told():
    mail = parse_message(HEAD + b"\r\n" + b"woord " * 100, MailLimits(text=50))
    assert len(mail.whole_text) == 50
    assert "50" in mail.problems[0]


def test_a_mail_forwarded_as_attachment_is_read():
    inner = f"Content-Type: message/rfc822\r\n\r\nFrom: piet@werk.example\r\nSubject: Idee\r\n\r\n{IDEA}"
    mail = parse_message(multipart("mixed", "Content-Type: text/plain\r\n\r\nTer info", inner))
    assert mail.text == f"Ter info\n\n{IDEA}"
    assert mail.from_address == "noor@werk.example"
    assert mail.attachments[0].content_type == "message/rfc822"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (HEAD + b"\r\nhoi\x00daar", "hoidaar"),
        (HEAD + b"Content-Type: text/plain; charset=klingon\r\n\r\ncaf\xc3\xa9", "café"),
        (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\naG9p*", "hoi"),
        (HEAD + b"Content-Transfer-Encoding: klingon\r\n\r\nhoi", "hoi"),
        (HEAD + b"Content-Type: multipart/mixed\r\n\r\nhoi", "hoi"),
        (HEAD + b"Content-Type: ; ; =\r\n\r\nhoi", "hoi"),
        (HEAD + b"Subject: nog een\r\nFrom: ander@werk.example\r\n\r\nhoi", "hoi"),
        (HEAD + b"Content-Type: text/plain; charset*=x'y'%zz\r\n\r\nhoi", "hoi"),
        (b"\xef\xbb\xbf" + HEAD + b"\r\nhoi", "hoi"),
        (HEAD.replace(b":", b"  :") + b"\r\nhoi", "hoi"),
        (HEAD.replace(b"\r\n", b"\n") + b"\nhoi", "hoi"),
        (HEAD, ""),
    ],
)
def test_broken_mail_is_read(raw: bytes, text: str):
    mail = parse_message(raw)
    assert (mail.from_address, mail.subject, mail.text) == ("noor@werk.example", "Idee", text)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"zomaar wat tekst", "no e-mail"),
        (b"\x00\x01\x02\xff" * 100, "no e-mail"),
        (nested(3_000), "parts"),
        (nested(100), "nested"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 300, "parts"),
        (b"From: noor@werk.example\r\nSubject: " + b"a" * 300_000 + b"\r\n\r\nhoi", "headers"),
        (HEAD + b"\r\n" + b"a" * 25_000_001, "larger"),
    ],
)
def test_unreadable_mail_says_why(raw: bytes, reason: str):
    with pytest.raises(UnreadableMail, match=reason):
        parse_message(raw)


def test_long_headers_are_cut_before_they_are_read():
    mail = parse_message(
        b"From: Noor <noor@werk.example> "
        + b"(" * 20_000
        + b"\r\nSubject: "
        + b"=?a?q?" * 30_000
        + b"\r\n\r\nhoi"
    )
    assert mail.from_address == "noor@werk.example"
    assert len(mail.subject) <= MailLimits().header


def test_a_hidden_line_break_starts_no_header():
    mail = parse_message(
        b"From: noor@werk.example\r\nSubject: =?utf-8?B?SWRlZQ0KQmNjOiBkaWVmQGt3YWFkLmV4YW1wbGU=?=\r\n\r\nhoi"
    )
    assert mail.subject == "Idee Bcc: dief@kwaad.example"


def test_two_senders_are_not_verified():
    results = b"Authentication-Results: mx.example; dmarc=pass header.from=werk.example\r\n"
    one = b"From: noor@werk.example\r\n" + results + b"\r\nhoi"
    two = b"From: noor@werk.example, jan@werk.example\r\n" + results + b"\r\nhoi"
    assert parse_message(one, authserv_id="mx.example").sender_verified is True
    assert parse_message(two, authserv_id="mx.example").sender_verified is False
    assert parse_message(one).sender_verified is None
