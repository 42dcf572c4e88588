"""Saving and loading text models: arrays and JSON, hashed, never anything that could run.

A folder holds `arrays.npz`, `model.json` and `sha256.txt`, which names the digests of the other two. All is
verified before a byte of it is interpreted, and arrays are read with `allow_pickle=False`.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

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
from pipeline.text.model import Parts, TextModel, content_version
from pipeline.text.vectors.space import VectorSpace

FORMAT = 6
# Of the vector space: what models say nothing of that were saved before there was anything to say.
_UNSAID: dict[str, object] = {"space_encoder": "none", "space_encoder_dimensions": 0, "space_documents": 0}
_ARRAYS, _JSON, _DIGESTS = "arrays.npz", "model.json", "sha256.txt"


class OtherFormatError(PermanentError):
    """The files are whole, and made by a version of Kader that writes them otherwise."""


def save(model: TextModel, folder: Path) -> str:
    """Write `model` as the new `folder`, all or nothing, and return its version.

    Raises PermanentError when the folder exists: a version, once saved, never changes.
    """
    if folder.exists():
        raise PermanentError(f"{folder} exists already; save every text model in a folder of its own.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        contents = {_ARRAYS: _arrays(model.parts), _JSON: _description(model)}
        lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items()]
        for name, content in (contents | {_DIGESTS: "".join(lines).encode()}).items():
            with (temporary / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(0o755)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return model.version


def save_anew(model: TextModel, folder: Path) -> str:
    """Write `model` as `save` does, where another version of Kader wrote the same model so that this one can't read it."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    folder.rename(aside / folder.name)
    try:
        return save(model, folder)
    except BaseException:
        (aside / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def load(folder: Path, *, expected: str | None, encoder: Encoder | None = None) -> TextModel:
    """Read and verify a saved model; `expected` is the version it must have, if known.

    Raises PermanentError when files are missing, damaged or of another version, OtherFormatError when another version
    of Kader made them, and UserError when it was trained with another encoder.
    """
    return load_choosing(folder, expected=expected, choose=lambda _: encoder)


def load_choosing(
    folder: Path, *, expected: str | None, choose: Callable[[str], Encoder | None]
) -> TextModel:
    """Read and verify a saved model as `load` does, with the encoder that `choose` finds for the name in it."""
    parts = _load_parts(folder, expected)
    return TextModel(parts, choose(parts.encoder_name))


def verify(folder: Path) -> None:
    """See whether a saved model is whole and of this version of Kader, quickly: its numbers are not read.

    Raises PermanentError and OtherFormatError as `load` does.
    """
    described = _described(folder, _verified(folder)[1])
    try:
        _limit_encoder(_Described(_UNSAID | described).string("limit_encoder"))
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder) from error


def load_space(folder: Path, *, expected: str | None) -> VectorSpace:
    """Read and verify a saved model as `load` does, for its vector space alone: with whatever encoder."""
    return _load_parts(folder, expected).space


def _load_parts(folder: Path, expected: str | None) -> Parts:
    arrays, description = _verified(folder)
    described = _described(folder, description)
    try:
        with np.load(io.BytesIO(arrays), allow_pickle=False) as loaded:
            parts = _parts(described, {name: loaded[name] for name in loaded.files})
    except (ValueError, KeyError, TypeError, BadZipFile) as error:
        raise _damaged(folder) from error
    version = content_version(parts)
    if version != described["version"] or expected not in {None, version}:
        raise PermanentError(
            f"The text model in {folder} is {version}, not {expected or described['version']}; train it again."
        )
    return parts


def _described(folder: Path, description: bytes) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads(description)
        made_with = described["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder) from error
    if made_with != FORMAT:
        raise OtherFormatError(
            f"The text model in {folder} was made by another version of Kader (format {made_with}, "
            f"this one reads {FORMAT}): run 'kader train' once."
        )
    return described


def _damaged(folder: Path) -> PermanentError:
    return PermanentError(f"The text model in {folder} is damaged or not a text model; train it again.")


def _verified(folder: Path) -> tuple[bytes, bytes]:
    try:
        digests = (folder / _DIGESTS).read_text(encoding="ascii")
        contents = [(name, (folder / name).read_bytes()) for name in (_ARRAYS, _JSON)]
    except (OSError, UnicodeDecodeError) as error:
        raise PermanentError(f"There is no complete text model in {folder}; train it again.") from error
    found = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents)
    if found != digests:
        raise PermanentError(
            f"The text model in {folder} was changed after it was saved and isn't used; train it again."
        )
    return contents[0][1], contents[1][1]


def _arrays(parts: Parts) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        allow_pickle=False,
        features=parts.vectoriser.features,
        idf=parts.vectoriser.idf,
        weights=parts.weights.astype(np.float16),
        bias=parts.bias,
        supported=parts.supported,
        encoder_weights=parts.encoder_weights,
        precedent_frameworks=parts.precedents.frameworks,
        precedent_vectors=parts.precedents.vectors,
        **_passage_arrays("quote", parts.quotes.passages),
        space_vocabulary=parts.space.vectoriser.features,
        space_idf=parts.space.vectoriser.idf,
        space_features=parts.space.features,
        space_projection=parts.space.projection,
    )
    return stream.getvalue()


def _passage_arrays(name: str, passages: Passages) -> dict[str, npt.NDArray[np.generic]]:
    return {
        f"{name}_starts": passages.starts,
        f"{name}_rows": passages.matrix.indptr.astype(np.int32),
        f"{name}_columns": passages.matrix.indices.astype(np.int32),
        f"{name}_values": passages.matrix.data.astype(np.float16),
    }


def _passages(name: str, arrays: dict[str, npt.NDArray[np.generic]], features: int) -> Passages:
    starts = arrays[f"{name}_starts"].astype(np.int64, casting="safe")
    rows, columns = (
        arrays[f"{name}_{each}"].astype(np.int32, casting="safe") for each in ("rows", "columns")
    )
    values = arrays[f"{name}_values"].astype(np.float32, casting="safe")
    matrix = sparse.csr_matrix((values, columns, rows), shape=(features, int(starts[-1])))
    matrix.check_format()
    return Passages(starts, matrix)


def _description(model: TextModel) -> bytes:
    parts = model.parts
    described = {
        "format": FORMAT,
        "version": model.version,
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
    return json.dumps(described, ensure_ascii=False, indent=1).encode()


def _parts(described: dict[str, object], arrays: dict[str, npt.NDArray[np.generic]]) -> Parts:
    """Put the parts together again; a wrong shape or type of anything raises ValueError, KeyError or TypeError."""
    text = _Described(_UNSAID | described)
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
            _limit_encoder(text.string("limit_encoder")),
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


def _limit_encoder(name: str) -> Encoder | None:
    """Kader's own encoder as it was when the model was made."""
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
