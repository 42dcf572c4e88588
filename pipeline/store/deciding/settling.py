"""Settles read ideas one after another, in the order in which they came.

Who settles holds the `settle` lease, and no idea is settled before all earlier ones were read. So the outcome
depends on the order of arrival only: one worker or eight, first run or repeat, SQLite or PostgreSQL.
Reading, the costly part, runs in all workers at the same time.

When a step breaks on a batch it is tried on fewer ideas, down to the one that is to blame: a coordinator gets that.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kader.errors import PermanentError
from kader.log import kind_of, places_of
from kader.settings import Settings
from models.session import Database, is_of_the_row
from pipeline.asking import Autonomy
from pipeline.core import PairVerdict
from pipeline.decide import settle
from pipeline.payloads import KnownIdea
from pipeline.plans import Settlement
from pipeline.routing import Organisation
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.recording import OutdatedModelError, StaleFactsError, hold_turn, record
from pipeline.store.duplicates.known import Ledger, add_standing, earlier, precedent_ids
from pipeline.store.duplicates.twins import compare, decisive, neighbourhood, resemblances
from pipeline.store.reading.claims import LeaseLostError, give_lease_back, take_lease
from pipeline.store.reading.ready import Ready, gather, read_again, ready_ids
from pipeline.store.search.mind import Mind

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one process has while it holds the lease to settle."""

    database: Database
    mind: Mind
    token: str
    clock: Callable[[], datetime]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch came to: how many ideas were settled, and the last that was looked at."""

    settled: int
    last_id: int


def settle_waiting(
    database: Database,
    mind: Mind,
    *,
    owner: str,
    clock: Callable[[], datetime],
    settings: Settings,
    is_over: Callable[[], bool] = lambda: False,
) -> int:
    """Settle all ideas whose turn it is; returns how many. Returns at once while another settles.

    Ends early when `is_over()`, which is asked after each batch, and when the text model was replaced: who calls
    comes back for the rest, with the model that is then in use.
    """
    settled, after = 0, 0
    while True:
        token = take_lease(database, "settle", owner=owner, now=clock(), seconds=settings.lease_seconds)
        if token is None:
            return settled
        try:
            for step in _steps(Turn(database, mind, token, clock, settings), after, is_over):
                settled += step.settled
                after = step.last_id
        except (LeaseLostError, OutdatedModelError) as error:
            logger.info("settling stops here: %s", error)
            return settled
        finally:
            give_lease_back(database, "settle", token)
        # Whoever found the lease taken has left; what was read in that moment is settled here.
        with database.reading() as session:
            if is_over() or not ready_ids(session, limit=1, after=after):
                return settled


def _steps(turn: Turn, after: int, is_over: Callable[[], bool]) -> Iterator[Step]:
    """Settle batch after batch, above the id `after`; fewer at a time where something breaks."""
    limit = most = min(turn.settings.batch_size, turn.mind.index.most_at_once)
    while True:
        try:
            step = _settle_afresh(turn, after=after, limit=limit)
        except Exception as error:
            if not is_of_the_row(error):
                raise
            with turn.database.reading() as session:
                ids = ready_ids(session, limit=limit, after=after)
            if len(ids) > 1:
                logger.warning(
                    "%d ideas can't be settled at once (%s); trying half", len(ids), kind_of(error)
                )
                limit = len(ids) // 2
                continue
            step = _set_aside(turn, ids[0], after, error) if ids else None
        if step is None:
            return
        yield step
        if is_over():
            return
        after = step.last_id
        limit = min(2 * limit, most)


def _set_aside(turn: Turn, idea_id: int, after: int, error: Exception) -> Step | None:
    """Bring an idea, the next after `after`, on which a step broke to a coordinator, without what was read in it."""
    logger.error(  # a trace would end in the error's words, which may be somebody's
        "idea %d can't be settled (%s); a coordinator gets it\n%s", idea_id, kind_of(error), places_of(error)
    )
    trouble = f"Kader can't settle this idea ({type(error).__name__})."
    try:
        return _settle_afresh(turn, after=after, limit=1, trouble=trouble)
    except Exception as second:
        if not is_of_the_row(second):
            raise
        logger.error("idea %d waits: it can't be set aside (%s)", idea_id, kind_of(second))  # noqa: TRY400  # as above
        return Step(0, idea_id)


def _settle_afresh(turn: Turn, *, after: int, limit: int, trouble: str | None = None) -> Step | None:
    """Settle a batch; gather the facts again when a person changed them meanwhile."""
    for _ in range(turn.settings.max_attempts - 1):
        try:
            return _settle_batch(turn, after=after, limit=limit, trouble=trouble)
        except StaleFactsError:
            logger.info("facts changed while ideas were being settled; deciding again")
    return _settle_batch(turn, after=after, limit=limit, trouble=trouble)


def _settle_batch(turn: Turn, *, after: int, limit: int, trouble: str | None) -> Step | None:
    """Settle the next ideas; None when there are none. With `trouble` nothing that was read is used."""
    now, mind, settings = turn.clock(), turn.mind, turn.settings
    version = mind.model.version
    today = now.astimezone(settings.zone).date()
    with turn.database.reading() as session:
        batch = gather(session, model_version=version, limit=limit, after=after, trouble=trouble)
        if batch:
            organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
            near, ledger = neighbourhood(session, batch, mind) if trouble is None else ({}, Ledger())
    if not batch:
        with turn.database.writing() as session:
            hold_turn(session, token=turn.token, model_version=version, now=now, settings=settings)
            read_again(session, model_version=version)
        return None
    compared = compare(batch, near, ledger, mind)
    with turn.database.reading() as session:
        add_standing(session, ledger, decisive(batch, compared) | precedent_ids(batch))
    pairs = _decide(batch, compared, ledger, organisation, today, mind.model.autonomy)
    if pairs:
        with turn.database.writing() as session:
            record(
                session,
                pairs,
                token=turn.token,
                now=now,
                organisation=organisation,
                model_version=version,
                settings=settings,
                pairs_version=mind.pairs.version,
                # What wasn't compared with all is looked at again.
                compared_by=mind.comparer if trouble is None and mind.index.is_exact else None,
            )
    return Step(len(pairs), batch[-1].facts.id)


def _decide(
    batch: Sequence[Ready],
    compared: dict[int, list[tuple[int, PairVerdict]]],
    ledger: Ledger,
    organisation: Organisation,
    today: date,
    autonomy: Autonomy,
) -> list[tuple[Ready, Settlement]]:
    """Decide in order, so that twins within one batch find each other as well.

    An idea that nobody can take waits, visible in `kader check`, and the others flow on.
    """
    plans = []
    waiting: dict[str, list[int]] = {}
    for each in batch:
        found = resemblances(compared[each.facts.id], ledger, each.facts.same_as_id)
        try:
            plan = settle(
                each.facts,
                each.reading,
                found,
                trouble=each.trouble,
                today=today,
                organisation=organisation,
                earlier=earlier(each.reading, ledger),
                autonomy=autonomy,
            )
        except PermanentError as error:
            waiting.setdefault(str(error), []).append(each.facts.id)
            continue
        plans.append((each, plan))
        ledger.ideas[each.facts.id] = _known(each, plan, organisation)
    for sentence, ids in waiting.items():
        logger.error("%d ideas wait, the first is idea %d: %s", len(ids), ids[0], sentence)
    return plans


def _known(ready: Ready, plan: Settlement, organisation: Organisation) -> KnownIdea:
    """An idea of this batch as later ideas will know it."""
    route = plan.route
    confirmed = [link.original_id for link in plan.links if link.state == "confirmed"]
    deputises_for = route.deputises_for_id if route else None
    return KnownIdea(
        id=ready.facts.id,
        reference=ready.facts.reference,
        title=ready.facts.title,
        status=plan.status,
        original_id=confirmed[0] if confirmed else None,
        framework=plan.framework.text.slug if plan.framework else None,
        owner_id=route.person_id if route else None,
        owner_name=organisation.people[route.person_id].name if route else None,
        deputises_for=organisation.people[deputises_for].name if deputises_for else None,
        due_on=route.due_on if route else None,
    )
