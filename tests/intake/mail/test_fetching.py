"""Mail from a real mailbox on a server: read, kept, and only then marked as read."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select

from intake.mail.fetched import LEASE, may_try, silent_since
from intake.mail.fetching import BusyError, Fetched, fetch_mails
from intake.mail.importer import MailReport, import_mails
from intake.mail.mailbox_errors import LoginError, NoFolderError
from kader.errors import TransientError, UserError
from kader.settings import Settings
from models import Attachment, Idea, IntakeRecord, OutboxMessage
from models.session import Database, open_database
from pipeline.store.reading.claims import seize_lease
from tests.intake.mail import imap_server
from tests.intake.mail.imap_server import CERTIFICATE, LOGIN, PASSWORD, USER, Server, wire
from tests.intake.mail.test_importer import (
    ANSWER,
    AUTO_REPLY,
    BOUNCE,
    FORGED,
    NO_ID,
    SETTINGS,
    TOO_LARGE,
    VERIFIED,
    mail,
)
from tests.services import free_port, wait_until

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
PUMP = mail()
LAMP = mail("Een lamp in de gang.", subject="Lamp", message_id="<twee@veld.example>")
BENCH = mail("Een bank bij de deur.", subject="Bank", message_id="<drie@veld.example>")
NESTED = b"Subject: x\r\n" + b"".join(
    b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(60)
)
NUMBERS = count(1)
DEMO = Path(__file__).parents[3] / "kader" / "demo" / "mails"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with imap_server.serving() as started:
        yield started


@pytest.fixture
def folder(server: Server) -> Iterator[str]:
    """A new folder, which holds nothing."""
    name = f"Ideeën {next(NUMBERS)}"
    server.client.create_folder(name)
    yield name
    server.client.delete_folder(name)


def settings_for(server: Server, folder: str, **given) -> Settings:
    given = {
        "imap_url": server.url(folder, **given.pop("url", {})),
        "imap_timeout": 10.0,
        "imap_ca": str(CERTIFICATE),
        **given,
    }
    return SETTINGS.model_copy(update=given)


def fetch(database: Database, settings: Settings, *, now: datetime = NOW, **given) -> Fetched:
    return fetch_mails(database, settings=settings, owner="test", clock=lambda: now, **given)


def rows(database: Database, table):
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def kept(database: Database) -> list[tuple[object, ...]]:
    """All that mail brought, but for where it came from."""
    found: list[tuple[object, ...]] = [
        (each.outcome, each.delivery_key, each.idea_id, each.detail, each.content)
        for each in rows(database, IntakeRecord)
    ]
    found += [(each.title, each.text, each.is_quiet) for each in rows(database, Idea)]
    found += [(each.idea_id, each.digest) for each in rows(database, Attachment)]
    return found + [(each.idea_id, each.kind) for each in rows(database, OutboxMessage)]


def test_every_message_ends_as_it_would_from_a_file(server, folder, database, migrated_sqlite, tmp_path):
    demo = [path.read_bytes() for path in sorted(DEMO.glob("*.eml"))[::4]]
    mails = [PUMP, *demo, AUTO_REPLY, BOUNCE, FORGED, VERIFIED, ANSWER, PUMP, NO_ID, NO_ID, NESTED, LAMP]
    assert len(mails) >= 20
    (tmp_path / "post").mkdir()
    for number, raw in enumerate(mails):
        (tmp_path / "post" / f"{number:03d}.eml").write_bytes(raw)
    (tmp_path / "other.db").write_bytes(migrated_sqlite.read_bytes())
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    from_files = import_mails(other, [tmp_path / "post"], settings=SETTINGS, clock=lambda: NOW)
    server.put(folder, *mails)
    settings = settings_for(server, folder)
    assert fetch(database, settings) == Fetched(from_files)
    assert kept(database) == kept(other)
    other.dispose()
    assert server.flags(folder) == [{b"\\Seen"}] * len(mails)
    assert fetch(database, settings) == Fetched()
    origins = {each.origin for each in rows(database, IntakeRecord)}
    assert all(each.startswith(f"imap://localhost/{folder};UIDVALIDITY=") for each in origins)


def test_a_message_that_is_unread_again_is_a_repeat(server, folder, database):
    server.put(folder, PUMP, AUTO_REPLY, TOO_LARGE)
    settings = settings_for(server, folder)
    assert fetch(database, settings).report == MailReport(read=3, ideas=1, automatic=1, kept_exceptions=1)
    before = kept(database)
    with server.looking(folder) as client:
        client.remove_flags(client.search("ALL"), [b"\\Seen"])
    assert fetch(database, settings).report == MailReport(read=3, repeats=3)
    assert kept(database) == before


def test_killed_between_commit_and_mark_nothing_comes_in_twice(server, folder, database, tmp_path):
    server.put(folder, PUMP, LAMP)
    with wire(server.port, cut=lambda line: b" STORE " in line, hold=True) as port:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("kader"), "mail", "fetch"],
            env={
                **os.environ,
                "KADER_VAR": str(tmp_path / "var"),
                "KADER_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
                "KADER_IMAP_URL": server.url(folder, port=port),
            },
        )
        wait_until(lambda: rows(database, Idea), what="the first idea")
        process.send_signal(signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
    assert server.unread(folder) == 2
    # The lease of who died ends by itself.
    later = datetime.now(UTC) + timedelta(minutes=3)
    fetched = fetch(database, settings_for(server, folder), now=later)
    assert fetched.report == MailReport(read=2, ideas=1, repeats=1)
    assert [each.title for each in rows(database, Idea)] == ["Een fietspomp", "Lamp"]
    assert len(rows(database, OutboxMessage)) == 2
    assert server.unread(folder) == 0


def without(*names: bytes):
    """What the server says, without these capabilities."""

    def answer(said: bytes) -> bytes:
        for name in names:
            said = said.replace(b" " + name + b" ", b" ")
        return said

    return answer


@pytest.mark.parametrize(
    ("lacks", "steps", "left"),
    [
        ((), (b"UID MOVE",), []),
        ((b"MOVE",), (b"UID COPY", b"UID EXPUNGE"), []),
        ((b"MOVE", b"UIDPLUS"), (b"UID COPY",), [{b"\\Seen", b"\\Deleted"}] * 2),
    ],
    ids=["MOVE", "COPY and UID EXPUNGE", "COPY alone"],
)
def test_what_was_kept_moves_to_the_folder_for_it(server, folder, sqlite_database, lacks, steps, left):
    done = f"{folder} klaar"
    server.client.create_folder(done)
    server.put(folder, PUMP, LAMP)
    heard = []
    with wire(server.port, answer=without(*lacks), change=lambda line: heard.append(line) or line) as port:
        settings = settings_for(server, folder, url={"port": port}, imap_done=done)
        assert fetch(sqlite_database, settings).report.ideas == 2
        assert server.flags(done) == [{b"\\Seen"}] * 2
        assert server.flags(folder) == left
        told = b"".join(heard)
        assert [step for step in (b"UID MOVE", b"UID COPY", b"UID EXPUNGE") if step in told] == list(steps)
        assert fetch(sqlite_database, settings) == Fetched()


def test_what_can_not_be_moved_is_marked_and_the_others_flow_on(server, folder, sqlite_database):
    done = f"{folder} vol"
    server.client.create_folder(done)
    server.put(folder, PUMP, LAMP)
    with wire(server.port, change=lambda line: line.replace(b" MOVE ", b" MOEV ")) as port:
        fetched = fetch(sqlite_database, settings_for(server, folder, url={"port": port}, imap_done=done))
    assert (fetched.report, fetched.left) == (MailReport(read=2, ideas=2), 0)
    assert f"refuses to move mail to {done}" in str(fetched.trouble)
    assert server.flags(folder) == [{b"\\Seen"}] * 2


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """For what doesn't depend on the store."""
    database = open_database(sqlite_url)
    yield database
    database.dispose()


