"""A broker that dies while a worker is busy: the worker goes on with the next one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from kader.embedded.broker import broker_client
from kader.embedded.valkey import EmbeddedValkey
from kader.settings import Settings
from models.session import Database
from models.words import IdeaStatus
from tests.services import running_worker, short_folder, wait_until
from tests.workers.bells import rung
from tests.workers.conftest import Office
from tests.workers.test_doorbell import statuses
from workers.doorbell import Bell


@pytest.fixture
def broker() -> Iterator[EmbeddedValkey]:
    with short_folder() as folder:
        broker = EmbeddedValkey(Settings(var=folder))
        broker.start()
        yield broker
        broker.stop()


@contextmanager
def nothing_moves(database: Database) -> Iterator[None]:
    """Whoever writes about ideas waits."""
    with database.writing() as session:
        if not database.is_sqlite:
            session.execute(text("LOCK TABLE idea IN ACCESS EXCLUSIVE MODE"))
        yield


def take(settings: Settings, bell: Bell) -> None:
    """Ring, and wait until the worker has taken the doorbell."""
    assert rung(settings, bell)[0][0]
    with broker_client(settings, seconds=2.0) as client:
        wait_until(lambda: client.llen(bell) == 0, what=f"a worker that takes {bell}")


def test_a_worker_that_was_busy_hears_the_next_doorbell(office: Office, broker: EmbeddedValkey) -> None:
    """It holds two when the broker dies, the second of which it acknowledges while there is none."""
    settings = office.settings.model_copy(update={"broker_url": broker.url, "processes": 1})
    office.accept("Zet een waterkan op elke tafel in de vergaderzaal.")
    with running_worker(settings):
        with nothing_moves(office.database):
            take(settings, "triage")
            take(settings, "mail")
            broker.kill()
        wait_until(lambda: any((settings.mailbox / "new").glob("*")), what="the second doorbell's work")
        broker.start()
        office.accept("Hang in elke gang een prikbord op.")
        # No sweep runs: what was lost with the broker is lost.
        assert rung(settings, "triage")[0][0]
        wait_until(lambda: statuses(office.database) == {IdeaStatus.WITH_COORDINATOR}, what="the second idea")
