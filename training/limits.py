"""Learns from what it shows that an idea touches a limit: `python -m training.limits`.

Learned from ideas that say which limits of their framework they touch: those of the demo organisation (`kader/demo`) and
of `benchmarks/limits/development.yaml`, all invented with Kader. Writes `pipeline/text/explaining/limits.json`: the weights with
and without Kader's encoder, and how well they do on ideas that they weren't learned from (ten parts, each
predicted by the other nine, five times in other parts).
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from benchmarks.limits.figures import figures
from benchmarks.limits.sets import Organisation, demo, organisations
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.explaining.limits import SHARE, seen_names
from pipeline.text.lexical.sentences import sentences
from pipeline.text.training import train

TARGET = Path("pipeline/text/explaining") / SHARE
PARTS, ROUNDS = 10, 5
# A look costs little, a limit seen too late much.
SHOWN_FROM = 0.15
_PENALTY = 10.0

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Each idea with each limit of its own framework: `seen` (pairs, names), `touched` and `idea` (pairs,)."""

    seen: Array
    touched: npt.NDArray[np.bool_]
    idea: npt.NDArray[np.int64]


def main() -> None:
    described: dict[str, object] = {"shown_from": SHOWN_FROM}
    for name, meaning in (("with_encoder", True), ("without_encoder", False)):
        pairs = learning_pairs(meaning=meaning)
        weights, bias = fitted(pairs.seen, pairs.touched)
        described["learned_from"] = {
            "what": "the demo organisation (kader/demo) and benchmarks/limits/development.yaml",
            "ideas": len(np.unique(pairs.idea)),
            "pairs": len(pairs.touched),
            "touched": int(pairs.touched.sum()),
        }
        described[name] = {
            "weights": {
                seen: round(float(weight), 4)
                for seen, weight in zip(seen_names(meaning=meaning), weights, strict=True)
            },
            "bias": round(bias, 4),
            "on_ideas_not_learned_from": figures(pairs.touched, held_out(pairs)),
        }
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    TARGET.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def learning_pairs(*, meaning: bool) -> Pairs:
    """What is seen of all ideas to learn from, by models without labels."""
    seen, touched, ideas, number = [], [], [], 0
    for each in (demo(), *organisations("development")):
        pairs = seen_pairs(each, meaning=meaning)
        seen.append(pairs.seen)
        touched.append(pairs.touched)
        ideas.append(pairs.idea + number)
        number += len(each.ideas)
    return Pairs(np.concatenate(seen), np.concatenate(touched), np.concatenate(ideas))


def seen_pairs(organisation: Organisation, *, meaning: bool) -> Pairs:
    """What is seen of one organisation's ideas in their own framework, as if that were found."""
    model = train(
        organisation.frameworks,
        corpus=organisation.corpus,
        encoder=load_encoder("builtin") if meaning else None,
    )
    columns = {each.slug: column for column, each in enumerate(organisation.frameworks)}
    own = np.array([[columns[idea.framework]] for idea in organisation.ideas])
    texts = [idea.text for idea in organisation.ideas]
    seen = model.parts.limits.seen(sentences(model.parts.vectoriser.read(texts)), own, texts)[0][:, 0]
    titles = [[limit.title for limit in each.limits] for each in organisation.frameworks]
    places = [
        (number, place, title in idea.touches)
        for number, idea in enumerate(organisation.ideas)
        for place, title in enumerate(titles[columns[idea.framework]])
    ]
    idea, limit, touched = (np.array(each) for each in zip(*places, strict=True))
    # What resembles nothing has the score nought; it is learned from as if it resembled a hair.
    return Pairs(np.nan_to_num(seen[idea, limit]), touched, idea)


def fitted(seen: Array, touched: npt.NDArray[np.bool_]) -> tuple[Array, float]:
    """Logistic regression with a penalty on weights in units of spread; returned in the units of what is seen."""
    middle, spread = seen.mean(axis=0), seen.std(axis=0)
    machine = LogisticRegression(C=1 / _PENALTY).fit((seen - middle) / spread, touched)
    weights: Array = machine.coef_[0] / spread
    return weights, float(machine.intercept_[0] - weights @ middle)


def held_out(pairs: Pairs) -> Array:
    """The probability of each pair by weights that hadn't seen its idea: (ROUNDS, pairs)."""
    ideas = np.unique(pairs.idea)
    scores = np.zeros((ROUNDS, len(pairs.touched)))
    for turn in range(ROUNDS):
        part = np.random.default_rng(turn).permutation(len(ideas)) % PARTS
        of_pair = part[np.searchsorted(ideas, pairs.idea)]
        for number in range(PARTS):
            left = of_pair == number
            weights, bias = fitted(pairs.seen[~left], pairs.touched[~left])
            scores[turn, left] = 1 / (1 + np.exp(-(pairs.seen[left] @ weights + bias)))
    return scores


if __name__ == "__main__":
    main()
