import numpy as np
import pytest

from pipeline.text.calibration import NEVER
from pipeline.text.promise import HeldOut, auto_threshold, outside_share


def threshold(confidence, right, max_error, outside=(), share=0.0) -> float:
    seen = HeldOut(
        np.asarray(confidence, dtype=float), np.asarray(right), np.asarray(outside, dtype=float), share
    )
    return auto_threshold(seen, max_error)


def test_too_few_decisions_promise_nothing():
    # 59 right ones in a row are the first that bound the error to 5 % at a certainty of 95 %.
    assert threshold(np.full(58, 0.99), np.ones(58, dtype=bool), 0.05) == NEVER
    assert threshold(np.full(59, 0.99), np.ones(59, dtype=bool), 0.05) == 0.99


def test_the_threshold_lies_above_where_errors_begin():
    confidence = np.linspace(1, 0, 1_000)
    assert 0.48 < threshold(confidence, confidence > 0.5, 0.05) < 0.56


def test_wrong_at_the_top_means_never():
    assert threshold(np.linspace(1, 0.5, 200), np.arange(200) > 20, 0.05) == NEVER


def test_one_mistake_among_the_surest_is_no_reason_never_to_decide():
    right = np.ones(1_000, dtype=bool)
    right[0] = False
    assert threshold(np.linspace(1, 0.5, 1_000), right, 0.05) < 0.6


def kept(seed, share, max_error=0.15) -> bool:
    """Whether the error on unseen ideas, those that fit none included, stayed within what was accepted."""
    chance = np.random.default_rng(seed)
    confidence, outside = chance.random(4_000), chance.random(4_000) * 0.8
    right = chance.random(4_000) < confidence**0.5
    found = threshold(confidence[:2_000], right[:2_000], max_error, outside[:2_000], share)
    assert found < 0.99
    automatic = confidence[2_000:] >= found
    wrong = (~right[2_000:][automatic]).sum() * (1 - share)
    astray = (outside[2_000:] >= found).sum() * share
    return wrong + astray <= max_error * (automatic.sum() * (1 - share) + astray)


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_the_promise_holds_on_ideas_that_were_not_seen(share):
    # The bound is at 95 % certainty.
    assert sum(kept(seed, share) for seed in range(40)) >= 37


def test_ideas_that_fit_none_make_it_more_careful():
    confidence = np.linspace(1, 0, 1_000)
    right = confidence > 0.3
    alone = threshold(confidence, right, 0.1)
    beside = threshold(confidence, right, 0.1, np.linspace(0.9, 0, 200), 0.1)
    assert alone < beside < NEVER


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_how_many_fit_none_is_read_from_unlabelled_ideas(share):
    chance = np.random.default_rng(1)
    inside, outside = chance.normal(2, 1, 1_000), chance.normal(-1, 1, 1_000)
    few = int(2_000 * share)
    unlabelled = np.concatenate([chance.normal(2, 1, 2_000 - few), chance.normal(-1, 1, few)])
    assert outside_share(inside, outside, unlabelled) == pytest.approx(share, abs=0.03)


def test_without_unlabelled_ideas_there_is_nothing_to_read():
    assert outside_share(np.ones(3), np.zeros(3), np.zeros(0)) == 0
