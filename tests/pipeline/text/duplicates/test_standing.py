"""A pair among many others: what stands out is the same, what may be a template is left to the pair model."""

import numpy as np
import pytest
from scipy.special import expit, logit

from pipeline.text.duplicates.alignment import Alignment
from pipeline.text.duplicates.lookup import Found
from pipeline.text.duplicates.resemblance import NAMES
from pipeline.text.duplicates.standing import (
    SAME_AMONG_MANY,
    Leads,
    among_many,
    lead,
    may_be_template,
    rareness,
)

# 0 and 1 are each other's best, 2 is like both, 3 is like nothing.
OTHER = np.array([[1, 2], [0, 2], [0, 1], [2, -1]], dtype=np.int32)
LIKENESS = np.array([[0.6, 0.2], [0.6, 0.3], [0.2, 0.3], [0.1, 0.0]], dtype=np.float32)
NOTHING = np.zeros((4, 0), dtype=np.float32)
# 0 and 1 are found in each other far better by their titles than by their wholes.
ALIGNED = Alignment(
    np.array([[0.5, 0.4], [0.5, 0.4], [0.4, 0.2], [0.1, np.nan]], dtype=np.float32),
    np.array([[0.9, 0.6], [0.9, 0.3], [0.2, 0.1], [0.1, np.nan]], dtype=np.float32),
)


def ahead(times, meaning=None):
    """Leads that are alike in all parts."""
    return Leads(times, times, times, meaning)


def test_the_lead_is_over_the_best_other_of_either_side():
    one, column = np.array([0, 1, 0, 3]), np.array([0, 0, 1, 0])
    leads = lead(Found(OTHER, LIKENESS, NOTHING), ALIGNED, one, column)
    assert leads.meaning is None
    times = [0.62 / 0.32, 0.62 / 0.32, 0.22 / 0.62, 0.12 / 0.32]
    assert leads.likeness.tolist() == pytest.approx(np.log(times).tolist(), abs=1e-6)


def test_the_leads_of_wholes_of_titles_and_of_meaning_are_measured_apart():
    meaning = np.array([[0.9, 0.8], [0.9, 0.1], [0.8, 0.1], [0.5, 0.0]], dtype=np.float32)
    leads = lead(Found(OTHER, LIKENESS, meaning), ALIGNED, np.array([0, 1]), np.array([0, 0]))
    assert leads.meaning.tolist() == pytest.approx([0.1, 0.1], abs=1e-6)
    assert leads.wholes.tolist() == pytest.approx([np.log(0.52 / 0.42)] * 2, abs=1e-6)
    assert leads.titles.tolist() == pytest.approx([np.log(0.92 / 0.62)] * 2, abs=1e-6)


def test_where_a_title_is_missing_there_is_no_lead_of_titles():
    titles = ALIGNED.titles.copy()
    titles[[0, 1], 0] = np.nan
    leads = lead(
        Found(OTHER, LIKENESS, NOTHING), Alignment(ALIGNED.wholes, titles), np.array([0, 0]), np.array([0, 1])
    )
    assert leads.titles[0] == 0
    # The missing one isn't anybody's next best either: that is what is usual.
    usual = np.nanmean(titles, dtype=np.float64)
    assert leads.titles[1] == pytest.approx(np.log(0.62 / (usual + 0.02)), abs=1e-6)


def test_what_is_usual_is_no_lead_when_nothing_else_was_aligned():
    nan = np.nan
    alone = np.array([[0.5, nan], [0.5, nan], [nan, nan], [nan, nan]], dtype=np.float32)
    leads = lead(Found(OTHER, LIKENESS, NOTHING), Alignment(alone, alone), np.array([0, 1]), np.array([0, 0]))
    assert leads.wholes.tolist() == leads.titles.tolist() == pytest.approx([0, 0], abs=1e-6)


