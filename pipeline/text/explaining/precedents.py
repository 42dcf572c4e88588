"""The nearest earlier ideas on which a person has decided.

Vectors are kept as whole numbers, in steps of a 2048th: exact in half precision, and so small that the inner product
of two of them is exact in single precision, in whatever order it is added up. So an idea finds the
same ones alone, in a batch, and on another machine.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.core import IdeaText, LabelledIdea, Precedent
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.vectoriser import Floats, count
from pipeline.text.vectors.space import VectorSpace

MOST_KEPT = 3_000
MOST_NAMED = 3
# From which cosine on an idea is worth naming. In a space by random projection cosines tell how many words ideas share:
# of the demo ideas' nearest, 16 of 300 reach it, 14 of those in the same framework. In one by latent semantic analysis
# all cosines are higher: of the subjects of Dutch parliamentary questions, 4 in 10 have a nearest that reaches it.
NAMED_FROM_PROJECTED, NAMED_FROM_LATENT = 0.3, 0.6
STEPS = 2_048
_THE_SAME = 0.999
_READ_AT_ONCE = 1_000

Kept = npt.NDArray[np.float16]


class Precedents:
    """Labelled ideas: `ideas`, their ids; `frameworks`, int64 (ideas,), the columns that people chose, -1 for none;
    `vectors`, float16 (ideas, dimensions of the space), whole numbers. `named_from`: the cosine from which one is named.
    """

    def __init__(self, ideas: Sequence[str], frameworks: Integers, vectors: Kept, named_from: float) -> None:
        self.ideas = tuple(ideas)
        self.frameworks = frameworks
        self.vectors = vectors
        self.named_from = named_from
        # The newest first, so that the first of equals is the newest.
        self._columns: Floats = np.ascontiguousarray(vectors[::-1].T.astype(np.float32))

    @classmethod
    def fit(
        cls,
        labelled: Sequence[LabelledIdea],
        slugs: Sequence[str],
        space: VectorSpace,
        encoder: Encoder | None = None,
    ) -> "Precedents":
        """Of more than MOST_KEPT the newest of each framework, as evenly as they go; the last are the newest."""
        columns = {slug: column for column, slug in enumerate(slugs)}
        of = np.array(
            [-1 if each.framework is None else columns[each.framework] for each in labelled], dtype=np.int64
        )
        kept = _newest(of)
        texts = [labelled[place].idea.whole for place in kept.tolist()]
        vectors = [
            whole_numbers(space.place(count(batch), encoder.encode(batch) if encoder else None))
            for batch in (
                texts[begin : begin + _READ_AT_ONCE] for begin in range(0, len(texts), _READ_AT_ONCE)
            )
        ]
        nothing = np.zeros((0, space.dimensions), dtype=np.float32)
        return cls(
            [labelled[place].idea.id for place in kept.tolist()],
            of[kept],
            np.concatenate([nothing, *vectors]).astype(np.float16),
            NAMED_FROM_LATENT if len(space.features) else NAMED_FROM_PROJECTED,
        )

    def nearest(
        self, ideas: Sequence[IdeaText], vectors: Floats, slugs: Sequence[str]
    ) -> list[tuple[Precedent, ...]]:
        """For each idea, of vector `vectors` (ideas, dimensions of the space), the nearest, never itself; newest first of equals."""
        named: list[list[Precedent]] = [[] for _ in ideas]
        if not self.ideas:
            return [() for _ in ideas]
        near = whole_numbers(vectors) @ self._columns
        waiting = np.arange(len(ideas))
        for _ in range(MOST_NAMED + 1):
            left = near if len(waiting) == len(near) else near[waiting]
            place = left.argmax(axis=1)
            likeness = np.round(near[waiting, place].astype(np.float64) / STEPS**2, 4)
            close = likeness >= self.named_from
            waiting, place, likeness = waiting[close], place[close], likeness[close]
            if not len(waiting):
                break
            near[waiting, place] = -np.inf
            oldest_first = len(self.ideas) - 1 - place
            for row, at, like in zip(waiting.tolist(), oldest_first.tolist(), likeness.tolist(), strict=True):
                if not (like >= _THE_SAME and self.ideas[at] == ideas[row].id):
                    column = int(self.frameworks[at])
                    slug = slugs[column] if column >= 0 else None
                    named[row].append(Precedent(self.ideas[at], slug, min(like, 1.0)))
        return [tuple(each[:MOST_NAMED]) for each in named]


def whole_numbers(vectors: Floats) -> Floats:
    """Unit vectors in steps of a 2048th."""
    return np.round(vectors * STEPS)


def _newest(frameworks: Integers) -> Integers:
    """The places to keep, ascending."""
    size = len(frameworks)
    if size <= MOST_KEPT:
        return np.arange(size)
    order = np.lexsort((-np.arange(size), frameworks))
    of = frameworks[order]
    begins = np.flatnonzero(np.diff(of, prepend=of[0] - 1))
    turn = np.empty(size, dtype=np.int64)
    turn[order] = np.arange(size) - np.repeat(begins, np.diff(np.append(begins, size)))
    return np.sort(np.lexsort((-np.arange(size), turn))[:MOST_KEPT])
