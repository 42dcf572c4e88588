import numpy as np
import pytest

from pipeline.text.calibration import NEVER, Calibration, auto_threshold, temperature


def test_too_few_decisions_promise_nothing():
    assert auto_threshold(np.full(44, 0.99), np.ones(44, dtype=bool), 0.05) == NEVER
    assert auto_threshold(np.full(45, 0.99), np.ones(45, dtype=bool), 0.05) == 0.99


def test_the_threshold_lies_above_where_errors_begin():
    confidence = np.linspace(1, 0, 1_000)
    right = confidence > 0.5
    threshold = auto_threshold(confidence, right, 0.05)
    assert 0.45 < threshold < 0.52


def test_wrong_at_the_top_means_never():
    right = np.arange(200) > 20
    assert auto_threshold(np.linspace(1, 0.5, 200), right, 0.05) == NEVER


@pytest.mark.parametrize("seed", range(5))
def test_the_promise_holds_on_ideas_that_were_not_seen(seed):
    chance = np.random.default_rng(seed)
    confidence = chance.random(4_000)
    right = chance.random(4_000) < confidence
    threshold = auto_threshold(confidence[:2_000], right[:2_000], 0.1)
    automatic = confidence[2_000:] >= threshold
    assert automatic.any()
    assert (~right[2_000:][automatic]).mean() <= 0.1


def test_temperature_follows_how_often_scores_are_right():
    scores = np.tile([[1.0, 0.0]], (100, 1))
    sure = temperature(scores, np.zeros(100, dtype=np.int64), np.geomspace(0.02, 2, 60))
    unsure = temperature(scores, (np.arange(100) < 40).astype(np.int64), np.geomspace(0.02, 2, 60))
    assert sure < unsure


def test_a_higher_score_never_makes_none_likelier():
    calibration = Calibration(0.1, (-5.0, 0.0, -1.0), 0.5, 0.9, 0.5, 0.99)
    scores = np.array([[0.1, 0.0], [0.5, 0.0], [0.9, 0.0]])
    by_framework, none = calibration.probabilities(scores, np.ones(3))
    assert (np.diff(none) < 0).all()
    assert (np.diff(by_framework[:, 0]) > 0).all()
