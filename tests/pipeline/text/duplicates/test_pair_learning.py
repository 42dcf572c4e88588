from dataclasses import replace

import numpy as np
import pytest

from pipeline.text.duplicates.pair_learning import Answers, refit
from pipeline.text.duplicates.pairs import CONTEXT, PairModel, apart, shipped_weights
from pipeline.text.duplicates.resemblance import NAMES
from pipeline.text.lexical.vectoriser import Vectoriser

MODEL = PairModel(Vectoriser.fit(["een fiets"], most=10))


def answers(count, *, rule):
    """Pairs of random evidence, of which people confirm those by `rule`."""
    chance = np.random.default_rng(5)
    seen = np.zeros((count, len(NAMES)))
    seen[:, NAMES.index("characters")] = chance.uniform(0.5, 1, count)
    seen[:, NAMES.index("words")] = chance.uniform(0, 1, count)
    context = chance.integers(0, 2, (count, len(CONTEXT))).astype(np.float64)
    return Answers(seen, context, rule(seen, context))


def by_words(seen, context):
    return seen[:, NAMES.index("words")] > 0.6


def by_submitter(seen, context):
    return context[:, 0] > 0


def right(weights, given):
    judged = PairModel(MODEL._vectoriser, weights).judge(given.seen, given.context)
    ranked = judged[given.same][:, None] > judged[~given.same]
    return ranked.mean()


@pytest.mark.parametrize("rule", [by_words, by_submitter])
def test_what_people_confirm_is_learned(rule):
    given = answers(300, rule=rule)
    learned = refit(shipped_weights(), given)
    assert right(learned, given) > max(right(shipped_weights(), given), 0.9)
    assert learned.version != shipped_weights().version


def test_few_or_one_sided_answers_change_nothing():
    few = answers(10, rule=by_words)
    assert refit(shipped_weights(), few) == shipped_weights()
    one_sided = answers(100, rule=lambda seen, context: np.ones(len(seen), dtype=np.bool_))
    assert refit(shipped_weights(), one_sided) == shipped_weights()


def test_the_same_answers_give_the_same_weights():
    given = answers(80, rule=by_words)
    assert refit(shipped_weights(), given) == refit(shipped_weights(), given)


def test_same_becomes_rarer_as_less_error_is_accepted():
    given = answers(600, rule=by_words)
    strict, lax = (refit(shipped_weights(), given, max_error=error).same_from for error in (0.02, 0.2))
    assert strict >= lax


def test_a_pair_that_people_rejected_is_no_longer_called_the_same():
    given = answers(60, rule=by_words)
    overconfident = replace(shipped_weights(), bias=12.0)
    learned = refit(overconfident, given)
    judged = PairModel(MODEL._vectoriser, learned).judge(given.seen, given.context)
    assert (judged[~given.same] >= learned.same_from).mean() < 0.1


def test_time_apart_grows_from_nothing_to_a_year():
    assert apart(np.array([0, -1, 365, 4000])).tolist() == pytest.approx([0, 0.117, 0.999, 1], abs=2e-3)
