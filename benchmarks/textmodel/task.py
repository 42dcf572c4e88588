"""One question put to a text model: frameworks, labelled ideas, and ideas whose right answer is known."""

import csv
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core import FrameworkText, IdeaText, LabelledIdea

PROJECT = Path(__file__).resolve().parents[2]
LANGUAGES = {
    "proposals": "en",
    "neighbourhood_nl": "nl",
    "ministries_nl": "nl",
    "departments_en": "en",
    "clinc150": "en",
    "hwu64": "en",
    "decidim": "ca",
    "cimt_german": "de",
    "paris": "fr",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """An idea as a set has it; `label` is a framework's slug, or None for "fits none"."""

    idea: IdeaText
    label: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """What a system may see (`frameworks`, `labelled`, the texts of `test`) and what it is measured on (`truth`).

    `set` is the data set and `part` one organisation in it (a fund, a neighbourhood, a cabinet period), which has
    frameworks of its own. `regime` says how much is labelled: "cold" (nothing), a number per framework, "half" or
    "full". `draw` numbers the random choice of what is labelled; the same draw of "10" contains that of "3".
    `truth` has the slug for each of `test`, None where no framework fits.
    """

    set: str
    part: str
    regime: str
    draw: int
    frameworks: tuple[FrameworkText, ...]
    labelled: tuple[LabelledIdea, ...]
    test: tuple[IdeaText, ...]
    truth: tuple[str | None, ...]

    @property
    def key(self) -> str:
        """Names this task in results."""
        return f"{self.set}/{self.part}/{self.regime}/{self.draw}"

    @property
    def language(self) -> str:
        """Two-letter code of the language that most ideas are in."""
        return LANGUAGES[self.set]

    @property
    def corpus(self) -> tuple[str, ...]:
        """Texts without labels, as `kader classify` passes them: the ideas that are to be classified."""
        return tuple(idea.whole for idea in self.test)


def data_folder() -> Path:
    """The folder with real data; ends the program with a sentence when it is missing."""
    folder = PROJECT / os.environ.get("KADER_DATA", "../shared/data")
    if not folder.is_dir():
        sys.exit(f"There is no folder {folder}: set KADER_DATA to the folder with the data sets.")
    return folder


def rows(name: str) -> list[dict[str, str]]:
    """All rows of a CSV file in the data folder, such as "hwu64/hwu64.csv"."""
    path = data_folder() / name
    if not path.is_file():
        sys.exit(f"{path} is missing: leave the set out with --sets, or complete the data folder.")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def task(
    named: tuple[str, str, str, int],
    frameworks: Sequence[FrameworkText],
    train: Sequence[Labelled],
    test: Sequence[Labelled],
) -> Task:
    """Put a task together; `named` is its set, part, regime and draw."""
    return Task(
        *named,
        frameworks=tuple(frameworks),
        labelled=tuple(LabelledIdea(each.idea, each.label) for each in train),
        test=tuple(each.idea for each in test),
        truth=tuple(each.label for each in test),
    )


def shuffled(items: Sequence[Labelled], *seeds: str | int) -> list[Labelled]:
    """A random order that depends on nothing but `seeds`, on any machine."""
    order = list(items)
    random.Random("/".join(map(str, seeds))).shuffle(order)
    return order
