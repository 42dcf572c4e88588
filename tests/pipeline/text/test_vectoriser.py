"""What stands in a title counts twice where that is asked for, and only there."""

import numpy as np
import pytest

from pipeline.text.features import occurrences
from pipeline.text.vectoriser import Vectoriser, count

TITLE = "Groen dak"
BODY = "Planten op de fietsenstalling."


@pytest.fixture(scope="module")
def vectoriser():
    return Vectoriser.fit([f"{TITLE}\n{BODY}", "Een dak boven de stalling"], most=10_000)


def _values(vectoriser, text, *, titles=True):
    weighted = vectoriser.read([text], titles=titles)
    return dict(zip(weighted.counted.feature.tolist(), weighted.values.tolist(), strict=True))


def _features(text):
    return set(occurrences([text]).feature.tolist())


def test_a_title_weighs_more_beside_the_rest(vectoriser):
    plain, weighed = (_values(vectoriser, f"{TITLE}\n{BODY}", titles=titles) for titles in (False, True))
    inside, outside = _features(TITLE), _features(BODY) - _features(TITLE)
    assert all(weighed[each] > plain[each] for each in inside)
    assert all(weighed[each] < plain[each] for each in outside & plain.keys())
    assert sum(value**2 for value in weighed.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    "text", [f"{TITLE} {BODY}", f"\n{TITLE} {BODY}", f"{'woord ' * 30}\n{BODY}", "", "\0", "één"]
)
def test_what_has_no_title_stays_as_it_is(vectoriser, text):
    assert _values(vectoriser, text) == _values(vectoriser, text, titles=False)


def test_titles_are_those_of_each_text_in_any_batch(vectoriser):
    texts = ["", f"{TITLE}\n{BODY}", "🌱\nGroen", BODY, f"a\0b\n{BODY}"]
    together = vectoriser.read(texts, titles=True).matrix
    alone = [vectoriser.read([text], titles=True).matrix for text in texts]
    assert all(np.array_equal(together[place].toarray(), each.toarray()) for place, each in enumerate(alone))


def test_in_a_title_is_part_of_how_often():
    counted = count([f"{TITLE}\n{TITLE} {BODY}"])
    assert (counted.in_title <= counted.times).all()
    # The pair of the title's last word and the next one begins in the title.
    assert set(counted.feature[counted.in_title > 0].tolist()) == _features(f"{TITLE}\nGroen")
