"""What people said of pairs of ideas, as the pair model learns from it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from models import Assessment, DuplicateLink, Framework, Idea
from models.words import LinkState
from pipeline.core import IdeaText
from pipeline.store.duplicates.links import BY_SUBMITTER, MADE_BY, MOVED_BY, REVERSED

# The last answers are those of today's organisation, and enough to learn from.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an idea besides its words. `framework`: where it is, or of a new one where it would go."""

    submitter_id: int | None
    framework: str | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecidedPair:
    """Two ideas and whether a person said that they are the same."""

    later: IdeaText
    earlier: IdeaText
    about: tuple[About, About]
    same: bool


def context_of(one: About, other: About) -> tuple[float, float, float]:
    """The context of a pair as the pair model knows it (`pipeline.text.duplicates.pairs.CONTEXT`), the last in days."""
    same_submitter = one.submitter_id is not None and one.submitter_id == other.submitter_id
    same_framework = one.framework is not None and one.framework == other.framework
    days = (
        abs((one.received_at - other.received_at).total_seconds()) / 86_400
        if one.received_at is not None and other.received_at is not None
        else 0.0
    )
    return float(same_submitter), float(same_framework), days


def decided_pairs(session: Session) -> tuple[DecidedPair, ...]:
    """The last MOST pairs on which people spoke, in the order of the pairs.

    A link that the machine made and nobody undid says nothing. One that only moved along with another isn't a word on
    these two; one that a submitter made says that theirs is the same.
    """
    later, earlier = aliased(Idea), aliased(Idea)
    placed = aliased(Framework)
    rows = session.execute(
        select(
            DuplicateLink.state,
            DuplicateLink.evidence,
            DuplicateLink.decided_at,
            DuplicateLink.decided_by_id,
            later.id,
            later.title,
            later.text,
            later.submitter_id,
            later.received_at,
            earlier.id,
            earlier.title,
            earlier.text,
            earlier.submitter_id,
            earlier.received_at,
            placed.slug,
            Assessment.candidates,
        )
        .join(later, later.id == DuplicateLink.duplicate_id)
        .join(earlier, earlier.id == DuplicateLink.original_id)
        .outerjoin(placed, placed.id == earlier.framework_id)
        .outerjoin(Assessment, (Assessment.idea_id == later.id) & (Assessment.number == 1))
        .where(
            DuplicateLink.state != LinkState.SUGGESTED,
            # Of ideas in two languages the words, which are what is learned from, say nothing.
            or_(later.language.is_(None), earlier.language.is_(None), later.language == earlier.language),
        )
        .order_by(DuplicateLink.id.desc())
        .limit(MOST)
    ).all()
    pairs = []
    for state, evidence, at, by, *ideas in reversed(rows):
        (one, title, text, sender, came, other, its_title, its_text, its_sender, its_came, slug, found) = (
            ideas
        )
        spoken = at is not None or by is not None or BY_SUBMITTER in evidence
        if not spoken or {MADE_BY, MOVED_BY, REVERSED} & evidence.keys():
            continue
        best = found[0][0] if found else None
        pairs.append(
            DecidedPair(
                IdeaText(str(one), text, title),
                IdeaText(str(other), its_text, its_title),
                (About(sender, best, came), About(its_sender, slug, its_came)),
                state == LinkState.CONFIRMED,
            )
        )
    return tuple(pairs)
