from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from pipeline.text.certainty.calibration import NEVER
from pipeline.text.certainty.inflow import label_weights
from pipeline.text.certainty.promise import HeldOut, thresholds

NOTHING = np.zeros(0)
NOBODY = np.zeros(0, dtype=np.int64)


def seen(confidence, right, outside=NOTHING, coming=None, **changed) -> HeldOut:
    """Held-out ideas of one framework, and as many alike to come, unless said otherwise."""
    confidence = np.asarray(confidence, dtype=float)
    coming = confidence if coming is None else coming
    held_out = HeldOut(
        confidence=confidence,
        best=np.zeros(len(confidence), dtype=np.int64),
        right=np.asarray(right, dtype=bool),
        weight=np.ones(len(confidence)),
        outside=outside,
        outside_best=np.zeros(len(outside), dtype=np.int64),
        coming=coming,
        coming_best=np.zeros(len(coming), dtype=np.int64),
        sampled=coming,
        least_outside=0.0,
    )
    return replace(held_out, **changed)


def only(held_out, max_error) -> float:
    return thresholds(held_out, 1, max_error).auto_from[0]


def test_too_few_decisions_promise_nothing():
    # One mistake must fit in: of fewer than twenty nothing can be said about one in twenty.
    assert only(seen(np.full(19, 0.999), np.ones(19)), 0.05) == NEVER
    assert only(seen(np.full(200, 0.999), np.ones(200)), 0.05) == 0.999


def test_the_threshold_lies_above_where_errors_begin():
    confidence = np.linspace(1, 0, 2_000)
    assert 0.5 < only(seen(confidence, confidence > 0.5), 0.05) < 0.75


def test_confidence_that_is_often_wrong_is_not_believed():
    chance = np.random.default_rng(1)
    assert only(seen(np.full(500, 0.99), chance.random(500) < 0.85), 0.1) == NEVER


def test_wrong_at_the_top_means_never_although_the_rest_is_right():
    assert only(seen(np.linspace(1, 0.9, 100), np.arange(100) >= 30), 0.1) == NEVER


def test_one_mistake_among_the_surest_is_no_reason_never_to_decide():
    right = np.ones(1_000, dtype=bool)
    right[0] = False
    assert only(seen(np.linspace(1, 0.5, 1_000), right), 0.05) < 0.8


def test_the_more_may_be_wrong_the_more_is_decided_alone():
    chance = np.random.default_rng(3)
    confidence = chance.random(2_000)
    held_out = seen(confidence, chance.random(2_000) < confidence**0.5)
    found = [only(held_out, accepted) for accepted in (0.02, 0.05, 0.1, 0.2)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0]


def test_a_few_very_sure_ones_among_many_are_no_sample():
    sure, unsure = np.full(40, 0.999), np.full(1_960, 0.3)
    right = np.concatenate([np.ones(40), np.arange(1_960) % 3 == 0])
    assert only(seen(np.concatenate([sure, unsure]), right), 0.1) == NEVER
    more = seen(np.concatenate([np.full(400, 0.999), unsure]), np.concatenate([np.ones(400), right[40:]]))
    assert only(more, 0.1) == 0.999


def test_ideas_that_fit_none_make_it_more_careful():
    confidence = np.linspace(1, 0, 1_000)
    outside = np.linspace(0.9, 0, 200)
    alone = only(seen(confidence, confidence > 0.3), 0.1)
    beside = only(seen(confidence, confidence > 0.3, outside, least_outside=0.1), 0.1)
    assert alone < beside < NEVER


def test_ideas_called_fits_none_are_never_decided_alone():
    confidence = np.where(np.arange(1_000) < 500, 0.999, -1.0)
    assert only(seen(confidence, np.ones(1_000)), 0.05) == 0.999
    assert only(seen(np.full(1_000, -1.0), np.ones(1_000)), 0.05) == NEVER


# --- Whether it holds: a small world of which the truth is known.

SHARES = np.array([0.4, 0.3, 0.2, 0.1])  # of what comes; what is labelled is balanced
LEVEL = np.array([0.9, 0.3, 0.0, -0.6])  # and rare frameworks are harder


def world(seed, labelled, fits_none):
    """What is held out of balanced labels, what comes (a tenth of it sure although it fits none), and the truth."""
    chance = np.random.default_rng(seed)

    def drawn(which):
        margin = chance.normal(1.6, 1.6, len(which)) + LEVEL[which]
        confidence = expit(margin * 0.9 + 0.1)
        return confidence, chance.random(len(which)) < expit(margin)

    truth = np.repeat(np.arange(4), labelled)
    confidence, right = drawn(truth)
    coming_truth = chance.choice(4, 1_500, p=SHARES)
    coming, coming_right = drawn(coming_truth)
    is_out = chance.random(1_500) < fits_none
    coming = np.where(is_out, expit(chance.normal(0, 1, 1_500)), coming)
    within = np.full((1_500, 4), 0.05) + 0.8 * np.eye(4)[coming_truth]
    held_out = HeldOut(
        confidence=confidence,
        best=truth,
        right=right,
        weight=label_weights(within, truth),
        outside=expit(chance.normal(0, 1, 400)),
        outside_best=chance.choice(4, 400),
        coming=coming,
        coming_best=coming_truth,
        sampled=coming,
        least_outside=0.01,
    )
    return held_out, coming_right & ~is_out


