"""The parts of a text model as arrays and plain values, and back: what the files of an artifact hold."""

from dataclasses import asdict

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kader.errors import PermanentError
from pipeline.core import LimitText
from pipeline.text.certainty.calibration import Calibration
from pipeline.text.encoders.encoder import Encoder, load_encoder
from pipeline.text.explaining.limits import FrameworkLimits, Judgement, LimitIndex
from pipeline.text.explaining.precedents import Precedents
from pipeline.text.explaining.quotes import QuoteIndex
from pipeline.text.lexical.sentences import Passages
from pipeline.text.lexical.vectoriser import Vectoriser
from pipeline.text.model import Parts
from pipeline.text.vectors.space import VectorSpace

Arrays = dict[str, npt.NDArray[np.generic]]

# Of the vector space: what models say nothing of that were saved before there was anything to say.
_UNSAID: dict[str, object] = {"space_encoder": "none", "space_encoder_dimensions": 0, "space_documents": 0}


class OtherFormatError(PermanentError):
    """The files are whole, and made by a version of Kader that writes them otherwise."""


def arrays_of(parts: Parts) -> Arrays:
    """All numbers of which there are many, by name; weights in 2 bytes each."""
    return {
        "features": parts.vectoriser.features,
        "idf": parts.vectoriser.idf,
        "weights": parts.weights.astype(np.float16),
        "bias": parts.bias,
        "supported": parts.supported,
        "encoder_weights": parts.encoder_weights,
        "precedent_frameworks": parts.precedents.frameworks,
        "precedent_vectors": parts.precedents.vectors,
        **_passage_arrays("quote", parts.quotes.passages),
        "space_vocabulary": parts.space.vectoriser.features,
        "space_idf": parts.space.vectoriser.idf,
        "space_features": parts.space.features,
        "space_projection": parts.space.projection,
    }


def _passage_arrays(name: str, passages: Passages) -> Arrays:
    return {
        f"{name}_starts": passages.starts,
        f"{name}_rows": passages.matrix.indptr.astype(np.int32),
        f"{name}_columns": passages.matrix.indices.astype(np.int32),
        f"{name}_values": passages.matrix.data.astype(np.float16),
    }


def described(parts: Parts) -> dict[str, object]:
    """All else, as JSON keeps it."""
    return {
        "frameworks": parts.frameworks,
        "unknown_idf": parts.vectoriser.unknown_idf,
        "encoder": parts.encoder_name,
        "calibration": asdict(parts.calibration),
        "limits": [asdict(each) for each in parts.limits.frameworks],
        "limit_encoder": parts.limits.encoder_name,
        "limit_judgement": asdict(parts.limits.judgement),
        "quotes": parts.quotes.words,
        "precedents": parts.precedents.ideas,
        "precedents_from": parts.precedents.named_from,
        "space_unknown_idf": parts.space.vectoriser.unknown_idf,
        "space_seed": parts.space.seed,
        "space_encoder": parts.space.encoder_name,
        "space_encoder_dimensions": parts.space.encoder_dimensions,
        "space_documents": parts.space.documents,
        "labelled": parts.labelled,
    }


