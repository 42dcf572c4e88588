"""`kader mail fetch`, what a worker does by itself, and what `kader doctor` says, with a real IMAP server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from intake.mail.fetched import note_refused
from kader.cli import cli
from kader.cli.doctor import examine
from kader.cli.here import now
from kader.embedded.health import State
from kader.embedded.health_mailbox import look_at_mailbox
from kader.links import Links
from kader.settings import Settings
from models import Idea
from models.session import open_database
from tests.cli.test_mail import AWAY, MAIL
from tests.intake.mail import imap_server
from tests.intake.mail.imap_server import CERTIFICATE, LOGIN, PASSWORD, USER, Server, wire
from tests.services import free_port, running_worker, wait_until
from tests.workers.bells import rung
from workers.runtime import Runtime
from workers.tasks import fetch


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with imap_server.serving() as started:
        yield started


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """A mailbox that holds an idea and an automatic message."""
    server.client.create_folder("Ideeën")
    server.put("Ideeën", MAIL, AWAY)
    yield server.url("Idee%C3%ABn")
    server.client.delete_folder("Ideeën")


def bring(url: str, *arguments: str):
    variables = {"KADER_IMAP_URL": url, "KADER_IMAP_CA": str(CERTIFICATE)}
    return CliRunner().invoke(cli, ["mail", "fetch", *arguments], env=variables)


def test_it_says_what_came_in(here, server, url):
    told = bring(url, "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout) == {
        "read": 2,
        "ideas": 1,
        "repeats": 0,
        "automatic": 1,
        "kept_exceptions": 0,
    }
    assert server.unread("Ideeën") == 0
    assert bring(url).stdout == (
        "0 messages read: 0 ideas, 0 repeats, 0 automatic, 0 kept for a person to look at.\n"
    )
    with here.reading() as session:
        assert session.scalars(select(Idea.title)).all() == ["Een fietspomp"]


def test_what_came_in_before_it_broke_off_is_told_as_well(here, server, url):
    with wire(server.port, cut=lambda line: b" STORE " in line) as port:
        told = bring(server.url("Idee%C3%ABn", port=port))
    assert told.exit_code == 1
    assert told.stdout == (
        "1 message read: 1 idea, 0 repeats, 0 automatic, 0 kept for a person to look at.\n"
    )
    assert told.stderr.splitlines()[-1] == (
        "kader: The connection to the mailbox at localhost broke off (the other side ended it). "
        "What was read is kept; the rest waits there for the next time."
    )


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("", 2, "No mailbox is set: give its address in KADER_IMAP_URL"),
        ("imaps://idee:geheim@localhost:1", 1, "can't be reached now"),
        ("imaps://idee:geh#eim@localhost", 2, "KADER_IMAP_URL can't be used"),
    ],
)
def test_what_is_wrong_is_one_sentence(here, url, code, said):
    told = bring(url)
    assert (told.exit_code, told.stdout) == (code, "")
    assert told.stderr.startswith(f"kader: {said}") or said in told.stderr
    assert told.stderr.count("\n") == 1
    assert "geh" not in told.stderr


def test_a_worker_fetches_when_it_is_rung(server, url, sqlite_url, broker_url, tmp_path):
    settings = Settings(var=tmp_path, database_url=sqlite_url, broker_url=broker_url, secret_key="a key")
    settings = settings.model_copy(
        update={"imap_url": url, "imap_ca": str(CERTIFICATE), "log_level": "DEBUG"}
    )
    database = open_database(settings.database)
    with running_worker(settings):
        ((taken, _),) = rung(settings, "fetch")
        assert taken
        wait_until(lambda: server.unread("Ideeën") == 0, what="fetched mail")
    logged = "".join(path.read_text() for path in (settings.var / "log").glob("*.log"))
    assert not any(each in logged for each in (PASSWORD, USER, LOGIN, "ida@", "fietspomp"))
    with database.reading() as session:
        assert session.scalars(select(Idea.title)).all() == ["Een fietspomp"]
    database.dispose()


def test_beat_rings_for_it_where_a_mailbox_is_set():
    asked = "import celeryconfig as c; print(c.beat_schedule.get('fetch'), c.task_annotations['kader.fetch'])"

    def told(**variables: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", asked],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    assert told().startswith("None ")
    mailbox = {"KADER_IMAP_URL": "imaps://idee:geheim@imap.veld.example", "KADER_IMAP_SECONDS": "90"}
    assert "'schedule': datetime.timedelta(seconds=90)" in told(**mailbox)
    assert "'time_limit': 9300" in told(**mailbox, KADER_IMAP_TIMEOUT="600")


def test_by_itself_it_does_not_knock_where_it_was_refused(settings, server, url, caplog):
    database = open_database(settings.database)
    wrong = settings.model_copy(
        update={
            "imap_url": url.replace("%231@", "@"),
            "imap_ca": str(CERTIFICATE),
            "mail_from": "a@b.example",
        }
    )
    right = wrong.model_copy(update={"imap_url": url})
    links = Links("a key", settings.pages, 7)
    assert not fetch(Runtime(wrong, database, "test", links))
    (record,) = [each for each in caplog.records if each.name == "workers.tasks"]
    assert "refuses the name or the password" in record.getMessage()
    assert not any(each in record.getMessage() for each in (USER, PASSWORD, "waterland"))
    # It would succeed now; it waits all the same.
    fetch(Runtime(right, database, "test", links))
    assert server.unread("Ideeën") == 2
    with database.writing() as session:
        note_refused(session, now=now().replace(year=2025))
    fetch(Runtime(right, database, "test", links))
    assert server.unread("Ideeën") == 0
    # Where no mailbox is set there is nothing to do.
    assert not fetch(Runtime(settings, database, "test", links))
    database.dispose()


def test_doctor_tells_of_the_mailbox_and_changes_nothing_in_it(server, url, tmp_path):
    def look(**given):
        return look_at_mailbox(Settings(var=tmp_path, imap_ca=str(CERTIFICATE), **given))

    found = look(imap_url=url)
    assert found.state is State.OK
    assert found.found == f"localhost port {server.port}, folder Ideeën: 2 to be fetched"
    assert server.unread("Ideeën") == 2
    assert look().found.startswith("none: ")
    for wrong, advice in (
        (url.replace("%231@", "@"), "refuses the name or the password"),
        (url.replace("Idee%C3%ABn", "Weg"), "There are: INBOX, Ideeën."),
        (url.replace(str(server.port), str(free_port())), "can't be reached now"),
    ):
        found = look(imap_url=wrong)
        assert found.state is State.BAD
        assert advice in found.advice
        assert not any(each in found.found + found.advice for each in (USER, PASSWORD, "geheim", "p@ss"))


def test_doctor_tells_since_when_no_mail_came(settings, server, url):
    settings = settings.model_copy(update={"imap_url": url, "imap_ca": str(CERTIFICATE)})
    database = open_database(settings.database)

    def told(later=0):
        found = {each.name: each for each in examine(settings, now().replace(year=now().year + later))}
        return found["fetched mail"], found["mailbox"].state

    assert told()[0].found == "never yet"
    fetch(Runtime(settings, database, "test", Links("a key", settings.pages, 7)))
    assert told() == (told()[0], State.OK)
    assert told()[0].state is State.OK
    assert told(1)[0].state is State.BAD
    assert told(1)[0].found.startswith("not since ")
    database.dispose()
