"""A doorbell may be lost, and a broker may be away or hang: ideas are accepted and triaged all the same."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, select

import celeryconfig
from kader.embedded.broker import broker_client
from kader.embedded.valkey import EmbeddedValkey
from kader.links import Links
from kader.settings import Settings
from models import Idea
from models.session import Database
from models.words import IdeaStatus
from tests.services import running_role, running_worker, short_folder, wait_until
from tests.workers.bells import ringing, rung
from tests.workers.conftest import Office
from workers import tasks
from workers.doorbell import ENOUGH, PATIENCE, QUIET, TASKS
from workers.runtime import Runtime
from workers.tasks import Triaged, triage

# A page waits for this, twice.
LONGEST = 3.0
# How statements begin that write, or that keep others from writing.
WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE")


def statuses(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Idea.status)))


def test_a_doorbell_makes_the_worker_work(office: Office) -> None:
    office.accept("Zet een waterkan op elke tafel in de vergaderzaal.")
    # Nothing but this bell: no beat runs.
    with running_worker(office.settings):
        assert [taken for taken, _ in rung(office.settings, "triage")] == [True]
        wait_until(lambda: statuses(office.database) == {IdeaStatus.WITH_COORDINATOR}, what="triage")
        wait_until(lambda: any((office.settings.mailbox / "new").glob("*")), what="a mail")


def test_the_sweep_repairs_a_lost_doorbell(office: Office) -> None:
    office.accept("Zet een waterkan op elke tafel in de vergaderzaal.")
    assert [taken for taken, _ in rung(office.settings, "triage")] == [True]
    with broker_client(office.settings, seconds=2.0) as client:
        assert client.llen("triage") == 1
        client.flushall()
        assert client.llen("triage") == 0
    with running_worker(office.settings), running_role("beat", office.settings):
        wait_until(lambda: statuses(office.database) == {IdeaStatus.WITH_COORDINATOR}, what="triage")


def waiting(settings: Settings) -> dict[str, int]:
    """How many doorbells wait in each queue."""
    with broker_client(settings, seconds=2.0) as client:
        return {queue.name: client.llen(queue.name) for queue in celeryconfig.task_queues}


@contextmanager
def standing_still(settings: Settings) -> Iterator[None]:
    """The broker takes connections and answers nothing, until the end."""
    with broker_client(settings, seconds=2.0) as client:
        broker = client.info("server")["process_id"]
    os.kill(broker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker, signal.SIGCONT)


@pytest.fixture
def page(tmp_path: Path, broker_url: str) -> Settings:
    """Settings of a process that only rings, as the pages do."""
    return Settings(var=tmp_path, broker_url=broker_url)


def test_every_bell_reaches_its_queue(page: Settings) -> None:
    bells = ("triage", "mail", "reprocess", "sweep")
    assert [taken for taken, _ in rung(page, *bells)] == [True] * len(bells)
    assert waiting(page) == {"triage": 1, "mail": 1, "reprocess": 1, "upkeep": 1}


def test_doorbells_do_not_pile_up(page: Settings) -> None:
    """What is rung often isn't rung when enough wait; what is rung seldom shares a queue, and is always rung."""
    flood = ENOUGH["triage"] + 5
    for bell in ("triage", "mail", "reprocess", "sweep"):
        assert {taken for taken, _ in rung(page, *[bell] * flood)} == {True}
    assert waiting(page) == {
        "triage": ENOUGH["triage"],
        "mail": ENOUGH["mail"],
        "reprocess": ENOUGH["reprocess"],
        "upkeep": flood,
    }


def test_who_counts_its_doorbells_has_a_queue_of_its_own() -> None:
    routes = [route["queue"] for route in celeryconfig.task_routes.values()]
    for bell in ENOUGH:
        assert routes.count(celeryconfig.task_routes[TASKS[bell]]["queue"]) == 1, bell


def test_an_idea_for_which_nobody_rang_is_triaged_by_those_that_wait(office: Office) -> None:
    enough = ENOUGH["triage"]
    rung(office.settings, *["triage"] * enough)
    office.accept("Zet een waterkan op elke tafel in de vergaderzaal.")
    assert rung(office.settings, "triage")[0][0]
    assert waiting(office.settings)["triage"] == enough
    # No beat runs.
    with running_worker(office.settings):
        wait_until(lambda: statuses(office.database) == {IdeaStatus.WITH_COORDINATOR}, what="triage")
        wait_until(lambda: set(waiting(office.settings).values()) == {0}, what="a broker without doorbells")


def test_a_doorbell_for_what_is_done_writes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # However busy the machine is, the turn isn't over before the work is.
    monkeypatch.setattr(tasks, "LONGEST_TURN", 600.0)
    here = Runtime(office.settings, office.database, "test", Links("secret", office.settings.pages, days=7))
    office.accept("Zet een waterkan op elke tafel in de vergaderzaal.")
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement.lstrip())

    event.listen(office.database.engine, "before_cursor_execute", note)
    assert triage(here) == Triaged(1, is_idle=True)
    assert any(each.startswith(WRITES) for each in statements)
    statements.clear()
    assert triage(here) == Triaged(0, is_idle=True)
    assert statements
    assert not any(each.startswith(WRITES) for each in statements)


def test_a_broker_that_is_away_keeps_nobody_waiting(page: Settings, tmp_path: Path) -> None:
    away = page.model_copy(update={"broker_url": f"redis+socket://{tmp_path}/nothing?virtual_host=0"})
    rings = rung(away, "triage", "mail")
    assert [taken for taken, _ in rings] == [False, False]
    assert max(seconds for _, seconds in rings) < LONGEST


def test_a_broker_that_hangs_keeps_nobody_waiting(page: Settings) -> None:
    """It takes the connection and never says a word, as a machine does that is out of memory."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hanging = page.model_copy(update={"broker_url": f"redis://127.0.0.1:{port}/0"})
        (first, kept), *others = rung(hanging, "triage", "mail", "triage", "mail")
    assert not first
    assert PATIENCE <= kept < LONGEST
    # Whoever rings next is told at once that nobody answers.
    assert [taken for taken, _ in others] == [False] * 3
    assert max(seconds for _, seconds in others) < kept / 10


def test_a_broker_that_hung_is_rung_again_when_it_answers(tmp_path: Path) -> None:
    with short_folder() as folder:
        broker = EmbeddedValkey(Settings(var=folder, broker_url=""))
        broker.start()
        page = Settings(var=tmp_path, broker_url=broker.url)
        try:
            with ringing(page) as ring:
                assert ring("triage")[0]
                with standing_still(page):
                    assert not ring("triage")[0]
                # Not at once: it is left alone for a while.
                assert not ring("mail")[0]
                wait_until(lambda: ring("mail")[0], QUIET + 10, "a doorbell that is taken")
                assert ring("reprocess")[0]
            assert waiting(page) == {"triage": 1, "mail": 1, "reprocess": 1, "upkeep": 0}
        finally:
            broker.stop()
