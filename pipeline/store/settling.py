"""Settles read ideas one after another, in the order in which they came.

Who settles holds the `settle` lease, and no idea is settled before all earlier ones were read. So the outcome
depends on the order of arrival only: one worker or eight, first run or repeat, SQLite or PostgreSQL.
Reading, the costly part, runs in all workers at the same time.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.exc import DBAPIError

from kader.errors import PermanentError
from kader.settings import Settings
from models.session import Database, is_transient
from pipeline.core import Decision, PairVerdict
from pipeline.decide import KnownIdea, Settlement, settle
from pipeline.routing import Organisation
from pipeline.store.claims import give_lease_back, take_lease
from pipeline.store.known import Ledger, earlier, load_ledger, precedent_ids
from pipeline.store.mind import Mind
from pipeline.store.organisation import load_organisation
from pipeline.store.ready import Ready, gather, read_again, ready_ids
from pipeline.store.recording import StaleFactsError, record
from pipeline.store.twins import compare, find_near, first_ids, resemblances

logger = logging.getLogger(__name__)


def settle_waiting(
    database: Database, mind: Mind, *, owner: str, clock: Callable[[], datetime], settings: Settings
) -> int:
    """Settle all ideas whose turn it is; returns how many. Returns at once while another settles."""
    settled = 0
    while True:
        token = take_lease(database, "settle", owner=owner, now=clock(), seconds=settings.lease_seconds)
        if token is None:
            return settled
        done = 0
        try:
            while batch := _settle_afresh(database, mind, token=token, clock=clock, settings=settings):
                done += batch
        finally:
            give_lease_back(database, "settle", token)
        settled += done
        # Whoever found the lease taken has left; what was read in that moment is settled here.
        with database.reading() as session:
            if not done or not ready_ids(session, limit=1):
                return settled


def _settle_afresh(
    database: Database, mind: Mind, *, token: str, clock: Callable[[], datetime], settings: Settings
) -> int:
    """Settle a batch; gather the facts again when a person changed them meanwhile."""
    for _ in range(settings.max_attempts):
        try:
            return _settle_batch(database, mind, token=token, now=clock(), settings=settings)
        except StaleFactsError:
            logger.info("facts changed while ideas were being settled; deciding again")
    return 0


def _settle_batch(database: Database, mind: Mind, *, token: str, now: datetime, settings: Settings) -> int:
    today = now.astimezone(settings.zone).date()
    with database.reading() as session:
        limit = min(settings.batch_size, mind.index.most_at_once)
        batch = gather(session, model_version=mind.model.version, limit=limit)
        if batch:
            organisation = load_organisation(session, today=today, coordinator_days=settings.coordinator_days)
            mind.index.follow(session, up_to=batch[-1].facts.id)
            near = find_near(session, batch, mind)
            ledger = load_ledger(session, first_ids(near) | precedent_ids(batch))
    if not batch:
        with database.writing() as session:
            read_again(session, model_version=mind.model.version)
        return 0
    compared = compare(batch, near, ledger, mind)
    pairs = _decide(batch, compared, ledger, organisation, today)

    if not pairs:
        return 0

    def write(part: Sequence[tuple[Ready, Settlement]]) -> None:
        with database.writing() as session:
            record(
                session,
                part,
                token=token,
                now=now,
                organisation=organisation,
                model_version=mind.model.version,
                settings=settings,
            )

    try:
        write(pairs)
    except DBAPIError as error:
        if is_transient(error):
            raise
        logger.warning("a batch of %d ideas can't be recorded at once; recording them one by one", len(pairs))
        return _record_alone(pairs, write, organisation, today)
    return len(pairs)


def _record_alone(
    pairs: Sequence[tuple[Ready, Settlement]],
    write: Callable[[Sequence[tuple[Ready, Settlement]]], None],
    organisation: Organisation,
    today: date,
) -> int:
    """Record ideas one by one, up to and including the first that can't be; returns how many."""
    for number, (ready, plan) in enumerate(pairs, 1):
        try:
            write([(ready, plan)])
        except DBAPIError as error:
            if is_transient(error):
                raise
            logger.exception("idea %d can't be recorded; a coordinator gets it", ready.facts.id)
            trouble = f"Kader can't record what it thought of this idea ({type(error).__name__})."
            write([_set_aside(ready, trouble, organisation, today)])
            # What follows was decided on what can't be recorded: it is decided afresh.
            return number
    return len(pairs)


def _decide(
    batch: Sequence[Ready],
    compared: dict[int, list[tuple[int, PairVerdict]]],
    ledger: Ledger,
    organisation: Organisation,
    today: date,
) -> list[tuple[Ready, Settlement]]:
    """Decide in order, so that twins within one batch find each other as well.

    An idea that nobody can take waits, visible in `kader check`, and the others flow on.
    """
    plans = []
    for each in batch:
        found = resemblances(compared[each.facts.id], ledger)
        try:
            plan = settle(
                each.facts,
                each.reading,
                found,
                trouble=each.trouble,
                today=today,
                organisation=organisation,
                earlier=earlier(each.reading, ledger),
            )
        except PermanentError as error:
            logger.error("idea %d waits: %s", each.facts.id, error)  # noqa: TRY400  # foreseen: no trace needed
            continue
        except Exception as error:
            logger.exception("idea %d can't be decided on; a coordinator gets it", each.facts.id)
            trouble = f"Kader can't decide on this idea ({type(error).__name__})."
            each, plan = _set_aside(each, trouble, organisation, today)  # noqa: PLW2901  # what is recorded
        plans.append((each, plan))
        ledger.ideas[each.facts.id] = _known(each, plan, organisation)
    return plans


def _set_aside(
    ready: Ready, trouble: str, organisation: Organisation, today: date
) -> tuple[Ready, Settlement]:
    """Bring an idea on which a step broke to a coordinator, without what the machine thought of it."""
    bare = replace(
        ready.reading, candidates=(), limits=(), precedents=(), probability_none=0.0, decision=Decision.ASK
    )
    plan = settle(ready.facts, bare, [], trouble=trouble, today=today, organisation=organisation)
    return replace(ready, reading=bare, trouble=trouble), plan


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
