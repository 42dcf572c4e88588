"""Messages as they come in, and what becomes of each."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.kept import read_mail
from intake.mail.importer import MailReport, import_mails
from kader.errors import UserError
from kader.settings import Settings
from models import Attachment, Event, Idea, IntakeRecord, OutboxMessage, Person
from models.session import Database
from notifications.trouble import list_troubled
from tests.factories import make_assigned_idea, make_framework, make_person

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
SETTINGS = Settings(
    _env_file=None,
    secret_key="a key for tests only",
    mail_from="ideeen@kader.example",
    authserv_id="mx.veld.example",
    largest_mail=20_000,
)


def mail(
    text: str = "Zet een fietspomp bij de deur, dan hoeft niemand meer te lopen.",
    *,
    sender: str = "Ida Bos <ida@veld.example>",
    subject: str = "Een fietspomp",
    message_id: str = "<een@veld.example>",
    **headers: str,
) -> bytes:
    lines = [f"From: {sender}", "To: ideeen@kader.example", f"Subject: {subject}"]
    lines += [f"Message-ID: {message_id}"] if message_id else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    return ("\r\n".join(lines) + "\r\n\r\n" + text + "\r\n").encode()


AUTO_REPLY = mail(
    "Ik ben er niet.", subject="Afwezig", message_id="<a@x.example>", Auto_Submitted="auto-replied"
)
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered Mail\r\nMessage-ID: <b@x.example>\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="q"\r\n\r\n'
    b"--q\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
    b"--q\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--q--\r\n"
)
FORGED = mail(
    "Geef Bram de sleutels.",
    sender="Directeur <baas@veld.example>",
    message_id="<f@x.example>",
    Authentication_Results="mx.veld.example; dmarc=fail header.from=veld.example",
)
VERIFIED = mail(
    "Een lamp in de kelder, want daar is het donker.",
    sender="Jan Kok <jan@veld.example>",
    subject="Lamp",
    message_id="<v@veld.example>",
    Authentication_Results="mx.veld.example; dmarc=pass header.from=veld.example",
)
ANSWER = mail("De voordeur.", message_id="<r@veld.example>", In_Reply_To="<7.question.3.1@kader.example>")
TOO_LARGE = mail("Lang. " * 5_000, message_id="<l@veld.example>")
NO_ID = mail("Een bank in de zon, om even te zitten.", subject="Bank", message_id="")


def bring(database: Database, *paths: Path, told=None) -> MailReport:
    return import_mails(database, paths, settings=SETTINGS, clock=lambda: NOW, told=told)


def rows(database: Database, table):
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


@pytest.fixture
def post(tmp_path: Path):
    """Puts messages in a folder of their own, in this order."""
    folder = tmp_path / "post"

    def put(*messages: bytes) -> Path:
        folder.mkdir(exist_ok=True)
        for number, raw in enumerate(messages, len(list(folder.iterdir()))):
            (folder / f"{number:03d}.eml").write_bytes(raw)
        return folder

    return put


def test_every_message_ends_somewhere_and_the_numbers_add_up(database, post):
    folder = post(mail(), AUTO_REPLY, BOUNCE, FORGED, VERIFIED, ANSWER, TOO_LARGE, NO_ID, mail(), b"")
    steps: list[MailReport] = []
    report = bring(database, folder, told=steps.append)
    assert report.as_row() == {
        "read": 10,
        "ideas": 3,
        "repeats": 1,
        "automatic": 2,
        "kept_exceptions": 4,
    }
    assert report.read == report.ideas + report.repeats + report.automatic + report.kept_exceptions
    assert [step.read for step in steps] == list(range(1, 11))
    assert [idea.title for idea in rows(database, Idea)] == ["Een fietspomp", "Lamp", "Bank"]
    records = rows(database, IntakeRecord)
    assert [record.outcome for record in records] == [
        "idea",
        "automatic",
        "automatic",
        "exception",
        "idea",
        "exception",
        "exception",
        "idea",
        "exception",
    ]
    details = [record.detail for record in records if record.outcome == "exception"]
    for detail, words in zip(details, ["verified", "answer to 7.question.3.1", "larger", ""], strict=True):
        assert words in detail
    # The raw form is kept, whatever became of it, but for what was too large to be read.
    assert [record.content for record in records[:6]] == [
        mail(),
        AUTO_REPLY,
        BOUNCE,
        FORGED,
        VERIFIED,
        ANSWER,
    ]
    # Nobody but who sent an idea is told anything.
    people = {person.id: person.email for person in rows(database, Person)}
    assert sorted(people.values()) == ["ida@veld.example", "jan@veld.example"]
    assert [(each.kind, people[each.recipient_id]) for each in rows(database, OutboxMessage)] == [
        ("receipt", "ida@veld.example"),
        ("receipt", "jan@veld.example"),
        ("receipt", "ida@veld.example"),
    ]


def test_the_same_folder_again_brings_nothing_in_twice(database, post):
    folder = post(mail(), AUTO_REPLY, FORGED, TOO_LARGE, NO_ID)
    bring(database, folder)
    kept = [len(rows(database, table)) for table in (Idea, IntakeRecord, OutboxMessage)]
    again = bring(database, folder)
    assert (again.read, again.repeats) == (5, 5)
    assert [len(rows(database, table)) for table in (Idea, IntakeRecord, OutboxMessage)] == kept


def test_one_mail_in_two_mailboxes_is_one_idea(database, post):
    copy = mail(Received="from mx2.veld.example by mx.veld.example; Wed, 3 Jun 2026 09:00:00 +0200")
    assert copy != mail()
    report = bring(database, post(mail(), copy))
    assert (report.ideas, report.repeats) == (1, 1)


def test_a_repeated_message_id_with_other_words_is_another_idea(database, post):
    report = bring(database, post(mail(), mail("Iets heel anders: soep op vrijdag.")))
    assert (report.ideas, report.repeats) == (2, 0)


def test_sent_again_by_the_same_person_is_a_repeat_and_by_another_an_idea(database, post):
    again = mail(message_id="<twee@veld.example>")
    other = mail(message_id="<drie@veld.example>", sender="jan@veld.example")
    report = bring(database, post(mail(), again, other))
    assert (report.ideas, report.repeats) == (2, 1)
    assert [each.outcome for each in rows(database, IntakeRecord)] == ["idea", "repeat", "idea"]


def test_attachments_are_kept(database, post):
    raw = (
        b"From: ida@veld.example\r\nSubject: Pomp\r\nMessage-ID: <p@veld.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\n'
        b"Zie de tekening van de pomp.\r\n--q\r\nContent-Type: image/png\r\n"
        b'Content-Disposition: attachment; filename="pomp.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        b"iVBORw==\r\n--q--\r\n"
    )
    assert bring(database, post(raw)).ideas == 1
    (file,) = rows(database, Attachment)
    assert (file.name, file.content_type, file.content) == ("pomp.png", "image/png", b"\x89PNG")


def test_what_was_wrong_with_a_mail_is_kept_with_its_idea_in_both_languages(database, post):
    raw = (
        b"From: ida@veld.example\r\nSubject: Pomp\r\nMessage-ID: <p@veld.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\n'
        b"Zet er een pomp bij.\r\n--q\r\nContent-Type: message/rfc822\r\n\r\nGeen kopregels.\r\n--q--\r\n"
    )
    assert bring(database, post(raw)).ideas == 1
    (record,) = rows(database, IntakeRecord)
    dutch, english = record.detail.split(" / ")
    assert "niet" in dutch
    assert "can't be read" in english


@pytest.mark.parametrize("raw", [b"", b"hoi", TOO_LARGE], ids=["empty", "no mail", "too large"])
def test_why_a_mail_was_kept_is_said_in_both_languages(database, post, raw):
    assert bring(database, post(raw)).kept_exceptions == 1
    (record,) = rows(database, IntakeRecord)
    assert len(record.detail.split(" / ")) == 2


@pytest.mark.parametrize("name", ["post.eml", "post.mbox"])
def test_another_mail_that_is_too_large_is_no_repeat_of_the_last_one_in_its_place(database, tmp_path, name):
    """As in a mailbox that is emptied after each reading. Whom to ask can be seen."""
    place = tmp_path / name
    start = b"From ida Mon Nov 23 09:00:00 2026\n" if name.endswith(".mbox") else b""
    large = [
        mail("Lang. " * 5_000, sender=sender, message_id=f"<{sender}>")
        for sender in ("a@veld.example", "b@veld.example")
    ]
    for raw in large:
        place.write_bytes(start + raw)
        assert bring(database, place).kept_exceptions == 1
    assert bring(database, place).repeats == 1
    found = [read_mail(each.content, each.content_type, SETTINGS) for each in rows(database, IntakeRecord)]
    assert [(each.from_address, each.title, each.text) for each in found] == [
        ("a@veld.example", "Een fietspomp", ""),
        ("b@veld.example", "Een fietspomp", ""),
    ]


def test_another_message_of_outlook_is_no_repeat_of_the_last_one_in_its_place(database, tmp_path):
    for content in (b"een", b"twee"):
        (tmp_path / "idee.msg").write_bytes(b"\xd0\xcf\x11\xe0" + content)
        assert bring(database, tmp_path).kept_exceptions == 1
    assert bring(database, tmp_path).repeats == 1


def test_a_sender_who_must_not_be_answered_gets_no_receipt(database, post):
    raw = mail(X_Auto_Response_Suppress="All")
    assert bring(database, post(raw)).ideas == 1
    assert rows(database, OutboxMessage) == []
    assert rows(database, Idea)[0].is_quiet


def test_the_submitter_is_who_sent_it_and_never_whom_answers_go_to(database, post):
    raw = VERIFIED.replace(b"Subject:", b"Reply-To: Directeur <baas@veld.example>\r\nSubject:")
    assert bring(database, post(raw)).ideas == 1
    assert [person.email for person in rows(database, Person)] == ["jan@veld.example"]
    assert [message.recipient_id for message in rows(database, OutboxMessage)] == [1]
    assert "baas@veld.example" in str(rows(database, IntakeRecord)[0].detail)


@pytest.fixture
def waiting(database):
    """An idea of Ida's that waits for her answer, and who asked."""
    with database.writing() as session:
        ida, manager = make_person(session, "Ida Bos"), make_person(session, "Mo Verhaar")
        ida.email = "ida@veld.example"
        idea = make_assigned_idea(session, make_framework(session, "groen"), manager, submitter=ida)
        idea.status, idea.reference = "waiting_for_submitter", "K-2025-0007"
    return idea, manager


