"""Would it help to link, in settling, what stands out among the candidates, as `kader duplicates` does with a file?

    python -m benchmarks.duplicates.arrivals

Bug reports in order of arrival, each compared with the earlier ones that settling would look at; once with all, once
with three in ten of the pairs complete: people mark pairs, so that in the whole set every report has a twin, and in no
organisation is that so.
"""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from benchmarks.duplicates.measures import PRECISION, truth
from benchmarks.duplicates.sets import RetrievalSet, bug_reports
from pipeline.core import IdeaText
from pipeline.store.duplicates.twins import BY_WORDS, NEIGHBOURS, PLAUSIBLE_COSINE
from pipeline.text.duplicates.alignment import Alignment, align
from pipeline.text.duplicates.idea_words import read_words
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.duplicates.standing import (
    NEXT_TO_NOTHING,
    SAME_AMONG_MANY,
    Leads,
    among_many,
    may_be_template,
)
from pipeline.text.lexical.features import FEATURES, Integers, occurrences
from pipeline.text.lexical.rare import RareIndex, rare_words
from pipeline.text.lexical.vectoriser import Vectoriser, count
from pipeline.text.vectors.space import VectorSpace

COMPLETE = 0.3
_BLOCK = 500

Figures = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs of a report and an earlier one that settling compares, and the cosines of all reports, (n, n)."""

    later: Integers
    earlier: Integers
    cosines: Figures
    vectoriser: Vectoriser
    ideas: tuple[IdeaText, ...]

    def leads(self) -> Leads:
        """By how much each pair is more alike than either of both is to anything else that had come by then: as
        `pipeline.text.duplicates.standing.lead` has it, of cosines; and of words to any other candidate of either.
        """
        aligned = self._aligned()
        wholes, titles = aligned.usual
        by_words = self._by_words(aligned.wholes, wholes), self._by_words(aligned.titles, titles)
        return Leads(self._by_cosine(), *by_words, None)

    def _aligned(self) -> Alignment:
        """Of all candidates of each report, a row for each."""
        rank = self._rank()
        others = np.full((len(self.ideas), rank.max() + 1), -1, dtype=np.int32)
        others[self.later, rank] = self.earlier
        return align(read_words(self.ideas, self.vectoriser, None), others)

    def _rank(self) -> Integers:
        return np.arange(len(self.later)) - np.searchsorted(self.later, self.later)

    def _by_words(self, figures: Figures, usual: float) -> Figures:
        said = figures[self.later, self._rank()]
        rivals: dict[int, dict[int, float]] = {place: {} for place in range(len(self.ideas))}
        found = np.empty(len(self.later))
        pairs = list(zip(self.later.tolist(), self.earlier.tolist(), said.tolist(), strict=True))
        for _, several in groupby(enumerate(pairs), key=lambda each: each[1][0]):
            row = list(several)
            for _, (one, other, figure) in row:
                rivals[one][other] = figure
            for place, (one, other, figure) in row:
                beside = [each for key, each in rivals[one].items() if key != other]
                beside += rivals[other].values()
                best = np.nanmax([usual, *beside])
                found[place] = np.log(_above_nothing(figure) / _above_nothing(best))
            for _, (one, other, figure) in row:
                rivals[other][one] = figure
        return np.nan_to_num(found, nan=0.0)

    def _by_cosine(self) -> Figures:
        found = np.empty(len(self.later))
        for place, (one, other) in enumerate(zip(self.later.tolist(), self.earlier.tolist(), strict=True)):
            rivals = np.delete(self.cosines[[one, other], :one], other, axis=1)
            found[place] = np.log(
                _above_nothing(self.cosines[one, other]) / _above_nothing(rivals.max(initial=0.0))
            )
        return found


def main() -> None:
    print(
        "| set | pairs complete | reports | marked | decided by | same | precision | recall | recall at 95 % |"
    )
    print("| - | -: | -: | -: | - | -: | -: | -: | -: |")
    for whole in bug_reports():
        # What belongs together does so through reports that were left out, too.
        group = truth(whole)
        for share in (1.0, COMPLETE):
            measured = thinned(whole, share)
            _measure(measured, share, [group.earliest(int(idea.id)) for idea in measured.ideas])


def _measure(measured: RetrievalSet, share: float, group: list[int]) -> None:
    found = candidates(measured.ideas)
    model = PairModel(found.vectoriser)
    texts = [
        (measured.ideas[one], measured.ideas[other])
        for one, other in zip(found.later.tolist(), found.earlier.tolist(), strict=True)
    ]
    alone, seen = model.look(texts, found.cosines[found.later, found.earlier])
    same_from = model.weights.same_from
    beside = among_many(alone, found.leads())
    # As `kader duplicates` decides.
    template = may_be_template(alone, seen, same_from)
    same = (beside >= SAME_AMONG_MANY) & ~template | (alone >= 1)
    ranked = np.where(alone >= 1, 1.0, np.where(template, np.minimum(beside, 0.5), beside))
    pairs = list(zip(found.later.tolist(), found.earlier.tolist(), strict=True))
    right = np.array([group[one] == group[other] for one, other in pairs])
    marked = np.array([(other, one) in measured.pairs for one, other in pairs])
    for name, score, called in (("pair model", alone, alone >= same_from), ("and lead", ranked, same)):
        print(
            f"| {measured.name} | {share:g} | {len(measured.ideas)} | {len(measured.pairs)} | {name} "
            f"| {called.sum()} | {right[called].mean():.3f} | {marked[called].sum() / len(measured.pairs):.3f} "
            f"| {_at_precision(score, right, marked) / len(measured.pairs):.3f} |"
        )


def thinned(measured: RetrievalSet, share: float) -> RetrievalSet:
    """Without the later report of all pairs but this share."""
    random, gone = np.random.default_rng(0), set[int]()
    for one, other in sorted(measured.pairs):
        if not {one, other} & gone and random.random() >= share:
            gone.add(other)
    kept = [place for place in range(len(measured.ideas)) if place not in gone]
    new = {old: place for place, old in enumerate(kept)}
    pairs = frozenset((new[one], new[other]) for one, other in measured.pairs if not {one, other} & gone)
    return RetrievalSet(
        measured.name, tuple(measured.ideas[place] for place in kept), pairs, measured.is_same
    )


def candidates(ideas: tuple[IdeaText, ...]) -> Candidates:
    """As `pipeline.store.duplicates.twins.find_near` finds them, by a vector space of these reports themselves."""
    texts = [idea.whole for idea in ideas]
    blocks = [texts[begin : begin + _BLOCK] for begin in range(0, len(texts), _BLOCK)]
    vectoriser = Vectoriser.fit(texts, most=FEATURES)
    space = VectorSpace.fit(texts, vectoriser, seed=1)
    vectors = np.concatenate([space.place(count(block, with_entries=False)) for block in blocks])
    words = [each for block in blocks for each in rare_words(occurrences(block))]
    index, places = RareIndex(), np.arange(len(ideas))
    index.add(places, words)
    cosines = (vectors @ vectors.T).astype(np.float64)
    later, earlier = [], []
    for one, shared in enumerate(index.search(words, BY_WORDS, before=places)):
        order = np.argsort(-cosines[one, :one], kind="stable")[:NEIGHBOURS]
        near = order[cosines[one, order] >= PLAUSIBLE_COSINE].tolist()
        for other in dict.fromkeys([*near, *shared]):
            later.append(one)
            earlier.append(other)
    return Candidates(np.array(later), np.array(earlier), cosines, vectoriser, ideas)


def _above_nothing(cosine: float) -> float:
    return max(float(cosine), 0.0) + NEXT_TO_NOTHING


def _at_precision(score: Figures, right: Flags, marked: Flags) -> int:
    """Marked pairs that the best threshold finds, chosen knowing the answers."""
    order = np.argsort(-score, kind="stable")
    passed = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= PRECISION)
    return int(marked[order][: passed[-1] + 1].sum()) if len(passed) else 0


if __name__ == "__main__":
    main()
