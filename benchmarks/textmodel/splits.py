"""Choosing which ideas are labelled, and which the system is measured on."""

from collections import defaultdict
from collections.abc import Sequence

from benchmarks.textmodel.task import Labelled

Split = tuple[list[Labelled], list[Labelled]]

COLD, HALF, FULL = "cold", "half", "full"


def split(ordered: Sequence[Labelled], regime: str) -> Split:
    """Divide ideas, in the random order given, into labelled ones and the rest, per framework.

    "cold" labels none; "half" every second idea of each framework; a number that many of each framework, but
    never more than half of them, so that each framework is measured too.
    """
    if regime == COLD:
        return [], list(ordered)
    by_label: dict[str | None, list[Labelled]] = defaultdict(list)
    for each in ordered:
        by_label[each.label].append(each)
    train: list[Labelled] = []
    test: list[Labelled] = []
    for ideas in by_label.values():
        most = len(ideas) // 2
        number = most if regime == HALF else min(int(regime), most)
        train.extend(ideas[:number])
        test.extend(ideas[number:])
    return train, test


def first_of_each(ordered: Sequence[Labelled], number: int) -> list[Labelled]:
    """The first `number` ideas of every framework, none of them "fits none"."""
    taken: dict[str, int] = defaultdict(int)
    chosen = []
    for each in ordered:
        if each.label is not None and taken[each.label] < number:
            taken[each.label] += 1
            chosen.append(each)
    return chosen


def common(ideas: Sequence[Labelled], least: int) -> list[Labelled]:
    """Only the ideas of frameworks that have at least `least` of them."""
    number: dict[str | None, int] = defaultdict(int)
    for each in ideas:
        number[each.label] += 1
    return [each for each in ideas if number[each.label] >= least]
