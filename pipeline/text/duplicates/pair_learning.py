"""Learning from what people confirm and reject, on top of the pair model that ships with Kader.

The shipped weights are the prior: few answers change little, many take over (maximum a posteriori). The plain pieces
of evidence, what is known besides the texts, and the bias are learned; products of evidence stay as they are. From
which probability on a pair is *same* follows from the error that is accepted, on answers that were held out.
Serving never imports this module.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from pipeline.text.duplicates.pairs import CONTEXT, PairWeights, expanded
from pipeline.text.duplicates.resemblance import NAMES, Evidence

FEWEST = 20
CERTAINTY = 0.95
_PARTS = 5
_PRIOR_SPREAD = 0.7  # how far, in log odds, a piece of evidence may easily come to count differently
_DECIMALS = 4
_MISSED = 0.1  # of the confirmed pairs, the share that may fall below *maybe*

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What people said of pairs: `seen`, evidence (pairs, len(NAMES)); `context` (pairs, len(CONTEXT)); `same`, whether
    they confirmed the pair. In the order of the answers.
    """

    seen: Evidence
    context: Evidence
    same: Booleans


def refit(weights: PairWeights, answers: Answers, *, max_error: float = 0.05) -> PairWeights:
    """Weights that also know what people answered; `weights` are those that ship.

    With fewer than FEWEST answers, or only one kind of answer, they are what they were. `max_error`, in (0, 1): the
    accepted share of wrong among pairs called *same*. The threshold for *same* never falls below the shipped one
    unless enough held-out answers prove that it may. Same arguments, same result.
    """
    count = len(answers.same)
    if count < FEWEST or answers.same.all() or not answers.same.any():
        return weights
    held_out = np.zeros(count)
    part = np.arange(count) % _PARTS
    for each in range(_PARTS):
        inside, outside = part != each, part == each
        learned = _learn(weights, answers, inside)
        held_out[outside] = expit(_scores(learned, answers)[outside])
    learned = _learn(weights, answers, np.ones(count, dtype=np.bool_))
    proven = _proven_from(held_out, answers.same, max_error)
    same_from = max(weights.same_from, _safe_from(held_out, answers.same)) if proven is None else proven
    confirmed = np.sort(held_out[answers.same])
    maybe_from = min(weights.maybe_from, float(confirmed[int(_MISSED * len(confirmed))]), same_from)
    rounded = replace(
        learned, same_from=round(same_from, _DECIMALS), maybe_from=round(maybe_from, _DECIMALS), version=""
    )
    return replace(rounded, version=f"pairs-{hashlib.sha256(repr(rounded).encode()).hexdigest()[:12]}")


def _learn(weights: PairWeights, answers: Answers, chosen: Booleans) -> PairWeights:
    base = _scores(weights, answers)[chosen]
    known = np.column_stack([np.ones(int(chosen.sum())), answers.seen[chosen], answers.context[chosen]])
    sign = np.where(answers.same[chosen], 1.0, -1.0)

    def loss(change: Evidence) -> tuple[float, Evidence]:
        margin = sign * (base + known @ change)
        slope = -sign * expit(-margin)
        size = change / _PRIOR_SPREAD
        value = np.logaddexp(0, -margin).sum() + 0.5 * (size**2).sum()
        return float(value), known.T @ slope + size / _PRIOR_SPREAD

    change = minimize(loss, np.zeros(known.shape[1]), jac=True, method="L-BFGS-B").x
    changed = np.asarray(weights.weights).copy()
    changed[: len(NAMES)] += change[1 : 1 + len(NAMES)]
    by_context = np.asarray(weights.by_context) + change[-len(CONTEXT) :]
    return replace(
        weights,
        weights=tuple(round(float(each), _DECIMALS) for each in changed),
        bias=round(weights.bias + float(change[0]), _DECIMALS),
        by_context=tuple(round(float(each), _DECIMALS) for each in by_context),
    )


def _scores(weights: PairWeights, answers: Answers) -> Evidence:
    scores: Evidence = (expanded(answers.seen) * np.asarray(weights.weights)).sum(axis=1) + weights.bias
    scores += (answers.context * np.asarray(weights.by_context)).sum(axis=1)
    return scores


def _proven_from(probability: Evidence, same: Booleans, max_error: float) -> float | None:
    """The lowest probability above which the error is below `max_error` with CERTAINTY (Clopper and Pearson, 1934)."""
    order = np.argsort(-probability, kind="stable")
    count = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~same[order])
    # Late: only who learns needs it, and it takes longest to load.
    from scipy.stats import beta

    bound = beta.ppf(CERTAINTY, wrong + 1, np.maximum(count - wrong, 1e-9))
    passed = np.flatnonzero(bound <= max_error)
    return float(probability[order[passed[-1]]]) if len(passed) else None


def _safe_from(probability: Evidence, same: Booleans) -> float:
    """Just above the most probable pair that people rejected: as long as nothing is proven, no mistake is repeated."""
    return min(float(probability[~same].max()) + 0.01, 1.0)
