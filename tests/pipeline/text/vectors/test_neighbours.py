import numpy as np
import pytest

from pipeline.text.vectors.neighbours import ExactIndex


def _unit(count, seed=0, dimensions=16):
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _brute(keys, vectors, query, k, before=None):
    cosines = np.round(vectors @ query, 6)
    found = sorted(
        (
            (-float(cosine), int(key))
            for key, cosine in zip(keys, cosines, strict=True)
            if before is None or key < before
        ),
    )
    return [key for _, key in found[:k]]


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("k", [1, 5, 700])
@pytest.mark.parametrize("count", [1, 9, 600, 2_001])
def test_it_agrees_with_brute_force(count, k, before):
    # In sixty-fourths, so that a sum is the same in any order, and many are equal.
    keys, vectors = np.arange(count) * 3, np.round(_unit(count) * 64) / 64
    index = ExactIndex(16)
    for begin in range(0, count, 70):
        index.add(keys[begin : begin + 70], vectors[begin : begin + 70])
    limits = keys[:50] if before else None
    found = index.search(vectors[:50], k, before=limits)
    for row, neighbours in enumerate(found):
        limit = None if limits is None else int(limits[row])
        assert [neighbour.key for neighbour in neighbours] == _brute(keys, vectors, vectors[row], k, limit)
    assert len(index) == count


def test_twins_are_found_in_order_of_arrival():
    vectors = np.repeat(_unit(1), 4, axis=0)
    index = ExactIndex(16)
    index.add(np.array([9, 2, 5, 7]), vectors)
    found = index.search(vectors, 2, before=np.array([9, 2, 5, 7]))
    assert [[neighbour.key for neighbour in row] for row in found] == [[2, 5], [], [2], [2, 5]]
    assert found[0][0].cosine == pytest.approx(1, abs=1e-5)


def test_the_same_key_again_replaces_its_vector():
    index = ExactIndex(16)
    first, second = _unit(2)
    index.add(np.array([1]), first[None])
    index.add(np.array([1]), second[None])
    assert len(index) == 1
    assert 1 in index
    assert index.search(second[None], 1)[0][0].cosine == pytest.approx(1, abs=1e-5)


def test_an_empty_index_finds_nothing():
    assert ExactIndex(16).search(_unit(3), 5) == [[], [], []]


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="need vectors of shape"):
        ExactIndex(16).add(np.array([1, 2]), _unit(1))


def test_what_was_discarded_is_found_no_more_and_the_others_are():
    vectors = _unit(20)
    index = ExactIndex(16)
    index.add(np.arange(20), vectors)
    index.discard([3, 19, 0, 99])
    index.discard([3])
    assert len(index) == 17
    assert [key in index for key in (0, 1, 3, 19)] == [False, True, False, False]
    found = index.search(vectors, 20)
    assert {each.key for hits in found for each in hits} == set(range(20)) - {0, 3, 19}
    kept = [key for key in range(20) if key not in {0, 3, 19}]
    assert [found[key][0].key for key in kept] == kept
    index.add(np.array([3]), vectors[3:4])
    assert index.search(vectors[3:4], 1)[0][0].key == 3


def test_of_very_many_near_ones_the_nearest_are_found_as_well():
    random = np.random.default_rng(11)
    vectors = random.standard_normal((3_000, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    index = ExactIndex(8)
    index.add(np.arange(3_000), vectors)
    before = np.array([1, 5, 1_500, 3_000])
    for found, limit, vector in zip(
        index.search(vectors[:4], 5, before=before), before, vectors[:4], strict=True
    ):
        close = np.round(vectors[:limit] @ vector, 6)
        wanted = np.lexsort((np.arange(limit), -close))[:5]
        assert [hit.key for hit in found] == wanted.tolist()
