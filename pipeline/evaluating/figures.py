"""How good answers are: figures with their uncertainty."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from pipeline.core import Decision
from pipeline.evaluating.answers import Answer

CERTAINTY = 0.95
BINS = 15  # of confidence, equally wide
_HAIR = 1e-9  # of an idea: 5 % of 20 ideas is one


class Verdict(StrEnum):
    """What became of the promise about errors."""

    UNTRIED = "untried"  # nothing was decided alone
    KEPT = "kept"  # and more than by chance
    KEPT_HERE = "kept_here"  # too few ideas to tell whether it would be kept again
    BROKEN_HERE = "broken_here"  # which may be chance
    BROKEN = "broken"  # which is more than chance


@dataclass(frozen=True, slots=True)
class Share:
    """`number` of `out_of`, and between which bounds in [0, 1] the true share lies with CERTAINTY.

    The bounds are exact for independent ideas (Clopper and Pearson, 1934).
    """

    number: int
    out_of: int
    low: float
    high: float

    @classmethod
    def of(cls, number: int, out_of: int) -> "Share":
        if not out_of:
            return cls(0, 0, 0.0, 1.0)
        bounds = binomtest(number, out_of).proportion_ci(CERTAINTY, method="exact")
        return cls(number, out_of, float(bounds.low), float(bounds.high))

    @property
    def share(self) -> float:
        """In [0, 1]; nought of nothing."""
        return self.number / self.out_of if self.out_of else 0.0


@dataclass(frozen=True, slots=True)
class FrameworkFigures:
    """Of the `ideas` that people put in a framework how many were `right`; and of those that were decided on
    `alone` for it how many `wrong`. `taken_for`: where the others went most, and how many; `drawn`: ideas of elsewhere
    that were guessed to be its own.
    """

    framework: str
    ideas: int
    right: int
    alone: int
    wrong: int
    taken_for: tuple[str, int] | None
    drawn: int


@dataclass(frozen=True, slots=True)
class NoneFigures:
    """Of the `ideas` that fit none how many were `found`, and sent somewhere `alone`; `in_vain`: ideas that do fit
    a framework and were said to fit none.
    """

    ideas: int
    found: int
    alone: int
    in_vain: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures. `right`: best guesses, of ideas that fit a framework; `wrong`: of what was decided alone, where an
    idea that fits none counts as wrong, as it does in `calibration_error`.
    """

    ideas: int
    max_error: float
    right: Share
    macro_f1: float
    alone: Share
    wrong: Share
    calibration_error: float
    frameworks: tuple[FrameworkFigures, ...]
    none: NoneFigures

    @property
    def verdict(self) -> Verdict:
        if not self.wrong.out_of:
            return Verdict.UNTRIED
        if self.wrong.number <= self.max_error * self.wrong.out_of + _HAIR:
            return Verdict.KEPT if self.wrong.high <= self.max_error else Verdict.KEPT_HERE
        return Verdict.BROKEN if self.wrong.low > self.max_error else Verdict.BROKEN_HERE


def figures(answers: Sequence[Answer], frameworks: Sequence[str], *, max_error: float) -> Figures:
    """Compare answers, at least one, with what people said; `frameworks`: the slugs of all."""
    fitting = [each for each in answers if each.truth is not None]
    outside = [each for each in answers if each.truth is None]
    alone = [each for each in answers if each.decision is Decision.AUTO]
    return Figures(
        ideas=len(answers),
        max_error=max_error,
        right=Share.of(sum(each.is_right for each in fitting), len(fitting)),
        macro_f1=_macro_f1(fitting),
        alone=Share.of(len(alone), len(answers)),
        wrong=Share.of(sum(not each.is_right for each in alone), len(alone)),
        calibration_error=calibration_error(
            np.array([each.probability for each in answers]), np.array([each.is_right for each in answers])
        ),
        frameworks=tuple(_of_framework(slug, answers) for slug in frameworks),
        none=NoneFigures(
            ideas=len(outside),
            found=sum(each.decision is Decision.NONE for each in outside),
            alone=sum(each.decision is Decision.AUTO for each in outside),
            in_vain=sum(each.decision is Decision.NONE for each in fitting),
        ),
    )


def _of_framework(slug: str, answers: Sequence[Answer]) -> FrameworkFigures:
    own = [each for each in answers if each.truth == slug]
    alone = [each for each in answers if each.decision is Decision.AUTO and each.framework == slug]
    astray = Counter(each.framework for each in own if not each.is_right)
    # Of equals the first by name, so that it is always the same.
    most = min(astray.items(), key=lambda item: (-item[1], item[0]), default=None)
    return FrameworkFigures(
        framework=slug,
        ideas=len(own),
        right=sum(each.is_right for each in own),
        alone=len(alone),
        wrong=sum(not each.is_right for each in alone),
        taken_for=most,
        drawn=sum(each.framework == slug and not each.is_right for each in answers),
    )


def _macro_f1(fitting: Sequence[Answer]) -> float:
    """The mean over frameworks that have ideas; nought without any."""
    if not fitting:
        return 0.0
    truth = [str(each.truth) for each in fitting]
    given = [each.framework for each in fitting]
    return float(f1_score(truth, given, labels=sorted(set(truth)), average="macro", zero_division=0))


def calibration_error(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error (Naeini and others, 2015): mean gap between confidence and share right, both (ideas,)."""
    place = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gap = np.bincount(place, weights=confidence - right, minlength=BINS)
    return float(np.abs(gap).sum() / len(confidence))
