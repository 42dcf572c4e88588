"""From which confidence on the model may decide alone, so that "at most 5 % wrong" holds.

It holds when, with CERTAINTY, at most the accepted share of the ideas that the model would decide on alone is wrong,
ideas that fit none included. Which ideas those are, the unlabelled ideas show. How many of them are wrong is a
posterior prediction (negative binomial: the error is uncertain, and chance comes on top), from
- the probability of being wrong given confidence (`pipeline.text.certainty.risk`), on held-out ideas weighted towards what
  comes, and the ideas that fit none (`pipeline.text.certainty.inflow`);
- TRANSFER, by which the error on unseen ideas differed from what held-out ones led to expect, on public sets, and
  STRANGE, by which the number of ideas that fit none among the surest did: they come in kinds, all as sure together.
The model behind it may be mistaken, so plain counts are a second lock: among held-out ideas that sure, the share of
wrong must be within what is accepted too, and there must be enough of them.

Frameworks with evidence enough of their own get a confidence of their own, and the promise holds for each of these;
the others share one, and the promise holds for them together (compare Mondrian conformal prediction, Vovk and
others, 2005).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, expit, gammainc, logit

from pipeline.text.certainty.calibration import NEVER, Array
from pipeline.text.certainty.inflow import outsiders
from pipeline.text.certainty.risk import Risk, fit_risk
from pipeline.text.learning.temperature import Truth

CERTAINTY = 0.95
COUNTED = 0.5
TRANSFER = 0.2
STRANGE = 0.5
MOST_OUTSIDE = 0.5
# A framework may be promised for by itself from so many times the fewest held-out ideas that could hold one mistake.
_OWN_EVIDENCE = 20
# A handful of the very surest is often of one kind, such as a standing text, and no sample of anything.
_LEAST_SHARE = 0.05
_SMALL = 1e-9
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """What the model says of ideas it hasn't learned from. Confidence is -1 where it says "fits none".

    Of ideas that fit (n,): `confidence`, the column `best`, whether that was `right`, and the `weight` of the idea
    among those to come (adding up to n). Of ideas that fit none (m,): `outside` and `outside_best`. Of unlabelled
    ideas (c,): `coming` and `coming_best`; and of some of them (s,) `sampled`, by models that learned from as little as
    those that `confidence` is from. `least_outside`: at least this share of the ideas to come fits none.
    """

    confidence: Array
    best: Truth
    right: Flags
    weight: Array
    outside: Array
    outside_best: Truth
    coming: Array
    coming_best: Truth
    sampled: Array
    least_outside: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Per framework (frameworks,): the confidence from which it is decided on alone, NEVER for never; and whether
    that is promised for this framework by itself.
    """

    auto_from: tuple[float, ...]
    own: tuple[bool, ...]


