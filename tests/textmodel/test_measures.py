import numpy as np
import pytest

from benchmarks.textmodel.measures import Answers, calibration_error, measure, oracle_coverage


def answers(labels, confidence, auto, none=None) -> Answers:
    size = len(labels)
    return Answers(
        labels=tuple(labels),
        confidence=np.asarray(confidence, dtype=float),
        none=np.zeros(size) if none is None else np.asarray(none, dtype=float),
        auto=np.asarray([auto, auto], dtype=bool),
    )


def test_an_idea_that_fits_none_is_wrong_when_a_framework_is_answered_for_it():
    found = measure(answers("aab", [0.9, 0.8, 0.7], [True, True, False], [0.1, 0.9, 0.2]), ("a", None, "a"))
    assert (found.ideas, found.in_scope, found.accuracy) == (3, 2, 0.5)
    assert found.none_auroc == 1
    first = found.promises[0]
    assert (first.auto, first.wrong, first.error, first.kept) == (2, 1, 0.5, False)
    assert first.coverage == pytest.approx(2 / 3)


def test_deciding_nothing_keeps_the_promise():
    found = measure(answers("ab", [0.9, 0.8], [False, False]), ("b", "a"))
    assert [(each.kept, each.error, each.coverage) for each in found.promises] == [(True, 0, 0)] * 2
    assert found.none_auroc is None


def test_the_oracle_takes_the_most_that_stays_within_the_error():
    right = np.array([True] * 9 + [False] + [True] * 5 + [False] * 5)
    confidence = np.linspace(1, 0.1, 20)
    assert oracle_coverage(confidence, right, 0.05) == 9 / 20
    assert oracle_coverage(confidence, right, 0.10) == 15 / 20
    assert oracle_coverage(np.full(20, 0.5), right, 0.10) == 0  # equal confidences can't be told apart


def test_calibration_is_perfect_when_confidence_says_how_often_it_is_right():
    confidence = np.repeat([0.25, 0.75], 400)
    right = np.concatenate([np.arange(400) < 100, np.arange(400) < 300])
    assert calibration_error(confidence, right) == pytest.approx(0)
    assert calibration_error(confidence, ~right) == pytest.approx(0.5)
