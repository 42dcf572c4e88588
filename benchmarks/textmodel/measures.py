"""What is measured of a system's answers on one task.

Throughout, `confidence` is the probability that the answer is right. An idea that fits none of the frameworks is
wrong whenever a framework is answered for it, so it counts among the errors of confidence and of deciding alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, roc_auc_score

from pipeline.evaluating.figures import calibration_error

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ACCEPTED = (0.05, 0.10)
FINE = 100


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to the n ideas of a task.

    `labels` are slugs, or None where a system has no answer; `confidence` and `none` (n,) lie in [0, 1], `none`
    being the probability that no framework fits. `auto` is (promises, n): whether the system decides alone when
    `ACCEPTED[promise]` of those decisions may be wrong; a system without such a promise decides as it always does.
    """

    labels: tuple[str | None, ...]
    confidence: Floats
    none: Floats
    auto: Flags


@dataclass(frozen=True, slots=True)
class Promise:
    """What became of one accepted error: `kept` when the share of wrong among `auto` ideas stayed within it.

    `oracle_coverage`: the largest share of ideas that could have been decided alone within the accepted error, had
    the truth been known when choosing the confidence from which to do so.
    """

    accepted: float
    auto: int
    wrong: int
    kept: bool
    coverage: float
    oracle_coverage: float

    @property
    def error(self) -> float:
        """Share of wrong among what was decided alone, nought when nothing was."""
        return self.wrong / self.auto if self.auto else 0.0


@dataclass(frozen=True, slots=True)
class Measures:
    """All measures of one task; `right` and `wrong` are histograms of confidence with `FINE` bins."""

    ideas: int
    in_scope: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    brier: float
    none_auroc: float | None
    promises: tuple[Promise, ...]
    right: tuple[int, ...]
    wrong: tuple[int, ...]


def measure(answers: Answers, truth: tuple[str | None, ...]) -> Measures:
    """Compare answers with `truth` (n,), which has None for ideas that fit none."""
    scope = np.array([label is not None for label in truth])
    right = np.array([given == true for given, true in zip(answers.labels, truth, strict=True)]) & scope
    expected = [label for label in truth if label is not None]
    given = [label or "" for label, inside in zip(answers.labels, scope, strict=True) if inside]
    counted = np.minimum((answers.confidence * FINE).astype(np.int64), FINE - 1)
    return Measures(
        ideas=len(truth),
        in_scope=len(expected),
        accuracy=float(right[scope].mean()),
        macro_f1=float(
            f1_score(expected, given, labels=sorted(set(expected)), average="macro", zero_division=0)
        ),
        calibration_error=calibration_error(answers.confidence, right),
        brier=float(((answers.confidence - right) ** 2).mean()),
        none_auroc=None if scope.all() else float(roc_auc_score(~scope, answers.none)),
        promises=tuple(
            _promise(accepted, auto, answers.confidence, right)
            for accepted, auto in zip(ACCEPTED, answers.auto, strict=True)
        ),
        right=tuple(np.bincount(counted[right], minlength=FINE).tolist()),
        wrong=tuple(np.bincount(counted[~right], minlength=FINE).tolist()),
    )


def _promise(accepted: float, auto: Flags, confidence: Floats, right: Flags) -> Promise:
    decided, wrong = int(auto.sum()), int((auto & ~right).sum())
    return Promise(
        accepted=accepted,
        auto=decided,
        wrong=wrong,
        kept=wrong <= accepted * decided,
        coverage=decided / len(auto),
        oracle_coverage=oracle_coverage(confidence, right, accepted),
    )


def oracle_coverage(confidence: Floats, right: Flags, accepted: float) -> float:
    """Largest share of ideas above any one confidence of which at most `accepted` are wrong."""
    order = np.argsort(-confidence, kind="stable")
    error = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    # A threshold can't part ideas of equal confidence: only the last of each such group counts.
    last = np.append(np.diff(confidence[order]) != 0, True)
    allowed = np.flatnonzero(last & (error <= accepted))
    return float((allowed[-1] + 1) / len(order)) if len(allowed) else 0.0