def test_words_that_are_found_nowhere_leave_a_lead_finite():
    against = np.array([[-0.5, 0.5], [-0.5, 0.5], [0.5, 0.5], [0.5, np.nan]], dtype=np.float32)
    leads = lead(Found(OTHER, LIKENESS, NOTHING), Alignment(against, against), np.array([0]), np.array([0]))
    assert np.isfinite(leads.wholes).all()
    assert leads.titles[0] < 0


@pytest.mark.parametrize("with_encoder", [False, True])
def test_a_lead_makes_a_likely_pair_surer_and_without_one_nothing_is_the_same(with_encoder):
    times, meaning = np.log([0.5, 1.0, 1.3, 2.0]), np.array([-0.2, 0.0, 0.1, 0.3])
    told = among_many(np.full(4, 0.4), ahead(times, meaning if with_encoder else None))
    assert (np.diff(told) > 0).all()
    assert told[1] < SAME_AMONG_MANY < told[3]
    assert ((told >= 0) & (told <= 1)).all()


def test_the_same_difference_says_more_between_smaller_figures():
    nothing, aligned = np.zeros((2, 0), dtype=np.float32), Alignment(*np.zeros((2, 3, 2), dtype=np.float32))
    other = np.array([[1, -1], [0, -1], [0, -1]], dtype=np.int32)
    ahead_by = []
    for figure, next_best in ((0.4, 0.2), (0.8, 0.6)):
        likeness = np.array([[figure, 0], [figure, 0], [next_best, 0]], dtype=np.float32)
        likeness[0, 1], other[0, 1] = next_best, 2
        leads = lead(Found(other, likeness, nothing), aligned, np.array([0]), np.array([0]))
        ahead_by.append(leads.likeness[0])
    assert ahead_by[0] > ahead_by[1] > 0


def test_the_extremes_of_a_probability_stay_finite():
    told = among_many(np.array([0.0, 1.0]), ahead(np.array([0.5, -0.5])))
    assert np.isfinite(told).all()


def probabilities(share, *, usual=0.48, ideas=2_000):
    """Of best candidates, a `share` of which is the same: what somebody believes who takes it for the usual share."""
    random = np.random.default_rng(1)
    is_same = random.random(ideas) < share
    # Of two bells that lie four apart, one deviation wide, the log of the ratio of their heights is four times the place.
    place = random.normal(np.where(is_same, 2.0, -2.0))
    return expit(4 * place + logit(usual)), is_same


@pytest.mark.parametrize("share", [0.05, 0.15, 0.3])
def test_where_fewer_ideas_have_a_twin_the_odds_are_lower_by_as_much(share):
    believed, is_same = probabilities(share)
    rarer = rareness(believed, with_encoder=False)
    assert rarer == pytest.approx(logit(0.48) - logit(is_same.mean()), abs=0.1)
    told = expit(logit(believed) - rarer)
    assert told.mean() == pytest.approx(is_same.mean(), abs=0.01)


def test_where_more_ideas_have_a_twin_nothing_changes():
    believed, _ = probabilities(0.8)
    assert rareness(believed, with_encoder=False) == 0


def test_where_nothing_resembles_anything_the_odds_stay_finite():
    rarer = rareness(np.zeros(700), with_encoder=True)
    assert 3 < rarer < 5
    likely = np.array([0.4]), ahead(np.array([0.7]))
    assert among_many(*likely, rarer) < among_many(*likely)


def test_a_text_in_the_same_order_that_differs_in_a_name_may_be_a_template():
    seen = np.zeros((4, len(NAMES)))
    seen[:3, NAMES.index("pairs")] = 0.8
    seen[0, NAMES.index("names")] = 1
    seen[3, NAMES.index("names")] = 1
    assert may_be_template(np.array([0.6, 0.3, 0.6, 0.3]), seen, 0.9).tolist() == [True, True, False, False]
    assert not may_be_template(np.full(4, 0.95), seen, 0.9).any()


def test_of_no_ideas_nothing_is_rare():
    assert rareness(np.zeros(0), with_encoder=True) == 0
