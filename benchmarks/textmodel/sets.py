"""The sets by name, and all tasks of a run."""

from collections.abc import Callable, Iterator, Sequence

from benchmarks.textmodel.sets_ideas import cimt_german, decidim, neighbourhood_nl, paris, proposals
from benchmarks.textmodel.sets_intents import clinc150, hwu64
from benchmarks.textmodel.sets_routing import departments_en, ministries_nl
from benchmarks.textmodel.splits import COLD
from benchmarks.textmodel.task import Task

SETS: dict[str, Callable[[int, int], Iterator[Task]]] = {
    "proposals": proposals,
    "neighbourhood_nl": neighbourhood_nl,
    "ministries_nl": ministries_nl,
    "departments_en": departments_en,
    "clinc150": clinc150,
    "hwu64": hwu64,
    "decidim": decidim,
    "cimt_german": cimt_german,
    "paris": paris,
}


def tasks(
    names: Sequence[str] = tuple(SETS),
    draws: int = 5,
    seed: int = 0,
    regimes: Sequence[str] = (),
) -> Iterator[Task]:
    """All tasks of the sets called `names`, made one by one; `regimes` limits them, empty means all.

    "cold" has nothing to draw, so it comes once, with the first draw.
    """
    for name in names:
        for draw in range(draws):
            for each in SETS[name](draw, seed):
                is_new = draw == 0 or each.regime != COLD
                if is_new and (not regimes or each.regime in regimes):
                    yield each
