"""Finds earlier ideas in the other language that may be the same.

Where words count, as in the vector space, a Dutch idea lies far from its English double; so it is looked for by what the
encoder says alone. How much nearer the two are than either is to anything else in the other's language tells a double
from one of many on its subject, and from a long text that lies near to nearly all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import IdeaReading
from models.among import among
from pipeline.core import Vector
from pipeline.store.search.meanings import FollowingMeanings
from pipeline.store.search.neighbours import Neighbours, usable
from pipeline.text.duplicates.between_languages import BOTH, NEAR, BetweenLanguages

# Below this place between what merely looks alike and a translation (see BetweenLanguages) no pair is ever likely.
PLAUSIBLE = 0.4
# Pairs that aren't even so likely by the lead of one side alone needn't be looked at from the other.
_WORTH_A_LOOK = 0.05
# How long the texts are isn't known yet; long ones must lie nearer than short ones to be as likely.
_SHORT = np.ones(1)
_OTHER = dict(zip(BOTH, reversed(BOTH), strict=True))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An earlier idea in the other language: the cosine of the encoder's vectors; and the cosines of the later one to what is
    nearest to it besides in that language, and of the earlier one to what is nearest to it in the later one's, at most NEAR,
    best first.
    """

    key: int
    cosine: float
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()


def elsewhere_before(
    session: Session,
    meanings: FollowingMeanings,
    neighbours: Neighbours,
    keys: Sequence[int],
    languages: Sequence[str],
    vectors: Vector,
) -> list[list[Elsewhere]]:
    """For each idea, by key, language and vector, up to NEAR earlier ones in the other language that may be the same, nearest
    first, then earliest. The answer depends on the ideas before the key alone.

    `vectors`: float32 (n, dimensions), of the space that `meanings` and `neighbours` follow.
    """
    between = meanings.between
    if between is None:
        return [[] for _ in keys]
    asked = [(key, _OTHER.get(language, "")) for key, language in zip(keys, languages, strict=True)]
    near = meanings.nearest(session, neighbours, asked, vectors, least=PLAUSIBLE)
    found = [_plausible(each, between) for each in near]
    likely = [
        (place, rank)
        for place, pairs in enumerate(found)
        for rank, pair in enumerate(pairs)
        if _probability(pair, between) >= _WORTH_A_LOOK
    ]
    others = _vectors(session, meanings, {found[place][rank].key for place, rank in likely})
    likely = [(place, rank) for place, rank in likely if found[place][rank].key in others]
    if likely:
        back = meanings.nearest(
            session,
            neighbours,
            [(keys[place], languages[place]) for place, _ in likely],
            np.stack([others[found[place][rank].key] for place, rank in likely]),
            least=0.0,
        )
        for (place, rank), besides in zip(likely, back, strict=True):
            theirs = tuple(cosine for _, cosine in besides[:NEAR])
            found[place][rank] = replace(found[place][rank], theirs=theirs)
    return found


def padded(cosines: Sequence[float]) -> npt.NDArray[np.float64]:
    """NEAR cosines, NaN for those that are missing."""
    return np.array([*cosines, *[np.nan] * (NEAR - len(cosines))], dtype=np.float64)


def _plausible(near: Sequence[tuple[int, float]], between: BetweenLanguages) -> list[Elsewhere]:
    """The plausible ones of the nearest, with the others of these."""
    return [
        Elsewhere(key, cosine, tuple(other for _, other in (*near[:rank], *near[rank + 1 :])))
        for rank, (key, cosine) in enumerate(near[:NEAR])
        if between.likeness(np.array([cosine]), _SHORT)[0] >= PLAUSIBLE
    ]


def _probability(pair: Elsewhere, between: BetweenLanguages) -> float:
    """How likely a pair would be by the lead of the later one alone, and if both were short."""
    cosines = np.array([pair.cosine])
    leads = between.lead(cosines, padded(pair.ours)[None, :], _SHORT)
    return float(between.probability(cosines, leads, _SHORT, np.zeros(1))[0])


def _vectors(session: Session, meanings: FollowingMeanings, ids: set[int]) -> dict[int, Vector]:
    """The vectors of ideas by id; what has none is left out."""
    if not ids:
        return {}
    rows = session.execute(
        select(IdeaReading.idea_id, IdeaReading.vector)
        .where(IdeaReading.space == meanings.space.identity, among(session, IdeaReading.idea_id, ids))
        .order_by(IdeaReading.idea_id, IdeaReading.id)
    ).all()
    keys, vectors = usable([(row[0], row[1]) for row in rows], meanings.space.dimensions)
    return dict(zip(keys.tolist(), vectors, strict=True))
