"""The pair model: are two ideas the same, maybe the same, or not."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from kader.errors import PermanentError
from pipeline.core import IdeaText, PairVerdict, Sameness
from pipeline.text.duplicates.between_languages import MAYBE_FROM, BetweenLanguages, length
from pipeline.text.duplicates.kept_traits import KeptTraits
from pipeline.text.duplicates.known_ideas import KnownIdeas
from pipeline.text.duplicates.resemblance import NAMES, Evidence, evidence
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.vectoriser import Vectoriser
from pipeline.text.lexical.wording import passages, wordings

# What is known of a pair besides its texts, where it's known: 1 for the same submitter, 1 for the same framework, and
# how long they lie apart (see `apart`); 0 means no, or unknown.
CONTEXT = ("same_submitter", "same_framework", "apart")
CLOSE_COSINE = 0.2
_FAR_PROBABILITY = 0.01
_LEAST_SAME_CHARACTERS = 0.5
# Of so many words one may have two letters in the wrong order; in a shorter word (silver, sliver) that may be another one.
_WORDS_A_SLIP, _SHORTEST_SLIP = 8, 8
_BATCH = 4_096
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class PairWeights:
    """The logistic model: weights in the order of `expanded`, and the probabilities that decide.

    `by_context`: weights in the order of CONTEXT. None of them ships: what it means that one person sends two ideas
    differs between organisations, and is learned from what people confirm and reject.
    """

    version: str
    weights: tuple[float, ...]
    bias: float
    same_from: float
    maybe_from: float
    by_context: tuple[float, ...] = (0.0,) * len(CONTEXT)

    @property
    def at_most_maybe(self) -> float:
        """The highest probability of what is left to a person."""
        return self.same_from - 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Translated:
    """What the encoder says of pairs of a Dutch and an English idea: `cosines` (pairs,), NaN for other pairs, and those of each
    of the two to what is nearest to it besides, `ours` and `theirs` (pairs, n), as `between` wants them.
    """

    between: BetweenLanguages
    cosines: Evidence
    ours: Evidence
    theirs: Evidence

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which pairs are of two languages: (pairs,)."""
        return ~np.isnan(self.cosines)


def apart(days: npt.NDArray[np.floating]) -> Evidence:
    """Time between two ideas as evidence, in [0, 1]: 0 for the same day, 1 for a year or more."""
    years: Evidence = np.clip(np.log1p(np.abs(np.asarray(days, dtype=np.float64))) / np.log1p(365.0), 0, 1)
    return years


def expanded(seen: Evidence) -> Evidence:
    """The evidence (pairs, n) and all its products and squares: (pairs, n + n * (n + 1) / 2).

    Products let one piece of evidence depend on another: own words on both sides mean little in two long
    texts, and a template filled in differently in two texts that are otherwise alike.
    """
    one, other = np.triu_indices(seen.shape[1])
    return np.concatenate([seen, seen[:, one] * seen[:, other]], axis=1)


def shipped_weights() -> PairWeights:
    """The weights that come with Kader, trained on pairs that the project wrote itself."""
    described = json.loads(
        (files("pipeline.text.duplicates") / "pair_weights.json").read_text(encoding="utf-8")
    )
    if tuple(described["evidence"]) != NAMES:
        raise PermanentError("The pair model was trained on other evidence than this version collects.")
    return PairWeights(
        version=described["version"],
        weights=tuple(float(weight) for weight in described["weights"]),
        bias=float(described["bias"]),
        same_from=float(described["same_from"]),
        maybe_from=float(described["maybe_from"]),
    )


