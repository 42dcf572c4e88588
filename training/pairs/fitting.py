"""Fits and calibrates the pair model on pairs that the project writes itself.

The pairs come from three places. `pipeline/text/duplicates/both_languages.csv` holds ideas in other words by hand, of
which those count here that were written first: in each group all "same" texts are one idea, and "related" ones resemble
it without being the same (another place, product or aim). `edits` sends the same
texts in again with small changes, and fills them in for something else. `writing` makes up whole ideas, with and without
titles, long and short, in forms and freely. Ideas of different groups are different.
"""

import itertools
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from pipeline.core import IdeaText
from pipeline.text.duplicates.between_languages import sentences
from pipeline.text.duplicates.likeness import alike
from pipeline.text.duplicates.pairs import expanded
from pipeline.text.duplicates.resemblance import Evidence, evidence
from pipeline.text.lexical.background import WORTH
from pipeline.text.lexical.features import FEATURES
from pipeline.text.lexical.vectoriser import Vectoriser
from training.pairs.edits import Pairs, edited
from training.pairs.writing import written

# Little freedom: with more, the weights learn how these pairs were made, and judge real ones worse.
_FREEDOM = 0.0005
_LEAST_SCALE = 0.02
_DIFFERENT_PER_TEXT = 4
_WRITTEN = 5_000
_RARITY_FROM = 400
_PARTS = 5
# How much what is made up by rules counts beside what was written by hand.
_WRITTEN_SHARE = 0.2
# What is compared closely has been found as a neighbour before: twins are no rarity among it.
_SHARES = {"same": 0.3, "related": 0.35, "different": 0.35}
_WRITTEN_SHARES = {"same": 0.35, "related": 0.15, "different": 0.5}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """Pairs to learn from: evidence (pairs, len(NAMES)), whether they're the `same`, how much each counts, and the
    `part` (pairs,) with which it is held out: what was made from one text is held out together.
    """

    seen: Evidence
    same: npt.NDArray[np.bool_]
    importance: Floats
    part: npt.NDArray[np.int64]


def examples() -> tuple[Pairs, list[str]]:
    """Pairs that were written by hand or made from those, and the kind of each: same, related or different."""
    texts = [(each.group, each.role, each.nl if each.first == "nl" else each.en) for each in sentences()]
    ideas = [IdeaText(str(number), text) for number, (_, _, text) in enumerate(texts)]
    pairs: Pairs = []
    kinds: list[str] = []
    for one, other in itertools.combinations(range(len(texts)), 2):
        if texts[one][0] != texts[other][0]:
            continue
        roles = {texts[one][1], texts[other][1]}
        pairs.append((ideas[one], ideas[other]))
        kinds.append("same" if roles == {"same"} else "related")
    for kind, made in edited([text for _, _, text in texts]):
        pairs.append(made)
        kinds.append(kind)
    for one, other in _lookalikes(ideas, [group for group, _, _ in texts]):
        pairs.append((ideas[one], ideas[other]))
        kinds.append("different")
    return pairs, kinds


def taught(*, seed: int) -> Taught:
    """All pairs with their evidence. Rarity is that of the first day: everyday language, and a few hundred texts."""
    by_hand, kinds = examples()
    made = written(_WRITTEN, seed=seed)
    kinds_made = [kind for kind, _ in made]
    pairs_made = [pair for _, pair in made]
    importance = np.concatenate(
        [
            _importance(kinds, _SHARES) * len(kinds),
            _importance(kinds_made, _WRITTEN_SHARES) * _WRITTEN_SHARE * len(kinds),
        ]
    )
    everything = [*kinds, *kinds_made]
    return Taught(
        np.concatenate([evidence_of(by_hand, seed=seed), evidence_of(pairs_made, seed=seed)]),
        np.array([kind == "same" for kind in everything]),
        importance * len(everything) / importance.sum(),
        np.array(
            [_part(one.id.split("-")[0]) for one, _ in by_hand] + [_part(one.text) for one, _ in pairs_made]
        ),
    )


def evidence_of(pairs: Pairs, *, seed: int) -> Evidence:
    texts = sorted({idea.whole for pair in pairs for idea in pair})
    some = np.random.default_rng(seed).permutation(len(texts))[:_RARITY_FROM]
    vectoriser = Vectoriser.fit([texts[place] for place in some.tolist()], most=FEATURES, background=WORTH)
    return evidence(pairs, alike(pairs, vectoriser), vectoriser)


def fit(pairs: Taught) -> tuple[Floats, float]:
    """Weights of `pairs.expanded(seen)` and the bias: logistic regression, then calibrated on held-out pairs.

    Regression with so little freedom tells pairs apart well but is never sure; a slope and an offset (Platt, 1999),
    fitted on what was held out, make probabilities of its scores.
    """
    wide = expanded(pairs.seen)
    held_out = np.zeros(len(wide))
    for part in range(_PARTS):
        outside = pairs.part == part
        weights, bias = _regression(wide[~outside], pairs.same[~outside], pairs.importance[~outside])
        held_out[outside] = wide[outside] @ weights + bias
    weights, bias = _regression(wide, pairs.same, pairs.importance)
    platt = LogisticRegression(C=1e6, tol=1e-8)
    platt.fit(held_out[:, None], pairs.same, sample_weight=pairs.importance)
    slope = float(platt.coef_[0, 0])
    return weights * slope, bias * slope + float(platt.intercept_[0])


def _regression(wide: Floats, same: npt.NDArray[np.bool_], importance: Floats) -> tuple[Floats, float]:
    scale = np.maximum(wide.std(axis=0), _LEAST_SCALE)
    machine = LogisticRegression(C=_FREEDOM, max_iter=10_000, tol=1e-7)
    machine.fit(wide / scale, same, sample_weight=importance)
    return machine.coef_[0] / scale, float(machine.intercept_[0])


def _importance(kinds: list[str], shares: dict[str, float]) -> Floats:
    """Every kind of pair has its share of the weight: (pairs,), 1 in all."""
    return np.array([shares[kind] / kinds.count(kind) for kind in kinds])


def _part(key: str) -> int:
    return zlib.crc32(key.encode()) % _PARTS


def _lookalikes(ideas: list[IdeaText], groups: list[str]) -> list[tuple[int, int]]:
    """For each text those of other groups that look most like it: the useful negatives."""
    texts = [idea.text for idea in ideas]
    matrix = Vectoriser.fit(texts, most=FEATURES).read(texts).matrix
    cosines = (matrix @ matrix.T).toarray()
    found: set[tuple[int, int]] = set()
    for one, row in enumerate(cosines):
        order = [int(other) for other in np.argsort(-row, kind="stable") if groups[other] != groups[one]]
        found.update((min(one, other), max(one, other)) for other in order[:_DIFFERENT_PER_TEXT])
    return sorted(found)
