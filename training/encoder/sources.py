"""The texts that the encoder learns from: pairs of Dutch and English, and English alone. No evaluation text is one."""

import csv
import lzma
import os
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

PAIRS = "parallel_nl_en/pairs.tsv.xz"
# Apache-2.0. The ideas of which people rated how alike they are stay out: duplicates are measured on them.
IDEAS = {
    "innovonto_ideas/smart_coating_ideas.csv": ("idea",),
    "innovonto_ideas/tco_ideas.csv": ("idea", "refinements"),
}
_LEAST_WORDS = 4
_LEAST_LETTERS = 3
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Lessons:
    """`english`: different texts, for the teacher to read, of which those from `words` on are single words.

    Each of `texts` is to get the vector of the English text at the place that `meant` gives.
    """

    english: tuple[str, ...]
    words: int
    texts: tuple[str, ...]
    meant: tuple[int, ...]


def data_folder() -> Path:
    return Path(os.environ.get("KADER_DATA", "../shared/data"))


def read_lessons(folder: Path, known: Collection[str]) -> Lessons:
    """All pairs and ideas, and each English word by itself: those met, and those `known` to the teacher as one piece.

    Ends the program with a sentence when the folder lacks them.
    """
    for name in (PAIRS, *IDEAS):
        if not (folder / name).is_file():
            sys.exit(f"There is no {folder / name}: set KADER_DATA to the folder that holds it.")
    with lzma.open(folder / PAIRS, "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t")[1:3] for line in lines][1:]
    place: dict[str, int] = {}
    for text in (*(english for english, _ in pairs), *_ideas(folder)):
        place.setdefault(text, len(place))
    words = len(place)
    for word in _words_alone(place, [dutch for _, dutch in pairs], known):
        place.setdefault(word, len(place))
    english = tuple(place)
    texts = english + tuple(dutch for _, dutch in pairs)
    meant = (*range(len(english)), *(place[each] for each, _ in pairs))
    return Lessons(english, words, texts, meant)


def _words_alone(english: Iterable[str], dutch: Iterable[str], known: Collection[str]) -> list[str]:
    """A word that Dutch has more often is left out: "die" and "room" would learn what they mean in English."""
    met, foreign = _counted(english), _counted(dutch)
    words = {*met, *(word.lower() for word in known if _WORD.fullmatch(word))}
    return sorted(word for word in words if len(word) >= _LEAST_LETTERS and foreign[word] <= met[word])


def _counted(texts: Iterable[str]) -> Counter[str]:
    return Counter(word.lower() for text in texts for word in _WORD.findall(text))


def _ideas(folder: Path) -> list[str]:
    found = []
    for name, columns in IDEAS.items():
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.extend(row[column] for column in columns)
    return [text for text in found if len(text.split()) >= _LEAST_WORDS]
