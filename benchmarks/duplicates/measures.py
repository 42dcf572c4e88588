"""Figures of merit. A ranking is int64 (ideas, k), best first, -1 where there's nothing; its scores float64 likewise."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.duplicates.sets import RetrievalSet
from pipeline.text.duplicates.clusters import Clusters

Places = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
PRECISION = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The best of each idea, with its score; and, if the system decides, whether it calls them the same."""

    place: Places
    score: Scores
    same: npt.NDArray[np.bool_] | None = None


def recall(
    ranking: Ranking, measured: RetrievalSet, k: int = 10, *, asked: Collection[int] | None = None
) -> float:
    """Of all marked pairs, in both directions, the share that is found among the best `k`; with `asked` of those alone
    that begin at one of these places.
    """
    partners = measured.partners()
    if asked is not None:
        partners = {idea: partners[idea] for idea in asked}
    found = sum(len(set(ranking.place[idea, :k].tolist()) & others) for idea, others in partners.items())
    return found / sum(len(others) for others in partners.values())


def truth(measured: RetrievalSet) -> Clusters:
    """Who belongs together: what is marked, directly or through others, and what is the same word for word."""
    groups = Clusters(len(measured.ideas))
    for one, other in measured.pairs:
        groups.join(one, other)
    first: dict[str, int] = {}
    for place, idea in enumerate(measured.ideas):
        groups.join(first.setdefault(idea.whole, place), place)
    return groups


def recall_at_precision(ranking: Ranking, measured: RetrievalSet) -> float:
    """Of the marked pairs the largest share that a threshold on the score finds, with PRECISION right. The threshold is
    chosen knowing the answers: the best that a score could do.
    """
    groups = truth(measured)
    best: dict[tuple[int, int], float] = {}
    for one, other, score in _listed(ranking):
        pair = (min(one, other), max(one, other))
        best[pair] = max(score, best.get(pair, -np.inf))
    pairs = sorted(best, key=lambda pair: -best[pair])
    right = np.array([groups.earliest(one) == groups.earliest(other) for one, other in pairs])
    marked = np.array([pair in measured.pairs for pair in pairs])
    precision = np.cumsum(right) / np.arange(1, len(pairs) + 1)
    passed = np.flatnonzero(precision >= PRECISION)
    return float(marked[: passed[-1] + 1].sum() / len(measured.pairs)) if len(passed) else 0.0


def decided(ranking: Ranking, measured: RetrievalSet) -> tuple[float, float, int]:
    """Of the pairs that the system itself calls the same: precision, recall of the marked pairs, and their number."""
    groups = truth(measured)
    assert ranking.same is not None
    row, column = np.nonzero(ranking.same)
    called = {
        (min(one, other), max(one, other))
        for one, other in zip(row.tolist(), ranking.place[row, column].tolist(), strict=True)
    }
    right = sum(groups.earliest(one) == groups.earliest(other) for one, other in called)
    return right / max(len(called), 1), len(called & measured.pairs) / len(measured.pairs), len(called)


def _listed(ranking: Ranking) -> list[tuple[int, int, float]]:
    row, column = np.nonzero(ranking.place >= 0)
    return list(
        zip(
            row.tolist(),
            ranking.place[row, column].tolist(),
            ranking.score[row, column].tolist(),
            strict=True,
        )
    )
