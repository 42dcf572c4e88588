"""Which limit of its most likely framework an idea seems to touch, and in which sentence."""

from collections.abc import Sequence

import numpy as np

from pipeline.core import FrameworkText, TouchedLimit
from pipeline.text.features import Integers
from pipeline.text.vectoriser import Floats, Vectoriser, Weighted, rows

_SCORE_FROM = 0.25
_FULL_SCORE = 0.6


class LimitIndex:
    """The limits of all frameworks as texts to compare sentences with.

    `described`: (framework, title) of each limit. `owner`: int64 (limits,), the column of its framework.
    `matrix`: float32 (known features, limits), columns of at most unit length.
    """

    def __init__(self, described: tuple[tuple[str, str], ...], owner: Integers, matrix: Floats) -> None:
        self.described = described
        self.owner = owner
        self.matrix = matrix

    @classmethod
    def fit(cls, frameworks: Sequence[FrameworkText], vectoriser: Vectoriser) -> "LimitIndex":
        limits = [
            (column, limit) for column, framework in enumerate(frameworks) for limit in framework.limits
        ]
        weighted = vectoriser.read([f"{limit.title}\n{limit.reason}" for _, limit in limits])
        return cls(
            tuple((frameworks[column].slug, limit.title) for column, limit in limits),
            np.array([column for column, _ in limits], dtype=np.int64),
            # Rounded to what a saved model holds.
            weighted.matrix.toarray().T.astype(np.float16).astype(np.float32),
        )

    def touched(self, weighted: Weighted, frameworks: Integers) -> list[tuple[TouchedLimit, ...]]:
        """For each text the limits of its framework (`frameworks`: (texts,) columns) that it touches.

        The score is the cosine of the closest sentence, stretched to [0, 1]; it isn't a probability, and
        touching a limit is never a refusal.
        """
        found = weighted.counted.occurrences
        nothing: list[tuple[TouchedLimit, ...]] = [() for _ in range(found.texts)]
        if not self.described:
            return nothing
        cosine, sentences, text_of = self._sentence_cosines(weighted)
        cosine *= self.owner[None, :] == frameworks[text_of][:, None]
        for sentence, limit in zip(*np.nonzero(cosine >= _SCORE_FROM), strict=True):
            text = int(text_of[sentence])
            score = min(round(float(cosine[sentence, limit]) / _FULL_SCORE, 4), 1.0)
            framework, title = self.described[limit]
            earlier = {touch.limit: touch for touch in nothing[text]}
            if title not in earlier or earlier[title].score < score:
                words = _words(
                    found.joined,
                    found.token_start,
                    found.token_end,
                    sentences[sentence],
                    found.token_sentence,
                )
                earlier[title] = TouchedLimit(framework, title, score, words)
                nothing[text] = tuple(sorted(earlier.values(), key=lambda touch: (-touch.score, touch.limit)))
        return nothing

    def _sentence_cosines(self, weighted: Weighted) -> tuple[Floats, Integers, Integers]:
        """Cosines (sentences, limits), the number of each sentence, and the text it stands in."""
        counted = weighted.counted
        found = counted.occurrences
        per_occurrence = (weighted.values / counted.times)[counted.entry_of]
        column = weighted.column[counted.entry_of]
        sentence = found.token_sentence[found.token]
        # One entry per feature and sentence, whether the model knows the feature or not.
        width = np.int64(1) << 32
        keys, entry = np.unique(sentence * width + counted.feature[counted.entry_of], return_inverse=True)
        values = np.bincount(entry, weights=per_occurrence).astype(np.float64)
        columns = np.zeros(len(keys), dtype=np.int32)
        columns[entry] = column
        sentences, row = np.unique(keys // width, return_inverse=True)
        length = np.sqrt(np.bincount(row, weights=values * values))
        values /= np.maximum(length, 1e-9)[row]
        known = columns >= 0
        matrix = rows(row[known], columns[known], values[known], len(sentences), self.matrix.shape[0])
        text_of = np.zeros(len(sentences), dtype=np.int64)
        text_of[row[entry]] = found.token_text[found.token]
        return np.asarray(matrix @ self.matrix), sentences, text_of


def _words(joined: str, start: Integers, end: Integers, sentence: int, token_sentence: Integers) -> str:
    first, past = np.searchsorted(token_sentence, [sentence, sentence + 1])
    stop = int(end[past - 1])
    following = joined[stop : stop + 1]
    return joined[int(start[first]) : stop] + (following if following in {".", "!", "?"} else "")
