"""Which limits of a framework an idea seems to touch, in which sentence, and how likely it really does.

The score is the probability, in [0, 1], that a person would say that the idea touches the limit: a logistic
regression (weights in `limits.json`, made by `training/limits.py`, which says what from) on what can be seen. Without an
encoder:

- `whole`, `title`: how much the closest sentence of the idea resembles the limit, title and reason, and its title alone, in
  words and character n-grams; divided by the root of the number of sentences, because among many one resembles a
  limit by chance, and levelling off.

With an encoder, whichever it is, Kader's own says what sentences mean (see `pipeline.text.explaining.limit_meaning`).

In both cases a sentence is read without what it says it leaves alone, a limit without its "geen"
(`pipeline.text.explaining.claims`), and beside that count

- `over`: whether the idea names an amount that passes the bound of the limit ("boven 10.000 euro");
- `within`: whether all that it names stay within.

How often that is right stands in `limits.json` and, on ideas that it didn't learn from, in docs/text-model.md.

A touched limit is something to look at for whoever decides. It is never a refusal, and never changes where an idea goes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit

from pipeline.core import FrameworkText, LimitText, TouchedLimit
from pipeline.text.encoders.encoder import Encoder, load_encoder
from pipeline.text.explaining.amounts import Amount, Bound, amounts, bounds, passed
from pipeline.text.explaining.claims import asked_for, subject
from pipeline.text.explaining.limit_meaning import MEANT, LimitMeanings
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.sentences import Passages, Sentences, highest
from pipeline.text.lexical.vectoriser import Floats, Vectoriser

SHARE = "limits.json"
WORDED = ("whole", "title")
AMOUNTS = ("over", "within")
# As few as there were where it was learned.
_LEAST_SENTENCES = 2
_LEVELLING = 0.05

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Logistic regression on what is seen. `shown_from`: the probability from which a limit is worth a person's look."""

    weights: tuple[float, ...]
    bias: float
    shown_from: float


@dataclass(frozen=True, slots=True)
class FrameworkLimits:
    """The limits of one framework, and its `own` title and description: all that the index is made from."""

    own: str
    limits: tuple[LimitText, ...]

    @classmethod
    def of(cls, framework: FrameworkText) -> "FrameworkLimits":
        return cls(f"{framework.title}\n{framework.description}", framework.limits)


def seen_names(*, meaning: bool) -> tuple[str, ...]:
    """What is seen of an idea and a limit, in order, with or without an encoder."""
    return (*(MEANT if meaning else WORDED), *AMOUNTS)


@cache
def shipped_judgement(*, meaning: bool) -> Judgement:
    """The judgement that comes with Kader, for with or without an encoder; read once."""
    described = json.loads((files("pipeline.text.explaining") / SHARE).read_text(encoding="utf-8"))
    learned = described["with_encoder" if meaning else "without_encoder"]
    weights = tuple(float(learned["weights"][name]) for name in seen_names(meaning=meaning))
    return Judgement(weights, float(learned["bias"]), float(described["shown_from"]))


