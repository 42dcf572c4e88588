"""The seam for sentence encoders: Kader's own by default, which needs nothing but numpy, or another, or none."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Encoder(Protocol):
    """Turns texts into sentence vectors that join the lexical features."""

    @property
    def name(self) -> str:
        """Identifies the encoder and its weights; part of the version of every model trained with it."""

    @property
    def dimensions(self) -> int:
        """Length of each vector."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Float32 (len(texts), dimensions), rows of unit length. The same text always gives the same row."""


# How much the cosine of sentence vectors counts beside that of words and character n-grams, which counts for 1. Where
# every word has one row whatever stands around it, the encoder repeats much of what the words say already. Measured on
# reports that people marked as duplicates (Eclipse, OpenOffice); half or twice as much ranks nearly as well.
_BESIDE_WORDS, _ROWS_BESIDE_WORDS = 0.8, 0.2
_BY_ROWS = ("builtin", "model2vec")


def beside_words(name: str) -> float:
    """How much the encoder called `name` counts for likeness, when words count for 1; "none" counts for nothing."""
    if name == "none":
        return 0.0
    return _ROWS_BESIDE_WORDS if one_row_a_word(name) else _BESIDE_WORDS


def one_row_a_word(name: str) -> bool:
    """Whether the encoder called `name` gives a word the same numbers whatever stands around it."""
    return name.startswith(_BY_ROWS)


def load_encoder(name: str, *, cache: Path | None = None, download: bool = True) -> Encoder | None:
    """Find the encoder called `name`; "builtin" is Kader's own, "none" means lexical features alone.

    Otherwise `name` is a folder, or a model's name on the Hugging Face hub, of sentence-transformers or model2vec;
    `sentence-transformers:` or `model2vec:` before it says which, when the folder itself shouldn't. Nothing but a
    name that isn't a folder makes Kader use the network, and only when it wasn't fetched before and `download`
    allows it. No code that comes with a model is ever run. `cache`: folder in which vectors are kept, by the
    hash of their text; Kader's own is quicker than any folder, and keeps none.

    Raises UserError, one sentence that says what to do, when there is no such encoder, it isn't one, what it
    needs isn't installed, or the hub can't be reached; PermanentError when Kader's own is damaged.
    """
    if name == "none":
        return None
    if name == "builtin":
        from pipeline.text.encoders.builtin import load_builtin

        return load_builtin()
    from pipeline.text.encoders.folders import Kind, find

    found = find(name, download=download)
    encoder: Encoder
    if found.kind is Kind.MODEL2VEC:
        from pipeline.text.encoders.model2vec import Model2VecEncoder

        encoder = Model2VecEncoder(found)
    else:
        from pipeline.text.encoders.sentence_transformers import SentenceTransformersEncoder

        encoder = SentenceTransformersEncoder(found)
    if cache is None:
        return encoder
    from pipeline.text.encoders.cache import CachedEncoder, VectorCache

    return CachedEncoder(encoder, VectorCache(cache))
