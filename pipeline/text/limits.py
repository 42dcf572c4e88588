"""Which limits of a framework an idea seems to touch, in which sentence, and how likely it really does.

The score is the probability, in [0, 1], that a person would say that the idea touches the limit: a logistic
regression (weights in `limits.json`, made by `training/limits.py`) on two things that can be seen:

- how much the closest sentence of the idea resembles the whole limit, title and reason (cosine);
- how much the closest sentence resembles its title alone (cosine);

both divided by the root of the number of sentences, because among many one resembles a limit by chance, and levelling
off, so that a likeness greater than any it was learned from isn't taken for certainty.

It was learned from the demo organisation, invented with Kader: 273 ideas within ten frameworks, hence 813 pairs of
an idea with a limit of its framework, of which 30 are touched. That is little, and many of those 30 touch their limit in
wholly other words. On ideas that weren't learned from, what is shown is right about 1 time in 3, and 1 in 3 of the
touched limits is shown; `limits.json` has the figures. How much the next-best limit resembles the idea, the
rarest word in common, and the framework's own text added nothing.

A touched limit is something to look at for whoever decides. It is never a refusal, and never changes where an idea goes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from pipeline.core import FrameworkText, TouchedLimit
from pipeline.text.features import Integers
from pipeline.text.sentences import Passages, Sentences, highest
from pipeline.text.vectoriser import Floats, Vectoriser

SHARE = "limits.json"
SEEN = ("whole", "title")
# As few as there were where it was learned.
_LEAST_SENTENCES = 2
_LEVELLING = 0.05

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Logistic regression on SEEN. `shown_from`: the probability from which a limit is worth a person's look."""

    weights: tuple[float, ...]
    bias: float
    shown_from: float


@cache
def shipped_judgement() -> Judgement:
    """The judgement that comes with Kader; read once."""
    described = json.loads((files("pipeline.text") / SHARE).read_text(encoding="utf-8"))
    weights = tuple(float(described["weights"][name]) for name in SEEN)
    return Judgement(weights, float(described["bias"]), float(described["shown_from"]))


class LimitIndex:
    """The limits of all frameworks as texts to compare sentences with.

    `titles`: those of each framework. `passages`: each limit as a whole, and after it its title alone.
    """

    def __init__(self, titles: Sequence[Sequence[str]], passages: Passages, judgement: Judgement) -> None:
        self.titles = tuple(tuple(each) for each in titles)
        self.passages = passages
        self.judgement = judgement

    @classmethod
    def fit(cls, frameworks: Sequence[FrameworkText], vectoriser: Vectoriser) -> "LimitIndex":
        passages = [
            [passage for limit in each.limits for passage in (f"{limit.title}\n{limit.reason}", limit.title)]
            for each in frameworks
        ]
        titles = [[limit.title for limit in each.limits] for each in frameworks]
        return cls(titles, Passages.fit(passages, vectoriser), shipped_judgement())

    def touched(
        self, sentences: Sentences, frameworks: Integers, slugs: Sequence[str]
    ) -> list[tuple[TouchedLimit, ...]]:
        """For each text the limits of the frameworks asked about that it seems to touch, likeliest first.

        `frameworks`: (texts, asked frameworks); `slugs`: those of all frameworks.
        """
        touched: list[tuple[TouchedLimit, ...]] = [() for _ in range(len(frameworks))]
        if not self.passages.widest or not len(sentences.text):
            return touched
        cosines = self.passages.likeness(sentences.matrix, frameworks[sentences.text])
        seen = self.seen(cosines, sentences.text, len(frameworks))
        judgement = self.judgement
        # Not a matrix product: BLAS may add up in another order for another batch.
        margin = np.einsum("talw,w->tal", seen, np.asarray(judgement.weights)) + judgement.bias
        score = np.where(seen[..., 0] > 0, np.round(expit(margin), 4), 0.0)
        first = np.searchsorted(sentences.text, np.arange(len(frameworks) + 1))
        for text, asked, limit in np.argwhere(score >= judgement.shown_from).tolist():
            framework = int(frameworks[text, asked])
            closest = int(cosines[first[text] : first[text + 1], asked, 2 * limit].argmax())
            touch = TouchedLimit(
                slugs[framework],
                self.titles[framework][limit],
                float(score[text, asked, limit]),
                sentences.words(int(first[text]) + closest),
            )
            touched[text] += (touch,)
        return [tuple(sorted(each, key=_likeliest)) for each in touched]

    def seen(self, cosines: Floats, text: Integers, texts: int) -> Array:
        """What SEEN names, of each text and limit: (texts, asked frameworks, limits, SEEN); -1 where there is no limit.

        `cosines`: (sentences, asked frameworks, passages); `text`: the text of each sentence, ascending.
        """
        best = highest(cosines, text, texts)
        whole, title = best[..., 0::2].astype(np.float64), best[..., 1::2].astype(np.float64)
        is_limit = whole >= 0
        count = np.maximum(np.bincount(text, minlength=texts), _LEAST_SENTENCES)
        likeness = np.maximum(np.stack([whole, title], axis=3), 0) / np.sqrt(count)[:, None, None, None]
        seen: Array = likeness / (likeness + _LEVELLING)
        seen[~is_limit] = -1
        return seen


def _likeliest(touch: TouchedLimit) -> tuple[float, str, str]:
    return -touch.score, touch.framework, touch.limit
