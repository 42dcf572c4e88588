"""Keeps what is known of texts that the pair model compares: an earlier idea is compared with many later ones."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.text.duplicates.resemblance import Traits, traits
from pipeline.text.lexical.features import FEATURES
from pipeline.text.lexical.growing import GrowingRows
from pipeline.text.lexical.vectoriser import Vectoriser

# Of the features of all kept texts together, 8 bytes each: tens of thousands of short ideas, some thousands of long ones.
MOST_ENTRIES = 8_000_000
_READ_AT_ONCE = 1_024  # counting takes much more memory than what comes of it
_SPARSE = ("characters", "words", "present", "pairs", "names", "numbers")


class KeptTraits:
    """The traits of the texts that were last compared, in memory; when they have become too many it begins anew."""

    def __init__(self, vectoriser: Vectoriser, most_entries: int = MOST_ENTRIES) -> None:
        self._vectoriser = vectoriser
        self._most_entries = most_entries
        self._forget()

    def read(self, texts: Sequence[str]) -> Traits:
        """The very same as `traits(texts, vectoriser)`; `texts` are distinct."""
        if self.size > self._most_entries:
            self._forget()
        new = [text for text in texts if text not in self._row_of]
        for begin in range(0, len(new), _READ_AT_ONCE):
            some = new[begin : begin + _READ_AT_ONCE]
            self._add(some, traits(some, self._vectoriser))
        chosen = np.fromiter(map(self._row_of.__getitem__, texts), dtype=np.int64, count=len(texts))
        return Traits(
            **{name: rows.take(chosen) for name, rows in self._rows.items()}, denies=self._denies[chosen]
        )

    @property
    def size(self) -> int:
        """How many features are kept."""
        return sum(rows.size for rows in self._rows.values())

    def _forget(self) -> None:
        self._row_of: dict[str, int] = {}
        self._rows = {name: GrowingRows(FEATURES) for name in _SPARSE}
        self._denies: npt.NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)

    def _add(self, texts: Iterable[str], found: Traits) -> None:
        for text in texts:
            self._row_of[text] = len(self._row_of)
        for name, rows in self._rows.items():
            rows.add(getattr(found, name))
        self._denies = np.concatenate([self._denies, found.denies])
