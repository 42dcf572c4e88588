"""What is kept of texts is what would be made of them anew, however many there are and in whatever company they come."""

import numpy as np
import pytest

from pipeline.text.duplicates.kept_traits import KeptTraits
from pipeline.text.duplicates.resemblance import Traits, traits
from pipeline.text.lexical.vectoriser import Vectoriser

TEXTS = (
    "Zet een fietspomp bij de ingang van de fietsenstalling.",
    "Geen plastic bekers meer in Almelo. De 3 automaten weg!",
    "",
    "Laat medewerkers zelf hun diensten ruilen in het rooster van Breda.",
    "🙂",
    "FIETSPOMP NU! graag in gebouw 12",
)


@pytest.fixture(scope="module")
def vectoriser() -> Vectoriser:
    return Vectoriser.fit(TEXTS, most=10_000)


def assert_equal(one: Traits, other: Traits) -> None:
    for name in ("characters", "words", "present", "pairs", "names", "numbers"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours.shape == theirs.shape
        for part in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(ours, part), getattr(theirs, part)), (name, part)
    assert np.array_equal(one.denies, other.denies)


@pytest.mark.parametrize("most_entries", [1, 200, 500, 1_000_000])
def test_the_same_in_any_company(vectoriser: Vectoriser, most_entries: int) -> None:
    kept = KeptTraits(vectoriser, most_entries)
    for places in ([0, 1, 2], [3], [2, 3, 0], [5, 4, 1, 0], [4], [], [0, 1, 2, 3, 4, 5]):
        texts = [TEXTS[place] for place in places]
        assert_equal(kept.read(texts), traits(texts, vectoriser))


def test_what_is_kept_is_bounded(vectoriser: Vectoriser) -> None:
    kept = KeptTraits(vectoriser, most_entries=2_000)
    sizes = []
    for number in range(40):
        kept.read([f"{TEXTS[0]} {number}"])
        sizes.append(kept.size)
    # One text beyond the bound makes it begin anew.
    assert max(sizes) <= 2_000 + sizes[0] * 1.1
    assert min(sizes[1:]) <= sizes[0] * 1.1