def thresholds(seen: HeldOut, frameworks: int, max_error: float) -> Thresholds:
    """The lowest confidences from which deciding alone keeps the error within `max_error`."""
    crowd = _Crowd.of(seen)
    together = crowd.threshold(np.ones(frameworks, dtype=np.bool_), max_error)
    if together == NEVER:
        # What can't be promised for all is no ground to promise it for the one that looks best.
        return Thresholds((NEVER,) * frameworks, (False,) * frameworks)
    found = {}
    for column in range(frameworks):
        if (seen.best == column).sum() >= _OWN_EVIDENCE / max_error:
            alone = crowd.threshold(np.arange(frameworks) == column, max_error, own=True)
            if alone < NEVER:
                found[column] = alone
    if not found:
        return Thresholds((together,) * frameworks, (False,) * frameworks)
    others = np.array([column not in found for column in range(frameworks)])
    common = crowd.threshold(others, max_error) if others.any() else NEVER
    return Thresholds(
        tuple(found.get(column, common) for column in range(frameworks)),
        tuple(column in found for column in range(frameworks)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Crowd:
    """The ideas to come, surest first: `expected` is their confidence as far as it can be relied on; `outside` and
    `outside_best` the ideas that fit none, surest first, and `reach` (m,) the share in all ideas of each.
    """

    seen: HeldOut
    risk: Risk
    confidence: Array
    best: Truth
    expected: Array
    size: int
    outside: Array
    outside_best: Truth
    reach: Array

    @classmethod
    def of(cls, seen: HeldOut) -> "_Crowd":
        sure = seen.confidence > 0
        weight = seen.weight[sure]
        # Uneven weights are worth fewer ideas (Kish, 1965).
        worth = weight.sum() / max(float((weight**2).sum()), _SMALL)
        risk = fit_risk(seen.confidence[sure], seen.right[sure], weight * worth)
        share, shares = outsiders(seen.confidence, seen.weight, seen.outside, seen.sampled)
        share = min(max(share, seen.least_outside), MOST_OUTSIDE) if len(shares) else 0.0
        coming, best = seen.coming, seen.coming_best
        if len(coming) < len(seen.confidence):
            coming, best = np.concatenate([coming, seen.confidence]), np.concatenate([best, seen.best])
        size = len(coming)
        order = np.argsort(-coming, kind="stable")[: int((coming > 0).sum())]
        confidence = coming[order]
        surest = np.argsort(-seen.outside, kind="stable")
        outside, reach = seen.outside[surest], share * shares[surest]
        passed = np.arange(1, len(order) + 1) / max(size, 1)
        inside = np.maximum(passed - _above(outside, reach, confidence), 0) / (1 - share)
        return cls(
            seen=seen,
            risk=risk,
            confidence=confidence,
            best=best[order],
            expected=_relied_on(seen, confidence, inside),
            size=size,
            outside=outside,
            outside_best=seen.outside_best[surest],
            reach=reach,
        )

    def threshold(self, group: Flags, max_error: float, *, own: bool = False) -> float:
        """The lowest confidence for the frameworks in `group` (frameworks,); `own`: with their own deviation."""
        seen, chosen = self.seen, group[self.best]
        confidence = self.confidence[chosen]
        if not len(confidence):
            return NEVER
        held = group[seen.best] & (seen.confidence > 0)
        risk = self.risk
        if own:
            risk = risk.for_framework(seen.confidence[held], seen.right[held], seen.weight[held])
        count = np.arange(1, len(confidence) + 1)
        error, variance = risk.of_surest(self.expected[chosen])
        apart = group[self.outside_best]
        fits_none = _above(self.outside[apart], self.reach[apart], confidence) * self.size / count
        fits_none = np.minimum(fits_none, 1.0)
        order = np.argsort(-seen.confidence[held], kind="stable")
        surest, weight = seen.confidence[held][order], seen.weight[held][order]
        proven = np.searchsorted(-surest, -confidence, side="right")
        wrong = np.append(0.0, np.cumsum(weight * ~seen.right[held][order]))[proven]
        worth = np.append(0.0, np.cumsum(weight))[proven]
        left = np.clip((max_error - fits_none) / np.maximum(1 - fits_none, _SMALL), 0.0, 1.0)
        counted = betainc(wrong + 1, np.maximum(worth - wrong, _SMALL), left) >= COUNTED
        passed = (
            np.append(np.diff(confidence) != 0, True)  # equally sure ideas can't be parted
            & (np.minimum(count, proven) >= 1 / max_error)
            & (count >= _LEAST_SHARE * self.size * chosen.mean())
            & counted
            & _kept(
                (1 - fits_none) * error + fits_none,
                (1 - fits_none) ** 2 * (variance + (TRANSFER * error) ** 2) + (STRANGE * fits_none) ** 2,
                count,
                max_error,
            )
        )
        places = np.flatnonzero(passed)
        return float(confidence[places[-1]]) if len(places) else NEVER


def _kept(error: Array, variance: Array, count: npt.NDArray[np.int64], max_error: float) -> Flags:
    """Whether the promise is kept with CERTAINTY, both in the long run and among just these ideas."""
    # The error has a gamma distribution with this mean and variance; Poisson mistakes on top of it make a negative
    # binomial one.
    form = error**2 / np.maximum(variance, _SMALL**2)
    in_the_long_run = gammainc(form, max_error * form / error) >= CERTAINTY
    allowed = np.floor(max_error * count + _SMALL)
    here = betainc(form, allowed + 1, form / (form + error * count)) >= CERTAINTY
    kept: Flags = in_the_long_run & here
    return kept


def _above(outside: Array, reach: Array, confidence: Array) -> Array:
    """The share of all ideas that fits none and is at least as sure as each `confidence`; `outside` descends."""
    above: Array = np.append(0.0, np.cumsum(reach))[np.searchsorted(-outside, -confidence, side="right")]
    return above


def _relied_on(seen: HeldOut, confidence: Array, inside: Array) -> Array:
    """The final model is surer than the held-out ones were at the same rank. Half of that (in log odds) is taken to
    be because it has learned more, the other half for overconfidence.

    `inside` (ideas,): the share of the ideas that fit that is at least as sure.
    """
    if not len(seen.confidence):
        return confidence
    order = np.argsort(-seen.confidence, kind="stable")
    ranked = np.cumsum(seen.weight[order]) / seen.weight.sum()
    place = np.minimum(np.searchsorted(ranked, inside), len(order) - 1)
    limits = 1e-3, 1 - 1e-4
    then = np.clip(seen.confidence[order][place], *limits)
    now = np.clip(confidence, *limits)
    relied_on: Array = expit((logit(now) + logit(np.minimum(now, then))) / 2)
    return relied_on
