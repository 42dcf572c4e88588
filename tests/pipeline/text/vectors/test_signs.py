"""Signs of vectors: the number that differ tells the angle, and an index of them depends on the keys alone."""

import numpy as np
import pytest

from pipeline.text.vectors.signs import SignIndex, Signs, differing


def unit(random, count, dimensions=256):
    vectors = random.standard_normal((count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def vectors():
    return unit(np.random.default_rng(4), 300)


@pytest.mark.parametrize(("dimensions", "width"), [(3, 256), (256, 256), (257, 512), (384, 512)])
def test_there_are_as_many_signs_as_dimensions_or_a_few_more(dimensions, width):
    signs = Signs(dimensions)
    assert signs.width == Signs.width_of(dimensions) == width
    assert signs.of(np.zeros((2, dimensions), dtype=np.float32)).shape == (2, Signs.words_of(dimensions))


def test_the_number_that_differ_tells_the_angle(vectors):
    signs = Signs(256)
    one, others = vectors[:1], np.concatenate([vectors[:1], -vectors[:1], vectors[1:200]])
    told = differing(signs.of(others).T, signs.of(one)[0]) / signs.width
    angles = np.arccos(np.clip(others @ one[0], -1, 1)) / np.pi
    assert (told[0], told[1]) == (0, 1)
    assert np.abs(told - angles).max() < 0.15
    assert np.abs(told - angles).mean() < 0.03


def test_the_index_finds_the_fewest_different_below_a_key_first(vectors):
    codes, index = Signs(256).of(vectors), SignIndex(4)
    for begin in range(0, 300, 70):
        index.add(np.arange(begin, min(begin + 70, 300)) * 10, codes[begin : begin + 70])
    expected = differing(codes[:200].T, codes[250])
    order = np.lexsort((np.arange(200), expected))[:8]
    keys, differ = index.search(codes[250], 8, before=2_000, within=256)
    assert keys.tolist() == (order * 10).tolist()
    assert differ.tolist() == expected[order].tolist()
    assert index.search(codes[250], 8, before=0, within=256)[0].tolist() == []
    within = int(expected[order][2])
    assert max(index.search(codes[250], 300, before=2_000, within=within)[1]) <= within


def test_it_grows_and_forgets(vectors):
    codes, index = Signs(256).of(np.tile(vectors, (10, 1))), SignIndex(4)
    for begin in range(0, 3_000, 1_000):
        index.add(np.arange(begin, begin + 1_000), codes[begin : begin + 1_000])
    assert len(index) == 3_000
    # The same vector comes ten times.
    assert index.search(codes[7], 20, before=3_000, within=0)[0].tolist() == list(range(7, 3_000, 300))
    index.discard([7, 907, 5_000])
    assert len(index) == 2_998
    assert index.search(codes[7], 3, before=3_000, within=0)[0].tolist() == [307, 607, 1_207]
    index.add(np.array([3_000]), codes[7:8])
    assert index.search(codes[7], 20, before=3_001, within=0)[0][-1] == 3_000
