"""What the pair model needs to know of a closed set of ideas: each is read once, however many it is compared with."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.core import IdeaText
from pipeline.text.duplicates.resemblance import Evidence, Traits, evidence_of, traits
from pipeline.text.lexical.features import FEATURES, Integers
from pipeline.text.lexical.growing import GrowingRows
from pipeline.text.lexical.on_disk import RowsOnDisk
from pipeline.text.lexical.sparse_rows import SparseRows
from pipeline.text.lexical.vectoriser import Vectoriser

_READ_AT_ONCE = 1_024  # counting takes much more memory than what comes of it
# Of each text there are many of these, and few of the others.
_MANY = ("characters", "words", "pairs")
_FEW = ("names", "numbers")


class KnownIdeas:
    """The traits of ideas by place. `words`: how many words each has, int64 (ideas,)."""

    def __init__(self, ideas: Sequence[IdeaText], vectoriser: Vectoriser, *, on_disk: bool = False) -> None:
        kept = RowsOnDisk if on_disk else GrowingRows
        self._ideas = ideas
        self._rows: dict[str, SparseRows] = {name: kept(FEATURES) for name in _MANY}
        self._rows |= {name: GrowingRows(FEATURES) for name in _FEW}
        self._titles: SparseRows = kept(FEATURES)
        self._denies: npt.NDArray[np.bool_] = np.zeros(len(ideas), dtype=np.bool_)
        self.words: Integers = np.zeros(len(ideas), dtype=np.int64)
        for begin in range(0, len(ideas), _READ_AT_ONCE):
            some = ideas[begin : begin + _READ_AT_ONCE]
            texts = [idea.whole for idea in some]
            found = traits(texts, vectoriser)
            for name, rows in self._rows.items():
                rows.add(getattr(found, name))
            self._titles.add(traits([idea.title for idea in some], vectoriser).characters)
            self._denies[begin : begin + len(some)] = found.denies
            self.words[begin : begin + len(some)] = [len(text.split()) for text in texts]
        self._titled = np.array([bool(idea.title.strip()) for idea in ideas], dtype=np.bool_)

    def evidence(self, one: Integers, other: Integers, cosines: npt.NDArray[np.floating]) -> Evidence:
        """As `pipeline.text.duplicates.resemblance.evidence`, of the ideas at places `one` and `other`: (pairs,)."""
        titled = self._titled[one] & self._titled[other]
        title_cosines = np.full(len(one), np.nan)
        if titled.any():
            title_cosines[titled] = self._titles.products(one[titled], other[titled])
        places, found = np.unique(np.concatenate([one, other]), return_inverse=True)
        left, right = np.split(found, [len(one)])
        return evidence_of(self._take(places), left, right, title_cosines, cosines)

    def pairs(self, one: Integers, other: Integers) -> list[tuple[IdeaText, IdeaText]]:
        return [(self._ideas[a], self._ideas[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]

    def _take(self, places: Integers) -> Traits:
        taken = {name: rows.take(places) for name, rows in self._rows.items()}
        words = taken["words"]
        present = sparse.csr_matrix((np.ones_like(words.data), words.indices, words.indptr), words.shape)
        return Traits(**taken, present=present, denies=self._denies[places])
