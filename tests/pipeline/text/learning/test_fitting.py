"""What learning chooses, and that whatever it chooses is one linear score."""

import numpy as np
import pytest
from scipy import sparse

from pipeline.text.learning.examples import Examples
from pipeline.text.learning.fitting import fit
from pipeline.text.learning.grams import Kernel, Latent, Texts
from pipeline.text.learning.machine import machine
from pipeline.text.learning.many import fit_many

WORDS = 40
ENCODED = 8


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def made_up(frameworks: int, each: int, *, vectors: str = "none", seed: int = 0) -> Examples:
    """Ideas of which a third of the words tell their framework, and sentence vectors that tell it, or nothing."""
    chance = np.random.default_rng(seed)
    truth = np.repeat(np.arange(frameworks), each)
    telling = np.eye(WORDS)[: 2 * frameworks].reshape(frameworks, 2, WORDS).sum(axis=1)

    def texts(of):
        words = chance.poisson(0.3, (len(of), WORDS)) + telling[of] * (
            0.5 + chance.random((len(of), WORDS)) * 2
        )
        words[:, -1] += 0.1
        dimensions = 0 if vectors == "none" else ENCODED
        encoded = chance.normal(size=(len(of), dimensions))
        if vectors == "telling":
            encoded += 4 * np.eye(ENCODED)[of % ENCODED]
        return Texts(
            sparse.csr_matrix(_unit(words).astype(np.float32)), _unit(encoded) if dimensions else encoded
        )

    ideas = texts(truth)
    return Examples(
        definitions=texts(np.arange(frameworks)),
        ideas=ideas,
        truth=truth,
        corpus=texts(chance.integers(0, frameworks, 40)),
        known=np.ones(len(truth)),
        rarity=chance.uniform(1, 8, WORDS),
    )


@pytest.mark.parametrize("weight", [0.0, 1.5])
def test_explicit_features_are_the_kernel(weight):
    examples = made_up(4, 20, vectors="telling")
    kernel = Kernel(Latent.fit(examples.ideas, seed=0), weight)
    assert kernel.latent is not None
    rows = kernel.explicit(examples.ideas)
    assert np.allclose((rows @ rows.T).toarray(), kernel.gram(examples.ideas, examples.ideas), atol=1e-5)
    coefficients = np.random.default_rng(1).normal(size=(rows.shape[1], 4))
    words, meaning = kernel.fold(coefficients, WORDS, ENCODED)
    scores = examples.ideas.matrix @ words + examples.ideas.vectors @ meaning
    assert np.allclose(scores, rows @ coefficients, atol=1e-4)


@pytest.mark.parametrize("learn", [fit, fit_many])
@pytest.mark.parametrize("frameworks", [2, 5])
def test_the_score_that_comes_out_tells_frameworks_apart(learn, frameworks):
    fitted = learn(made_up(frameworks, 30), seed=0)
    again = learn(made_up(frameworks, 30), seed=0)
    assert (again.weights == fitted.weights).all()
    learned = made_up(frameworks, 30).ideas.matrix
    scores = learned @ fitted.weights + fitted.bias
    truth = np.repeat(np.arange(frameworks), 30)
    assert (scores.argmax(axis=1) == truth).mean() > 0.9
    assert (fitted.held_out.argmax(axis=1) == truth).mean() > 0.7


@pytest.mark.parametrize(("learn", "each"), [(fit, 60), (fit_many, 200)])
def test_sentence_vectors_that_tell_nothing_count_for_nothing(learn, each):
    # With many ideas the choice is by the least loss alone: of too few, chance may leave noise a little weight.
    noise = learn(made_up(4, each, vectors="noise"), seed=0)
    assert not noise.encoder_weights.any()
    telling = learn(made_up(4, 60, vectors="telling"), seed=0)
    assert np.abs(telling.encoder_weights).max() > np.abs(telling.weights).max() / 10


def test_emphasis_weighs_words_by_their_rarity_and_keeps_the_length_of_texts():
    examples = made_up(3, 20)
    scaled, scale = examples.emphasised(-0.5)
    assert np.corrcoef(scale, examples.rarity**-0.5)[0, 1] == pytest.approx(1)
    assert np.allclose(scaled.ideas.matrix.toarray(), examples.ideas.matrix.toarray() * scale, atol=1e-6)

    def squares(texts):
        known = sparse.vstack([texts.definitions.matrix, texts.ideas.matrix])
        return known.multiply(known).sum()

    assert squares(scaled) == pytest.approx(squares(examples), rel=1e-4)


@pytest.mark.parametrize("frameworks", [1, 2, 6])
def test_a_machine_gives_nothing_to_a_text_of_which_nothing_is_known(frameworks):
    examples = made_up(frameworks, 12)
    truth = np.concatenate([examples.truth, np.full(3, -1)])
    nones = sparse.csr_matrix(_unit(np.random.default_rng(2).random((3, WORDS))).astype(np.float32))
    rows = sparse.vstack([examples.ideas.matrix, nones]).tocsr()
    coefficients, bias = machine(rows, truth, np.ones(len(truth)), words=WORDS, freedom=0.5, seed=0)
    assert coefficients.shape == (WORDS, frameworks)
    assert np.abs(bias).max() < 0.1
    own = (examples.ideas.matrix @ coefficients + bias)[np.arange(len(examples.truth)), examples.truth]
    assert own.mean() > 0.5


@pytest.mark.parametrize("learn", [fit, fit_many])
def test_unlabelled_ideas_are_also_scored_by_models_that_learned_from_fewer(learn):
    examples = made_up(4, 20)
    fitted = learn(examples, seed=0)
    corpus = examples.corpus.take(fitted.sampled)
    final = corpus.matrix @ fitted.weights + fitted.bias
    assert fitted.sampled.tolist() == list(range(len(examples.corpus)))
    assert fitted.sampled_scores.shape == final.shape
    # Nearly the same opinion, and less of it.
    assert (fitted.sampled_scores.argmax(axis=1) == final.argmax(axis=1)).mean() > 0.9
    assert _lead(fitted.sampled_scores).mean() < _lead(final).mean()


def _lead(scores):
    ranked = np.sort(scores, axis=1)
    return ranked[:, -1] - ranked[:, -2]