def test_only_unread_mail_is_taken_and_none_that_was_thrown_away(server, folder, sqlite_database):
    server.client.append(folder, PUMP, flags=[b"\\Seen"])
    server.client.append(folder, LAMP, flags=[b"\\Deleted"])
    server.put(folder, BENCH)
    assert fetch(sqlite_database, settings_for(server, folder)).report.read == 1
    assert [each.title for each in rows(sqlite_database, Idea)] == ["Bank"]


def test_a_mail_that_is_too_large_is_kept_aside_and_not_downloaded(server, folder, sqlite_database):
    server.put(folder, TOO_LARGE, PUMP)
    asked = []
    with wire(server.port, change=lambda line: asked.append(line) or line) as port:
        settings = settings_for(server, folder, url={"port": port})
        fetched = fetch(sqlite_database, settings)
    assert fetched.report == MailReport(read=2, ideas=1, kept_exceptions=1)
    assert sum(b"BODY.PEEK[]" in line for line in asked) == 1
    aside = rows(sqlite_database, IntakeRecord)[0]
    assert aside.content == TOO_LARGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert "20000 bytes" in aside.detail
    assert server.unread(folder) == 0


def test_a_message_that_the_server_does_not_give_stays_unread_and_alone(server, folder, sqlite_database):
    server.put(folder, PUMP, LAMP, BENCH)
    with server.looking(folder) as client:
        second = client.search("ALL")[1]

    def spoilt(line: bytes) -> bytes:
        return line.replace(b"BODY.PEEK[]", b"BODY.PEEK[NO") if b"FETCH %d (" % second in line else line

    with wire(server.port, change=spoilt) as port:
        fetched = fetch(sqlite_database, settings_for(server, folder, url={"port": port}))
    assert fetched == Fetched(MailReport(read=2, ideas=2), refused=1)
    assert fetched.as_row()["refused"] == 1
    assert server.flags(folder) == [{b"\\Seen"}, set(), {b"\\Seen"}]
    assert fetch(sqlite_database, settings_for(server, folder)).report.ideas == 1


