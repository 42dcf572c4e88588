"""How a pair stands among all others: what is far more alike than either is to anything else is the same idea.

One by one, two reports of one fault look like two reports of different faults: both are told in the words of the
trade. Among many others it shows. By how much is told as a ratio, as Lowe (2004) does to match features of images: in
a set where all are much alike the same difference says more. How a pair model's probability and the lead go together
was fitted by logistic regression on reports that people marked as duplicates, and rounded; fitted on one project it is
as good on the other (see `docs/duplicates.md`).

There nearly every report has a twin. Where few ideas have one, a lead is more often chance: how many have one is read
from the ideas themselves, and the odds lowered by as much.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from pipeline.text.duplicates.alignment import Alignment
from pipeline.text.duplicates.between_languages import differ
from pipeline.text.duplicates.likeness import Likenesses
from pipeline.text.duplicates.lookup import Found
from pipeline.text.duplicates.resemblance import NAMES, Evidence
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.vectoriser import Floats

# From which probability among many a pair is *same*: fitted on one project, 95 % or more were right on the other.
SAME_AMONG_MANY = 0.88

# Beside the log odds of the pair model, for 1: of being half as much alike again as the next best four, of a cosine that
# is higher by a tenth two, of words that are found a tenth better two, and in titles two more.
_A_LEAD, _A_LEAD_IN_MEANING, _A_LEAD_OF_WORDS, _A_LEAD_OF_TITLES = 10.0, 20.0, 20.0, 20.0
_SHARE, _OFFSET = 0.16, 0.6
_SHARE_WITH_ENCODER, _OFFSET_WITH_ENCODER = 0.17, 0.8
# Of the ideas that this was fitted on, the share whose best candidate is the same, as the probabilities have it: the
# mean of two projects; and the same with an encoder.
_USUAL, _USUAL_WITH_ENCODER = 0.48, 0.49
_LEAST = 0.02
_ROUNDS = 100
# Between a likeness of next to nothing and one of nothing there is no ratio.
NEXT_TO_NOTHING = 0.02
# What is found less well than not at all has no logarithm either.
_LEAST_RATIO = 0.02
_SUREST = 9.0
# Where so many word pairs are in the same order it may be a template filled in differently, of which a lead says
# nothing: that is for the pair model to say.
_TEMPLATE_ORDER, _NO_TEMPLATE_FROM = 0.3, 0.4
_TELLING = ("numbers", "names", "negation")
_DECIMALS = 6

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Leads:
    """By how much pairs are more alike than the better of both is to anything else in its language: (pairs,) each. Of words
    and titles, no less than what is usual counts for the latter: where nothing else was aligned, that says nothing.

    `likeness`, and how well the words of the `wholes` and of the `titles` are found in the other: the logarithm of how many
    times as much, below 0 where it is less, 0 for titles where one has none. `meaning`: the difference of the cosines of
    the encoder's vectors; None without an encoder.
    """

    likeness: Likenesses
    wholes: Likenesses
    titles: Likenesses
    meaning: Likenesses | None


def among_many(probability: Evidence, leads: Leads, rareness: float = 0.0) -> Evidence:
    """Calibrated probabilities (pairs,) of pairs that were looked up among many; `probability`: the pair model's, and
    `rareness`: as `rareness` has it.
    """
    score = np.clip(logit(np.clip(probability, 1e-9, 1 - 1e-9)), -_SUREST, _SUREST)
    score += _A_LEAD * leads.likeness + _A_LEAD_OF_WORDS * leads.wholes + _A_LEAD_OF_TITLES * leads.titles
    if leads.meaning is None:
        odds = _SHARE * score + _OFFSET
    else:
        odds = _SHARE_WITH_ENCODER * (score + _A_LEAD_IN_MEANING * leads.meaning) + _OFFSET_WITH_ENCODER
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


def lead(found: Found, aligned: Alignment, one: Integers, column: Integers) -> Leads:
    """The leads of the pairs of `one` with its candidate in `column`."""

    def times(figures: Floats, usual: float = 0.0) -> Likenesses:
        figure, best = _beside_next_best(figures, found, one, column)
        ratio = (figure + NEXT_TO_NOTHING) / (np.maximum(best, usual) + NEXT_TO_NOTHING)
        return np.nan_to_num(np.log(np.maximum(ratio, _LEAST_RATIO)), nan=0.0)

    meaning = None
    if found.meaning.shape[1]:
        figure, best = _beside_next_best(found.meaning, found, one, column)
        meaning = figure - best
    wholes, titles = aligned.usual
    return Leads(times(found.likeness), times(aligned.wholes, wholes), times(aligned.titles, titles), meaning)


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
    rows = np.where(left_out, 0.0, np.nan_to_num(figures[one], nan=0.0))
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
