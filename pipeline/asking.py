"""Why the text model asks a person about an idea instead of deciding alone: one plain reason."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.core import Decision

_DECIMALS = 4  # of per cent: 0.29 is 29 of them, not a hair more


class Asks(StrEnum):
    """The reasons, in the order in which they are looked at."""

    FITS_NONE = "fits_none"
    UNSURE = "unsure"  # less sure than is needed for this framework
    NO_LABELS = "no_labels"  # nobody has placed an idea yet
    TOO_LITTLE = "too_little"  # of no framework enough is known to promise anything
    NEW_FRAMEWORK = "new_framework"  # nobody has placed an idea in this one yet
    TOO_LITTLE_HERE = "too_little_here"  # of this framework too little is known


@dataclass(frozen=True, slots=True)
class Autonomy:
    """What a text model may decide alone.

    `labelled`: how many ideas of people it learned from; `alone_from`: for the frameworks that it may decide on, the
    probability from which; `new`: the frameworks in which nobody has placed an idea yet.
    """

    labelled: int
    alone_from: Mapping[str, float]
    new: frozenset[str]

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {"labelled": self.labelled, "alone_from": dict(self.alone_from), "new": sorted(self.new)}

    @classmethod
    def of_metrics(cls, metrics: Mapping[str, Any]) -> "Autonomy | None":
        """That of a model by the metrics that were kept of it; None where those don't tell."""
        if (kept := metrics.get("autonomy")) is None:
            # Before this was kept, it was known at least when a model decided nothing alone.
            nothing = metrics.get("decided_alone") == 0 and "labelled" in metrics
            return cls(int(metrics["labelled"]), {}, frozenset()) if nothing else None
        alone = {str(slug): float(begin) for slug, begin in kept["alone_from"].items()}
        return cls(int(kept["labelled"]), alone, frozenset(map(str, kept["new"])))


@dataclass(frozen=True, slots=True)
class Asking:
    """Why a person is asked. `sure` and `needed`: per cent, as they are shown elsewhere; `needed` only when UNSURE."""

    why: Asks
    framework: str
    sure: int
    needed: int | None
    labelled: int

    @property
    def is_close(self) -> bool:
        """Whether in whole per cent it looks as sure as is needed."""
        return self.needed is not None and self.sure >= self.needed

    def told(self) -> dict[str, Any]:
        """As messages tell it, for `notifications.asked` to put into words."""
        return {
            "why": self.why.value,
            "framework": self.framework,
            "sure": self.sure,
            "needed": self.needed,
            "is_close": self.is_close,
            "labelled": self.labelled,
        }


def asking(decision: Decision, framework: str, probability: float, autonomy: Autonomy) -> Asking | None:
    """Why a person is asked about an idea that is likeliest in `framework`; None when the model decides alone."""
    if decision is Decision.AUTO:
        return None
    needed = autonomy.alone_from.get(framework)
    if decision is Decision.NONE:
        why = Asks.FITS_NONE
    elif needed is not None:
        why = Asks.UNSURE
    elif not autonomy.labelled:
        why = Asks.NO_LABELS
    elif not autonomy.alone_from:
        why = Asks.TOO_LITTLE
    else:
        why = Asks.NEW_FRAMEWORK if framework in autonomy.new else Asks.TOO_LITTLE_HERE
    return Asking(
        why,
        framework,
        round(100 * probability),
        math.ceil(round(100 * needed, _DECIMALS)) if needed is not None and why is Asks.UNSURE else None,
        autonomy.labelled,
    )


def kept_asking(candidates: Sequence[Any], decision: str, metrics: Mapping[str, Any]) -> Asking | None:
    """As `asking`, by what an assessment keeps and the metrics of its model; None also where those don't tell."""
    autonomy = Autonomy.of_metrics(metrics)
    if not candidates or autonomy is None:
        return None
    slug, probability, *_ = candidates[0]
    return asking(Decision(decision), slug, probability, autonomy)
