"""Workers and broker are killed at random moments: nothing is lost, done twice or told twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, or_, select

from intake.accept import accept
from kader.cli.demo.organisation import prepare
from kader.cli.here import now
from kader.demo.data import load_demo
from kader.embedded.environment import environment
from kader.embedded.valkey import EmbeddedValkey
from kader.settings import Settings
from models import Assessment, Assignment, DuplicateLink, Event, Idea, OutboxMessage, Person
from models.session import Database, open_database
from models.words import IdeaStatus, LinkState, MessageStatus
from pipeline.store.checking import check
from pipeline.store.deciding.settling import settle_waiting
from pipeline.store.reading.claims import claim_ideas
from pipeline.store.reading.readings import read_claimed
from pipeline.store.textmodels.loading import load_mind
from tests.e2e.play import Outcome, outcomes_of
from tests.faults.offers import offers
from tests.faults.standstill import standstill
from tests.services import running_role, running_worker, short_folder, wait_until

SEED = int(os.environ.get("FAULTS_SEED", "20260603"))
IDEAS = 2_000
# How often each thing happens, at least and at most, always while ideas wait.
TIMES = {"group": 4, "child": 6, "flush": 6, "restart": 4}
PATIENCE = 480.0
SOON = 10.0
WORKERS = 2

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1500)]


@dataclass
class Trouble:
    """Kader at work, and the ways in which it is disturbed."""

    settings: Settings
    database: Database
    broker: EmbeddedValkey
    running: ExitStack
    chance: Random
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def start_worker(self) -> None:
        self.workers.append(self.running.enter_context(running_worker(self.settings)))

    def waiting(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).where(Idea.status == IdeaStatus.RECEIVED)) or 0

    def strike(self, what: str) -> None:
        """Do one thing, at a moment at which ideas wait; which moment is up to chance."""
        ways: dict[str, Callable[[], None]] = {
            "group": self.kill_group,
            "child": self.kill_child,
            "flush": self.broker.flush,
            "restart": self.restart_broker,
        }
        least = self.chance.randrange(1, 60)
        late = time.monotonic() + SOON

        def is_time() -> bool:
            # On a busy machine the sender may be too slow for so many to wait; then any waiting idea will do.
            waiting = self.waiting()
            return waiting >= least or (waiting > 0 and time.monotonic() > late)

        wait_until(is_time, timeout=60, what="a waiting idea")
        ways[what]()
        self.done[what] += 1

    def kill_group(self) -> None:
        """End a worker and all its children at once, and start another in its place."""
        worker = self.workers.pop(self.chance.randrange(len(self.workers)))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.start_worker()

    def kill_child(self) -> None:
        """End one process of a worker's pool; the worker itself must replace it."""
        worker = self.chance.choice(self.workers)
        children = wait_until(lambda: children_of(worker.pid), what="a pool process")
        os.kill(self.chance.choice(children), signal.SIGKILL)

    def restart_broker(self) -> None:
        self.broker.kill()
        before = self.waiting()
        # Ideas keep coming in while the broker is away.
        wait_until(lambda: self.waiting() > before, what="an idea without a broker")
        self.broker.start()


def children_of(process_id: int) -> list[int]:
    """Process ids of the direct children."""
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in path.read_text(encoding="ascii").split()]


@contextmanager
def trouble(settings: Settings) -> Iterator[Trouble]:
    """A broker, a beat and two workers of two processes each."""
    broker = EmbeddedValkey(settings)
    broker.start()
    database = open_database(settings.database)
    try:
        with ExitStack() as running:
            running.enter_context(running_role("beat", settings))
            found = Trouble(settings, database, broker, running, Random(SEED))
            for _ in range(WORKERS):
                found.start_worker()
            yield found
    finally:
        database.dispose()
        broker.stop()


