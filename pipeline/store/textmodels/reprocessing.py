"""The work of reprocessing runs: ideas are read again, and moved when that was approved; nobody is told."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.errors import PermanentError
from kader.log import kind_of, places_of
from kader.settings import Settings
from models import Assessment, Idea, ReprocessingItem, ReprocessingRun
from models.session import Database, is_of_the_row
from models.words import RunItemStatus, RunStatus
from pipeline.core import Reading
from pipeline.decide import choose_route
from pipeline.facts import IdeaFacts
from pipeline.plans import EventPlan
from pipeline.reprocess import Change, Standing, compare, why_untouchable
from pipeline.routing import Organisation, Route
from pipeline.store.deciding.assigning import locked_idea, open_assignment, settle_again
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.recording import assessment_parts
from pipeline.store.deciding.telling import write
from pipeline.store.reading.claims import give_lease_back, take_lease
from pipeline.store.reading.readings import read_texts
from pipeline.store.search.mind import Mind
from pipeline.store.textmodels.runs import to_do
from pipeline.store.textmodels.standing import load_words, standings

logger = logging.getLogger(__name__)

# By id of the idea: what was read in it, or the trouble that came instead.
Readings = dict[int, tuple[Reading | None, str | None]]


def work_on_runs(
    database: Database, mind: Mind, *, owner: str, clock: Callable[[], datetime], settings: Settings
) -> bool:
    """Do one batch of the oldest unfinished run; returns whether more is to be done.

    Resumes where a stopped process left off: each idea's result and its item are one transaction.
    """
    token = take_lease(database, "reprocess", owner=owner, now=clock(), seconds=settings.lease_seconds)
    if token is None:
        return False
    try:
        return _work(database, mind, now=clock(), settings=settings)
    finally:
        give_lease_back(database, "reprocess", token)


def _work(database: Database, mind: Mind, *, now: datetime, settings: Settings) -> bool:
    with database.reading() as session:
        run = session.scalar(
            select(ReprocessingRun)
            .where(ReprocessingRun.status.in_([RunStatus.APPLYING, RunStatus.DRY_RUN]))
            .order_by(ReprocessingRun.id)
            .limit(1)
        )
        if run is None:
            return False
        applying = run.status == RunStatus.APPLYING
        ids = session.scalars(
            select(ReprocessingItem.idea_id)
            .where(ReprocessingItem.run_id == run.id, ReprocessingItem.status == to_do(run.status).value)
            .order_by(ReprocessingItem.idea_id)
            .limit(settings.batch_size)
        ).all()
        words = load_words(session, ids)
    if not ids:
        with database.writing() as session:
            _finish_stage(session, run.id, now)
        return True
    readings = dict(zip(words, read_texts(list(words.values()), mind.model), strict=True))

    def apply(session: Session, part: Readings) -> None:
        for idea_id, (reading, trouble) in part.items():
            _apply(session, run.id, idea_id, reading, trouble, mind, now=now, settings=settings)

    def note_differences(session: Session, part: Readings) -> None:
        _note_differences(session, run.id, part, now=now, settings=settings)

    if applying:
        for idea_id, read in readings.items():
            _carry_out(database, run.id, {idea_id: read}, apply)
    else:
        _carry_out(database, run.id, readings, note_differences)
    return True


def _carry_out(
    database: Database, run_id: int, part: Readings, stage: Callable[[Session, Readings], None]
) -> None:
    """Carry out a stage on some ideas in one transaction.

    When it breaks it is tried idea by idea, and one on which it breaks alone is left as it is, with the reason.
    """
    try:
        with database.writing() as session:
            stage(session, part)
    except Exception as error:
        if not is_of_the_row(error):
            raise
        kind, places = kind_of(error), places_of(error)
        if len(part) > 1:
            logger.warning("%d ideas can't be assessed anew at once (%s); trying one by one", len(part), kind)
            for idea_id, read in part.items():
                _carry_out(database, run_id, {idea_id: read}, stage)
            return
        (idea_id,) = part
        # Not a whole trace, which ends in the error's words: they may be somebody's.
        logger.error("idea %d can't be assessed anew (%s)\n%s", idea_id, kind, places)  # noqa: TRY400  # see above
        with database.writing() as session:
            _leave(session, run_id, idea_id, f"Kader can't assess it anew ({type(error).__name__}).")


def _leave(session: Session, run_id: int, idea_id: int, note: str) -> None:
    """Leave an idea as it is, with the reason, unless it was done meanwhile."""
    item = session.get(ReprocessingItem, (run_id, idea_id), with_for_update=True)
    if item is not None and item.status in {RunItemStatus.PENDING, RunItemStatus.CHANGED}:
        item.status, item.note = RunItemStatus.SKIPPED.value, note


def _finish_stage(session: Session, run_id: int, now: datetime) -> None:
    """End the present stage, unless something is left of it: meanwhile another may have begun the next one."""
    run = session.get_one(ReprocessingRun, run_id, with_for_update=True)
    left = session.scalar(
        select(ReprocessingItem.idea_id)
        .where(ReprocessingItem.run_id == run_id, ReprocessingItem.status == to_do(run.status).value)
        .limit(1)
    )
    if left is not None:
        return
    if run.status == RunStatus.DRY_RUN:
        run.status = RunStatus.READY.value
    elif run.status == RunStatus.APPLYING:
        run.status = RunStatus.APPLIED.value
        run.finished_at = now


def _note_differences(
    session: Session,
    run_id: int,
    readings: Readings,
    *,
    now: datetime,
    settings: Settings,
) -> None:
    run = session.get_one(ReprocessingRun, run_id, with_for_update=True)
    if run.status != RunStatus.DRY_RUN:
        return
    organisation = _organisation(session, now, settings)
    found = standings(session, list(readings))
    items = session.scalars(
        select(ReprocessingItem).where(
            ReprocessingItem.run_id == run_id, ReprocessingItem.idea_id.in_(list(readings))
        )
    )
    for item in items:
        standing = found[item.idea_id]
        reading, trouble = readings[item.idea_id]
        untouchable = why_untouchable(standing) or trouble
        if reading is None or untouchable is not None:
            item.status, item.note = RunItemStatus.SKIPPED.value, untouchable
            continue
        idea = session.get_one(Idea, item.idea_id)
        try:
            _, change = _change(idea, reading, standing, organisation, now, settings)
        except PermanentError as error:
            item.status, item.note = RunItemStatus.SKIPPED.value, str(error)
            continue
        item.before = standing.as_row()
        item.after = change.row
        item.note = change.note
        item.status = (RunItemStatus.CHANGED if change.moves else RunItemStatus.UNCHANGED).value


def _apply(
    session: Session,
    run_id: int,
    idea_id: int,
    reading: Reading | None,
    trouble: str | None,
    mind: Mind,
    *,
    now: datetime,
    settings: Settings,
) -> None:
    """Move one idea as the dry run showed, unless a person or another change came first."""
    idea = locked_idea(session, idea_id)
    item = session.get_one(ReprocessingItem, (run_id, idea_id), with_for_update=True)
    if item.status != RunItemStatus.CHANGED:
        return
    standing = standings(session, [idea_id])[idea_id]
    untouchable = why_untouchable(standing) or trouble
    if reading is None or untouchable is not None:
        item.status, item.note = RunItemStatus.SKIPPED.value, untouchable
        return
    organisation = _organisation(session, now, settings)
    try:
        route, change = _change(idea, reading, standing, organisation, now, settings)
    except PermanentError as error:
        item.status, item.note = RunItemStatus.SKIPPED.value, str(error)
        return
    if standing.as_row() != item.before or not _as_shown(change, item.after):
        item.status, item.note = RunItemStatus.SKIPPED.value, "it changed after the dry run"
        return
    number = (
        session.scalar(select(func.max(Assessment.number)).where(Assessment.idea_id == idea_id)) or 0
    ) + 1
    session.add(
        Assessment(
            idea_id=idea_id,
            number=number,
            run_id=run_id,
            made_at=now,
            model_version=mind.model.version,
            framework_versions={slug: card.text.version for slug, card in organisation.frameworks.items()},
            duplicates=[],
            route=change.row,
            **assessment_parts(reading),
        )
    )
    # The messages are left unwritten on purpose: reprocessing tells nobody unless it is asked to. So the day that the
    # submitters know stands, also when it is over: a later one would be a promise that nobody was given.
    known = open_assignment(session, idea_id)
    if known is not None:
        route = replace(route, due_on=min(route.due_on, known.due_on))
    settle_again(session, idea, route, organisation, now=now, settings=settings)
    event = EventPlan("reprocessed", {"run": run_id, "before": item.before, "after": change.row})
    write(session, idea, [], [event], person_id=None, now=now, settings=settings)
    item.status = RunItemStatus.APPLIED.value


def _as_shown(change: Change, shown: dict[str, Any] | None) -> bool:
    """Whether the idea would go where the dry run showed it; only that was approved."""
    return (
        change.moves
        and shown is not None
        and all(change.row[name] == shown[name] for name in ("framework", "owner"))
    )


def _organisation(session: Session, now: datetime, settings: Settings) -> Organisation:
    today = now.astimezone(settings.zone).date()
    return load_organisation(session, today=today, coordinator_days=settings.coordinator_days)


def _change(
    idea: Idea,
    reading: Reading,
    standing: Standing,
    organisation: Organisation,
    now: datetime,
    settings: Settings,
) -> tuple[Route, Change]:
    facts = IdeaFacts(
        idea.id, idea.reference, idea.title, submitter_id=idea.submitter_id, unit_id=idea.unit_id
    )
    today = now.astimezone(settings.zone).date()
    route = choose_route(facts, reading, trouble=None, today=today, organisation=organisation)
    return route, compare(standing, reading, route, organisation.people[route.person_id].name)
