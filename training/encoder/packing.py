"""Writes the encoder: four bits a number, in files that can be mapped into memory, with a card of their hashes."""

import hashlib
import json
from pathlib import Path

import numpy as np

from pipeline.text.encoders.builtin import CARD
from pipeline.text.encoders.spelling import Keys
from pipeline.text.lexical.vectoriser import Floats
from training.encoder.learning import Learned

VERSION = 2
LONG = 0.5
# How much the parts of an unknown word count. Learning finds half of it, but its words had n-grams that knew them.
PARTS = 0.9
_LEVELS = 16
_ROUNDS = 30
_SAMPLE = 400_000
_FITS = 4


def pack(keys: Keys, learned: Learned, folder: Path, *, seed: int) -> int:
    """Write `keys` (words,) and what was learned about them; returns the number of bytes."""
    turn = _rotation(learned.words.shape[1], seed)
    words, ngrams = learned.words @ turn, learned.ngrams @ turn
    levels = _levels(words)
    files: dict[str, np.ndarray] = {"keys": keys}
    for name, rows in (("word", words), ("ngram", ngrams)):
        files[f"{name}s"], files[f"{name}_lengths"] = _packed(rows, levels)
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for name, numbers in files.items():
        np.save(folder / f"{name}.npy", numbers)
        hashes[name] = hashlib.sha256((folder / f"{name}.npy").read_bytes()).hexdigest()
    card = {
        "version": VERSION,
        "words": len(keys),
        "dimensions": words.shape[1],
        "weights": {
            "ngrams": 1.0,
            "parts": PARTS,
            "long": LONG,
        },
        "levels": [round(float(level), 5) for level in levels],
        "sha256": hashes,
    }
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return sum((folder / f"{name}.npy").stat().st_size for name in files)


def _rotation(dimensions: int, seed: int) -> Floats:
    """Angles stay, and all directions become equally long, so that each deserves the same four bits."""
    drawn = np.random.default_rng(seed).standard_normal((dimensions, dimensions))
    return np.linalg.qr(drawn)[0].astype(np.float32)


def _levels(rows: Floats) -> Floats:
    """The sixteen numbers by which those of a row, divided by their root mean square, are best told (Lloyd, 1957)."""
    sample = np.random.default_rng(0).choice((rows / _size(rows)[:, None]).ravel(), _SAMPLE)
    levels = np.quantile(sample, (np.arange(_LEVELS) + 0.5) / _LEVELS)
    for _ in range(_ROUNDS):
        nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, sample)
        levels = np.bincount(nearest, sample, _LEVELS) / np.maximum(
            np.bincount(nearest, minlength=_LEVELS), 1
        )
    return levels.round(5).astype(np.float32)


def _packed(rows: Floats, levels: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Two numbers a byte, the lower bits first: uint8 (rows, dimensions / 2); and float16 (rows,)."""
    between = (levels[1:] + levels[:-1]) / 2
    size = _size(rows)
    for _ in range(_FITS):
        told = np.searchsorted(between, rows / size[:, None])
        near = levels[told]
        size = np.maximum((rows * near).sum(axis=1) / (near * near).sum(axis=1), 1e-6)
    size = size.astype(np.float16)
    told = np.searchsorted(between, rows / np.maximum(size, 1e-6).astype(np.float32)[:, None]).astype(
        np.uint8
    )
    return told[:, 0::2] | (told[:, 1::2] << 4), size


def _size(rows: Floats) -> Floats:
    return np.maximum(np.sqrt((rows * rows).mean(axis=1)), 1e-6)
