"""A doorbell may be lost, and a broker may be away or hang: ideas are accepted and triaged all the same."""

import socket
from pathlib import Path

import pytest
from sqlalchemy import select

import celeryconfig
from kader.embedded.broker import broker_client
from kader.settings import Settings
from models import Idea
from models.session import Database
from models.words import IdeaStatus
from tests.services import running_role, running_worker, wait_until
from tests.workers.bells import rung
from tests.workers.conftest import Office

# A page waits for this, twice.
LONGEST = 3.0


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


@pytest.fixture
def page(tmp_path: Path, broker_url: str) -> Settings:
    """Settings of a process that only rings, as the pages do."""
    return Settings(var=tmp_path, broker_url=broker_url)


def test_every_bell_reaches_its_queue(page: Settings) -> None:
    bells = ("triage", "mail", "reprocess", "sweep")
    assert [taken for taken, _ in rung(page, *bells)] == [True] * len(bells)
    with broker_client(page, seconds=2.0) as client:
        waiting = {queue.name: client.llen(queue.name) for queue in celeryconfig.task_queues}
    assert waiting == {"triage": 2, "mail": 1, "upkeep": 1}


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
        rings = rung(hanging, "triage", "mail")
    assert [taken for taken, _ in rings] == [False, False]
    assert max(seconds for _, seconds in rings) < LONGEST
