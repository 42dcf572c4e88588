import numpy as np
import pytest
from scipy import sparse

from pipeline.text.learning.grams import Kernel, Latent, Texts, inner_products
from pipeline.text.learning.lending import lend
from pipeline.text.learning.parts import parts


def some_texts(count, *, features=40, dimensions=3, seed=0) -> Texts:
    chance = np.random.default_rng(seed)
    matrix = sparse.random(count, features, density=0.3, random_state=seed, format="csr", dtype=np.float32)
    return Texts(matrix, chance.normal(size=(count, dimensions)))


def test_inner_products_are_those_of_the_plain_matrices():
    ones, others = some_texts(5).matrix, some_texts(200, seed=1).matrix
    assert inner_products(ones, others) == pytest.approx((ones @ others.T).toarray(), abs=1e-5)


@pytest.mark.parametrize("encoder_weight", [0.0, 1.5])
@pytest.mark.parametrize("families", [True, False])
def test_scores_by_inner_products_are_scores_by_weights(families, encoder_weight):
    known, new = some_texts(100), some_texts(7, seed=1)
    kernel = Kernel(Latent.fit(known, seed=0) if families else None, encoder_weight)
    dual = np.random.default_rng(2).normal(size=(100, 4))
    weights, encoder_weights = kernel.weights(known, dual)
    by_weights = new.matrix @ weights + new.vectors @ encoder_weights
    assert kernel.gram(new, known) @ dual == pytest.approx(by_weights, abs=1e-4)


def test_words_that_keep_company_count_for_each_other():
    # Features 0 and 1 always come together; a text with one of them is then like a text with the other.
    rows = np.zeros((100, 6), dtype=np.float32)
    rows[:50, [0, 1]] = rows[50:, [2, 3]] = 0.7
    latent = Latent.fit(Texts(sparse.csr_matrix(rows), np.zeros((100, 0))), seed=0)
    one, other, apart = (
        Texts(sparse.csr_matrix(np.eye(6, dtype=np.float32)[[place]]), np.zeros((1, 0)))
        for place in (0, 1, 2)
    )
    kernel = Kernel(latent, 0.0)
    assert kernel.gram(one, other)[0, 0] > 0.05
    assert kernel.gram(one, apart)[0, 0] == pytest.approx(0, abs=1e-6)
    assert Kernel(None, 0.0).gram(one, other)[0, 0] == 0


def test_few_texts_have_no_families():
    assert Latent.fit(some_texts(20), seed=0) is None


def test_unlabelled_ideas_lend_their_words():
    # Each idea has a word of its own group; only the first of a group resembles a framework.
    features = np.repeat(np.eye(2), 20, axis=0)
    scores = np.zeros((40, 2))
    scores[0, 0] = scores[20, 1] = 1.0
    lent = lend(scores, features @ features.T, strength=1.0, cold=False)
    grown = features @ features.T @ lent.dual - lent.shift
    assert (grown[:20, 0] > grown[:20, 1]).all()
    assert (grown[20:, 1] > grown[20:, 0]).all()


def test_every_framework_is_spread_over_the_parts_in_its_order():
    truth = np.array([0] * 50 + [1] * 3 + [-1] * 7 + [2])
    part = parts(truth, 5)
    assert np.bincount(part[:50]).tolist() == [10] * 5
    assert (np.diff((part[:50] - part[0]) % 5) >= 0).all()
    assert len(set(part[50:53])) == 3
    assert set(part) == set(range(5))
