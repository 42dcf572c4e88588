"""What every encoder's vectors have in common."""

import numpy as np
import numpy.typing as npt

from pipeline.text.lexical.vectoriser import Floats

_DECIMALS = 5


def unit_rows(vectors: npt.NDArray[np.floating]) -> Floats:
    """Rows (n, dimensions) brought to unit length, float32, rounded as in the space of neighbours.

    A row without direction (of an empty text) becomes the first axis: unit length as promised, and close to
    nothing else.
    """
    rows = vectors.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    empty = lengths < 1e-9
    rows[empty, 0] = 1
    lengths[empty] = 1
    unit: Floats = np.round(rows / lengths[:, None], _DECIMALS).astype(np.float32)
    return unit


def readable(text: str) -> str:
    """The text without halves of characters, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
