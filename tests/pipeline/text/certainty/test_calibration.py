import numpy as np
import pytest

from kader.demo.data import load_demo
from pipeline.core import FrameworkText, IdeaText
from pipeline.text.certainty.calibration import Calibration
from pipeline.text.learning.temperature import temperature
from pipeline.text.training import train


def calibration(**changed) -> Calibration:
    given = {
        "temperature": 0.1,
        "offsets": (0.0, 0.0),
        "none_weights": (-5.0, 0.0, -1.0),
        "none_bias": 0.5,
        "auto_from": (0.9, 0.9),
        "own_promise": (False, False),
        "none_from": 0.5,
        "ceiling": 0.99,
    }
    return Calibration(**(given | changed))


def test_temperature_follows_how_often_scores_are_right():
    scores = np.tile([[1.0, 0.0]], (100, 1))
    sure, small = temperature(scores, np.zeros(100, dtype=np.int64))
    unsure, large = temperature(scores, (np.arange(100) < 40).astype(np.int64))
    assert sure < unsure
    assert small < large


def test_a_higher_score_never_makes_none_likelier():
    scores = np.array([[0.1, 0.0], [0.5, 0.0], [0.9, 0.0]])
    by_framework, none = calibration().probabilities(scores, np.ones(3))
    assert (np.diff(none) < 0).all()
    assert (np.diff(by_framework[:, 0]) > 0).all()


def test_an_offset_makes_its_framework_likelier_and_no_other_idea_fit_less():
    scores = np.array([[0.3, 0.3]])
    even, none = calibration().probabilities(scores, np.ones(1))
    tilted, same = calibration(offsets=(1.0, 0.0)).probabilities(scores, np.ones(1))
    assert even[0, 0] == even[0, 1]
    assert tilted[0, 0] > even[0, 0] > tilted[0, 1]
    assert none == same


def test_a_framework_that_is_not_there_gets_no_probability():
    scores = np.array([[0.3, -np.inf, 0.1]])
    by_framework, none = calibration(offsets=(0.0, 9.0, 0.0)).probabilities(scores, np.ones(1))
    assert by_framework[0, 1] == 0
    assert np.isfinite(none).all()
    assert 0.98 < by_framework.sum() + none[0] <= 1 + 1e-6


def test_without_labels_confidence_is_about_as_high_as_definitions_are_right():
    demo = load_demo()
    frameworks = [
        FrameworkText(each.slug, each.title, each.description, each.goal, (), each.examples)
        for each in demo.frameworks
    ]
    ideas = [IdeaText(each.id, each.text, each.title) for each in demo.ideas]
    read = train(frameworks, corpus=[idea.whole for idea in ideas]).read(ideas)
    best = [reading.candidates[0] for reading in read]
    right = [candidate.framework == each.framework for candidate, each in zip(best, demo.ideas, strict=True)]
    assert np.mean([candidate.probability for candidate in best]) == pytest.approx(np.mean(right), abs=0.06)
