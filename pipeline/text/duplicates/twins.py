"""The likely twins of every idea in a closed set: looked up by likeness, then compared closely."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from pipeline.core import IdeaText
from pipeline.text.duplicates.alignment import Alignment, align
from pipeline.text.duplicates.doubles import between_languages, is_between
from pipeline.text.duplicates.idea_words import read_words
from pipeline.text.duplicates.known_ideas import KnownIdeas
from pipeline.text.duplicates.likeness import describe
from pipeline.text.duplicates.lookup import Found, known_before, look_up
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.duplicates.ranking import Ranking
from pipeline.text.duplicates.resemblance import NAMES, Evidence
from pipeline.text.duplicates.standing import (
    SAME_AMONG_MANY,
    among_many,
    lead,
    may_be_template,
    rareness,
)
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.lexical.features import Integers

# Characters of text: beyond that what is known of them goes to temporary files, 20 bytes or so for each.
MOST_IN_MEMORY = 8_000_000
STEPS = 3
_KEPT = 50
_AT_ONCE = 8_192
_DECIMALS = 6
# Only among enough others can a pair stand out.
_ENOUGH_IDEAS = 500
_ASKED = 2_000  # ideas are enough to tell how many have a twin

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Twin:
    """One row: `idea` may be the same as `duplicate_of`, with a probability in [0, 1].

    The probability is that of the pair as it stands among the idea's other candidates: see `descending`. Seen from
    the other idea it may differ; `same` never does.
    """

    idea: str
    duplicate_of: str
    probability: float
    same: bool


def find_twins(
    ideas: Sequence[IdeaText],
    top: int,
    progress: Callable[[int], None] = lambda _: None,
    *,
    encoder: Encoder | None = None,
) -> Iterator[Twin]:
    """Up to `top` twins for each idea, best first and never with a rising probability, in the order of `ideas`.

    Twins come as they are found, once all ideas have been looked up. `progress` counts to STEPS * len(ideas): looked up,
    aligned and compared. Whatever shares a rare word or n-gram may be listed, with its low probability: a person who looks
    for twins is better served by a candidate too many than by one too few. Those that are the same come first.
    """
    if len(ideas) < 2:
        return
    on_disk = sum(len(idea.title) + len(idea.text) for idea in ideas) > MOST_IN_MEMORY
    vectoriser, described = describe(ideas, encoder=encoder, on_disk=on_disk)
    found = look_up(described, max(_KEPT, top), progress)
    del described
    words = read_words(ideas, vectoriser, encoder)
    aligned = align(words, found.other, lambda done: progress(len(ideas) + done))
    del words
    ranking = Ranking(found, aligned)
    known = KnownIdeas(ideas, vectoriser, on_disk=on_disk)
    compared = _Compared(known, found, aligned, ranking, top, PairModel(vectoriser))
    step = max(1, _AT_ONCE // top)
    for begin in range(0, len(ideas), step):
        end = min(begin + step, len(ideas))
        one, column = ranking.best(np.arange(begin, end), top)
        other = found.other[one, column].astype(np.int64)
        probability, same = compared.ask(one, column)
        order = np.lexsort((np.arange(len(one)), ~same, one))
        told = descending(probability[order], one[order])
        for place, score in zip(order.tolist(), told.tolist(), strict=True):
            yield Twin(ideas[one[place]].id, ideas[other[place]].id, score, bool(same[place]))
        progress(2 * len(ideas) + end)


class _Compared:
    """Pairs that were compared closely, each once: what comes of it is the same from both sides.

    Memory: `top` times 13 bytes an idea.
    """

    def __init__(
        self,
        known: KnownIdeas,
        found: Found,
        aligned: Alignment,
        ranking: Ranking,
        top: int,
        model: PairModel,
    ) -> None:
        count = len(found.other)
        self._known, self._found, self._aligned, self._model = known, found, aligned, model
        self._other = np.full((count, top), -1, dtype=np.int32)
        self._probability = np.zeros((count, top))
        self._same = np.zeros((count, top), dtype=np.bool_)
        self._is_among_many = count >= _ENOUGH_IDEAS
        self._rareness = self._rare(ranking) if self._is_among_many else 0.0

    def ask(self, one: Integers, column: Integers) -> tuple[Evidence, Booleans]:
        """For each pair its probability, and whether it is *same*: (pairs,) each.

        All pairs of an idea are asked at once, and those of earlier ideas earlier.
        """
        other = self._found.other[one, column].astype(np.int64)
        place = np.arange(len(one)) - np.searchsorted(one, one)
        self._other[one, place] = other
        twice, at = known_before(self._other, one, other)
        earlier = other[twice]
        # Within one round the other side comes first, too, but isn't known yet.
        rest = np.ones(len(one), dtype=np.bool_)
        rest[twice] = False
        self._probability[one[rest], place[rest]], self._same[one[rest], place[rest]] = self._compare(
            one[rest], column[rest]
        )
        self._probability[one[twice], place[twice]] = self._probability[earlier, at]
        self._same[one[twice], place[twice]] = self._same[earlier, at]
        return self._probability[one, place], self._same[one, place]

    def _rare(self, ranking: Ranking) -> float:
        """How rare twins are here, by the best candidates of some ideas, spread over all."""
        count = len(self._found.other)
        some = np.arange(_ASKED) * count // _ASKED if count > _ASKED else np.arange(count)
        one, column = ranking.best(some, self._found.other.shape[1])
        # By what is best in the idea's own language: between two, likeness is told in another way.
        own = ~is_between(self._found, one, column)
        one, column = one[own], column[own]
        first = np.flatnonzero(np.diff(one, prepend=-1))
        one, column = one[first], column[first]
        probability, _ = self._look(one, column)
        leads = lead(self._found, self._aligned, one, column)
        # An idea that is like nothing has no twin either.
        best = np.zeros(len(some))
        best[: len(one)] = among_many(probability, leads)
        return rareness(best, with_encoder=leads.meaning is not None)

    def _look(self, one: Integers, column: Integers) -> tuple[Evidence, Evidence]:
        other = self._found.other[one, column].astype(np.int64)
        likeness = self._found.likeness[one, column].astype(np.float64)
        return self._model.look_at(self._known, one, other, likeness)

    def _compare(self, one: Integers, column: Integers) -> tuple[Evidence, Booleans]:
        weights = self._model.weights
        probability, seen = self._look(one, column)
        by_itself = probability
        equal = by_itself >= 1
        same = by_itself >= weights.same_from
        if self._is_among_many:
            leads = lead(self._found, self._aligned, one, column)
            probability = among_many(by_itself, leads, self._rareness)
            same = (probability >= SAME_AMONG_MANY) & ~may_be_template(by_itself, seen, weights.same_from)
        # Between two languages a lead in words says nothing, and the encoder alone is never enough for *same*.
        apart, translated = between_languages(self._found, one, column, seen[:, NAMES.index("numbers")])
        probability = np.where(apart, np.maximum(by_itself, translated), probability)
        same = np.where(apart, by_itself >= weights.same_from, same) | equal
        probability = np.where(
            same, np.maximum(probability, weights.same_from), np.minimum(probability, weights.at_most_maybe)
        )
        return np.where(equal, 1.0, probability), same


def descending(probability: Evidence, one: Integers) -> Evidence:
    """Probabilities (pairs,) that never rise within the rows of one idea; `one`: (pairs,), never falling.

    Rows are in the better order, that of all evidence together. Where the pair model alone contradicts it, the rows
    concerned share their mean: the nearest probabilities that agree with the order (isotonic regression, by pooling
    adjacent violators; Ayer et al. 1955). Measured on pairs that people marked, these are better calibrated
    than the pair model's own, and sorting by the latter instead would lose three in ten of those found in first place.
    """
    # Each idea begins below the one before, so that no rows of two ideas are pooled.
    below = 2.0 * one
    told = np.asarray(isotonic_regression(probability - below, increasing=False).x, dtype=np.float64) + below
    return np.round(np.clip(told, 0.0, 1.0), _DECIMALS)
