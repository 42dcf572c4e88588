"""Static encoders: the mean of one vector a word piece (Tulkens and van Dongen, model2vec). Needs numpy alone."""

from collections.abc import Sequence
from threading import Lock

import numpy as np

from pipeline.text.encoders.folders import EncoderFolder
from pipeline.text.encoders.rows import readable, unit_rows
from pipeline.text.lexical.vectoriser import Floats

_AT_ONCE = 64


class Model2VecEncoder:
    """Encodes with a StaticModel. All of a text counts, however long it is."""

    def __init__(self, found: EncoderFolder) -> None:
        try:
            from model2vec import StaticModel
        except ImportError as error:
            raise found.not_installed(error) from error
        self.name = found.identity()
        try:
            self._model = StaticModel.from_pretrained(found.folder)
            self.dimensions = int(self._model.dim)
        except Exception as error:  # the library raises whatever its own libraries do
            raise found.not_usable(error) from error
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> Floats:
        """Float32 (len(texts), dimensions), rows of unit length."""
        rows = np.zeros((len(texts), self.dimensions))
        # One at a time: the tokenizer's limits are set for the length of a call.
        with self._lock:
            for begin in range(0, len(texts), _AT_ONCE):
                block = [readable(text) for text in texts[begin : begin + _AT_ONCE]]
                pieces = self._model.encode_as_sequence(block, max_length=None, use_multiprocessing=False)
                for place, vectors in enumerate(pieces, begin):
                    if len(vectors):
                        # Each text by itself, so that no other text of the batch can change a bit of it.
                        rows[place] = vectors.astype(np.float64).mean(axis=0)
        return unit_rows(rows)
