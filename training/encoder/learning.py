"""Learns a row for every word and n-gram, so that a text's sum of rows points where the teacher says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse

from pipeline.text.encoders.spelling import BUCKETS
from pipeline.text.lexical.vectoriser import Floats
from training.encoder.words import Vocabulary


@dataclass(frozen=True, slots=True)
class Plan:
    """`unknown`: how often a word is read as if it had no row of its own, so that n-grams and parts learn to tell it.

    `rarity`: of the first rows, a / (a + p) (smooth inverse frequency; Arora and others, 2017). `longest`: a text
    counts by the square root of its number of words, up to this many, so that dictionaries don't outweigh sentences.
    """

    epochs: int = 2
    batch: int = 2_048
    rate: float = 0.01
    unknown: float = 0.5
    rarity: float = 1e-3
    longest: int = 12
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Float32 `words` (words, dimensions), the n-grams folded in, and `ngrams` (buckets, dimensions), as they count in
    an unknown word.
    """

    words: Floats
    ngrams: Floats


def mean(several: Sequence[Learned]) -> Learned:
    """What several runs have in common: chance differs between them. They had the same wishes, so rows compare."""
    size = np.float32(len(several))
    return Learned(sum(each.words for each in several) / size, sum(each.ngrams for each in several) / size)


def learn(words: Vocabulary, wanted: Floats, plan: Plan, tell: Callable[[str], None]) -> Learned:
    """`wanted`: float32 (texts, dimensions), rows of unit length, where each text is to point. Deterministic."""
    torch.manual_seed(plan.seed)
    torch.use_deterministic_algorithms(mode=True)
    random = np.random.default_rng(plan.seed)
    rows = torch.nn.Parameter(torch.from_numpy(_first_rows(words, wanted, plan.rarity)))
    weights = torch.nn.Parameter(torch.tensor([2.5, 1.0]))
    optimizer = torch.optim.Adam([rows, weights], lr=plan.rate, fused=True)
    rows.grad = torch.zeros_like(rows)
    target, counts = torch.from_numpy(wanted), torch.from_numpy(_counts(words, plan.longest))
    texts = words.texts.shape[0]
    steps = plan.epochs * (texts // plan.batch)
    step = 0
    for epoch in range(plan.epochs):
        order = random.permutation(texts)
        total = 0.0
        for begin in range(0, texts - plan.batch + 1, plan.batch):
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * (1 - step / steps)
            chosen = order[begin : begin + plan.batch]
            batch = _batch(words, chosen, random.random, plan.unknown)
            # The gradient of the rows that this batch needs, not of all: a gradient anew each time is most of the work.
            needed = rows.detach()[batch.needed].requires_grad_()
            likeness = torch.nn.functional.cosine_similarity(
                _read(batch, needed, weights), target[chosen], dim=1
            )
            loss = (counts[chosen] * (1 - likeness)).mean()
            weights.grad = None
            loss.backward()
            rows.grad[batch.needed] = needed.grad
            optimizer.step()
            rows.grad[batch.needed] = 0
            total += loss.item()
            step += 1
        tell(f"round {epoch + 1} of {plan.epochs}: {total / (steps // plan.epochs):.4f} from the teacher")
    made = rows.detach().numpy()
    return Learned(
        np.asarray(words.known @ made, dtype=np.float32), made[-BUCKETS:] * np.float32(weights[0].item())
    )


def _counts(words: Vocabulary, longest: int) -> Floats:
    """How much each text counts, 1 in the middle: float32 (texts,)."""
    counts = np.sqrt(np.clip(np.asarray(words.texts.sum(axis=1)).ravel(), 1, longest))
    return np.asarray(counts / counts.mean(), dtype=np.float32)


def _first_rows(words: Vocabulary, wanted: Floats, rarity: float) -> Floats:
    """For a word the mean of what its texts want, by its rarity; for an n-gram a little of its words' rows."""
    met = np.maximum(np.asarray(words.texts.sum(axis=0)).ravel(), 1)
    of_words = np.asarray(words.texts.T @ wanted) / met[:, None]
    share = words.frequency / words.frequency.sum()
    of_words *= (rarity / (rarity + share))[:, None]
    spelling = words.spelling[:, len(words) :]
    used = np.maximum(np.asarray(spelling.sum(axis=0)).ravel(), 1e-9)
    of_ngrams = 0.3 * np.asarray(spelling.T @ of_words) / used[:, None]
    return np.vstack([of_words, of_ngrams]).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """`needed`: which rows its words are made of. CSR matrices: `texts` (texts, words), and `made_of` (words, needed),
    whose numbers are of three kinds: of a word that is known, and the n-grams and parts of one that isn't.
    """

    needed: torch.Tensor
    texts: sparse.csr_matrix
    made_of: sparse.csr_matrix
    kinds: tuple[int, int, int]


def _batch(
    words: Vocabulary, chosen: np.ndarray, random: Callable[[int], np.ndarray], unknown: float
) -> _Batch:
    texts = words.texts[chosen]
    met = np.unique(texts.indices)
    as_unknown = random(len(met)) < unknown
    known, others = met[~as_unknown], met[as_unknown]
    made_of = (words.known[known], words.spelling[others], words.compound[others])
    joined = sparse.vstack(made_of).tocsr()
    needed, column = np.unique(joined.indices, return_inverse=True)
    return _Batch(
        torch.from_numpy(needed.astype(np.int64)),
        texts[:, np.concatenate([known, others, others])],
        sparse.csr_matrix((joined.data, column, joined.indptr), shape=(joined.shape[0], len(needed))),
        (made_of[0].nnz, made_of[1].nnz, made_of[2].nnz),
    )


def _read(batch: _Batch, needed: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The sums of the texts, (texts, dimensions)."""
    each = torch.repeat_interleave(torch.cat([torch.ones(1), weights]), torch.tensor(batch.kinds))
    return _added(batch.texts, _added(batch.made_of, needed, each))


def _added(matrix: sparse.csr_matrix, rows: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
    """`matrix @ rows`, with a gradient for the rows; each number of the matrix counts `weight` times."""
    values = torch.from_numpy(matrix.data.astype(np.float32))
    return torch.nn.functional.embedding_bag(
        torch.from_numpy(matrix.indices.astype(np.int64)),
        rows,
        torch.from_numpy(matrix.indptr[:-1].astype(np.int64)),
        mode="sum",
        per_sample_weights=values if weight is None else values * weight,
    )
