"""Unlabelled ideas lend their words to the framework they most resemble."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.special import softmax

from pipeline.text.fitting import Array, Examples, Fitted

_ROUNDS = 3
_STRENGTH = 0.8
_FADING = 3.0
_SHARPNESS = 1.25
_PRIOR_IDEAS = 2.0
_LEAST_CORPUS = 30


def lend_words(fitted: Fitted, corpus: sparse.csr_matrix, vectors: Array, examples: Examples) -> Fitted:
    """Add to each framework the mean of the unlabelled ideas that seem to belong to it.

    `corpus`: CSR (ideas, features); `vectors`: (ideas, encoder dimensions). How much they count fades as
    labels grow. Fewer than 30 ideas change nothing. (Nigam and others, "Text classification from labeled and
    unlabeled documents using EM", 2000, with the softened assignments of their section 5.3.)
    """
    ideas = corpus.shape[0]
    strength = _STRENGTH / (1 + examples.per_framework / _FADING)
    if ideas < _LEAST_CORPUS or examples.definitions.shape[0] < 2:
        return fitted
    scores = np.asarray(corpus @ fitted.weights) + vectors @ fitted.encoder_weights + fitted.bias
    unit = max(float(scores.std()), 1e-9)
    # Without labels a definition in everyday words attracts everything; its average is taken off.
    level = scores.mean(axis=0) if not len(examples.truth) else np.zeros(scores.shape[1])
    current = scores - level
    for _ in range(_ROUNDS):
        belonging = softmax(current * (_SHARPNESS / max(float(current.std()), 1e-9)), axis=1)
        lent = sparse.csr_matrix(belonging.T / (belonging.sum(axis=0)[:, None] + _PRIOR_IDEAS)) @ corpus
        lent = np.asarray(lent.toarray().T)
        lent_vectors = vectors.T @ (belonging / (belonging.sum(axis=0) + _PRIOR_IDEAS))
        length = np.sqrt((lent**2).sum(axis=0) + (lent_vectors**2).sum(axis=0))
        lent /= np.maximum(length, 1e-9)
        lent_vectors /= np.maximum(length, 1e-9)
        likeness = np.asarray(corpus @ lent) + vectors @ lent_vectors
        mean = likeness.mean(axis=0)
        factor = strength * unit / max(float((likeness - mean).std()), 1e-9)
        current = scores - level + factor * (likeness - mean)
    return replace(
        fitted,
        weights=fitted.weights + factor * lent,
        encoder_weights=fitted.encoder_weights + factor * lent_vectors,
        bias=fitted.bias - level - factor * mean,
        held_out=fitted.held_out
        + factor * (np.asarray(examples.texts @ lent) + examples.text_vectors @ lent_vectors - mean),
    )
