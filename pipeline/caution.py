"""When the words of two ideas can't tell whether they are the same, a person says so."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import replace

from pipeline.core import IdeaText, PairVerdict, Sameness

# Fewer different words than this ("See the attachment") say too little to tell two ideas apart.
FEWEST_WORDS = 5
# What is made of a likeness that says nothing: as likely as not.
UNTOLD = 0.5
_WORD = re.compile(r"\w+")


def differ_by_files(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Whether two ideas in the same words are two, by the digests of what came with them.

    "See the attachment" may be sent twice with two attachments.
    """
    return one != other


def careful(
    verdict: PairVerdict, one: IdeaText, other: IdeaText, *, files: tuple[AbstractSet[str], AbstractSet[str]]
) -> PairVerdict:
    """The verdict on two ideas; at most "maybe", for a person to say, when their words can't tell."""
    if verdict.sameness is not Sameness.SAME:
        return verdict
    if min(_count_words(one), _count_words(other)) >= FEWEST_WORDS and not differ_by_files(*files):
        return verdict
    return replace(verdict, probability=min(verdict.probability, UNTOLD), sameness=Sameness.MAYBE)


def _count_words(idea: IdeaText) -> int:
    return len(set(_WORD.findall(idea.whole.casefold())))
