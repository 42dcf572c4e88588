"""The text model in service: reads ideas, in batches, and says what it sees in them."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from kader.errors import UserError
from pipeline.core import Candidate, Decision, IdeaText, Reading, Reason, TouchedLimit
from pipeline.text.calibration import Calibration
from pipeline.text.encoder import Encoder
from pipeline.text.language import languages
from pipeline.text.limits import LimitIndex
from pipeline.text.reasons import reasons, token_shares
from pipeline.text.space import DIMENSIONS, VectorSpace
from pipeline.text.vectoriser import Floats, Vectoriser, Weighted, count, shares

CANDIDATES = 5
_EXPLAINED = 2
_BATCH = 512
_DECIMALS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """All that a text model consists of; what is saved and loaded.

    `weights`: float32 (known features, frameworks), score = features @ weights + bias. `encoder_weights`: float32
    (dimensions of the encoder, frameworks), without rows when there is none. `supported`: (known features,),
    whether a definition or a labelled idea has the feature (else only unlabelled ideas). `labelled` counts the people's
    decisions learned from.
    """

    frameworks: tuple[str, ...]
    vectoriser: Vectoriser
    weights: Floats
    bias: Floats
    supported: npt.NDArray[np.bool_]
    encoder_name: str
    encoder_weights: Floats
    calibration: Calibration
    limits: LimitIndex
    space: VectorSpace
    labelled: int


class TextModel:
    """A trained, versioned model. Reading changes nothing, so threads may share one."""

    def __init__(self, parts: Parts, encoder: Encoder | None = None) -> None:
        if parts.encoder_name != (encoder.name if encoder else "none"):
            raise UserError(
                f"This text model was trained with the encoder {parts.encoder_name!r}; start it with that encoder, "
                "or train it again with this one."
            )
        self.parts = parts
        self.frameworks = parts.frameworks
        self.space = parts.space.identity
        self.dimensions = DIMENSIONS
        self.version = content_version(parts)
        self._encoder = encoder
        self._average = parts.weights.mean(axis=1, keepdims=True)
        self._relative: Floats = parts.weights - self._average

    def read(self, ideas: Sequence[IdeaText]) -> list[Reading]:
        """Read ideas, many at a time; an idea gets the same reading alone as in any batch."""
        readings: list[Reading] = []
        for begin in range(0, len(ideas), _BATCH):
            readings.extend(self._read([idea.whole for idea in ideas[begin : begin + _BATCH]]))
        return readings

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Only the vectors, float32 (texts, dimensions): for searching while somebody types."""
        return self.parts.space.place(count(texts))

    def _read(self, texts: Sequence[str]) -> list[Reading]:
        parts = self.parts
        counted = count(texts)
        weighted = parts.vectoriser.weigh(counted)
        vectors = parts.space.place(counted)
        scores = self._scores(texts, weighted)
        by_framework, none = parts.calibration.probabilities(scores, shares(weighted.matrix, parts.supported))
        # Equal probabilities keep the order of the frameworks, so that every machine ranks alike.
        ranking = np.argsort(-by_framework, axis=1, kind="stable")[:, :CANDIDATES]
        explained = [
            reasons(weighted, token_shares(weighted, self._relative, ranking[:, place]))
            for place in range(min(_EXPLAINED, ranking.shape[1]))
        ]
        touched = parts.limits.touched(weighted, ranking[:, 0])
        return [
            _reading(*row)
            for row in zip(
                [self._candidates(*row) for row in self._rows(ranking, by_framework, explained)],
                none.tolist(),
                self._decisions(by_framework, none),
                languages(texts),
                vectors,
                touched,
                strict=True,
            )
        ]

    def _scores(self, texts: Sequence[str], weighted: Weighted) -> npt.NDArray[np.float64]:
        scores = np.asarray(weighted.matrix @ self.parts.weights, dtype=np.float64) + self.parts.bias
        if self._encoder is not None:
            # Not a matrix product: BLAS may add up in another order for another batch.
            scores += np.einsum(
                "td,df->tf", self._encoder.encode(texts), self.parts.encoder_weights, dtype=np.float64
            )
        return np.round(scores, _DECIMALS)

    def _decisions(
        self, by_framework: npt.NDArray[np.float64], none: npt.NDArray[np.float64]
    ) -> list[Decision]:
        calibration = self.parts.calibration
        automatic = by_framework.max(axis=1) >= calibration.auto_from
        far = none >= calibration.none_from
        return [
            Decision.NONE if is_far else Decision.AUTO if is_automatic else Decision.ASK
            for is_far, is_automatic in zip(far.tolist(), automatic.tolist(), strict=True)
        ]

    @staticmethod
    def _rows(
        ranking: npt.NDArray[np.intp],
        by_framework: npt.NDArray[np.float64],
        explained: list[list[tuple[Reason, ...]]],
    ) -> "zip[tuple[list[int], list[float], tuple[tuple[Reason, ...], ...]]]":
        ranked = np.take_along_axis(by_framework, ranking, axis=1)
        return zip(ranking.tolist(), ranked.tolist(), zip(*explained, strict=True), strict=True)

    def _candidates(
        self, columns: list[int], probabilities: list[float], explained: tuple[tuple[Reason, ...], ...]
    ) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(
                self.frameworks[column], probability, explained[place] if place < len(explained) else ()
            )
            for place, (column, probability) in enumerate(zip(columns, probabilities, strict=True))
        )


def _reading(
    candidates: tuple[Candidate, ...],
    none: float,
    decision: Decision,
    language: str,
    vector: Floats,
    limits: tuple[TouchedLimit, ...],
) -> Reading:
    return Reading(candidates, none, decision, language, vector, limits)


def content_version(parts: Parts) -> str:
    """A hash over everything that can change a reading."""
    content = hashlib.sha256()
    described = (
        parts.frameworks,
        parts.encoder_name,
        parts.space.identity,
        asdict(parts.calibration),
        parts.limits.described,
        f"{parts.vectoriser.unknown_idf:.6f}",
    )
    content.update(repr(described).encode())
    for array in (
        parts.vectoriser.features,
        parts.vectoriser.idf,
        parts.weights,
        parts.bias,
        parts.supported,
        parts.encoder_weights,
        parts.limits.matrix,
    ):
        content.update(np.ascontiguousarray(array).tobytes())
    return f"text-{content.hexdigest()[:16]}"
