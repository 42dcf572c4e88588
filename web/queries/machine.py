"""What the machine thought, and which other ideas it found to be the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from models import Assessment, DuplicateLink, Idea, TextModelVersion
from models.words import LinkState
from pipeline.asking import Asking, kept_asking
from pipeline.routing import DOUBTS
from pipeline.store.duplicates.links import was_called_different
from web.queries.matching import Parts, common_words, is_translated, marked

MOST_TWINS = 50
_SHOWN_FIRST = (
    LinkState.CONFIRMED.value,
    LinkState.SUGGESTED.value,
    LinkState.REJECTED.value,
    LinkState.UNDONE.value,
)


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A framework that the machine considered.

    `reasons` are expressions of the idea that spoke for it, `against` those that spoke against it, and `quote` the
    sentence of the framework's own text that the idea resembles most, if any.
    """

    slug: str
    title: str
    probability: float
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierView:
    """An earlier idea that looks like it; `framework` is the title of where a person put it, None for nowhere."""

    reference: str
    title: str
    language: str | None
    framework: str | None
    likeness: float


@dataclass(frozen=True, slots=True)
class TouchedView:
    """A limit that the idea seems to touch, with the sentence that does so."""

    framework: str
    limit: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OpinionView:
    """One assessment. `asks`: why the machine didn't decide alone, as far as is known of its model."""

    candidates: tuple[CandidateView, ...]
    probability_none: float
    touched: tuple[TouchedView, ...]
    why: str | None
    earlier: tuple[EarlierView, ...] = ()
    asks: Asking | None = None

    @property
    def explains(self) -> bool:
        """Whether there is anything to say about why."""
        return bool(self.earlier) or any(
            each.reasons or each.against or each.quote for each in self.candidates
        )

    def touched_in(self, framework: str) -> dict[str, str]:
        """Return the limits of a framework that are touched: title to sentence."""
        return {each.limit: each.sentence for each in self.touched if each.framework == framework}


@dataclass(frozen=True, slots=True)
class TwinView:
    """Another idea that is, or may be, the same one."""

    link_id: int
    state: str
    probability: float
    shared: str
    differs: str
    is_translated: bool
    is_original: bool
    reference: str
    title: Parts
    text: Parts
    language: str | None
    status: str
    received_at: datetime


def latest_opinion(session: Session, idea_id: int, titles: dict[str, str]) -> OpinionView | None:
    """Return the newest assessment; frameworks that no longer exist are left out."""
    row = session.execute(
        select(
            Assessment.candidates,
            Assessment.probability_none,
            Assessment.limits,
            Assessment.route,
            Assessment.precedents,
            Assessment.decision,
            TextModelVersion.metrics,
        )
        .outerjoin(TextModelVersion, TextModelVersion.version == Assessment.model_version)
        .where(Assessment.idea_id == idea_id)
        .order_by(Assessment.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    candidates, probability_none, limits, route, precedents, decision, metrics = row
    return OpinionView(
        candidates=tuple(
            CandidateView(
                slug,
                titles[slug],
                probability,
                tuple(word for word, weight in words if weight > 0),
                tuple(word for word, weight in words if weight < 0),
                # Assessments of before have no quotes.
                quote[0][0] if quote and quote[0] else None,
            )
            for slug, probability, words, *quote in candidates
            if slug in titles
        ),
        probability_none=probability_none,
        touched=tuple(TouchedView(slug, limit, sentence) for slug, limit, _, sentence in limits),
        why=route.get("why"),
        earlier=_earlier(session, precedents or [], titles),
        asks=_asks(candidates, decision, route, metrics or {}, titles),
    )


def _asks(
    candidates: list[Any],
    decision: str,
    route: dict[str, Any],
    metrics: dict[str, Any],
    titles: dict[str, str],
) -> Asking | None:
    """With the title of the framework. None where something else than the text model's doubt sent it to a person, or where
    its model's metrics don't tell.
    """
    if route.get("why") not in DOUBTS:
        return None
    why = kept_asking(candidates, decision, metrics)
    return why and replace(why, framework=titles.get(why.framework, why.framework))


def _earlier(
    session: Session, precedents: Sequence[tuple[str, str | None, float]], titles: dict[str, str]
) -> tuple[EarlierView, ...]:
    """Ideas and frameworks that no longer exist are left out."""
    if not precedents:
        return ()
    rows = session.execute(
        select(Idea.id, Idea.reference, Idea.title, Idea.language).where(
            Idea.id.in_([int(idea) for idea, _, _ in precedents])
        )
    )
    known = {idea_id: (reference, title, language) for idea_id, reference, title, language in rows}
    return tuple(
        EarlierView(*known[int(idea)], titles[slug] if slug is not None else None, likeness)
        for idea, slug, likeness in precedents
        if int(idea) in known and (slug is None or slug in titles)
    )


def twins_of(session: Session, idea_id: int) -> tuple[TwinView, ...]:
    """Return linked and suggested twins, then what a person called different, at most 50."""
    rows = session.execute(
        select(DuplicateLink, Idea)
        .join(
            Idea,
            Idea.id
            == case(
                (DuplicateLink.duplicate_id == idea_id, DuplicateLink.original_id),
                else_=DuplicateLink.duplicate_id,
            ),
        )
        .where(or_(DuplicateLink.duplicate_id == idea_id, DuplicateLink.original_id == idea_id))
        .order_by(
            case({state: place for place, state in enumerate(_SHOWN_FIRST)}, value=DuplicateLink.state),
            DuplicateLink.score.desc(),
            DuplicateLink.id,
        )
        .limit(MOST_TWINS)
    )
    return tuple(
        _twin(link, twin)
        for link, twin in rows
        if link.state in _SHOWN_FIRST[:2] or was_called_different(link.state, link.evidence)
    )


def suggested_twins(session: Session, idea_ids: Collection[int]) -> dict[int, tuple[TwinView, ...]]:
    """Return for ideas the earlier ones that were suggested as the same, strongest first."""
    rows = session.execute(
        select(DuplicateLink, Idea)
        .join(Idea, Idea.id == DuplicateLink.original_id)
        .where(DuplicateLink.duplicate_id.in_(idea_ids), DuplicateLink.state == LinkState.SUGGESTED)
        .order_by(DuplicateLink.score.desc(), DuplicateLink.id)
    )
    found: dict[int, tuple[TwinView, ...]] = {}
    for link, twin in rows:
        found[link.duplicate_id] = (*found.get(link.duplicate_id, ()), _twin(link, twin))
    return found


def _twin(link: DuplicateLink, twin: Idea) -> TwinView:
    is_original = link.original_id == twin.id
    title, words = marked(twin.title, twin.text, link.evidence, idea_id=twin.id, is_later=not is_original)
    reason = str(link.evidence.get("reason", ""))
    shared, differs = common_words(reason)
    return TwinView(
        link_id=link.id,
        state=link.state,
        probability=link.score,
        shared=shared,
        differs=differs,
        is_translated=is_translated(reason),
        is_original=is_original,
        reference=twin.reference,
        title=title,
        text=words,
        language=twin.language,
        status=twin.status,
        received_at=twin.received_at,
    )


def count_joined(session: Session, original_id: int) -> int:
    """Return how many ideas joined this one."""
    return (
        session.scalar(
            select(func.count())
            .select_from(DuplicateLink)
            .where(DuplicateLink.original_id == original_id, DuplicateLink.state == LinkState.CONFIRMED)
        )
        or 0
    )
