"""What words tell of frameworks by themselves."""

import numpy as np
import pytest
from scipy import sparse

from pipeline.text.learning.telling import beside, emphasis_of_telling, trusted, word_by_word

# Word 0 tells the first framework, word 1 the second, word 2 neither, word 3 is in no text.
ROWS = sparse.csr_matrix(np.array([[0.8, 0, 0.6, 0]] * 20 + [[0, 0.8, 0.6, 0]] * 20, dtype=np.float32))
TRUTH = np.repeat([0, 1], 20)


def test_a_word_that_tells_a_framework_counts_for_more_than_one_that_all_have():
    scale = emphasis_of_telling(ROWS, TRUTH, 2)
    assert scale[0] == pytest.approx(scale[1])
    assert scale[0] > scale[2] > 0
    before = ROWS.multiply(ROWS).sum()
    assert ((ROWS.toarray() * scale) ** 2).sum() == pytest.approx(before, rel=1e-5)


def test_ideas_that_fit_none_are_no_evidence_of_a_framework():
    more = sparse.vstack([ROWS, ROWS[:5]]).tocsr()
    truth = np.append(TRUTH, np.full(5, -1))
    assert np.allclose(word_by_word(more, truth, np.ones(45), 2), word_by_word(ROWS, TRUTH, np.ones(40), 2))


def test_odds_speak_for_the_own_framework_and_not_for_what_nobody_wrote():
    odds = word_by_word(ROWS, TRUTH, np.ones(40), 2)
    assert odds[0, 0] > 0 > odds[0, 1]
    assert odds[1, 1] > 0 > odds[1, 0]
    assert np.allclose(odds[2], 0, atol=1e-5)
    assert not odds[3].any()


def test_they_come_in_half_the_spread_of_the_scores_and_with_few_ideas_in_less():
    odds = word_by_word(ROWS, TRUTH, np.ones(40), 2)
    scores = 3 * (np.eye(2)[TRUTH] - 0.5)
    weights = beside(scores, ROWS, odds, 1.0)
    added = ROWS @ weights
    assert (added - added.mean(axis=1, keepdims=True)).std() == pytest.approx(scores.std() / 2, rel=1e-4)
    assert trusted(np.repeat([0, 1], 11), 2) == 0
    assert 0 < trusted(TRUTH[5:35], 2) < trusted(TRUTH, 2) < 1
