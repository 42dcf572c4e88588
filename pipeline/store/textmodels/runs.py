"""Reprocessing runs: many ideas assessed again; a dry run first, applied on demand, told to nobody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from kader.errors import UserError
from models import ReprocessingItem, ReprocessingRun
from models.words import RunItemStatus, RunStatus
from pipeline.reprocess import why_untouchable
from pipeline.store.textmodels.standing import Selection, chosen_ids, standings, unknown_words


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is: number of ideas by item status."""

    id: int
    status: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Ideas still to be done in the present stage."""
        return self.counts.get(to_do(self.status).value, 0)


def start_run(session: Session, selection: Selection, *, model_version: str, now: datetime) -> int:
    """Begin a dry run over the chosen ideas; returns its number.

    Raises UserError when nothing is chosen, something is asked for that doesn't exist, or another run is being applied.
    """
    busy = session.scalar(
        select(ReprocessingRun.id).where(ReprocessingRun.status == RunStatus.APPLYING.value)
    )
    if busy is not None:
        raise UserError(
            f"Run {busy} is being applied: wait until it is done, or resume it with --run {busy} --apply."
        )
    unknown = unknown_words(session, selection)
    if unknown:
        raise UserError(
            f"No idea fits this choice: nothing to reprocess, as there is no {', no '.join(unknown)}."
        )
    ids = chosen_ids(session, selection)
    if not ids:
        raise UserError("No idea fits this choice: nothing to reprocess.")
    run = ReprocessingRun(
        status=RunStatus.DRY_RUN.value,
        model_version=model_version,
        selection=selection.as_row(),
        started_at=now,
    )
    session.add(run)
    session.flush()
    found = standings(session, ids)
    session.execute(
        insert(ReprocessingItem),
        [
            {
                "run_id": run.id,
                "idea_id": idea_id,
                "status": (
                    RunItemStatus.SKIPPED if why_untouchable(found[idea_id]) else RunItemStatus.PENDING
                ).value,
                "before": found[idea_id].as_row(),
                "note": why_untouchable(found[idea_id]),
            }
            for idea_id in ids
        ],
    )
    return run.id


def approve(session: Session, run_id: int, *, now: datetime) -> None:
    """Let a finished dry run be applied. Raises UserError when it isn't finished or was cancelled."""
    run = session.get(ReprocessingRun, run_id, with_for_update=True)
    if run is None:
        raise UserError(f"There is no run {run_id}: see 'kader reprocess --list'.")
    if run.status in {RunStatus.APPLYING, RunStatus.APPLIED}:
        return
    if run.status != RunStatus.READY:
        raise UserError(f"Run {run_id} can't be applied: its status is {run.status}.")
    run.status = RunStatus.APPLYING.value
    run.approved_at = now


def cancel(session: Session, run_id: int, *, now: datetime) -> None:
    """Stop a run that wasn't applied yet. Raises UserError otherwise."""
    run = session.get(ReprocessingRun, run_id, with_for_update=True)
    if run is None or run.status not in {RunStatus.DRY_RUN, RunStatus.READY}:
        raise UserError(f"Run {run_id} can't be cancelled: it doesn't exist or it was applied.")
    run.status = RunStatus.CANCELLED.value
    run.finished_at = now


def progress(session: Session, run_id: int) -> RunProgress:
    """How far a run is. Raises UserError when it doesn't exist."""
    run = session.get(ReprocessingRun, run_id)
    if run is None:
        raise UserError(f"There is no run {run_id}: see 'kader reprocess --list'.")
    rows = session.execute(
        select(ReprocessingItem.status, func.count())
        .where(ReprocessingItem.run_id == run_id)
        .group_by(ReprocessingItem.status)
    )
    return RunProgress(run.id, run.status, {status: count for status, count in rows})  # noqa: C416  # rows, not pairs


def to_do(status: str) -> RunItemStatus:
    """What ideas are that are still to be done in a run of this status."""
    return RunItemStatus.CHANGED if status == RunStatus.APPLYING else RunItemStatus.PENDING
