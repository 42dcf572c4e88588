"""Duplicate links as rows: what their evidence holds, and those that point to an idea."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import DuplicateLink, Idea
from models.words import LinkState
from pipeline.core import Passage

# What a link's evidence holds beside the reason: where the idea was `before` it joined; of a link that ended because its
# original joined another idea, the link by which it was `moved_by`; of the link that took its place, the one that it was
# `made_by`, and what it `was` when there was one already. Undoing a link gives back what it moved.
BEFORE, MOVED_BY, MADE_BY, WAS, REVERSED = "before", "moved_by", "made_by", "was", "reversed_by"
# The submitter said so, when sending the idea.
BY_SUBMITTER = "by_submitter"


def was_called_different(state: str, evidence: Mapping[str, Any]) -> bool:
    """Whether a person said of these two that they are not the same; not so of links that others moved away or back."""
    if state == LinkState.UNDONE:
        return MOVED_BY not in evidence and REVERSED not in evidence
    return state == LinkState.REJECTED


def link_evidence(
    reason: str, passages: Sequence[Passage] = (), compared_id: int | None = None
) -> dict[str, Any]:
    """Why two ideas are taken for the same, as a link keeps it.

    `passages` are those of the idea and of the earlier one that it was compared with, `compared_id`: the original, or
    one that goes along with it.
    """
    evidence: dict[str, Any] = {"reason": reason}
    if passages:
        evidence |= {"passages": [[*each.one, *each.other] for each in passages], "compared": compared_id}
    return evidence


def links_to(session: Session, original: Idea, state: LinkState | None = None) -> Sequence[DuplicateLink]:
    """The links that point to an idea, in the order of the ideas that they come from."""
    query = select(DuplicateLink).where(DuplicateLink.original_id == original.id)
    if state is not None:
        query = query.where(DuplicateLink.state == state.value)
    return session.scalars(query.order_by(DuplicateLink.duplicate_id)).all()