@pytest.mark.parametrize("hold", [False, True], ids=["breaks off", "hangs"])
def test_a_message_over_which_the_server_breaks_off_stays_unread_and_alone(
    server, folder, sqlite_database, hold
):
    server.put(folder, PUMP, LAMP, BENCH)
    with server.looking(folder) as client:
        second = client.search("ALL")[1]
    poison = b"FETCH %d (BODY" % second
    timeout = 1.0 if hold else 10.0
    with wire(server.port, cut=lambda line: poison in line, hold=hold) as port:
        settings = settings_for(server, folder, url={"port": port}, imap_timeout=timeout)
        assert fetch(sqlite_database, settings) == Fetched(MailReport(read=2, ideas=2), refused=1)
        assert server.flags(folder) == [{b"\\Seen"}, set(), {b"\\Seen"}]
        if not hold:
            # Alone it is told in the same way, and the mailbox as a whole is all right.
            assert fetch(sqlite_database, settings) == Fetched(refused=1)
    assert fetch(sqlite_database, settings_for(server, folder)).report.ideas == 1


def from_nth(wanted: bytes, number: int):
    """Whether a line has `wanted` in it for the time that is `number`, or later."""
    seen = count(1)
    return lambda line: wanted in line and next(seen) >= number


@pytest.mark.parametrize(
    ("step", "ideas", "hold"),
    [
        (b"BODY.PEEK[]", 1, False),
        (b"BODY.PEEK[]", 1, True),
        (b" STORE ", 2, False),
        (b" SEARCH ", 0, False),
    ],
    ids=["at a message", "at a message, which hangs", "at a mark", "at the search"],
)
def test_what_was_kept_before_the_connection_failed_stays_kept(
    server, folder, sqlite_database, step, ideas, hold
):
    server.put(folder, PUMP, LAMP, BENCH)
    cut = from_nth(step, 2 if ideas else 1)
    with wire(server.port, cut=cut, hold=hold) as port:
        settings = settings_for(server, folder, url={"port": port}, imap_timeout=1.0 if hold else 10.0)
        fetched = fetch(sqlite_database, settings)
    assert type(fetched.trouble).__mro__[1] is TransientError
    assert "localhost" in str(fetched.trouble)
    assert fetched.report.ideas == ideas
    assert server.unread(folder) == 3 - min(ideas, 1)
    again = fetch(sqlite_database, settings_for(server, folder))
    assert again == Fetched(MailReport(read=3 - min(ideas, 1), ideas=3 - ideas, repeats=max(ideas - 1, 0)))
    assert len(rows(sqlite_database, OutboxMessage)) == 3