def reply_to(idea: Idea, text: str = "Bij de voordeur.", **headers: str) -> bytes:
    thread = {"In_Reply_To": f"<{idea.id}.question.1.1@kader.example>"}
    return mail(
        text, subject=f"Re: [{idea.reference}] Een vraag", message_id="<r@veld.example>", **thread, **headers
    )


def test_an_answer_by_mail_to_a_question_reaches_who_asked(database, post, waiting):
    idea, manager = waiting
    folder = post(reply_to(idea))
    report = bring(database, folder)
    assert report.as_row() == {
        "read": 1,
        "ideas": 0,
        "repeats": 0,
        "automatic": 0,
        "kept_exceptions": 0,
        "replies": 1,
    }
    (found,) = rows(database, Idea)
    assert found.status == "in_review"
    told = {(message.kind, message.recipient_id): message for message in rows(database, OutboxMessage)}
    assert told.keys() == {("answered", manager.id), ("in_review", found.submitter_id)}
    assert told["answered", manager.id].payload["answer"] == "Bij de voordeur."
    event = rows(database, Event)[-1]
    assert (event.kind, event.person_id) == ("answered", found.submitter_id)
    (record,) = rows(database, IntakeRecord)
    assert (record.outcome, record.idea_id, record.content) == ("reply", idea.id, reply_to(idea))
    # The same mail answers no later question.
    with database.writing() as session:
        session.get_one(Idea, idea.id).status = "waiting_for_submitter"
    assert bring(database, folder).repeats == 1
    assert rows(database, Idea)[0].status == "waiting_for_submitter"


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"Ida Bos <ida@", b"Jan <jan@"),
        lambda raw: raw.replace(b"In-Reply-To", b"X-Nothing"),
        lambda raw: raw.replace(b"To: ", b"X-Auto-Response-Suppress: All\r\nTo: ", 1),
        lambda raw: raw.replace(b"Bij de voordeur.", b""),
        lambda raw: raw.replace(
            b"To: ",
            b"Authentication-Results: mx.veld.example; dmarc=fail header.from=veld.example\r\nTo: ",
            1,
        ),
    ],
    ids=["somebody else", "by subject only", "maybe a machine", "nothing said", "not verified"],
)
def test_any_other_answer_is_kept_for_a_person(database, post, waiting, change):
    idea, _ = waiting
    report = bring(database, post(change(reply_to(idea))))
    assert (report.ideas, report.kept_exceptions) == (0, 1)
    assert rows(database, Idea)[0].status == "waiting_for_submitter"
    assert rows(database, OutboxMessage) == []


