"""Celery tasks: each a thin shell around a function that does the work."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from intake.mail.fetched import may_try
from intake.mail.fetching import BusyError, fetch_mails
from intake.mail.mailbox_errors import NoFolderError
from kader.errors import UserError
from notifications.deliver import DeliveryReport, deliver
from notifications.transport import transport_for
from pipeline.store.deciding.settling import settle_waiting
from pipeline.store.duplicates.second_look import look_again, note_tonight, tonight
from pipeline.store.reading.claims import is_anything_received
from pipeline.store.reading.readings import read_waiting
from pipeline.store.search.meanings import keep_meanings
from pipeline.store.search.rare import keep_words
from pipeline.store.search.recall import measure_recall, note_recall
from pipeline.store.textmodels.reprocessing import work_on_runs
from pipeline.store.textmodels.training import train_and_activate
from workers.app import app
from workers.doorbell import ring, ring_for_mail
from workers.runtime import Runtime, now, runtime
from workers.shell import shell
from workers.sweeping import sweep

logger = logging.getLogger(__name__)

# A task rings for what is left after this. It ends well before Celery's time limit; and when all processes deliver a pile
# of mail, or triage a pile of ideas, whatever else there is to do waits no longer.
LONGEST_TURN = 10.0
# New ideas come first, at night too: on a machine with one process they wait for this.
LONGEST_LOOK = 10.0
LONGEST_CATCHING_UP = 2.0


@app.task(name="kader.triage")
@shell
def triage_task() -> None:
    """Read and settle whatever waits."""
    here = runtime()
    turn = triage(here)
    if turn.settled:
        ring("mail")
    # Another may still be settling; or nothing waits. Who stopped because the time was over has no time for this.
    if turn.is_idle and here.loaded is not None:
        here.loaded.index.catch_up(_turn(LONGEST_CATCHING_UP))


@app.task(name="kader.deliver")
@shell
def deliver_task() -> None:
    """Send whatever is due."""
    here = runtime()
    is_over = _turn(LONGEST_TURN)
    while not is_over():
        report = deliver(
            here.database,
            transport_for(here.settings),
            here.links,
            here.settings,
            now=now,
            owner=here.owner,
            is_over=is_over,
        )
        if report == DeliveryReport():
            return
    ring("mail")


@app.task(name="kader.reprocess")
@shell
def reprocess_task() -> None:
    """Work on reprocessing runs."""
    here = runtime()
    mind = here.mind()
    if mind is not None and work_on_runs(
        here.database, mind, owner=here.owner, clock=now, settings=here.settings
    ):
        ring("reprocess")


@app.task(name="kader.sweep")
@shell
def sweep_task() -> None:
    """Ring again for whatever a lost doorbell left behind."""
    here = runtime()
    for bell in sweep(here.database, here.settings, now=now()):
        ring(bell)
    # After an update of Kader nobody needs to send an idea first.
    if here.mind() is None and here.is_outdated:
        ring("train")


@app.task(name="kader.train")
@shell
def train_task() -> None:
    """Train the first text model, when somebody has published a framework, or the first after an update."""
    here = runtime()
    if here.mind() is None:
        try:
            train_and_activate(here.database, here.settings, owner=here.owner, clock=now)
        except UserError as error:
            logger.warning("ideas wait: %s", error)
            return
        ring("triage")


@app.task(name="kader.learn")
@shell
def learn_task() -> None:
    """Learn at night from what people said since the last training."""
    learn(runtime())


def learn(here: Runtime) -> bool:
    """Train anew where the settings say so and people said something since; returns whether there is a new model.

    The first model is trained as soon as the first ideas wait (`train_task`), and not here.
    """
    if not here.settings.learns_at_night or here.mind() is None:
        return False
    return train_and_activate(here.database, here.settings, owner=here.owner, clock=now).is_new


@app.task(name="kader.fetch")
@shell
def fetch_task() -> None:
    """Fetch what waits in the mailbox."""
    if fetch(runtime()):
        ring("fetch")


def fetch(here: Runtime) -> bool:
    """Fetch mail for one turn, where a mailbox is set; returns whether more waits there."""
    if here.settings.imap is None:
        return False
    with here.database.reading() as session:
        if not may_try(session, now=now()):
            return False
    try:
        fetched = fetch_mails(
            here.database, settings=here.settings, owner=here.owner, clock=now, is_over=_turn(LONGEST_TURN)
        )
    except BusyError:
        return False
    ring_for_mail(ideas=fetched.report.ideas, replies=fetched.report.replies)
    if fetched.report.read:
        logger.info("fetched mail: %s", fetched.as_row())
    if fetched.refused:
        logger.warning("the mailbox doesn't give %d message(s), which stay unread", fetched.refused)
    if fetched.trouble is None:
        return fetched.left > 0
    told = fetched.trouble.short if isinstance(fetched.trouble, NoFolderError) else fetched.trouble
    if isinstance(fetched.trouble, UserError):
        logger.error("fetching mail: %s", told)
    else:
        logger.warning("fetching mail: %s", told)
    return False


@app.task(name="kader.look")
@shell
def look_task() -> None:
    """Take the second look at ideas, a bounded number a night."""
    if look(runtime()):
        ring("look")


def look(here: Runtime) -> bool:
    """Take a turn of the second look; returns whether there is more to do tonight."""
    with here.database.reading() as session:
        most = tonight(session, here.settings, now=now())
    mind = here.mind()
    if mind is None or not most:
        return False
    keep_words(here.database, most=most)
    keep_meanings(here.database, mind.meanings, most=most)
    looked = look_again(
        here.database,
        mind,
        owner=here.owner,
        clock=now,
        settings=here.settings,
        most=most,
        is_over=_turn(LONGEST_LOOK),
    )
    with here.database.writing() as session:
        note_tonight(session, here.settings, looked.ideas, now=now())
    if looked.ideas and looked.waiting and looked.ideas < most:
        return True
    if looked.ideas:
        recall = measure_recall(here.database, mind)
        with here.database.writing() as session:
            note_recall(session, mind, recall, now=now())
    return False


@dataclass(frozen=True, slots=True)
class Triaged:
    """What a turn of triage came to: ideas that were settled, and whether it ended for lack of work."""

    settled: int
    is_idle: bool


def triage(here: Runtime) -> Triaged:
    """Claim, read and settle until nothing waits or the turn is over."""
    is_over = _turn(LONGEST_TURN)
    settled = 0
    mind = here.mind()
    if mind is None:
        # A task of its own: it may take much longer than this one may.
        ring("train")
    # Most doorbells of a busy hour find nothing left: who only looks writes nothing.
    while mind is not None and is_anything_received(here.database):
        has_read = read_waiting(
            here.database, mind.model, owner=here.owner, now=now(), settings=here.settings
        )
        done = settle_waiting(
            here.database, mind, owner=here.owner, clock=now, settings=here.settings, is_over=is_over
        )
        settled += done
        # Settling ends early when the model was replaced: what waits then is settled with the new one.
        before, mind = mind, here.mind()
        if not has_read and not done and mind is before:
            break
        if is_over():
            ring("triage")
            return Triaged(settled, is_idle=False)
    return Triaged(settled, is_idle=True)


def _turn(seconds: float) -> Callable[[], bool]:
    """Begins a turn; what it gives says whether the turn is over."""
    ends = monotonic() + seconds
    return lambda: monotonic() >= ends