def test_wherever_an_answer_is_cut_off_no_half_mail_comes_in(server, folder, sqlite_database):
    server.put(folder, PUMP, LAMP, BENCH)
    ends = []
    for most in range(800, 2500, 150):
        with wire(server.port, most=most) as port:
            fetched = fetch(sqlite_database, settings_for(server, folder, url={"port": port}))
        ends.append(fetched)
        assert fetched.report.kept_exceptions == 0
        if not server.unread(folder):
            break
    assert len(ends) > 3
    assert all(isinstance(each.trouble, TransientError) or each.refused for each in ends[:-1])
    assert {each.text for each in rows(sqlite_database, Idea)} == {
        "Zet een fietspomp bij de deur, dan hoeft niemand meer te lopen.",
        "Een lamp in de gang.",
        "Een bank bij de deur.",
    }
    assert len(rows(sqlite_database, OutboxMessage)) == 3


def test_a_turn_ends_in_time_and_the_next_goes_on(server, folder, sqlite_database):
    server.put(folder, PUMP, LAMP, BENCH)
    settings = settings_for(server, folder)
    assert fetch(sqlite_database, settings, is_over=lambda: True) == Fetched(
        MailReport(read=1, ideas=1), left=2
    )
    heard = []
    assert fetch(sqlite_database, settings, told=heard.append).report.ideas == 2
    assert [each.left for each in heard] == [2, 1, 0]


def test_one_process_at_a_time_fetches(server, folder, sqlite_database):
    server.put(folder, PUMP)
    settings = settings_for(server, folder)
    refusals = []

    def meanwhile(_: Fetched) -> None:
        with pytest.raises(BusyError) as caught:
            fetch(sqlite_database, settings)
        refusals.append(caught.value)

    assert fetch(sqlite_database, settings, told=meanwhile).report.ideas == 1
    assert len(refusals) == 2


def test_two_that_fetch_at_once_after_all_take_nothing_twice(server, folder, database):
    """A process that stood still for longer than its lease goes on while another has taken over."""
    server.put(folder, PUMP, LAMP, AUTO_REPLY, TOO_LARGE)
    settings = settings_for(server, folder)
    other = []

    def meanwhile(_: Fetched) -> None:
        if not other:
            seize_lease(database, LEASE, owner="other", now=NOW - timedelta(hours=1), seconds=1)
            other.append(fetch(database, settings))

    assert fetch(database, settings, told=meanwhile).report == MailReport(read=4, repeats=4)
    assert other == [Fetched(MailReport(read=4, ideas=2, automatic=1, kept_exceptions=1))]
    assert len(rows(database, OutboxMessage)) == 2


