"""From records to the figures of a table: parts pooled by their ideas, then mean and spread over draws."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.textmodel.measures import ACCEPTED, FINE, Measures, Promise
from benchmarks.textmodel.results import Record

Group = tuple[str, str, str]  # set, regime, system


@dataclass(frozen=True, slots=True)
class Figure:
    """Mean over draws, and the standard deviation of one draw."""

    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class PromiseSummary:
    """All draws and parts together: `coverage` and `oracle` shares of all ideas, `error` the share of wrong among
    those decided alone, `kept` the share of tasks in which the promise was kept.
    """

    accepted: float
    coverage: float
    oracle: Figure
    error: float
    kept: float

    @property
    def of_best(self) -> float:
        """Coverage as a part of what was possible; above 1 when it decided more than the promise allows."""
        return self.coverage / self.oracle.mean if self.oracle.mean else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """One system on one set and regime. `right` and `wrong` are histograms of confidence."""

    set: str
    regime: str
    system: str
    draws: int
    tasks: int
    per_framework: float
    accuracy: Figure
    macro_f1: Figure
    calibration_error: Figure
    brier: Figure
    none_auroc: Figure | None
    promises: tuple[PromiseSummary, ...]
    fit_seconds: float
    right: tuple[int, ...]
    wrong: tuple[int, ...]


def summaries(records: Iterable[Record]) -> dict[Group, Summary | None]:
    """By set, regime and system, in the order of the records; None for a system that couldn't learn every part."""
    grouped: dict[Group, list[Record]] = defaultdict(list)
    for record in records:
        grouped[record.set, record.regime, record.system].append(record)
    return {group: _summary(group, members) for group, members in grouped.items()}


def _summary(group: Group, records: Sequence[Record]) -> Summary | None:
    measured = [(record, record.measures) for record in records if record.measures is not None]
    if len(measured) < len(records):
        return None
    everything = [measures for _, measures in measured]

    def figure(value: Callable[[Measures], float], weight: Callable[[Measures], int]) -> Figure:
        by_draw: dict[int, list[Measures]] = defaultdict(list)
        for record, measures in measured:
            by_draw[record.draw].append(measures)
        means = [
            np.average([value(each) for each in parts], weights=[weight(each) for each in parts])
            for parts in by_draw.values()
        ]
        return Figure(float(np.mean(means)), float(np.std(means, ddof=1)) if len(means) > 1 else 0.0)

    def of(name: str, weight: str = "ideas") -> Figure:
        return figure(lambda each: getattr(each, name), lambda each: getattr(each, weight))

    def oracle(place: int) -> Figure:
        return figure(lambda each: each.promises[place].oracle_coverage, lambda each: each.ideas)

    return Summary(
        *group,
        draws=len({record.draw for record in records}),
        tasks=len(records),
        per_framework=float(np.mean([record.labelled / record.frameworks for record in records])),
        accuracy=of("accuracy", "in_scope"),
        macro_f1=of("macro_f1", "in_scope"),
        calibration_error=of("calibration_error"),
        brier=of("brier"),
        none_auroc=None if any(each.none_auroc is None for each in everything) else of("none_auroc"),
        promises=tuple(
            _promise([(each.promises[place], each.ideas) for each in everything], oracle(place))
            for place in range(len(ACCEPTED))
        ),
        fit_seconds=float(np.mean([record.fit_seconds for record in records])),
        right=_added([each.right for each in everything]),
        wrong=_added([each.wrong for each in everything]),
    )


def _promise(promises: Sequence[tuple[Promise, int]], oracle: Figure) -> PromiseSummary:
    auto = sum(promise.auto for promise, _ in promises)
    return PromiseSummary(
        accepted=promises[0][0].accepted,
        coverage=auto / sum(ideas for _, ideas in promises),
        oracle=oracle,
        error=sum(promise.wrong for promise, _ in promises) / auto if auto else 0.0,
        kept=sum(promise.kept for promise, _ in promises) / len(promises),
    )


def _added(histograms: Sequence[Sequence[int]]) -> tuple[int, ...]:
    total = np.zeros(FINE, dtype=np.int64)
    for histogram in histograms:
        total += np.asarray(histogram)
    return tuple(total.tolist())
