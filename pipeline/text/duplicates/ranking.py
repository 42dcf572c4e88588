"""Which candidates of an idea come first: by likeness, by how well their words are found in each other, and by how many
others each is near to.
"""

import numpy as np
import numpy.typing as npt

from pipeline.text.duplicates.alignment import Alignment
from pipeline.text.duplicates.lookup import Found
from pipeline.text.lexical.features import Integers

# Beside likeness for 1, by how much they are better found than is usual: so ideas with and without a title can be compared.
WHOLES_SHARE, TITLES_SHARE = 0.1, 0.2
CROWD = 20
# An idea that is near to very many is nobody's twin: part of how near it is to those that are most alike to it counts against it
# (cross-domain similarity local scaling, Conneau and others, 2018).
CROWD_SHARE = 0.5
_AT_ONCE = 4_096
_DECIMALS = 6


class Ranking:
    """Ranks the candidates that were found. 8 bytes an idea."""

    def __init__(self, found: Found, aligned: Alignment) -> None:
        self._found, self._aligned = found, aligned
        self._crowd = np.zeros(len(found.other))
        for begin in range(0, len(found.other), _AT_ONCE):
            ideas = np.arange(begin, min(begin + _AT_ONCE, len(found.other)))
            near = np.where(found.other[ideas] >= 0, self._near(ideas), 0)
            self._crowd[ideas] = near[:, :CROWD].sum(axis=1) / CROWD

    def best(self, ideas: Integers, top: int) -> tuple[Integers, Integers]:
        """Of each of these `ideas` the best `top` candidates: places and columns in what was found, in parallel.

        Ties go to the earlier one.
        """
        other = self._found.other[ideas]
        rank = np.round(
            self._near(ideas) - CROWD_SHARE * np.where(other >= 0, self._crowd[other], 0), _DECIMALS
        )
        order = np.lexsort((other, np.where(other < 0, np.inf, -rank)), axis=1)[:, :top]
        row, column = np.nonzero(np.take_along_axis(other, order, axis=1) >= 0)
        return ideas[row], order[row, column]

    def _near(self, ideas: Integers) -> npt.NDArray[np.float64]:
        near = self._found.likeness[ideas].astype(np.float64)
        parts = zip(
            (WHOLES_SHARE, TITLES_SHARE),
            (self._aligned.wholes, self._aligned.titles),
            self._aligned.usual,
            strict=True,
        )
        for share, figures, usual in parts:
            near += share * np.nan_to_num(figures[ideas].astype(np.float64) - usual, nan=0.0)
        return near
