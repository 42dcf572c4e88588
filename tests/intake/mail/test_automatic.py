import pytest

from intake.mail.parse import parse_message
from intake.mail.parsed import AutomaticKind

REPORT = "Content-Type: multipart/report; boundary=b; report-type={}\r\n\r\n--b\r\n\r\nx\r\n--b--"
CALENDAR = "Content-Type: text/calendar; method={}\r\n\r\nBEGIN:VCALENDAR"


def kind_of(headers: str) -> AutomaticKind | None:
    sender = "" if "From:" in headers else "From: noor@werk.example\r\n"
    return parse_message(f"{sender}{headers}\r\n\r\nMinder papier gebruiken.".encode()).automatic


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied", AutomaticKind.AUTO_REPLY),
        ("Auto-Submitted: auto-generated; owner-email=x", AutomaticKind.AUTO_GENERATED),
        ("X-Autoreply: yes", AutomaticKind.AUTO_REPLY),
        ("Precedence: auto_reply", AutomaticKind.AUTO_REPLY),
        ("X-Failed-Recipients: piet@werk.example", AutomaticKind.DELIVERY_REPORT),
        ("From: MAILER-DAEMON@mx.example\r\nSubject: failure notice", AutomaticKind.DELIVERY_REPORT),
        (REPORT.format("delivery-status"), AutomaticKind.DELIVERY_REPORT),
        (REPORT.format("disposition-notification"), AutomaticKind.READ_RECEIPT),
        (CALENDAR.format("REPLY"), AutomaticKind.CALENDAR_REPLY),
    ],
)
def test_what_surely_is_no_idea(headers: str, kind: AutomaticKind):
    assert kind_of(headers) is kind
    assert not kind.may_be_idea


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Precedence: bulk", AutomaticKind.BULK),
        ("Precedence: junk", AutomaticKind.BULK),
        ("Precedence: list", AutomaticKind.LIST),
        ("List-Id: <team.werk.example>", AutomaticKind.LIST),
        ("X-Auto-Response-Suppress: All", AutomaticKind.SUPPRESSED),
        ("Return-Path: <>", AutomaticKind.NULL_SENDER),
        ("From: no-reply@werk.example", AutomaticKind.SYSTEM_SENDER),
        ("From: postmaster@werk.example\r\nSubject: Een idee", AutomaticKind.SYSTEM_SENDER),
        ("Subject: Automatisch antwoord: idee", AutomaticKind.REPLY_SUBJECT),
    ],
)
def test_what_is_kept_but_never_answered(headers: str, kind: AutomaticKind):
    assert kind_of(headers) is kind
    assert kind.may_be_idea


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: no",
        "X-Auto-Response-Suppress: None",
        "Return-Path: <noor@werk.example>",
        "X-Autoreply: no",
        "Precedence: normal",
        CALENDAR.format("REQUEST"),
        "From: noreen@werk.example",
        "Subject: Antwoord op de vraag",
    ],
)
def test_a_person_wrote_it(headers: str):
    assert kind_of(headers) is None


def test_a_mail_through_a_list_may_be_an_idea():
    mail = parse_message(b"From: noor@werk.example\r\nList-Id: x\r\n\r\nhoi")
    assert mail.may_be_idea
    assert mail.automatic_sign == "list-id"
