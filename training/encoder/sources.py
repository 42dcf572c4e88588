"""The texts that the encoder learns from: pairs of Dutch and English, and English alone. No evaluation text is one."""

import csv
import lzma
import os
import sys
from dataclasses import dataclass
from pathlib import Path

PAIRS = "parallel_nl_en/pairs.tsv.xz"
# Apache-2.0. The ideas of which people rated how alike they are stay out: duplicates are measured on them.
IDEAS = {
    "innovonto_ideas/smart_coating_ideas.csv": ("idea",),
    "innovonto_ideas/tco_ideas.csv": ("idea", "refinements"),
}
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Lessons:
    """`english`: different texts, for the teacher to read. Each of `texts` is to get the vector of the English text
    at the place that `meant` gives.
    """

    english: tuple[str, ...]
    texts: tuple[str, ...]
    meant: tuple[int, ...]


def data_folder() -> Path:
    return Path(os.environ.get("KADER_DATA", "../shared/data"))


def read_lessons(folder: Path) -> Lessons:
    """All pairs and ideas; ends the program with a sentence when the folder lacks them."""
    for name in (PAIRS, *IDEAS):
        if not (folder / name).is_file():
            sys.exit(f"There is no {folder / name}: set KADER_DATA to the folder that holds it.")
    with lzma.open(folder / PAIRS, "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t")[1:3] for line in lines][1:]
    place: dict[str, int] = {}
    for text in (*(english for english, _ in pairs), *_ideas(folder)):
        place.setdefault(text, len(place))
    english = tuple(place)
    texts = english + tuple(dutch for _, dutch in pairs)
    meant = (*range(len(english)), *(place[each] for each, _ in pairs))
    return Lessons(english, texts, meant)


def _ideas(folder: Path) -> list[str]:
    found = []
    for name, columns in IDEAS.items():
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.extend(row[column] for column in columns)
    return [text for text in found if len(text.split()) >= _LEAST_WORDS]