@pytest.mark.parametrize(
    ("login", "told"),
    [
        (LOGIN.replace("1", "2"), "refuses the name or the password"),
        (LOGIN.replace("waterland", "anders"), "refuses the name or the password"),
    ],
)
def test_a_wrong_password_is_told_without_it_and_rests(server, folder, sqlite_database, login, told):
    server.put(folder, PUMP)
    trouble = fetch(sqlite_database, settings_for(server, folder, url={"login": login})).trouble
    assert type(trouble) is LoginError
    assert told in str(trouble)
    assert not any(each in str(trouble) for each in (PASSWORD, USER, login, *login.split(":")))
    # Who tries a wrong password every minute is locked out.
    with sqlite_database.reading() as session:
        assert not may_try(session, now=NOW + timedelta(minutes=14))
        assert may_try(session, now=NOW + timedelta(minutes=15))
    assert fetch(sqlite_database, settings_for(server, folder)).report.ideas == 1
    with sqlite_database.reading() as session:
        assert may_try(session, now=NOW)


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_a_server_that_is_away_passes_by_itself(server, folder, sqlite_database, scheme):
    settings = settings_for(server, folder, url={"port": free_port(), "scheme": scheme})
    trouble = fetch(sqlite_database, settings).trouble
    assert type(trouble) is TransientError
    assert "KADER_IMAP_URL" in str(trouble)
    with sqlite_database.reading() as session:
        assert may_try(session, now=NOW)


def test_a_folder_that_is_not_there_is_told_with_those_that_are(server, folder, sqlite_database):
    trouble = fetch(sqlite_database, settings_for(server, "Idee")).trouble
    assert type(trouble) is NoFolderError
    assert str(trouble).startswith(
        "There is no folder Idee in the mailbox: correct KADER_IMAP_URL. There are: "
    )
    assert folder in str(trouble)
    assert "INBOX" in str(trouble)
    assert folder not in trouble.short
    trouble = fetch(sqlite_database, settings_for(server, folder, imap_done="Weg")).trouble
    assert "There is no folder Weg in the mailbox: correct KADER_IMAP_DONE." in str(trouble)


def test_a_mailbox_in_which_nothing_can_be_marked_is_refused_at_once(server, folder, sqlite_database):
    server.put(folder, PUMP)
    with wire(server.port, answer=lambda said: said.replace(b"[READ-WRITE]", b"[READ-ONLY]")) as port:
        trouble = fetch(sqlite_database, settings_for(server, folder, url={"port": port})).trouble
    assert type(trouble) is UserError
    assert "marked as read" in str(trouble)
    assert rows(sqlite_database, Idea) == []


def test_a_refused_mark_ends_it_and_nothing_comes_in_twice(server, folder, sqlite_database):
    server.put(folder, PUMP, LAMP)
    with wire(server.port, change=lambda line: line.replace(b" STORE ", b" STOER ")) as port:
        settings = settings_for(server, folder, url={"port": port})
        for ideas in (1, 0):
            fetched = fetch(sqlite_database, settings)
            assert (fetched.report.ideas, fetched.report.read) == (ideas, 1)
            assert "refuses to mark" in str(fetched.trouble)
    assert fetch(sqlite_database, settings_for(server, folder)).report == MailReport(2, ideas=1, repeats=1)


@pytest.fixture(scope="module")
def certificate() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.mark.parametrize("scheme", ["imap", "imaps"], ids=["STARTTLS", "TLS"])
def test_encryption_is_used_and_the_certificate_is_checked(
    server, folder, sqlite_database, certificate, scheme, monkeypatch
):
    # As with any other machine.
    monkeypatch.setattr("intake.mail.mailbox.is_loopback", lambda host: False)
    server.put(folder, PUMP)
    heard = []
    wrapped = certificate if scheme == "imaps" else None
    listening = {"change": lambda line: heard.append(line) or line}
    with wire(server.port, wrapped=wrapped, starttls=scheme == "imap", **listening) as port:
        trusting = settings_for(server, folder, url={"port": port, "scheme": scheme})
        settings = trusting.model_copy(update={"imap_ca": ""})
        trouble = fetch(sqlite_database, settings).trouble
        assert type(trouble) is UserError
        assert "KADER_IMAP_CA" in str(trouble)
        assert not any(b"AUTHENTICATE" in line or b"LOGIN" in line for line in heard)
        assert fetch(sqlite_database, trusting).report.ideas == 1
    if scheme == "imap":
        assert any(b"STARTTLS" in line for line in heard)
        assert not any(b"AUTHENTICATE" in line for line in heard)