class PairModel:
    """Compares ideas pairwise; `vectoriser` knows how rare words are (that of the text model)."""

    def __init__(self, vectoriser: Vectoriser, weights: PairWeights | None = None) -> None:
        self.weights = weights or shipped_weights()
        self.version = self.weights.version
        self._vectoriser = vectoriser
        self._kept = KeptTraits(vectoriser)
        self._coefficients = np.asarray(self.weights.weights)

    def compare(
        self,
        pairs: Sequence[tuple[IdeaText, IdeaText]],
        cosines: npt.NDArray[np.floating],
        context: Evidence | None = None,
        translated: Translated | None = None,
    ) -> list[PairVerdict]:
        """A verdict for each pair; `cosines`: (pairs,), their likeness in the vector space; `context`: (pairs,
        len(CONTEXT)), None where nothing is known; `translated`: what is known of pairs in two languages.

        The reason is language-neutral: what the two share and in what they differ, in their own words; or that they mean
        the same in two languages.
        """
        probabilities = self.probabilities(pairs, cosines, context)
        by_meaning = np.zeros(len(pairs), dtype=np.bool_)
        if translated is not None and translated.known.any():
            meant = self._by_meaning(pairs, translated)
            by_meaning = meant > probabilities
            probabilities = np.where(by_meaning, meant, probabilities)
        sameness = [
            self.sameness(probability, MAYBE_FROM if meant else None)
            for probability, meant in zip(probabilities.tolist(), by_meaning.tolist(), strict=True)
        ]
        alike = [place for place, said in enumerate(sameness) if said is not Sameness.NEW]
        chosen = [pairs[place] for place in alike]
        reasons = wordings(chosen, self._vectoriser, by_meaning=by_meaning[alike].tolist())
        told = iter(zip(reasons, passages(chosen, self._vectoriser), strict=True))
        return [
            PairVerdict(probability, said, *(("", ()) if said is Sameness.NEW else next(told)))
            for probability, said in zip(probabilities.tolist(), sameness, strict=True)
        ]

    def _by_meaning(self, pairs: Sequence[tuple[IdeaText, IdeaText]], translated: Translated) -> Evidence:
        """How likely pairs in two languages are the same idea, at most *maybe*: (pairs,), 0 for the others."""
        places = np.flatnonzero(translated.known)
        chosen = [pairs[place] for place in places.tolist()]
        seen = evidence(chosen, np.zeros(len(chosen)), self._vectoriser, self._kept.read)
        words = np.array([[len(idea.whole.split()) for idea in pair] for pair in chosen])
        told = translated.between.judge(
            translated.cosines[places],
            translated.ours[places],
            translated.theirs[places],
            length(words[:, 0], words[:, 1]),
            seen[:, NAMES.index("numbers")],
        )
        meant = np.zeros(len(pairs))
        meant[places] = np.minimum(told, self.weights.at_most_maybe)
        return meant

    def probabilities(
        self,
        pairs: Sequence[tuple[IdeaText, IdeaText]],
        cosines: npt.NDArray[np.floating],
        context: Evidence | None = None,
        *,
        least_cosine: float = CLOSE_COSINE,
    ) -> Evidence:
        """The calibrated probability, (pairs,), that each pair is the same idea.

        Pairs below `least_cosine` in the vector space aren't compared closely, unless their words are equal.
        """
        probabilities = np.full(len(pairs), _FAR_PROBABILITY)
        is_close = np.asarray(cosines) >= least_cosine
        close, far = np.flatnonzero(is_close), np.flatnonzero(~is_close)
        chosen = [pairs[place] for place in close.tolist()]
        probabilities[close] = self.look(
            chosen, np.asarray(cosines)[close], None if context is None else context[close]
        )[0]
        probabilities[far[_equal([pairs[place] for place in far.tolist()])]] = 1.0
        return np.round(probabilities, _DECIMALS)

    def look(
        self,
        pairs: Sequence[tuple[IdeaText, IdeaText]],
        cosines: npt.NDArray[np.floating],
        context: Evidence | None = None,
    ) -> tuple[Evidence, Evidence]:
        """As `probabilities`, of all pairs; and the evidence, (pairs, len(NAMES))."""

        def seen(span: slice) -> Evidence:
            return evidence(pairs[span], np.asarray(cosines)[span], self._vectoriser, self._kept.read)

        return self._judged(seen, _equal(pairs), context)

    def look_at(
        self, known: KnownIdeas, one: Integers, other: Integers, cosines: npt.NDArray[np.floating]
    ) -> tuple[Evidence, Evidence]:
        """As `look`, of pairs of ideas at places `one` and `other` in `known`, all (pairs,)."""

        def seen(span: slice) -> Evidence:
            return known.evidence(one[span], other[span], np.asarray(cosines)[span])

        # Only texts of as many words can be equal.
        equal = known.words[one] == known.words[other]
        equal[equal] = _equal(known.pairs(one[equal], other[equal]))
        return self._judged(seen, equal)

    def _judged(
        self,
        seen: Callable[[slice], Evidence],
        equal: npt.NDArray[np.bool_],
        context: Evidence | None = None,
    ) -> tuple[Evidence, Evidence]:
        """As `look`; `seen` gives the evidence of some pairs, `equal`: (pairs,) which are the same word for word."""
        found = np.zeros((len(equal), len(NAMES)))
        for begin in range(0, len(equal), _BATCH):
            span = slice(begin, begin + _BATCH)
            found[span] = seen(span)
        probabilities = self.judge(found, context)
        probabilities[equal] = 1.0
        return np.round(probabilities, _DECIMALS), found

    def judge(self, seen: Evidence, context: Evidence | None = None) -> Evidence:
        """Probabilities (pairs,) from evidence (pairs, len(NAMES)) and `context` (pairs, len(CONTEXT)), if known."""
        # Row by row, so that the batch can't change the order of addition.
        scores = (expanded(seen) * self._coefficients).sum(axis=1) + self.weights.bias
        if context is not None:
            scores += (context * np.asarray(self.weights.by_context)).sum(axis=1)
        judged: Evidence = expit(scores)
        # A link made without a person needs most of the wording in common, whatever the model makes of
        # a kind of text that it has never met.
        doubtful = seen[:, NAMES.index("characters")] < _LEAST_SAME_CHARACTERS
        return np.where(doubtful, np.minimum(judged, self.weights.at_most_maybe), judged)

    def sameness(self, probability: float, maybe_from: float | None = None) -> Sameness:
        """What a probability amounts to; `maybe_from`: from when on a person is asked, by the weights unless it is given."""
        if probability >= self.weights.same_from:
            return Sameness.SAME
        least = self.weights.maybe_from if maybe_from is None else maybe_from
        return Sameness.MAYBE if probability >= least else Sameness.NEW


def _equal(pairs: Sequence[tuple[IdeaText, IdeaText]]) -> npt.NDArray[np.bool_]:
    """Which pairs are the same word for word, but for capitals, blanks, and now and then two letters that changed places
    in typing.
    """
    texts = {idea.whole for pair in pairs for idea in pair}
    words = {text: text.casefold().split() for text in texts}
    return np.fromiter(
        (_same_words(words[one.whole], words[other.whole]) for one, other in pairs), np.bool_, len(pairs)
    )


def _same_words(ones: list[str], others: list[str]) -> bool:
    if not ones or len(ones) != len(others):
        return False
    unlike = [(a, b) for a, b in zip(ones, others, strict=True) if a != b]
    return len(unlike) <= len(ones) // _WORDS_A_SLIP and all(_changed_places(a, b) for a, b in unlike)


def _changed_places(one: str, other: str) -> bool:
    if len(one) != len(other) or len(one) < _SHORTEST_SLIP or not one.isalpha():
        return False
    unlike = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return (
        len(unlike) == 2
        and unlike[1] - unlike[0] == 1
        and one[unlike[0]] == other[unlike[1]]
        and (one[unlike[1]] == other[unlike[0]])
    )
