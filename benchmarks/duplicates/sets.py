"""The sets on which finding duplicates is measured, read from the folder in KADER_DATA (default ../shared/data)."""

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from pipeline.core import IdeaText

csv.field_size_limit(10**7)

_IN_A_ROW = 2  # so far apart are the numbers of two questions that were tabled together

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Ideas, and the pairs that people marked, by place. `is_same`: whether *same* is measured too: only where the
    marks mean that two are the same, not merely that they belong together.
    """

    name: str
    ideas: tuple[IdeaText, ...]
    pairs: frozenset[Pair]
    is_same: bool

    def partners(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for one, other in self.pairs:
            found[one].add(other)
            found[other].add(one)
        return dict(found)


@dataclass(frozen=True, slots=True)
class GradedSet:
    """Pairs of sentences with the likeness that people gave them."""

    name: str
    pairs: tuple[tuple[IdeaText, IdeaText], ...]
    likeness: tuple[float, ...]


def rows(path: str) -> Iterator[dict[str, str]]:
    folder = Path(os.environ.get("KADER_DATA", "../shared/data"))
    with (folder / path).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def bug_reports() -> Iterator[RetrievalSet]:
    """Reports that somebody resolved as duplicates of each other, each project by itself."""
    projects = defaultdict(list)
    for row in rows("bug_duplicates/duplicate_pairs.csv"):
        projects[row["project"]].append(row)
    for project, pairs in projects.items():
        texts = {row[f"id_{side}"]: _report(row, side) for row in pairs for side in "ab"}
        marked = [(row["id_a"], row["id_b"]) for row in pairs]
        yield _retrieval(f"bugs {project}", texts, marked, is_same=True)


def proposals() -> Iterator[RetrievalSet]:
    """Proposals that were sent in again under the same title, with all titles hidden. Those that are nothing but a
    title (27 of 2,162, in 4 of the pairs) are left out: nobody can send in an idea without words.
    """
    texts = {
        row["fund"] + row["id"]: ("", said)
        for row in rows("catalyst_ideas/proposals.csv")
        if (said := f"{row['problem']}\n{row['solution']}".strip())
    }
    again = [
        (row["fund_a"] + row["id_a"], row["fund_b"] + row["id_b"])
        for row in rows("catalyst_ideas/resubmission_pairs.csv")
        if row["same_title"] == "True"
    ]
    yield _retrieval("proposals again", texts, again, is_same=False)


def questions() -> Iterator[RetrievalSet]:
    """Two stand-ins for questions that were answered together: those under one subject heading, to one department, on
    one day; and of these the ones whose numbers are next to each other, or one apart, as they are when somebody tables
    several at once.
    """
    texts, together = {}, defaultdict(list)
    for row in rows("uk_parliament_questions/questions.csv"):
        texts[row["key"]] = ("", row["question"])
        together[row["date"], row["department"], row["heading"]].append(row["key"])
    pairs = [pair for keys in together.values() for pair in combinations(keys, 2)]
    yield _retrieval("questions together", texts, pairs, is_same=False)
    in_a_row = [(one, other) for one, other in pairs if abs(_number(one) - _number(other)) <= _IN_A_ROW]
    yield _retrieval("questions in a row", texts, in_a_row, is_same=False)


def _number(key: str) -> int:
    return int(key.partition("|")[0])


def citizens() -> Iterator[RetrievalSet]:
    """Citizens' proposals under which somebody said that another one is the same (Catalan and Spanish)."""
    texts = {row["id"]: (row["title"], row["summary"]) for row in rows("decidim_barcelona/proposals.csv")}
    said = [
        (row["id_a"], row["id_b"])
        for row in rows("decidim_barcelona/links.csv")
        if row["kind"] == "says_duplicate"
    ]
    yield _retrieval("citizens say duplicate", texts, said, is_same=False)


def sentences() -> Iterator[GradedSet]:
    """STS benchmark (dev) in English and Dutch, and SICK-NL."""
    for name, path, figure in (
        ("sts-b en", "stsb_multi/stsb_en_dev.csv", "score"),
        ("sts-b nl", "stsb_multi/stsb_nl_dev.csv", "score"),
        ("sick nl", "sick_nl/sick_nl.csv", "relatedness"),
    ):
        read = list(rows(path))
        yield GradedSet(
            name,
            tuple((IdeaText("a", row["sentence_a"]), IdeaText("b", row["sentence_b"])) for row in read),
            tuple(float(row[figure]) for row in read),
        )


RETRIEVAL: dict[str, Callable[[], Iterator[RetrievalSet]]] = {
    "bugs": bug_reports,
    "proposals": proposals,
    "questions": questions,
    "citizens": citizens,
}


def _report(row: dict[str, str], side: str) -> tuple[str, str]:
    return row[f"title_{side}"], row[f"description_{side}"]


def _retrieval(
    name: str, texts: dict[str, tuple[str, str]], pairs: Iterable[tuple[str, str]], *, is_same: bool
) -> RetrievalSet:
    places = {key: place for place, key in enumerate(texts)}
    ideas = tuple(IdeaText(str(place), texts[key][1], texts[key][0]) for key, place in places.items())
    known = {
        (min(places[one], places[other]), max(places[one], places[other]))
        for one, other in pairs
        if one != other and one in places and other in places
    }
    return RetrievalSet(name, ideas, frozenset(known), is_same)
