"""Ideas like a text that somebody is still writing: what an employee may know of them, and nothing more."""

from dataclasses import dataclass
from textwrap import shorten

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import DuplicateLink, Idea
from models.words import IdeaStatus, LinkState
from pipeline.lifecycle import JOINABLE, Status
from pipeline.store.duplicates.known import load_ledger
from pipeline.store.search.elsewhere import elsewhere_before
from pipeline.store.search.mind import Mind
from pipeline.text.lexical.features import occurrences
from pipeline.text.lexical.language import languages
from pipeline.text.lexical.rare import rare_words

# Candidates from each of the two sides; of a draft the title alone may be there.
_CANDIDATES = 20
_LEAST_COSINE = 0.3
# Without a title of its own an idea has its first words: enough to recognise it, not to read it.
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class SimilarIdea:
    """An earlier idea, or the one that it joined. Never whose it is, nor its text.

    `supporters`: how many people, as far as is known, had it; `may_join`: whether its answer is still to come.
    """

    id: int
    reference: str
    title: str
    language: str | None
    status: str
    supporters: int
    may_join: bool


def similar_to(
    session: Session, mind: Mind, text: str, *, most: int, language: str = ""
) -> tuple[SimilarIdea, ...]:
    """The `most` ideas most like a text of any length, best first; looks at a bounded number of candidates.

    `language`: that of the organisation, assumed of texts too short to tell.
    """
    first_unread = select(func.min(Idea.id)).where(Idea.status == IdeaStatus.RECEIVED).scalar_subquery()
    up_to = session.scalar(select(func.coalesce(first_unread - 1, func.max(Idea.id)))) or 0
    mind.follow(session, up_to=up_to)
    above = up_to + 1
    vectors = mind.model.vectors([text])
    by_vector = mind.index.before(session, [above], vectors, _CANDIDATES, least=_LEAST_COSINE)[0]
    by_meaning = elsewhere_before(
        session, mind.meanings, mind.index, [above], languages([text], [language]), vectors
    )[0]
    by_words = mind.words.index.search(
        rare_words(occurrences([text])), _CANDIDATES, before=np.array([above], dtype=np.int64)
    )[0]
    near = sorted({*(hit.key for hit in by_vector), *(each.key for each in by_meaning), *by_words})
    ledger = load_ledger(session, near)
    candidates = [ledger.texts[each] for each in near if each in ledger.texts]
    elsewhere = {str(each.key) for each in by_meaning}
    alike = mind.model.similar(text, candidates, elsewhere=elsewhere, most=_CANDIDATES)
    best = [int(each.idea) for each in alike]
    originals = dict.fromkeys(ledger.original_of(each).id for each in best)
    chosen = [ledger.ideas[each] for each in originals if ledger.ideas[each].status is not Status.RECEIVED][
        :most
    ]
    ids = [each.id for each in chosen]
    joined: dict[int, int] = dict(
        session.execute(
            select(DuplicateLink.original_id, func.count())
            .where(DuplicateLink.original_id.in_(ids), DuplicateLink.state == LinkState.CONFIRMED)
            .group_by(DuplicateLink.original_id)
        ).all()
    )
    written_in = dict(session.execute(select(Idea.id, Idea.language).where(Idea.id.in_(ids))).all())
    return tuple(
        SimilarIdea(
            each.id,
            each.reference,
            shorten(each.title, _LONGEST_TITLE, placeholder="…"),
            written_in.get(each.id),
            each.status.value,
            1 + joined.get(each.id, 0),
            each.status in JOINABLE,
        )
        for each in chosen
    )
