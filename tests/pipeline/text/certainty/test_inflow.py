import numpy as np
import pytest

from pipeline.text.certainty.inflow import label_weights, outsiders


def test_labels_that_are_balanced_are_weighted_to_what_comes():
    chance = np.random.default_rng(1)
    coming = chance.choice(3, 3_000, p=[0.7, 0.2, 0.1])
    scores = chance.normal(0, 1, (3_000, 3)) + 2.5 * np.eye(3)[coming]
    # Exact probabilities of a model that learned from as many of each.
    within = np.exp(2.5 * scores) / np.exp(2.5 * scores).sum(axis=1, keepdims=True)
    weight = label_weights(within, np.repeat([0, 1, 2], 100))
    assert weight.sum() == pytest.approx(300)
    assert weight[[0, 100, 200]] == pytest.approx([2.1, 0.6, 0.3], rel=0.12)


def test_with_few_ideas_to_come_labels_keep_about_their_weight():
    within = np.array([[0.98, 0.01, 0.01]] * 3)
    assert label_weights(within, np.repeat([0, 1, 2], 10)) == pytest.approx(np.ones(30), abs=0.25)


def test_without_unlabelled_ideas_every_label_weighs_the_same():
    assert label_weights(np.zeros((0, 2)), np.array([0, 0, 1])).tolist() == [1, 1, 1]
    assert label_weights(np.ones((4, 2)) / 2, np.zeros(0, dtype=np.int64)).tolist() == []


def come(share, height, size=2_000):
    """Confidences of held-out ideas that fit, of those that stand in for what fits none, and of ideas to come."""
    chance = np.random.default_rng(1)
    none = int(size * share)
    return (
        chance.beta(5, 1.5, size),
        chance.beta(3, 3, size),
        np.concatenate([chance.beta(5, 1.5, size - none), chance.beta(*height, none)]),
    )


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_how_many_fit_none_is_read_from_unlabelled_ideas(share):
    inside, outside, coming = come(share, (3, 3))
    found, shares = outsiders(inside, np.ones(len(inside)), outside, coming)
    assert found == pytest.approx(share, abs=0.04)
    assert shares.sum() == pytest.approx(1)


def test_ideas_that_lie_further_off_than_their_stand_ins_are_seen_to_do_so():
    inside, outside, coming = come(0.2, (2, 8))
    found, shares = outsiders(inside, np.ones(len(inside)), outside, coming)
    assert 0.15 < found < 0.3
    assert shares[outside > 0.6].sum() < 0.4 * (outside > 0.6).mean()


def test_ideas_as_near_as_their_stand_ins_are_not_wished_away():
    inside, outside, coming = come(0.2, (3, 3))
    _, shares = outsiders(inside, np.ones(len(inside)), outside, coming)
    assert shares[outside > 0.6].sum() > 0.75 * (outside > 0.6).mean()


def test_a_handful_of_ideas_changes_little_of_what_is_expected():
    found, _ = outsiders(np.full(4, 0.9), np.ones(4), np.full(4, 0.2), np.full(500, 0.2))
    assert 0.1 < found < 0.4


def test_before_anything_is_seen_one_in_ten_is_expected():
    nothing = np.zeros(0)
    found, shares = outsiders(nothing, nothing, np.array([0.5, 0.6]), np.array([0.9]))
    assert found == pytest.approx(0.1)
    assert shares.tolist() == [0.5, 0.5]
