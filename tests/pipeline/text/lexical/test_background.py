import numpy as np

from pipeline.text.lexical.background import WORTH, ShippedCounts, background_worth, shipped_counts
from pipeline.text.lexical.vectoriser import Vectoriser, count

DUTCH = ["De fietsen staan in de weg bij de ingang van het gebouw", "Wij willen meer groen op een dak"]


def rarity(vectoriser, word) -> float:
    found = count([word])
    return float(vectoriser.rarity(found.feature[found.in_characters == 0])[0])


def test_everyday_words_are_common_from_the_first_idea_on():
    alone = Vectoriser.fit(DUTCH, most=10_000)
    beside = Vectoriser.fit(DUTCH, most=10_000, background=background_worth(DUTCH))
    assert rarity(alone, "het") == rarity(alone, "fietsen")
    assert rarity(beside, "het") < 0.7 * rarity(beside, "fietsen")


def test_what_everybody_here_writes_is_common_here():
    texts = [f"kwartaalrapportage nummer {number} van deze afdeling" for number in range(400)]
    vectoriser = Vectoriser.fit(texts, most=10_000, background=WORTH)
    assert rarity(vectoriser, "kwartaalrapportage") < rarity(vectoriser, "17") / 2


def test_other_languages_rely_on_their_own_texts():
    french = ["Nous voulons plus de vélos dans la rue", "Une place pour les enfants du quartier"] * 10
    assert background_worth(DUTCH) == WORTH
    assert background_worth(french) == 0
    assert background_worth([*DUTCH * 10, *french]) == WORTH / 2
    assert background_worth(["", "123"]) == 0


def test_counts_are_kept_well_enough(tmp_path):
    frequency = np.array([6, 40, 9_000])
    counts = ShippedCounts.of(np.array([3, 17, 4_000_000]), frequency, 10_000)
    counts.save(tmp_path / "counts.npz")
    found = counts.shares(np.array([3, 17, 4_000_000, 18]))
    assert np.allclose(found[:3], frequency / 10_000, rtol=0.07)
    assert found[3] == 0


def test_shipped_counts_are_in_order_and_small():
    shipped = shipped_counts()
    assert (np.diff(shipped.features) > 0).all()
    assert 30_000 < len(shipped.features) < 200_000
