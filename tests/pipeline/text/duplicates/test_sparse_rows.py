"""Sparse matrices in blocks: the same as in one piece, to the last bit."""

import numpy as np
import pytest
from scipy import sparse

from pipeline.text.duplicates import lookup
from pipeline.text.duplicates.lookup import _frequency, _transposed
from pipeline.text.lexical.growing import GrowingRows
from pipeline.text.lexical.vectoriser import row_products

COLUMNS = 300


@pytest.fixture(scope="module")
def matrix() -> sparse.csr_matrix:
    """Rows of very different length, some empty."""
    random = np.random.default_rng(4)
    full = random.random((120, COLUMNS), dtype=np.float32)
    full[full < random.random((120, 1))] = 0
    full[[0, 17, 119]] = 0
    return sparse.csr_matrix(full)


def test_grown_rows_are_those_that_were_added(matrix: sparse.csr_matrix) -> None:
    grown = GrowingRows(COLUMNS)
    for begin, end in ((0, 0), (0, 1), (1, 90), (90, 120)):
        grown.add(matrix[begin:end])
    assert len(grown) == 120
    chosen = np.array([119, 3, 3, 50, 0])
    assert (grown.take(chosen) != matrix[chosen]).nnz == 0
    whole = grown.finished()
    for name in ("data", "indices", "indptr"):
        assert np.array_equal(getattr(whole, name), getattr(matrix, name))


def test_nothing_grown_is_no_rows() -> None:
    assert GrowingRows(COLUMNS).finished().shape == (0, COLUMNS)


def test_products_are_the_same_however_pairs_come(matrix: sparse.csr_matrix) -> None:
    """One by one, in runs, and in runs that are interrupted."""
    random = np.random.default_rng(5)
    one = np.repeat(random.permutation(120), 30)
    other = random.integers(0, 120, len(one))
    in_runs = row_products(matrix, one, other)
    order = random.permutation(len(one))
    assert np.array_equal(row_products(matrix, one[order], other[order]), in_runs[order])
    assert np.allclose(in_runs, (matrix @ matrix.T).toarray()[one, other], rtol=1e-5)
    assert row_products(matrix, one[:0], other[:0]).shape == (0,)


def test_turned_in_blocks(matrix: sparse.csr_matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = np.arange(1, COLUMNS, 3)
    wanted = matrix[:, columns].T.tocsr()
    for rows in (7, 4_096):
        monkeypatch.setattr(lookup, "_TURNED_AT_ONCE", rows)
        monkeypatch.setattr(lookup, "_BLOCK_VALUES", 100 * rows)
        turned = _transposed(matrix, columns, _frequency(matrix)[columns])
        for name in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(turned, name), getattr(wanted, name))