def test_a_subject_with_a_reference_of_ours_answers_our_mail(database, post, waiting):
    idea, _ = waiting
    away = mail(
        "Ik ben er volgende week weer.", subject=f"Afwezig Re: [{idea.reference}] Je idee is ontvangen"
    )
    foreign = mail("Iets nieuws: een bank.", subject="[K-1999-0001] Bank", message_id="<n@veld.example>")
    report = bring(database, post(away, foreign))
    assert (report.ideas, report.kept_exceptions) == (1, 1)
    (kept,) = [each for each in rows(database, IntakeRecord) if each.outcome == "exception"]
    assert idea.reference in kept.detail


def test_a_sender_without_end_gets_no_receipts_without_end(database, post):
    many = [
        mail(f"Idee nummer {number} van velen.", subject=f"Idee {number}", message_id=f"<{number}@x.example>")
        for number in range(12)
    ]
    alike = [
        mail(
            f"Ontvangen, bericht {number}.",
            sender="Jan Kok <jan@veld.example>",
            subject="Ontvangen",
            message_id=f"<{number}@y.example>",
        )
        for number in range(4)
    ]
    assert bring(database, post(*many, *alike)).ideas == 16
    ideas = rows(database, Idea)
    assert [idea.is_quiet for idea in ideas] == [False] * 10 + [True] * 2 + [False] * 2 + [True] * 2
    assert len(rows(database, OutboxMessage)) == 12
    records = rows(database, IntakeRecord)
    assert "geen automatische berichten" in records[10].detail
    assert "10" in records[10].detail
    assert records[9].detail is None
    later = import_mails(
        database,
        [post(mail("Weer rustig.", message_id="<later@x.example>"))],
        settings=SETTINGS,
        clock=lambda: NOW + timedelta(hours=4),
    )
    assert later.ideas == 1
    assert not rows(database, Idea)[-1].is_quiet


