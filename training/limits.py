"""Learns from what it shows that an idea touches a limit: `python -m training.limits`.

Reads the demo organisation (`kader/demo`), whose ideas say which limit of their framework they touch, and writes
`pipeline/text/limits.json`: the weights, and how well they do on ideas that they weren't learned from (ten parts, each
predicted by the other nine, five times in other parts).
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from kader.demo.data import load_demo
from pipeline.core import FrameworkText, IdeaText, LimitText
from pipeline.text.limits import SEEN, SHARE
from pipeline.text.sentences import sentences
from pipeline.text.training import train

TARGET = Path("pipeline/text") / SHARE
PARTS, ROUNDS = 10, 5
# Four times as likely as any limit of the framework: a look costs little, a limit seen too late much.
SHOWN_FROM = 0.15
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 1.0)
_PENALTY = 1.0

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Each idea with each limit of its own framework: `seen` (pairs, SEEN), `touched` and `idea` (pairs,)."""

    seen: Array
    touched: npt.NDArray[np.bool_]
    idea: npt.NDArray[np.int64]


def main() -> None:
    pairs = demo_pairs()
    weights, bias = fitted(pairs.seen, pairs.touched)
    described = {
        "weights": {name: round(float(weight), 4) for name, weight in zip(SEEN, weights, strict=True)},
        "bias": round(bias, 4),
        "shown_from": SHOWN_FROM,
        "learned_from": {
            "what": "the demo organisation of Kader (kader/demo)",
            "ideas": len(np.unique(pairs.idea)),
            "pairs": len(pairs.touched),
            "touched": int(pairs.touched.sum()),
        },
        "on_ideas_not_learned_from": figures(pairs, held_out(pairs)),
    }
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    TARGET.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def demo_pairs() -> Pairs:
    """What is seen of the demo ideas by a model without labels, in their own framework, as if that were found."""
    demo = load_demo()
    frameworks = [
        FrameworkText(
            each.slug,
            each.title,
            each.description,
            each.goal,
            tuple(LimitText(**asdict(limit)) for limit in each.limits),
            each.examples,
        )
        for each in demo.frameworks
    ]
    columns = {each.slug: column for column, each in enumerate(frameworks)}
    model = train(frameworks, corpus=[IdeaText(idea.id, idea.text, idea.title).whole for idea in demo.ideas])
    ideas = [idea for idea in demo.ideas if idea.framework is not None]
    own = np.array([[columns[idea.framework or ""]] for idea in ideas])
    texts = [IdeaText(idea.id, idea.text, idea.title).whole for idea in ideas]
    divided = sentences(model.parts.vectoriser.read(texts))
    limits = model.parts.limits
    cosines = limits.passages.likeness(divided.matrix, own[divided.text])
    seen = limits.seen(cosines, divided.text, len(ideas))[:, 0]
    idea, limit = np.nonzero(seen[..., 0] >= 0)
    touched = [limits.titles[own[i, 0]][j] == ideas[i].limit for i, j in zip(idea, limit, strict=True)]
    return Pairs(seen[idea, limit], np.array(touched), idea)


def fitted(seen: Array, touched: npt.NDArray[np.bool_]) -> tuple[Array, float]:
    """Logistic regression with a penalty on weights in units of spread; returned in the units of what is seen."""
    middle, spread = seen.mean(axis=0), seen.std(axis=0)
    machine = LogisticRegression(C=1 / _PENALTY).fit((seen - middle) / spread, touched)
    weights: Array = machine.coef_[0] / spread
    return weights, float(machine.intercept_[0] - weights @ middle)


def held_out(pairs: Pairs) -> Array:
    """The probability of each pair by models that hadn't seen its idea: (ROUNDS, pairs)."""
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


def figures(pairs: Pairs, scores: Array) -> dict[str, object]:
    """Means over the rounds."""
    touched = np.tile(pairs.touched, len(scores))
    flat = scores.ravel()
    rate = float(pairs.touched.mean())
    shown = {
        str(threshold): {
            "shown": round(float((flat >= threshold).sum()) / len(scores), 1),
            "precision": round(float(touched[flat >= threshold].mean()), 3),
            "recall": round(float((flat[touched] >= threshold).mean()), 3),
        }
        for threshold in THRESHOLDS
        if (flat >= threshold).any()
    }
    bins = np.digitize(flat, BINS[1:-1])
    reliability = [
        {
            "said": round(float(flat[bins == number].mean()), 3),
            "true": round(float(touched[bins == number].mean()), 3),
            "pairs": round(float((bins == number).sum()) / len(scores), 1),
        }
        for number in range(len(BINS) - 1)
        if (bins == number).any()
    ]
    error = sum(abs(each["said"] - each["true"]) * each["pairs"] for each in reliability)
    return {
        "area_under_roc": round(float(np.mean([roc_auc_score(pairs.touched, each) for each in scores])), 3),
        "average_precision": round(
            float(np.mean([average_precision_score(pairs.touched, each) for each in scores])), 3
        ),
        "average_precision_by_chance": round(rate, 3),
        "brier": round(float(((flat - touched) ** 2).mean()), 4),
        "brier_of_always_the_mean": round(rate * (1 - rate), 4),
        "calibration_error": round(error / len(pairs.touched), 4),
        "at": shown,
        "reliability": reliability,
    }


if __name__ == "__main__":
    main()
