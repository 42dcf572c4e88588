"""Dividing labelled ideas in those that a model learns from and those that it then answers, unseen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.core import LabelledIdea
from pipeline.text.learning.parts import parts


@dataclass(frozen=True, slots=True)
class Split:
    """Places of ideas: a model learns from the one and answers the other."""

    learned: tuple[int, ...]
    answered: tuple[int, ...]


def by_folds(labelled: Sequence[LabelledIdea], count: int) -> list[Split]:
    """Each idea is answered once, by a model of the other parts; `count` parts at most.

    Every framework is spread over the parts. Ideas in the very same words stay in one part: a model that has seen
    the answer proves nothing.
    """
    columns = {
        slug: column for column, slug in enumerate(sorted({each.framework or "" for each in labelled}))
    }
    truth = np.array([columns[each.framework or ""] for each in labelled], dtype=np.int64)
    part = parts(truth, min(count, max(len(labelled), 1))).tolist()
    first: dict[str, int] = {}
    for place, each in enumerate(labelled):
        part[place] = part[first.setdefault(" ".join(each.idea.whole.split()).casefold(), place)]
    return [
        Split(
            tuple(place for place, its in enumerate(part) if its != turn),
            tuple(place for place, its in enumerate(part) if its == turn),
        )
        for turn in sorted(set(part))
    ]


def by_time(labelled: Sequence[LabelledIdea], newest: float) -> list[Split]:
    """The newest share, in (0, 1), is answered by a model of all that came before; `labelled` is oldest first."""
    answered = min(max(round(newest * len(labelled)), 1), len(labelled))
    begin = len(labelled) - answered
    return [Split(tuple(range(begin)), tuple(range(begin, len(labelled))))]
