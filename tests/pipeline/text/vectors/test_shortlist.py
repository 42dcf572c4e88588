import numpy as np
import pytest

from pipeline.text.vectors.neighbours import ExactIndex
from pipeline.text.vectors.shortlist import SHORTLIST, ShortlistIndex


def clusters(count, *, dimensions=128, seed=5):
    """Unit vectors around a few hundred centres, some close together and some far apart."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((count // 20, dimensions)) + 0.5
    noise = random.uniform(0.2, 1.5, size=(count, 1))
    vectors = centres[random.integers(len(centres), size=count)] + noise * random.standard_normal(
        (count, dimensions)
    )
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def keys(near):
    return {hit.key for hit in near}


def both(count, **more):
    vectors = clusters(count, **more)
    exact, short = ExactIndex(vectors.shape[1]), ShortlistIndex(vectors.shape[1], exact_up_to=0)
    exact.add(np.arange(count), vectors)
    short.add(np.arange(count), vectors)
    return vectors, exact, short


@pytest.mark.parametrize("dimensions", [40, 128, 300])
def test_hardly_any_near_one_is_missed(dimensions):
    vectors, exact, short = both(20_000, dimensions=dimensions)
    asked = np.arange(19_000, 20_000, 10)
    wanted = exact.search(vectors[asked], 10, before=asked, least=0.35)
    found = short.search(vectors[asked], 10, before=asked, least=0.35)
    hits = sum(len(keys(one) & keys(other)) for one, other in zip(wanted, found, strict=True))
    assert hits >= 0.98 * sum(map(len, wanted)) > 900


def test_few_ideas_are_all_compared():
    vectors, exact, short = both(SHORTLIST)
    found, wanted = short.search(vectors, 10), exact.search(vectors, 10)
    assert [keys(near) for near in found] == [keys(near) for near in wanted]


def test_the_answer_does_not_depend_on_what_came_later_or_on_the_order():
    vectors, _, short = both(5_000)
    asked = np.arange(2_990, 3_000)
    turned = ShortlistIndex(vectors.shape[1], exact_up_to=0)
    turned.add(np.arange(3_000)[::-1].copy(), vectors[:3_000][::-1].copy())
    assert short.search(vectors[asked], 10, before=asked) == turned.search(vectors[asked], 10, before=asked)


def test_what_is_new_or_changed_is_found_at_once_and_what_is_gone_no_more():
    vectors, _, short = both(3_000)
    short.search(vectors[:1], 1)
    short.add(np.array([7, 3_000]), vectors[[2_000, 1_000]])
    assert [hit.key for hit in short.search(vectors[2_000:2_001], 2)[0]] == [7, 2_000]
    assert [hit.key for hit in short.search(vectors[1_000:1_001], 2)[0]] == [1_000, 3_000]
    short.discard([1_000, 7])
    assert short.search(vectors[1_000:1_001], 1)[0][0].key == 3_000
    assert short.search(vectors[2_000:2_001], 1)[0][0].key == 2_000
    assert len(short) == 2_999


def test_up_to_a_size_it_is_exact():
    index = ShortlistIndex(64, exact_up_to=2)
    index.add(np.arange(2), clusters(40, dimensions=64)[:2])
    assert index.is_exact
    index.add(np.arange(2, 4), clusters(40, dimensions=64)[2:4])
    assert not index.is_exact
