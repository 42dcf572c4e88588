"""Makes a file of invented ideas of any size, in which one in ten is an earlier one with a word changed.

    python -m benchmarks.duplicates.generate 100000 ideas.csv

Word frequencies follow Zipf's law, as those of any language do, so that searching costs what it costs on real texts.
"""

import csv
import random
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

_SYLLABLES = [
    "ka",
    "de",
    "ri",
    "mo",
    "ta",
    "ven",
    "sel",
    "bo",
    "lin",
    "gra",
    "pe",
    "ster",
    "wa",
    "dok",
    "fi",
    "ne",
    "schu",
    "lo",
    "mar",
    "ti",
]
_WORDS = 40_000
_REMEMBERED = 500
_AGAIN = 0.1


def ideas(count: int, *, seed: int = 0) -> Iterator[tuple[str, str, str]]:
    """Rows of id, title, text; 15 to 60 words each."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(_WORDS)]
    weights = list(accumulate(1 / (rank + 5) for rank in range(_WORDS)))
    earlier: list[list[str]] = []
    for number in range(count):
        if earlier and chance.random() < _AGAIN:
            text = list(chance.choice(earlier))
            text[chance.randrange(len(text))] = chance.choices(words, cum_weights=weights)[0]
        else:
            text = chance.choices(words, cum_weights=weights, k=chance.randrange(15, 60))
        earlier = [*earlier[-_REMEMBERED:], text]
        yield f"{number}", " ".join(text[:5]), " ".join(text[5:])


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "title", "text"))
        writer.writerows(ideas(count))


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]))