def test_a_password_is_not_sent_in_clear_to_another_machine(server, folder, sqlite_database, monkeypatch):
    monkeypatch.setattr("intake.mail.mailbox.is_loopback", lambda host: False)
    heard = []
    with wire(server.port, change=lambda line: heard.append(line) or line) as port:
        trouble = fetch(sqlite_database, settings_for(server, folder, url={"port": port})).trouble
    assert type(trouble) is UserError
    assert "no encryption" in str(trouble)
    assert not any(b"AUTHENTICATE" in line or b"LOGIN" in line for line in heard)


def test_plain_text_where_tls_is_expected_is_told(server, folder, sqlite_database):
    settings = settings_for(server, folder, url={"scheme": "imaps"})
    trouble = fetch(sqlite_database, settings).trouble
    assert type(trouble) is UserError
    assert "speaks no TLS" in str(trouble)


def test_a_server_without_sasl_gets_the_command_login(sqlite_database):
    name = 'idee "nieuw" \\n@veld.example'
    login = f"{quote(name)}:{LOGIN.partition(':')[2]}"
    heard = []
    with imap_server.serving(name) as other:
        other.put("INBOX", PUMP)
        plain = {
            "answer": lambda said: said.replace(b" AUTH=PLAIN", b""),
            "change": lambda line: heard.append(line) or line,
        }
        with wire(other.port, **plain) as port:
            settings = settings_for(other, "INBOX", url={"port": port, "login": login})
            assert fetch(sqlite_database, settings).report.ideas == 1
    assert any(b" LOGIN " in line for line in heard)


def test_the_command_login_takes_plain_letters_alone(server, folder, sqlite_database):
    with wire(server.port, answer=lambda said: said.replace(b" AUTH=PLAIN", b"")) as port:
        trouble = fetch(sqlite_database, settings_for(server, folder, url={"port": port})).trouble
    assert type(trouble) is LoginError
    assert "plain letters" in str(trouble)


@pytest.mark.parametrize(
    ("command", "kind", "told"),
    [
        (f"echo '{PASSWORD}'", None, ""),
        ("echo other", LoginError, "refuses the token"),
        ("false", TransientError, "ends with 1"),
        ("true", TransientError, "prints no token"),
        ("/nowhere/token", UserError, "can't be run"),
        ("tail -f /dev/null", TransientError, "takes too long"),
    ],
)
def test_a_token_takes_the_place_of_the_password(server, folder, sqlite_database, command, kind, told):
    server.put(folder, PUMP)
    settings = settings_for(
        server,
        folder,
        url={"login": LOGIN.partition(":")[0]},
        imap_token_command=command,
        imap_timeout=1.0 if "tail" in command else 10.0,
    )
    fetched = fetch(sqlite_database, settings)
    assert (fetched.trouble and type(fetched.trouble)) is kind
    assert told in str(fetched.trouble)
    assert fetched.report.ideas == (kind is None)


def test_long_silence_is_told(server, folder, sqlite_database):
    settings = settings_for(server, folder)

    def since(now: datetime, settings: Settings = settings) -> datetime | None:
        with sqlite_database.reading() as session:
            return silent_since(session, settings, now=now)

    assert since(NOW) is None
    away = settings_for(server, folder, url={"port": free_port()})
    for minutes in (0, 20):
        fetch(sqlite_database, away, now=NOW + timedelta(minutes=minutes))
    assert since(NOW + timedelta(minutes=31)) is None
    assert since(NOW + timedelta(minutes=32)) == NOW
    assert since(NOW + timedelta(minutes=32), SETTINGS) is None
    fetch(sqlite_database, settings, now=NOW + timedelta(minutes=40))
    assert since(NOW + timedelta(minutes=60)) is None