def outcome(seed, labelled, fits_none, max_error):
    """Whether the promise was kept, the share decided alone, and the largest share that knowing all would allow."""
    held_out, right = world(seed, labelled, fits_none)
    auto = held_out.coming >= np.array(thresholds(held_out, 4, max_error).auto_from)[held_out.coming_best]
    order = np.argsort(-held_out.coming)
    wrong = np.cumsum(~right[order]) / np.arange(1, 1_501)
    allowed = np.flatnonzero(wrong <= max_error)
    best = (allowed[-1] + 1) / 1_500 if len(allowed) else 0.0
    return (~right[auto]).sum() <= max_error * auto.sum(), auto.mean(), best


@pytest.mark.parametrize("fits_none", [0.0, 0.15])
@pytest.mark.parametrize("max_error", [0.05, 0.1])
@pytest.mark.parametrize("labelled", [20, 300])
def test_the_promise_holds_on_ideas_that_were_not_seen(labelled, max_error, fits_none):
    kept = [outcome(seed, labelled, fits_none, max_error)[0] for seed in range(40)]
    assert sum(kept) >= 38


@pytest.mark.parametrize("fits_none", [0.0, 0.15])
def test_with_labels_enough_most_of_what_could_be_decided_is(fits_none):
    found = np.array([outcome(seed, 300, fits_none, 0.1)[1:] for seed in range(20)])
    assert found[:, 0].mean() > 0.6 * found[:, 1].mean() > 0.1


# --- Per framework.


def two(seed, sizes, levels):
    """Two frameworks with so many held-out ideas each, and as many to come; the log odds of right differ."""
    chance = np.random.default_rng(seed)
    best = np.repeat([0, 1], sizes)
    drawn = []
    for _ in range(2):
        confidence = expit(chance.normal(2, 1.3, len(best)))
        drawn.append(
            (confidence, chance.random(len(best)) < expit(logit(confidence) + np.array(levels)[best]))
        )
    (confidence, right), (coming, coming_right) = drawn
    held_out = seen(confidence, right, coming=coming, best=best, coming_best=best)
    return held_out, coming_right


def test_a_framework_with_evidence_enough_keeps_the_promise_by_itself():
    kept = []
    for seed in range(40):
        held_out, right = two(seed, (800, 800), (0.7, -0.7))
        found = thresholds(held_out, 2, 0.1)
        for column in np.flatnonzero(found.own):
            auto = (held_out.coming >= found.auto_from[column]) & (held_out.coming_best == column)
            kept.append((~right[auto]).sum() <= 0.1 * auto.sum())
        assert found.auto_from[0] < found.auto_from[1]
    assert len(kept) >= 60
    assert np.mean(kept) >= 0.93


def test_frameworks_with_too_little_evidence_share_one_threshold():
    held_out, _ = two(1, (150, 150), (0.7, 0.7))
    found = thresholds(held_out, 2, 0.1)
    assert found.own == (False, False)
    assert found.auto_from[0] == found.auto_from[1] < NEVER


def test_one_with_evidence_and_one_without():
    held_out, _ = two(1, (1_500, 60), (0.7, 0.7))
    assert thresholds(held_out, 2, 0.1).own == (True, False)


def test_what_cannot_be_promised_for_all_is_not_promised_for_one():
    held_out, _ = two(1, (400, 8_000), (0.7, -4.0))
    assert thresholds(held_out, 2, 0.1).auto_from == (NEVER, NEVER)


def test_how_many_fit_none_is_read_from_models_that_are_as_unsure_as_the_held_out_ones():
    chance = np.random.default_rng(0)
    fits, fits_none = expit(chance.normal(3, 1, 600)), expit(chance.normal(0, 1, 300))
    right = chance.random(600) < fits
    # The model itself is surer of all that comes, so that little there looks as if it fitted none.
    coming = expit(chance.normal(3.5, 0.6, 900))
    mixed = np.concatenate([fits, fits_none])
    unaware = only(seen(fits, right, fits_none, coming, sampled=fits), 0.1)
    aware = only(seen(fits, right, fits_none, coming, sampled=mixed), 0.1)
    assert unaware < aware
