"""Unlabelled ideas lend their words to the framework they most resemble.

Expectation maximisation (Nigam and others, "Text classification from labeled and unlabeled documents using EM",
2000, with the softened assignments of their section 5.3), in terms of inner products.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from pipeline.text.learning.grams import Array

_ROUNDS = 3
_SHARPNESS = 1.25
_SHARPNESS_COLD = 2.0
_PRIOR_IDEAS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Lent:
    """What the unlabelled ideas add: scores grow by `gram(text, ideas) @ dual - shift`.

    `dual`: (ideas, frameworks); `shift`: (frameworks,).
    """

    dual: Array
    shift: Array


def lend(scores: Array, gram: Array, *, strength: float, cold: bool) -> Lent:
    """Let ideas with `scores` (ideas, frameworks) and inner products `gram` (ideas, ideas) lend their words.

    `strength`: how much likeness to what others lent counts beside the score itself; both are measured in their
    own spread. `cold`: no labels yet; then a definition in everyday words attracts everything, and its average
    is taken off.
    """
    level = scores.mean(axis=0) if cold else np.zeros(scores.shape[1])
    sharpness = _SHARPNESS_COLD if cold else _SHARPNESS
    unit = max(float(scores.std()), 1e-9)
    base = current = scores - level
    dual, mean = np.zeros_like(scores), np.zeros(scores.shape[1])
    for _ in range(_ROUNDS):
        belonging = softmax(current * (sharpness / max(float(current.std()), 1e-9)), axis=1)
        shares = belonging / (belonging.sum(axis=0) + _PRIOR_IDEAS)
        likeness = gram @ shares
        length = np.sqrt(np.maximum((shares * likeness).sum(axis=0), 1e-18))
        likeness /= length
        mean = likeness.mean(axis=0)
        factor = strength * unit / max(float((likeness - mean).std()), 1e-9)
        current = base + factor * (likeness - mean)
        dual = shares * (factor / length)
    return Lent(dual, level + factor * mean)
