"""How a pair stands among all others: what is far more alike than either is to anything else is the same idea.

One by one, two reports of one fault look like two reports of different faults: both are told in the words of the
trade. Among many others it shows. By how much is told as a ratio, as Lowe (2004) does to match features of images: in
a set where all are much alike the same difference says more. How a pair model's probability and the lead go together
was fitted by logistic regression on reports that people marked as duplicates, and rounded; fitted on one project it is
as good on the other (see `docs/duplicates.md`).

There nearly every report has a twin. Where few ideas have one, a lead is more often chance: how many have one is read
from the ideas themselves, and the odds lowered by as much.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from pipeline.text.duplicates.between_languages import differ
from pipeline.text.duplicates.likeness import Likenesses
from pipeline.text.duplicates.lookup import Found
from pipeline.text.duplicates.resemblance import NAMES, Evidence
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.vectoriser import Floats

# From which probability among many a pair is *same*: fitted on one project, 95 % or more were right on the other.
SAME_AMONG_MANY = 0.85

# In log odds: of being half as much alike again as the next best four, and of a cosine that is higher by a tenth two.
# With an encoder there are two leads, so that each part counts for less.
_A_LEAD, _A_LEAD_IN_MEANING = 10.0, 20.0
_SHARE, _OFFSET = 0.35, 0.1
_SHARE_WITH_ENCODER, _OFFSET_WITH_ENCODER = 0.3, 0.5
# Of the ideas that this was fitted on, the share whose best candidate is the same, as the probabilities have it: the
# mean of two projects; and the same with an encoder.
_USUAL, _USUAL_WITH_ENCODER = 0.43, 0.46
_LEAST = 0.02
_ROUNDS = 100
# Between a likeness of next to nothing and one of nothing there is no ratio.
NEXT_TO_NOTHING = 0.02
_SUREST = 9.0
# Where so many word pairs are in the same order it may be a template filled in differently, of which a lead says
# nothing: that is for the pair model to say.
_TEMPLATE_ORDER, _NO_TEMPLATE_FROM = 0.3, 0.4
_TELLING = ("numbers", "names", "negation")
_DECIMALS = 6

Booleans = npt.NDArray[np.bool_]


def among_many(
    probability: Evidence, leads: tuple[Likenesses, Likenesses | None], rareness: float = 0.0
) -> Evidence:
    """Calibrated probabilities (pairs,) of pairs that were looked up among many; `probability`: the pair model's.

    `leads`: as `lead` returns them; `rareness`: as `rareness` has it.
    """
    by_words, by_meaning = leads
    score = np.clip(logit(np.clip(probability, 1e-9, 1 - 1e-9)), -_SUREST, _SUREST) + _A_LEAD * by_words
    if by_meaning is None:
        odds = _SHARE * score + _OFFSET
    else:
        odds = _SHARE_WITH_ENCODER * (score + _A_LEAD_IN_MEANING * by_meaning) + _OFFSET_WITH_ENCODER
    told: Evidence = np.round(expit(odds - rareness), _DECIMALS)
    return told


def rareness(best: Evidence, *, with_encoder: bool) -> float:
    """By how much log odds are lower, from 0, because fewer of these ideas have a twin than of those that `among_many`
    was fitted on. `best`: of some ideas the probability of the best candidate, by `among_many`.

    The share that makes the probabilities most likely, by expectation maximisation (Saerens, Latinne and
    Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities", 2002). Where more have a
    twin nothing changes: a link too few is better than one too many.
    """
    usual = _USUAL_WITH_ENCODER if with_encoder else _USUAL
    if not len(best):
        return 0.0
    odds = logit(np.clip(best, 1e-6, 1 - 1e-6))
    share = usual
    for _ in range(_ROUNDS):
        share = float(np.clip(expit(odds + logit(share) - logit(usual)).mean(), _LEAST, usual))
    return round(float(logit(usual) - logit(share)), _DECIMALS)


def lead(found: Found, one: Integers, column: Integers) -> tuple[Likenesses, Likenesses | None]:
    """By how much each pair is more alike than the better of both is to anything else in its language: (pairs,), the
    logarithm of how many times as much, below 0 where it is less. And the same for the cosine of the encoder's vectors, there
    the difference; None without an encoder.

    The pair is `one` with its candidate in `column`.
    """
    figure, best = _beside_next_best(found.likeness, found, one, column)
    by_words: Likenesses = np.log((figure + NEXT_TO_NOTHING) / (best + NEXT_TO_NOTHING))
    if not found.meaning.shape[1]:
        return by_words, None
    figure, best = _beside_next_best(found.meaning, found, one, column)
    return by_words, figure - best


def _beside_next_best(
    figures: Floats, found: Found, one: Integers, column: Integers
) -> tuple[Likenesses, Likenesses]:
    other = found.other[one, column].astype(np.int64)
    best = np.maximum(_next_best(figures, found, one, other), _next_best(figures, found, other, one))
    return figures[one, column].astype(np.float64), best


def _next_best(figures: Floats, found: Found, one: Integers, other: Integers) -> Likenesses:
    """The best figure that each `one` has with anything in its language but `other`: (pairs,)."""
    others = found.other[one]
    left_out = (others == other[:, None]) | (others < 0)
    if found.elsewhere is not None:
        left_out |= differ(found.elsewhere.languages, one[:, None], others)
    rows = np.where(left_out, 0.0, figures[one])
    best: Likenesses = rows.max(axis=1).astype(np.float64)
    return best


def may_be_template(probability: Evidence, seen: Evidence, sure_from: float) -> Booleans:
    """Whether two texts, by their evidence (pairs, len(NAMES)), may be one template filled in differently: (pairs,).

    `probability`: the pair model's; from `sure_from` on nothing tells them apart any more.
    """
    told_apart = seen[:, [NAMES.index(name) for name in _TELLING]].any(axis=1)
    in_order = seen[:, NAMES.index("pairs")] >= _TEMPLATE_ORDER
    unlikely = told_apart | (probability < _NO_TEMPLATE_FROM)
    return np.asarray(in_order & unlikely & (probability < sure_from), dtype=np.bool_)
