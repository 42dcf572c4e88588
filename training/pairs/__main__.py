"""Trains the pair model that ships with Kader: `make pairs`, or `python -m training.pairs`.

Writes `pipeline/text/duplicates/pair_weights.json`. Needs no data: all pairs are the project's own. Same code, same weights.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from pipeline.text.duplicates.pairs import PairWeights
from pipeline.text.duplicates.resemblance import NAMES
from training.pairs.fitting import fit, taught

WEIGHTS = Path(__file__).parents[2] / "pipeline" / "text" / "duplicates" / "pair_weights.json"
SEED = 7
_DECIMALS = 4
_SAME_FROM, _MAYBE_FROM = 0.9, 0.25


def train_pairs() -> PairWeights:
    weights, bias = fit(taught(seed=SEED))
    rounded = tuple(np.round(weights, _DECIMALS).tolist())
    digest = hashlib.sha256(repr((rounded, round(bias, _DECIMALS))).encode()).hexdigest()[:12]
    return PairWeights(
        f"pairs-{digest}", rounded, round(bias, _DECIMALS), same_from=_SAME_FROM, maybe_from=_MAYBE_FROM
    )


def main() -> None:
    trained = train_pairs()
    content = {
        "version": trained.version,
        "evidence": NAMES,
        "weights": trained.weights,
        "bias": trained.bias,
        "same_from": trained.same_from,
        "maybe_from": trained.maybe_from,
    }
    WEIGHTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"{WEIGHTS}: {trained.version}")


if __name__ == "__main__":
    main()
