"""The text model in service: reads ideas, in batches, and says what it sees in them."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from kader.errors import UserError
from pipeline.asking import Autonomy
from pipeline.core import Candidate, Decision, IdeaText, Quote, Reading, Reason, Vector
from pipeline.text.certainty.calibration import NEVER, Calibration
from pipeline.text.duplicates.between_languages import BetweenLanguages
from pipeline.text.duplicates.similar import Similar, similar
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.explaining.limits import LimitIndex
from pipeline.text.explaining.precedents import Precedents
from pipeline.text.explaining.quotes import QuoteIndex
from pipeline.text.explaining.reasons import entry_weights, reasons, spoken, with_meaning
from pipeline.text.lexical.language import languages
from pipeline.text.lexical.rare import rare_words
from pipeline.text.lexical.sentences import sentences
from pipeline.text.lexical.vectoriser import Floats, Vectoriser, Weighted, count, shares
from pipeline.text.vectors.space import VectorSpace

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
    quotes: QuoteIndex
    precedents: Precedents
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
        self.dimensions = parts.space.dimensions
        self.version = content_version(parts)
        self._encoder = encoder
        # In rows of features, or each product would copy it first.
        self._weights = np.ascontiguousarray(parts.weights)
        self._relative: Floats = self._weights - self._weights.mean(axis=1, keepdims=True)

    @property
    def decided_alone(self) -> tuple[str, ...]:
        """The frameworks for which the model may decide alone, when it is sure enough."""
        auto_from = self.parts.calibration.auto_from
        return tuple(slug for slug, begin in zip(self.frameworks, auto_from, strict=True) if begin < NEVER)

    @property
    def autonomy(self) -> Autonomy:
        """What it may decide alone, to say why it asks."""
        begins = zip(self.frameworks, self.parts.calibration.auto_from, strict=True)
        # The newest labelled ideas of each framework are kept, so one that has any has some here.
        placed = {self.frameworks[column] for column in set(self.parts.precedents.frameworks.tolist()) - {-1}}
        return Autonomy(
            self.parts.labelled,
            {slug: round(begin, _DECIMALS) for slug, begin in begins if begin <= 1},
            frozenset(self.frameworks) - placed,
        )

    @property
    def promised(self) -> tuple[str, ...]:
        """Those of them for which the promise about errors holds by itself; for the others it holds together."""
        own = self.parts.calibration.own_promise
        return tuple(slug for slug, by_itself in zip(self.frameworks, own, strict=True) if by_itself)

    @property
    def between(self) -> BetweenLanguages | None:
        """How to compare ideas in two languages; None when the encoder doesn't know both."""
        return BetweenLanguages.of(self._encoder)

    def read(self, ideas: Sequence[IdeaText]) -> list[Reading]:
        """Read ideas, many at a time; an idea gets the same reading alone as in any batch."""
        readings: list[Reading] = []
        for begin in range(0, len(ideas), _BATCH):
            readings.extend(self._read(ideas[begin : begin + _BATCH]))
        return readings

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Only the vectors, float32 (texts, dimensions): for searching while somebody types."""
        return self.parts.space.place(count(texts), self._encoded(texts))

    def signs(self, vector: Vector) -> bytes:
        """What is kept of a vector to find it from the other language; empty when the encoder doesn't know both."""
        return self.parts.space.signs(vector[None, :])[0] if self.between is not None else b""

    def similar(
        self, draft: str, candidates: Sequence[IdeaText], *, elsewhere: Collection[str] = (), most: int
    ) -> list[Similar]:
        """Which of `candidates` resemble what somebody is typing: see `pipeline.text.duplicates.similar`."""
        return similar(
            draft, candidates, self.parts.vectoriser, self._encoder, elsewhere=elsewhere, most=most
        )

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """The linear score of each text and framework: (texts, frameworks)."""
        return self._scores(self._encoded(texts), self.parts.vectoriser.read(texts, titles=True))

    def _read(self, ideas: Sequence[IdeaText]) -> list[Reading]:
        parts = self.parts
        texts = [idea.whole for idea in ideas]
        counted = count(texts)
        weighted = parts.vectoriser.weigh(counted, titles=True)
        encoded = self._encoded(texts)
        vectors = parts.space.place(counted, encoded)
        scores = self._scores(encoded, weighted)
        by_framework, none = parts.calibration.probabilities(scores, shares(weighted.matrix, parts.supported))
        # Rounded, they may add up to a hair more than 1.
        rest = np.maximum(1 - by_framework.sum(axis=1), 0)
        none = np.minimum(none, np.round(rest, _DECIMALS))
        # Equal probabilities keep the order of the frameworks, so that every machine ranks alike.
        ranking = np.argsort(-by_framework, axis=1, kind="stable")[:, :CANDIDATES]
        explained = ranking[:, :_EXPLAINED]
        divided = sentences(weighted)
        candidates = self._candidates(
            ranking,
            by_framework,
            self._reasons(encoded, weighted, explained),
            parts.quotes.best(divided, explained),
        )
        return [
            Reading(*row)
            for row in zip(
                candidates,
                none.tolist(),
                self._decisions(by_framework, none),
                languages(texts, [idea.language for idea in ideas]),
                vectors,
                parts.limits.touched(
                    divided,
                    explained,
                    self.frameworks,
                    texts,
                    encoded if parts.encoder_name == parts.limits.encoder_name else None,
                ),
                parts.precedents.nearest(ideas, vectors, self.frameworks),
                rare_words(counted.occurrences),
                strict=True,
            )
        ]

    def _encoded(self, texts: Sequence[str]) -> Floats | None:
        return None if self._encoder is None else self._encoder.encode(texts)

    def _scores(self, encoded: Floats | None, weighted: Weighted) -> npt.NDArray[np.float64]:
        scores = np.asarray(weighted.matrix @ self._weights, dtype=np.float64) + self.parts.bias
        if encoded is not None:
            # Not a matrix product: BLAS may add up in another order for another batch.
            scores += np.einsum("td,df->tf", encoded, self.parts.encoder_weights, dtype=np.float64)
        return np.round(scores, _DECIMALS)

    def _reasons(
        self, encoded: Floats | None, weighted: Weighted, explained: npt.NDArray[np.intp]
    ) -> list[tuple[tuple[Reason, ...], ...]]:
        """Per text: what speaks for and against the best framework, beside the average one; and what speaks for the
        runner-up instead of the best.
        """
        found = weighted.counted.occurrences
        best = entry_weights(weighted, self._relative, explained[:, 0])
        told = [reasons(found, spoken(weighted, best))]
        for place in range(1, explained.shape[1]):
            rather = entry_weights(weighted, self._relative, explained[:, place]) - best
            told.append(reasons(found, spoken(weighted, rather), instead=True))
        if encoded is not None:
            # In the same way: the share of the sentence vectors.
            by_framework = np.einsum("td,df->tf", encoded, self.parts.encoder_weights, dtype=np.float64)
            asked = np.take_along_axis(by_framework, explained, axis=1)
            beside = [by_framework.mean(axis=1), *[asked[:, 0]] * (asked.shape[1] - 1)]
            told = [
                [
                    with_meaning(each, share, instead=place > 0)
                    for each, share in zip(
                        told[place], (asked[:, place] - beside[place]).tolist(), strict=True
                    )
                ]
                for place in range(asked.shape[1])
            ]
        return list(zip(*told, strict=True))

    def _decisions(
        self, by_framework: npt.NDArray[np.float64], none: npt.NDArray[np.float64]
    ) -> list[Decision]:
        calibration = self.parts.calibration
        automatic = by_framework.max(axis=1) >= np.asarray(calibration.auto_from)[by_framework.argmax(axis=1)]
        far = none >= calibration.none_from
        return [
            Decision.NONE if is_far else Decision.AUTO if is_automatic else Decision.ASK
            for is_far, is_automatic in zip(far.tolist(), automatic.tolist(), strict=True)
        ]

    def _candidates(
        self,
        ranking: npt.NDArray[np.intp],
        by_framework: npt.NDArray[np.float64],
        told: list[tuple[tuple[Reason, ...], ...]],
        quotes: list[tuple[Quote | None, ...]],
    ) -> list[tuple[Candidate, ...]]:
        ranked = np.take_along_axis(by_framework, ranking, axis=1)
        unexplained = ranking.shape[1] - min(_EXPLAINED, ranking.shape[1])
        return [
            tuple(
                Candidate(self.frameworks[column], *row)
                for column, *row in zip(
                    columns,
                    probabilities,
                    said + ((),) * unexplained,
                    quoted + (None,) * unexplained,
                    strict=True,
                )
            )
            for columns, probabilities, said, quoted in zip(
                ranking.tolist(), ranked.tolist(), told, quotes, strict=True
            )
        ]


def content_version(parts: Parts) -> str:
    """A hash over everything that can change a reading."""
    content = hashlib.sha256()
    described = (
        parts.frameworks,
        parts.encoder_name,
        parts.space.identity,
        asdict(parts.calibration),
        [asdict(each) for each in parts.limits.frameworks],
        parts.limits.encoder_name,
        asdict(parts.limits.judgement),
        parts.quotes.words,
        parts.precedents.ideas,
        parts.precedents.named_from,
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
        parts.precedents.frameworks,
        parts.precedents.vectors,
        parts.quotes.passages.starts,
        parts.quotes.passages.matrix.indptr,
        parts.quotes.passages.matrix.indices,
        parts.quotes.passages.matrix.data,
    ):
        content.update(np.ascontiguousarray(array).tobytes())
    return f"text-{content.hexdigest()[:16]}"