def parts_of(description: dict[str, object], arrays: Arrays) -> Parts:
    """The opposite of `described` and `arrays_of`.

    A wrong shape or type of anything raises ValueError, KeyError or TypeError; OtherFormatError: Kader's own encoder has
    changed since.
    """
    text = _Described(_UNSAID | description)
    integers = {
        name: arrays[name].astype(np.int64, casting="safe")
        for name in arrays
        if arrays[name].dtype == np.int64
    }
    numbers = {name: arrays[name].astype(np.float32) for name in arrays if arrays[name].dtype.kind == "f"}
    frameworks = tuple(text.strings("frameworks"))
    weights = numbers["weights"]
    if weights.shape != (len(integers["features"]), len(frameworks)):
        raise ValueError("the weights don't fit the features and frameworks")
    vectoriser = Vectoriser(integers["features"], numbers["idf"], text.number("unknown_idf"))
    return Parts(
        frameworks=frameworks,
        vectoriser=vectoriser,
        weights=weights,
        bias=numbers["bias"],
        supported=arrays["supported"].astype(np.bool_, casting="safe"),
        encoder_name=text.string("encoder"),
        encoder_weights=numbers["encoder_weights"],
        calibration=text.calibration(),
        limits=LimitIndex(
            text.limits("limits"),
            vectoriser,
            limit_encoder_of(description),
            text.judgement("limit_judgement"),
        ),
        quotes=QuoteIndex(text.lists("quotes"), _passages("quote", arrays, len(weights))),
        precedents=Precedents(
            text.strings("precedents"),
            integers["precedent_frameworks"],
            arrays["precedent_vectors"].astype(np.float16, casting="safe"),
            text.number("precedents_from"),
        ),
        space=VectorSpace(
            Vectoriser(integers["space_vocabulary"], numbers["space_idf"], text.number("space_unknown_idf")),
            integers["space_features"],
            arrays["space_projection"].astype(np.float16, casting="safe"),
            int(text.number("space_seed")),
            encoder_name=text.string("space_encoder"),
            encoder_dimensions=int(text.number("space_encoder_dimensions")),
            documents=int(text.number("space_documents")),
        ),
        labelled=int(text.number("labelled")),
    )


def _passages(name: str, arrays: Arrays, features: int) -> Passages:
    starts = arrays[f"{name}_starts"].astype(np.int64, casting="safe")
    rows, columns = (
        arrays[f"{name}_{each}"].astype(np.int32, casting="safe") for each in ("rows", "columns")
    )
    values = arrays[f"{name}_values"].astype(np.float32, casting="safe")
    matrix = sparse.csr_matrix((values, columns, rows), shape=(features, int(starts[-1])))
    matrix.check_format()
    return Passages(starts, matrix)


def limit_encoder_of(description: dict[str, object]) -> Encoder | None:
    """Kader's own encoder as it was when the model was made; raises as `parts_of` does."""
    name = _Described(description).string("limit_encoder")
    if name == "none":
        return None
    encoder = load_encoder("builtin")
    if encoder is None or encoder.name != name:
        raise OtherFormatError(
            "The text model was made with another version of Kader's own encoder: run 'kader train' once."
        )
    return encoder


class _Described:
    """Reads typed values from untyped JSON."""

    def __init__(self, values: dict[str, object]) -> None:
        self._values = values

    def string(self, name: str) -> str:
        value = self._values[name]
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def strings(self, name: str) -> list[str]:
        value = self._values[name]
        if not isinstance(value, list):
            raise TypeError(name)
        return [str(item) for item in value]

    def number(self, name: str) -> float:
        value = self._values[name]
        if not isinstance(value, int | float):
            raise TypeError(name)
        return float(value)

    def lists(self, name: str) -> list[list[str]]:
        value = self._values[name]
        if not isinstance(value, list):
            raise TypeError(name)
        return [[str(item) for item in each] for each in value]

    def limits(self, name: str) -> list[FrameworkLimits]:
        value = self._values[name]
        if not isinstance(value, list):
            raise TypeError(name)
        return [
            FrameworkLimits(
                str(each["own"]),
                tuple(LimitText(str(limit["title"]), str(limit["reason"])) for limit in each["limits"]),
            )
            for each in value
        ]

    def judgement(self, name: str) -> Judgement:
        value = self._values[name]
        if not isinstance(value, dict):
            raise TypeError(name)
        weights = tuple(float(weight) for weight in value["weights"])
        return Judgement(weights, float(value["bias"]), float(value["shown_from"]))

    def calibration(self) -> Calibration:
        value = self._values["calibration"]
        if not isinstance(value, dict):
            raise TypeError("calibration")
        first, second, third = value["none_weights"]
        return Calibration(
            temperature=float(value["temperature"]),
            offsets=tuple(float(offset) for offset in value["offsets"]),
            none_weights=(float(first), float(second), float(third)),
            none_bias=float(value["none_bias"]),
            auto_from=tuple(float(confidence) for confidence in value["auto_from"]),
            own_promise=tuple(bool(own) for own in value["own_promise"]),
            none_from=float(value["none_from"]),
            ceiling=float(value["ceiling"]),
        )
