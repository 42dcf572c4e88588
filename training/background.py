"""Counts how rare words and n-grams are in everyday Dutch and English: `python -m training.background`.

Reads `parallel_nl_en/pairs.tsv.xz` from the folder in KADER_DATA (default `../shared/data`) and writes
`pipeline/text/lexical/background.npz`: nothing but hashed features and in how many of the sentences each occurs. No
sentence can be read back from it. The single words of the dictionary (OMW-nld) are left out, since a list of
words says nothing of how often they are used.
"""

import lzma
import os
import sys
from pathlib import Path

import numpy as np

from pipeline.text.lexical.background import SHARE, ShippedCounts
from pipeline.text.lexical.features import FEATURES
from pipeline.text.lexical.vectoriser import count

SENTENCES = 80_000
LEAST = 6  # a feature of fewer sentences is as good as unknown, and would make the table large
LEFT_OUT = "OMW-nld"
AT_ONCE = 4_000


def main() -> None:
    source = Path(os.environ.get("KADER_DATA", "../shared/data")) / "parallel_nl_en" / "pairs.tsv.xz"
    if not source.exists():
        sys.exit(f"There is no {source}: set KADER_DATA to the folder that holds parallel_nl_en.")
    target = Path("pipeline/text/lexical") / SHARE
    counted = counts(sentences(source))
    counted.save(target)
    print(f"{target}: {len(counted.features)} features of {counted.documents} sentences")


def sentences(source: Path) -> list[str]:
    """As many Dutch as English sentences, never both sides of one pair; the same choice every time."""
    with lzma.open(source, "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t") for line in lines][1:]
    pairs = [pair for pair in pairs if pair[0] != LEFT_OUT]
    order = np.random.default_rng(1).permutation(len(pairs))[:SENTENCES]
    return [pairs[place][1 + turn % 2] for turn, place in enumerate(order)]


def counts(texts: list[str]) -> ShippedCounts:
    frequency = np.zeros(FEATURES, dtype=np.int64)
    for begin in range(0, len(texts), AT_ONCE):
        frequency += np.bincount(count(texts[begin : begin + AT_ONCE]).feature, minlength=FEATURES)
    features = np.flatnonzero(frequency >= LEAST)
    return ShippedCounts.of(features, frequency[features], len(texts))


if __name__ == "__main__":
    main()
