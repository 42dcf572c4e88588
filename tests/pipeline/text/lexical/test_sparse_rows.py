"""Sparse matrices in blocks, in memory or on disk: the same as in one piece, to the last bit."""

import numpy as np
import pytest
from scipy import sparse

from pipeline.text.duplicates import lookup
from pipeline.text.duplicates.lookup import _frequency, _transposed
from pipeline.text.lexical.growing import GrowingRows
from pipeline.text.lexical.on_disk import RowsOnDisk
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


@pytest.mark.parametrize("kept", [GrowingRows, RowsOnDisk])
def test_rows_are_those_that_were_added(
    matrix: sparse.csr_matrix, kept: type[GrowingRows | RowsOnDisk]
) -> None:
    rows = kept(COLUMNS)
    for begin, end in ((0, 0), (0, 1), (1, 90), (90, 120)):
        rows.add(matrix[begin:end])
    assert len(rows) == 120
    assert rows.columns == COLUMNS
    assert np.array_equal(rows.sizes(), np.diff(matrix.indptr))
    for chosen in (np.array([119, 3, 3, 50, 0]), np.arange(120), np.zeros(0, dtype=np.int64)):
        taken, wanted = rows.take(chosen), matrix[chosen]
        for name in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(taken, name), getattr(wanted, name))
    one, other = np.repeat(np.arange(120), 40), np.tile(np.arange(120), 40)
    assert np.array_equal(rows.products(one, other), row_products(matrix, one, other))


@pytest.mark.parametrize("kept", [GrowingRows, RowsOnDisk])
def test_nothing_added_is_no_rows(kept: type[GrowingRows | RowsOnDisk]) -> None:
    assert kept(COLUMNS).take(np.zeros(0, dtype=np.int64)).shape == (0, COLUMNS)


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
    rows_of = GrowingRows(COLUMNS)
    rows_of.add(matrix)
    wanted = matrix[:, columns].T.tocsr()
    for rows in (7, 4_096):
        monkeypatch.setattr(lookup, "_TURNED_AT_ONCE", rows)
        turned = _transposed(rows_of, columns, _frequency(rows_of)[columns])
        for name in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(turned, name), getattr(wanted, name))