class LimitIndex:
    """The limits of all frameworks, to compare the sentences of ideas with.

    `passages`: without an encoder each limit as a whole, and after it its title alone. `meanings`: with an encoder.
    """

    def __init__(
        self,
        frameworks: Sequence[FrameworkLimits],
        vectoriser: Vectoriser,
        encoder: Encoder | None = None,
        judgement: Judgement | None = None,
    ) -> None:
        """`encoder`: Kader's own, or none. `judgement`: None for the one that comes with Kader."""
        self.frameworks = tuple(frameworks)
        self.titles = tuple(tuple(limit.title for limit in each.limits) for each in frameworks)
        self.encoder_name = encoder.name if encoder else "none"
        self.judgement = judgement or shipped_judgement(meaning=encoder is not None)
        self._vectoriser = vectoriser
        self._bounds = tuple(tuple(tuple(bounds(title)) for title in each) for each in self.titles)
        self._widest = max(map(len, self.titles), default=0)
        self._meanings = (
            LimitMeanings([(each.own, each.limits) for each in frameworks], vectoriser, encoder)
            if encoder and self._widest
            else None
        )
        self._passages = None if encoder else _passages(frameworks, vectoriser)

    def touched(
        self,
        sentences: Sentences,
        frameworks: Integers,
        slugs: Sequence[str],
        texts: Sequence[str],
        encoded: Floats | None = None,
    ) -> list[tuple[TouchedLimit, ...]]:
        """For each text the limits of the frameworks asked about that it seems to touch, likeliest first.

        `frameworks`: (texts, asked frameworks); `slugs`: those of all frameworks; `encoded`: the vectors of the
        texts by the encoder of this index, when they are there already.
        """
        touched: list[tuple[TouchedLimit, ...]] = [() for _ in range(len(frameworks))]
        if not self._widest or not len(sentences.text):
            return touched
        seen, closest = self.seen(sentences, frameworks, texts, encoded)
        judgement = self.judgement
        # Not a matrix product: BLAS may add up in another order for another batch.
        margin = np.einsum("talw,w->tal", seen, np.asarray(judgement.weights)) + judgement.bias
        score = np.where(np.isnan(margin), 0.0, np.round(expit(margin), 4))
        for text, asked, limit in np.argwhere(score >= judgement.shown_from).tolist():
            framework = int(frameworks[text, asked])
            touch = TouchedLimit(
                slugs[framework],
                self.titles[framework][limit],
                float(score[text, asked, limit]),
                sentences.words(int(closest[text, asked, limit])),
            )
            touched[text] += (touch,)
        return [tuple(sorted(each, key=_likeliest)) for each in touched]

    def seen(
        self,
        sentences: Sentences,
        frameworks: Integers,
        texts: Sequence[str],
        encoded: Floats | None = None,
    ) -> tuple[Array, Integers]:
        """What `seen_names` names, of each text and limit: (texts, asked frameworks, limits, names); and the closest
        sentence: (texts, asked frameworks, limits). NaN where there is no limit, or nothing like it.
        """
        wanted = [asked_for(sentences.words(number)) for number in range(len(sentences.text))]
        if self._meanings is not None:
            looks, likeness = self._meanings.seen(wanted, sentences.text, texts, frameworks, encoded)
        else:
            looks, likeness = self._worded(sentences, wanted, frameworks)
        closest = _closest(likeness, sentences.text, len(texts))
        named = self._amounts(sentences, frameworks, closest)
        return np.concatenate([looks, named], axis=3), closest

    def _worded(self, sentences: Sentences, wanted: list[str], frameworks: Integers) -> tuple[Array, Floats]:
        """WORDED, and how much each sentence resembles each whole limit: (sentences, asked frameworks, limits)."""
        assert self._passages is not None  # noqa: S101  # so without an encoder
        matrix = self._without_left_alone(sentences, wanted)
        cosines = self._passages.likeness(matrix, frameworks[sentences.text])
        best = highest(cosines, sentences.text, len(frameworks))
        whole, title = best[..., 0::2].astype(np.float64), best[..., 1::2].astype(np.float64)
        count = np.maximum(np.bincount(sentences.text, minlength=len(frameworks)), _LEAST_SENTENCES)
        likeness = np.maximum(np.stack([whole, title], axis=3), 0) / np.sqrt(count)[:, None, None, None]
        looks: Array = likeness / (likeness + _LEVELLING)
        looks[whole <= 0] = np.nan
        return looks, cosines[..., 0::2]

    def _without_left_alone(self, sentences: Sentences, wanted: list[str]) -> sparse.csr_matrix:
        changed = [place for place, text in enumerate(wanted) if text != sentences.words(place)]
        if not changed:
            return sentences.matrix
        anew = self._vectoriser.read([wanted[place] for place in changed]).matrix
        order = np.arange(len(wanted))
        order[changed] = len(wanted) + np.arange(len(changed))
        return sparse.vstack([sentences.matrix, anew]).tocsr()[order]

    def _amounts(self, sentences: Sentences, frameworks: Integers, closest: Integers) -> Array:
        """AMOUNTS: (texts, asked frameworks, limits, 2). A limit whose bound is passed is shown with that sentence."""
        seen = np.zeros((*closest.shape, len(AMOUNTS)))
        bounded = np.array([any(each) for each in self._bounds])
        first = np.searchsorted(sentences.text, np.arange(len(frameworks) + 1))
        for text in np.flatnonzero(bounded[frameworks].any(axis=1)).tolist():
            found = [
                (place, amounts(sentences.words(place))) for place in range(first[text], first[text + 1])
            ]
            for asked, framework in enumerate(frameworks[text].tolist()):
                for limit, named in enumerate(self._bounds[framework]):
                    for bound in named:
                        passing, within = _passing(bound, found)
                        seen[text, asked, limit] = (passing is not None, passing is None and within)
                        if passing is not None:
                            closest[text, asked, limit] = passing
        return seen


def limit_encoder(encoder: Encoder | None) -> Encoder | None:
    """What limits are compared by in a model with `encoder`: the one that the judgement was learned with, or words alone."""
    return None if encoder is None else load_encoder("builtin")


def _passages(frameworks: Sequence[FrameworkLimits], vectoriser: Vectoriser) -> Passages:
    return Passages.fit(
        [
            [
                passage
                for about, reason in ((subject(limit.title), limit.reason) for limit in each.limits)
                for passage in (f"{about}\n{reason}", about)
            ]
            for each in frameworks
        ],
        vectoriser,
    )


def _passing(bound: Bound, found: list[tuple[int, list[Amount]]]) -> tuple[int | None, bool]:
    """The first sentence with an amount that passes the bound, and whether there is one with amounts within it."""
    results = [(place, passed(bound, each)) for place, each in found]
    passing = [place for place, result in results if result > 0]
    return (passing[0] if passing else None), any(result < 0 for _, result in results)


def _closest(likeness: Floats, text: Integers, texts: int) -> Integers:
    """The sentence of each text that is closest to each limit: from (sentences, …) to (texts, …)."""
    closest = np.zeros((texts, *likeness.shape[1:]), dtype=np.int64)
    first = np.searchsorted(text, np.arange(texts + 1))
    for place in range(texts):
        if first[place + 1] > first[place]:
            closest[place] = first[place] + likeness[first[place] : first[place + 1]].argmax(axis=0)
    return closest


def _likeliest(touch: TouchedLimit) -> tuple[float, str, str]:
    return -touch.score, touch.framework, touch.limit