@contextmanager
def sender(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.sender", str(IDEAS), str(SEED)], env=environment(settings)
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def undisturbed(migrated_sqlite: Path) -> Iterator[dict[str, Outcome]]:
    """What becomes of the same ideas when one process reads and settles them all, in peace."""
    with short_folder() as folder:
        (folder / "kader.db").write_bytes(migrated_sqlite.read_bytes())
        settings = quick(folder, "")
        prepare(load_demo(), settings)
        database = open_database(settings.database)
        with database.writing() as session:
            for offer in offers(IDEAS, SEED):
                accept(session, offer, now=now(), settings=settings)
        mind = load_mind(database, settings)
        assert mind is not None
        while True:
            claim = claim_ideas(database, owner="peace", now=now(), limit=256, lease_seconds=600)
            read_claimed(database, claim, mind.model, max_attempts=settings.max_attempts)
            settled = settle_waiting(database, mind, owner="peace", clock=now, settings=settings)
            if not claim.ideas and not settled:
                break
        found = outcomes_of(database, settings.zone)
        database.dispose()
        yield found


def quick(folder: Path, database_url: str) -> Settings:
    """Settings with which what was dropped is taken up again within seconds."""
    return Settings(
        var=folder,
        database_url=database_url,
        broker_url="",
        lease_seconds=3,
        sweep_seconds=1.0,
        batch_size=64,
        auto_without_labels=0.3,
        mail_from="ideeen@elzenmeer.example",
        secret_key="a key for tests only",
    )


def test_nothing_is_lost_or_doubled(database_url: str, undisturbed: dict[str, Outcome]) -> None:
    with short_folder() as folder:
        settings = quick(folder, database_url)
        prepare(load_demo(), settings)
        with trouble(settings) as disturbed:
            strikes = [what for what, times in TIMES.items() for _ in range(times)]
            disturbed.chance.shuffle(strikes)
            with sender(settings) as process:
                for what in strikes:
                    disturbed.strike(what)
                assert process.wait(PATIENCE) == 0
            print(f"\nseed {SEED}: {dict(disturbed.done)}")  # noqa: T201  # the figures, for who runs it with -s
            assert disturbed.done == TIMES
            database = disturbed.database
            try:
                wait_until(lambda: not unfinished(database), PATIENCE, "the end of all work")
            except AssertionError as error:
                raise AssertionError(f"{error}\n{standstill(database, settings)}") from None
        database = open_database(settings.database)
        assert_once(database)
        assert_told_once(database, settings.mailbox)
        with database.reading() as session:
            assert check(session, now=now(), settings=settings) == []
        found = outcomes_of(database, settings.zone)
        database.dispose()
    assert found.keys() == undisturbed.keys()
    # Only what differs, so that a failure can be read.
    assert {
        each: (found[each], undisturbed[each]) for each in found if found[each] != undisturbed[each]
    } == {}


def unfinished(database: Database) -> int:
    with database.reading() as session:
        ideas = session.scalar(select(func.count()).where(Idea.status == IdeaStatus.RECEIVED)) or 0
        mails = session.scalar(
            select(func.count()).where(
                or_(
                    OutboxMessage.status == MessageStatus.PENDING,
                    OutboxMessage.status == MessageStatus.SENDING,
                )
            )
        )
    return ideas + (mails or 0)


def assert_once(database: Database) -> None:
    """Each idea has one assessment, one triaged event, and one open assignment or one place beside a twin."""
    with database.reading() as session:
        ideas = list(session.scalars(select(Idea.id)))
        assessed = list(session.scalars(select(Assessment.idea_id)))
        triaged = list(session.scalars(select(Event.idea_id).where(Event.kind == "triaged")))
        owned = list(session.scalars(select(Assignment.idea_id).where(Assignment.ended_at.is_(None))))
        joined = list(
            session.scalars(
                select(DuplicateLink.duplicate_id).where(DuplicateLink.state == LinkState.CONFIRMED)
            )
        )
    assert Counter(assessed) == Counter(ideas)
    assert Counter(triaged) == Counter(ideas)
    assert Counter(owned + joined) == Counter(ideas)


def assert_told_once(database: Database, mailbox: Path) -> None:
    """Each message of the outbox was sent, and lies in the Maildir as one mail."""
    with database.reading() as session:
        messages = session.execute(
            select(OutboxMessage.message_id, Person.email, OutboxMessage.status).join(
                Person, Person.id == OutboxMessage.recipient_id
            )
        ).all()
    assert {status for _, _, status in messages} == {MessageStatus.SENT.value}
    parser = BytesHeaderParser()
    found = []
    for path in [*(mailbox / "new").iterdir(), *(mailbox / "cur").iterdir()]:
        headers = parser.parsebytes(path.read_bytes(), headersonly=True)
        found.append((headers["Message-ID"].strip("<>"), headers["To"].rpartition("<")[2].rstrip(">")))
    assert Counter(found) == Counter((message_id, address) for message_id, address, _ in messages)
