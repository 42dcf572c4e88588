"""Which candidates come first."""

import numpy as np

from pipeline.text.duplicates.alignment import Alignment
from pipeline.text.duplicates.lookup import Found
from pipeline.text.duplicates.ranking import Ranking

NOTHING = np.zeros((4, 0), dtype=np.float32)


def ranked(other, likeness, wholes=None, titles=None, top=10):
    other = np.array(other, dtype=np.int32)
    likeness = np.array(likeness, dtype=np.float32)
    none = np.full(other.shape, np.nan)
    aligned = Alignment(
        *(np.asarray(none if part is None else part, dtype=np.float32) for part in (wholes, titles))
    )
    one, column = Ranking(Found(other, likeness, NOTHING), aligned).best(np.arange(len(other)), top)
    return [other[one[one == idea], column[one == idea]].tolist() for idea in range(len(other))]


def test_what_is_alike_comes_first_and_what_is_missing_nowhere():
    assert ranked([[1, 2], [0, -1], [0, -1]], [[0.3, 0.5], [0.3, 0.0], [0.5, 0.0]]) == [[2, 1], [0], [0]]


def test_equals_are_told_apart_by_their_place():
    assert ranked([[2, 1], [0, -1], [0, -1]], [[0.4, 0.4], [0.4, 0.0], [0.4, 0.0]])[0] == [1, 2]


def test_words_that_are_found_in_each_other_decide_between_equals():
    other, likeness = [[1, 2], [0, -1], [0, -1]], [[0.4, 0.4], [0.4, 0.0], [0.4, 0.0]]
    aligned = [[0.2, 0.6], [0.2, np.nan], [0.6, np.nan]]
    assert ranked(other, likeness, wholes=aligned)[0] == [2, 1]
    assert ranked(other, likeness, titles=aligned)[0] == [2, 1]


def test_a_missing_title_counts_neither_for_nor_against():
    other, likeness = [[1, 2, 3], [0, -1, -1], [0, -1, -1], [0, -1, -1]], np.full((4, 3), 0.4)
    titles = np.full((4, 3), np.nan)
    titles[0, [0, 2]] = titles[[1, 3], 0] = 0.6, 0.2
    assert ranked(other, likeness, titles=titles)[0] == [1, 2, 3]


def test_what_is_near_to_many_comes_later():
    # 1 and 2 are as near to 0; 1 is near to 3 and 4 as well.
    other = [[1, 2, -1], [0, 3, 4], [0, -1, -1], [1, -1, -1], [1, -1, -1]]
    likeness = [[0.5, 0.5, 0], [0.5, 0.5, 0.5], [0.5, 0, 0], [0.5, 0, 0], [0.5, 0, 0]]
    assert ranked(other, likeness)[0] == [2, 1]


def test_no_more_than_is_asked_for():
    assert ranked([[1, 2], [0, 2], [0, 1]], [[0.3, 0.5], [0.3, 0.2], [0.5, 0.2]], top=1) == [[2], [0], [0]]
