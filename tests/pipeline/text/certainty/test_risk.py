import numpy as np
import pytest
from scipy.special import expit

from pipeline.text.certainty.risk import fit_risk

TRUE = np.array([0.5, 0.9, 0.8])


def ideas(seed, size, weights=TRUE):
    """Confidences, and whether the answers were right."""
    chance = np.random.default_rng(seed)
    confidence = np.sort(chance.beta(2.5, 1, size))[::-1]
    margin = weights[0] + weights[1] * np.log(confidence) - weights[2] * np.log1p(-confidence)
    return confidence, chance.random(size) < expit(margin), expit(-margin)


def test_the_error_of_the_surest_is_known_and_so_is_how_uncertain_it_is():
    inside = []
    for seed in range(60):
        confidence, right, wrong = ideas(seed, 300)
        error, variance = fit_risk(confidence, right, np.ones(300)).of_surest(confidence)
        at = 120
        inside.append(abs(error[at - 1] - wrong[:at].mean()) < 1.645 * np.sqrt(variance[at - 1]))
        assert error[at - 1] == pytest.approx(wrong[:at].mean(), rel=0.75)
    # Nine in ten would be exact; the prior helps a little.
    assert 50 <= sum(inside) <= 60


def test_it_is_tighter_than_counting():
    missed_by_model, missed_by_counts = [], []
    for seed in range(40):
        confidence, right, wrong = ideas(seed, 300)
        error, _ = fit_risk(confidence, right, np.ones(300)).of_surest(confidence)
        missed_by_model.append(error[99] - wrong[:100].mean())
        missed_by_counts.append((~right[:100]).mean() - wrong[:100].mean())
    assert np.std(missed_by_model) < 0.75 * np.std(missed_by_counts)


def test_more_ideas_mean_less_uncertainty():
    spread = []
    for size in (0, 50, 500, 5_000):
        confidence, right, _ = ideas(1, size)
        _, variance = fit_risk(confidence, right, np.ones(size)).of_surest(np.full(1, 0.9))
        spread.append(variance[0])
    assert (np.diff(spread) < 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_more_confidence_is_never_more_risk_whatever_was_seen(seed):
    chance = np.random.default_rng(seed)
    confidence = chance.random(200)
    risk = fit_risk(confidence, chance.random(200) > confidence, np.ones(200))
    assert (np.diff(risk.wrong(np.linspace(0, 1, 50))) <= 1e-12).all()


def test_a_framework_is_taken_for_what_its_own_ideas_showed_as_far_as_there_are_any():
    confidence, right, _ = ideas(2, 2_000)
    risk = fit_risk(confidence, right, np.ones(2_000))
    asked = np.full(1, 0.9)
    off = np.zeros(100, dtype=bool)
    off[:60] = True
    many = risk.for_framework(np.full(100, 0.9), off, np.ones(100))
    few = risk.for_framework(np.full(3, 0.9), np.zeros(3, dtype=bool), np.ones(3))
    assert risk.wrong(asked)[0] < few.wrong(asked)[0] < many.wrong(asked)[0]
    assert many.wrong(asked)[0] == pytest.approx(0.4, abs=0.06)
    # Of one framework less is known than of all together.
    assert few.of_surest(asked)[1][0] > many.of_surest(asked)[1][0] > risk.of_surest(asked)[1][0]
