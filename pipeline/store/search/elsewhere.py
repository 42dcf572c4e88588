"""Finds earlier ideas in the other language that may be the same.

Where words count, as in the vector space, a Dutch idea lies far from its English double; so it is looked for by what the
encoder says alone. How much nearer the two are than either is to anything else in the other's language tells a double
from one of many on its subject, and from a long text that lies near to nearly all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from pipeline.core import Vector
from pipeline.store.search.meanings import FollowingMeanings, vectors_of
from pipeline.store.search.neighbours import Neighbours
from pipeline.text.duplicates.between_languages import BOTH, NEAR, BetweenLanguages
from pipeline.text.vectors.neighbours import cosines_to

# Below this place between what merely looks alike and a translation (see BetweenLanguages) no pair is ever likely.
PLAUSIBLE = 0.4
# So many are looked at from the other side, which takes longest: among all ideas in the later one's language.
MOST = 2
# Pairs that aren't even so likely by the lead of one side alone needn't be looked at from the other.
_WORTH_A_LOOK = 0.05
# How long the texts are isn't known yet. That long ones are likelier than short ones that lie as near happens only far
# above what is worth a look.
_SHORT = np.ones(1)
_OTHER = dict(zip(BOTH, reversed(BOTH), strict=True))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An earlier idea in the other language: the cosine of the encoder's vectors; and the cosines of the later one to what is
    nearest to it besides in that language, and of the earlier one to what is nearest to it in the later one's, at most NEAR,
    best first, copies of the other left out: what many had in one language may have its double in the other.
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
    """For each idea, by key, language and vector, up to MOST earlier ones in the other language that may be the same, likeliest
    first. The answer depends on the ideas before the key alone.

    `vectors`: float32 (n, dimensions), of the space that `meanings` and `neighbours` follow.
    """
    between = meanings.between
    if between is None:
        return [[] for _ in keys]
    asked = [(key, _OTHER.get(language, "")) for key, language in zip(keys, languages, strict=True)]
    near = meanings.nearest(session, neighbours, asked, vectors, least=PLAUSIBLE)
    plausible = [_plausible(each, between) for each in near]
    others = _vectors(
        session, meanings, {key for place, each in enumerate(near) if plausible[place] for key, _ in each}
    )
    found = [
        [_beside(pair, each, others, meanings) for pair in pairs if pair[0] in others]
        for pairs, each in zip(plausible, near, strict=True)
    ]
    found = [_likeliest(pairs, between) for pairs in found]
    likely = [(place, rank) for place, pairs in enumerate(found) for rank in range(len(pairs))]
    if not likely:
        return found
    back = meanings.nearest(
        session,
        neighbours,
        [(keys[place], languages[place]) for place, _ in likely],
        np.stack([others[found[place][rank].key] for place, rank in likely]),
        least=0.0,
    )
    known = _vectors(session, meanings, {key for each in back for key, _ in each})
    for (place, rank), each in zip(likely, back, strict=True):
        theirs = _others(vectors[place], each, known, meanings)
        found[place][rank] = replace(found[place][rank], theirs=theirs)
    return found


def _plausible(near: Sequence[tuple[int, float]], between: BetweenLanguages) -> list[tuple[int, float]]:
    return [
        (key, cosine)
        for key, cosine in near[:NEAR]
        if between.likeness(np.array([cosine]), _SHORT)[0] >= PLAUSIBLE
    ]


def _beside(
    pair: tuple[int, float],
    near: Sequence[tuple[int, float]],
    vectors: Mapping[int, Vector],
    meanings: FollowingMeanings,
) -> Elsewhere:
    besides = [each for each in near if each[0] != pair[0]]
    return Elsewhere(*pair, _others(vectors[pair[0]], besides, vectors, meanings))


def _others(
    one: Vector, near: Sequence[tuple[int, float]], vectors: Mapping[int, Vector], meanings: FollowingMeanings
) -> tuple[float, ...]:
    """The cosines of the nearest without those that mean the same as `one`, in whose language they are."""
    kept = [(key, cosine) for key, cosine in near if key in vectors]
    if not kept or meanings.between is None:
        return ()
    alike = cosines_to(meanings.space.meant(one[None, :])[0], np.stack([vectors[key] for key, _ in kept]))
    is_copy = alike >= meanings.between.copy
    return tuple(cosine for (_, cosine), copy in zip(kept, is_copy.tolist(), strict=True) if not copy)[:NEAR]


def padded(cosines: Sequence[float]) -> npt.NDArray[np.float64]:
    """NEAR cosines, NaN for those that are missing."""
    return np.array([*cosines, *[np.nan] * (NEAR - len(cosines))], dtype=np.float64)


def _likeliest(pairs: Sequence[Elsewhere], between: BetweenLanguages) -> list[Elsewhere]:
    """The MOST that would be likeliest by the lead of the later one alone and if both were short; of equals the nearer."""
    if not pairs:
        return []
    cosines, lengths = np.array([pair.cosine for pair in pairs]), np.repeat(_SHORT, len(pairs))
    ours, unknown = np.stack([padded(pair.ours) for pair in pairs]), np.zeros((len(pairs), 0))
    likely = between.judge(cosines, ours, unknown, lengths, np.zeros(len(pairs)))
    order = np.argsort(-likely, kind="stable")[:MOST].tolist()
    return [pairs[place] for place in order if likely[place] >= _WORTH_A_LOOK]


def _vectors(session: Session, meanings: FollowingMeanings, ids: set[int]) -> dict[int, Vector]:
    """The vectors of ideas by id; what has none is left out."""
    keys, vectors = vectors_of(session, meanings.space, ids)
    return dict(zip(keys.tolist(), vectors, strict=True))
