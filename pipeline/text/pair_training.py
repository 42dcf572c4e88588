"""Trains the pair model that ships with Kader: `python -m pipeline.text.pair_training`.

The pairs come from `pair_examples.csv`, written by the project itself: in each group all "same" texts are one
idea in other words, and "related" ones resemble it without being the same (another place, product or aim).
To these come the same texts sent in again with small changes, and filled in for something else. Ideas of different groups are different. Serving never imports this module.
"""

import csv
import hashlib
import itertools
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from pipeline.core import IdeaText
from pipeline.text.features import FEATURES
from pipeline.text.pair_edits import Pairs, edited
from pipeline.text.pairs import PairWeights, expanded
from pipeline.text.resemblance import NAMES, Evidence, evidence
from pipeline.text.space import VectorSpace
from pipeline.text.vectoriser import Vectoriser, count

HERE = Path(__file__).parent
EXAMPLES = HERE / "pair_examples.csv"
WEIGHTS = HERE / "pair_weights.json"

_FREEDOM = 0.2
_LEAST_SCALE = 0.02
_DIFFERENT_PER_TEXT = 4
# What is compared closely has been found as a neighbour before: twins are no rarity among it.
_SHARES = {"same": 0.3, "related": 0.35, "different": 0.35}


def examples(path: Path = EXAMPLES) -> tuple[Pairs, list[str]]:
    """Pairs, and the kind of each: same, related or different."""
    with path.open(encoding="utf-8", newline="") as file:
        texts = [(row["group"], row["role"], row["text"]) for row in csv.DictReader(file)]
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


def _lookalikes(ideas: list[IdeaText], groups: list[str]) -> list[tuple[int, int]]:
    """For each text those of other groups that look most like it: the useful negatives."""
    matrix = (
        Vectoriser.fit([idea.text for idea in ideas], most=FEATURES)
        .read([idea.text for idea in ideas])
        .matrix
    )
    cosines = (matrix @ matrix.T).toarray()
    found: set[tuple[int, int]] = set()
    for one, row in enumerate(cosines):
        order = [int(other) for other in np.argsort(-row, kind="stable") if groups[other] != groups[one]]
        found.update((min(one, other), max(one, other)) for other in order[:_DIFFERENT_PER_TEXT])
    return sorted(found)


def evidence_of(pairs: Pairs) -> Evidence:
    """As on the first day: rarity from no more than a few texts, and vectors by random projection."""
    texts = sorted({idea.text for pair in pairs for idea in pair})
    vectoriser = Vectoriser.fit(texts, most=FEATURES)
    space = VectorSpace.fit([], vectoriser, seed=0)
    left = space.place(count([one.text for one, _ in pairs])).astype(np.float64)
    right = space.place(count([other.text for _, other in pairs])).astype(np.float64)
    return evidence(pairs, (left * right).sum(axis=1), vectoriser)


def fit(seen: Evidence, kinds: list[str]) -> tuple[Evidence, float]:
    """Logistic regression on the evidence and its products, every kind of pair having its share of the weight.

    `seen`: (pairs, len(NAMES)). Returns the weights of `pairs.expanded(seen)` and the bias.
    """
    wide = expanded(seen)
    truth = np.array([kind == "same" for kind in kinds])
    importance = np.array([len(kinds) * _SHARES[kind] / kinds.count(kind) for kind in kinds])
    scale = np.maximum(wide.std(axis=0), _LEAST_SCALE)
    machine = LogisticRegression(C=_FREEDOM, max_iter=10_000, tol=1e-6)
    machine.fit(wide / scale, truth, sample_weight=importance)
    return machine.coef_[0] / scale, float(machine.intercept_[0])


def train_pairs(path: Path = EXAMPLES) -> PairWeights:
    pairs, kinds = examples(path)
    weights, bias = fit(evidence_of(pairs), kinds)
    rounded = tuple(round(float(weight), 4) for weight in weights)
    digest = hashlib.sha256(repr((rounded, round(bias, 4))).encode()).hexdigest()[:12]
    return PairWeights(f"pairs-{digest}", rounded, round(bias, 4), same_from=0.9, maybe_from=0.25)


def main() -> None:
    trained = train_pairs()
    WEIGHTS.write_text(
        json.dumps(
            {
                "version": trained.version,
                "evidence": NAMES,
                "weights": trained.weights,
                "bias": trained.bias,
                "same_from": trained.same_from,
                "maybe_from": trained.maybe_from,
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