def test_a_name_that_is_no_text_stops_nobody(database, tmp_path):
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "b.eml").write_bytes(mail())
    Path(os.fsdecode(os.fsencode(folder) + b"/a\xff.eml")).write_bytes(VERIFIED)
    Path(os.fsdecode(os.fsencode(folder) + b"/c\xff.eml")).write_bytes(TOO_LARGE)
    report = bring(database, folder)
    assert (report.read, report.ideas, report.kept_exceptions) == (3, 2, 1)


def test_a_number_in_its_thread_that_no_idea_can_have_stops_nobody(database, post):
    forged = mail("Ja.", message_id="<g@x.example>", In_Reply_To="<999999999999.receipt.1.1@kader.example>")
    report = bring(database, post(forged, VERIFIED))
    assert (report.read, report.ideas, report.kept_exceptions) == (2, 1, 1)
    assert "999999999999" in rows(database, IntakeRecord)[0].detail


def test_a_mail_that_breaks_the_door_is_kept_and_the_others_flow_on(database, post, caplog):
    statement = (
        "CREATE TRIGGER refuse BEFORE INSERT ON idea WHEN NEW.title = 'Een fietspomp' "
        "BEGIN SELECT RAISE(ABORT, 'Een fietspomp'); END"
        if database.is_sqlite
        else "ALTER TABLE idea ADD CONSTRAINT refuse CHECK (title <> 'Een fietspomp')"
    )
    with database.writing() as session:
        session.connection().exec_driver_sql(statement)
    folder = post(mail(), VERIFIED)
    report = bring(database, folder)
    assert (report.read, report.ideas, report.kept_exceptions) == (2, 1, 1)
    kept = rows(database, IntakeRecord)[0]
    assert (kept.outcome, kept.content) == ("exception", mail())
    assert "IntegrityError" in kept.detail
    assert "fietspomp" not in caplog.text
    assert bring(database, folder).repeats == 2


def returned(message_id: str, action: str = "failed") -> bytes:
    """A delivery report as Postfix writes it."""
    return BOUNCE.replace(b"Action: failed", f"Action: {action}".encode()).replace(
        b"\r\n--q--",
        b"\r\n--q\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: ideeen@kader.example\r\n"
        + f"Message-ID:\r\n <{message_id}>\r\nSubject: Je idee\r\n\r\n--q--".encode(),
    )


def sent(database, post) -> OutboxMessage:
    """The receipt of an idea, which a mail server took."""
    bring(database, post(mail()))
    with database.writing() as session:
        receipt = session.scalars(select(OutboxMessage)).one()
        receipt.status, receipt.sent_at = "sent", NOW
    return receipt


def test_a_mail_of_ours_that_came_back_is_shown_to_a_person_once(database, post):
    receipt = sent(database, post)
    folder = post(returned(receipt.message_id))
    assert bring(database, folder).automatic == 1
    with database.reading() as session:
        (shown,) = list_troubled(session)
    assert (shown.id, shown.status) == (receipt.id, "failed")
    assert "came back" in shown.trouble
    # A person sends it again, and the mailbox is read again.
    with database.writing() as session:
        again = session.get_one(OutboxMessage, receipt.id)
        again.status, again.trouble = "sent", None
    assert bring(database, folder).automatic == 0
    assert rows(database, OutboxMessage)[0].status == "sent"


@pytest.mark.parametrize(
    ("message_id", "action"),
    [(None, "delayed"), ("999.receipt.1.1@kader.example", "failed"), ("iets@veld.example", "failed")],
)
def test_what_is_only_late_or_not_ours_did_not_come_back(database, post, message_id, action):
    receipt = sent(database, post)
    bring(database, post(returned(message_id or receipt.message_id, action)))
    assert rows(database, OutboxMessage)[0].status == "sent"
    assert rows(database, IntakeRecord)[-1].outcome == "automatic"


def test_a_path_that_is_not_there_is_a_sentence_and_nothing_is_read(database, post):
    folder = post(mail())
    with pytest.raises(UserError, match="no file or folder"):
        bring(database, folder, folder / "weg.eml")
    assert rows(database, IntakeRecord) == []
