"""Learning from examples through one kernel, and what such a model makes of ideas that it hasn't seen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from pipeline.text.learning.examples import Examples
from pipeline.text.learning.grams import Array, Kernel, Latent, Places
from pipeline.text.learning.lending import Lent, lend
from pipeline.text.learning.machine import machine
from pipeline.text.learning.many import DEFINITION_WEIGHT
from pipeline.text.learning.parts import PARTS, parts
from pipeline.text.learning.telling import beside, trusted, word_by_word

_PENALTY = 0.3


@dataclass(frozen=True, slots=True)
class Learner:
    """Ridge regression when `freedom` is nought, else a support vector classifier with that freedom (C).

    `likenesses`: how much the definitions' own words may count beside it, in the spread that its scores have.
    """

    freedom: float
    likenesses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What can be chosen: the learner, and how much rare words, sentence vectors, the definitions' own words and
    unlabelled ideas count.
    """

    learner: Learner
    emphasis: float
    encoder_weight: float
    likeness: float
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The examples as one emphasis shows them; `scale` (features,) leads back to features as they are read."""

    examples: Examples
    scale: Array
    latent: Latent | None
    seed: int

    @classmethod
    def of(cls, examples: Examples, emphasis: float, seed: int) -> "View":
        scaled, scale = examples.emphasised(emphasis)
        texts = scaled.definitions.beside(scaled.ideas).beside(scaled.corpus)
        return cls(scaled, scale, Latent.fit(texts, seed=seed), seed)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What a learner makes of all that is known (definitions and ideas, frameworks), and of the unlabelled ideas,
    without likeness and lent words.
    """

    of_known: Array
    of_corpus: Array


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What a learner came to: `dual` weights of examples or, of a machine, coefficients of explicit features; `bias`;
    `more`, what every word says by itself (features, frameworks); and its scores.
    """

    dual: Array
    bias: Array
    more: Array
    scored: Scored


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """What a learner makes of everything when it has learned without the labelled ideas `left`, its part `number`."""

    number: int
    left: Places
    scored: Scored


@dataclass(frozen=True, slots=True, eq=False)
class Grams:
    """Inner products of what is known (definitions, then ideas) and of the unlabelled ideas, computed once.

    `rows` and `corpus_rows`: the same texts as explicit features, for learners that want those; `words`: what is known
    as words and n-grams alone.
    """

    view: View
    kernel: Kernel
    known: Array
    to_corpus: Array
    of_corpus: Array
    rows: sparse.csr_matrix
    corpus_rows: sparse.csr_matrix
    words: sparse.csr_matrix

    @classmethod
    def of(cls, view: View, encoder_weight: float) -> "Grams":
        kernel, examples = Kernel(view.latent, encoder_weight), view.examples
        known = examples.definitions.beside(examples.ideas)
        return cls(
            view=view,
            kernel=kernel,
            known=kernel.gram(known, known),
            to_corpus=kernel.gram(known, examples.corpus),
            of_corpus=kernel.gram(examples.corpus, examples.corpus),
            rows=kernel.explicit(known),
            corpus_rows=kernel.explicit(examples.corpus),
            words=known.matrix,
        )

    def teach(self, used: Places, truth: npt.NDArray[np.int64], count: int, learner: Learner) -> Taught:
        """A learner that has seen only `used`, the first `count` of which are definitions."""
        belongs = np.concatenate([np.arange(count), truth])
        importance = np.concatenate([np.full(count, DEFINITION_WEIGHT), np.ones(len(truth))])
        trust = 0.0 if self.kernel.encoder_weight else trusted(belongs, count)
        if learner.freedom:
            dual, bias = machine(
                self.rows[used],
                belongs,
                importance,
                words=self.words.shape[1] if trust else 0,
                freedom=learner.freedom,
                seed=self.view.seed,
            )
            scored = Scored(self.rows @ dual + bias, self.corpus_rows @ dual + bias)
        else:
            dual, bias = _solve(self.known[np.ix_(used, used)], truth, count), np.zeros(count)
            scored = Scored(self.known[:, used] @ dual, self.to_corpus[used].T @ dual)
        more = np.zeros((self.words.shape[1], count))
        if trust:
            seen = self.words[used]
            odds = word_by_word(seen, belongs, importance, count)
            more = beside(scored.of_known[used], seen, odds, trust)
            scored = Scored(
                scored.of_known + self.words @ more,
                scored.of_corpus + self.view.examples.corpus.matrix @ more,
            )
        return Taught(dual, bias, more, scored)

    def folds(self, learner: Learner) -> list[Fold]:
        """For each part of the labelled ideas, what is made of everything by a learner that has seen all the others."""
        truth, count = self.view.examples.truth, self.view.examples.frameworks
        part = parts(truth, PARTS)
        folds = []
        for number in range(PARTS):
            seen = np.flatnonzero(part != number)
            used = np.concatenate([np.arange(count), seen + count])
            taught = self.teach(used, truth[seen], count, learner)
            folds.append(Fold(number, np.flatnonzero(part == number), taught.scored))
        return folds

    def scores(self, scored: Scored, left: Places, definitions: Places, recipe: Recipe) -> Array:
        """What that model, after a recipe, makes of the rows `left`: (left, frameworks)."""
        scores: Array = scored.of_known[left] + recipe.likeness * self.known[np.ix_(left, definitions)]
        if len(self.of_corpus) and recipe.strength:
            lent = self._lent(self.plain(scored, definitions, recipe), recipe)
            scores += self.to_corpus[left] @ lent.dual - lent.shift
        return scores

    def scores_of_corpus(self, scored: Scored, left: Places, definitions: Places, recipe: Recipe) -> Array:
        """The same of the unlabelled ideas `left`: (left, frameworks)."""
        of_corpus = self.plain(scored, definitions, recipe)
        scores = of_corpus[left]
        if recipe.strength:
            lent = self._lent(of_corpus, recipe)
            scores += self.of_corpus[left] @ lent.dual - lent.shift
        return scores

    def plain(self, scored: Scored, definitions: Places, recipe: Recipe) -> Array:
        """Scores of all unlabelled ideas, without what they lend each other."""
        plain: Array = scored.of_corpus + recipe.likeness * self.to_corpus[definitions].T
        return plain

    def _lent(self, of_corpus: Array, recipe: Recipe) -> Lent:
        return lend(of_corpus, self.of_corpus, strength=recipe.strength, cold=False)


def _solve(gram: Array, truth: npt.NDArray[np.int64], count: int) -> Array:
    """Dual weights (definitions and ideas, frameworks): ridge regression on one-hot targets (Rifkin and others,
    "Regularized least-squares classification", 2003).

    Definitions are examples too, heavier ones; without labels only their likeness counts.
    """
    if not len(truth):
        return np.zeros((count, count))
    target = np.concatenate([np.eye(count), one_hot(truth, count)])
    importance = np.sqrt(np.concatenate([np.full(count, DEFINITION_WEIGHT), np.ones(len(truth))]))
    system = gram * np.outer(importance, importance)
    system[np.diag_indices_from(system)] += _PENALTY
    dual: Array = linalg.solve(system, target * importance[:, None], assume_a="pos", overwrite_a=True)
    dual *= importance[:, None]
    return dual


def one_hot(truth: npt.NDArray[np.int64], count: int) -> Array:
    target = np.zeros((len(truth), count))
    fits = truth >= 0
    target[np.flatnonzero(fits), truth[fits]] = 1
    return target
