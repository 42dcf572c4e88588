"""The words of one idea in another: what is meant alike counts, titles apart, and it is the same from both sides."""

import numpy as np
import pytest

from pipeline.core import IdeaText
from pipeline.text.duplicates.alignment import align
from pipeline.text.duplicates.idea_words import MOST_WORDS, read_words
from pipeline.text.duplicates.likeness import Wholes
from pipeline.text.encoders.cache import CachedEncoder, VectorCache
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.lexical.vectoriser import Vectoriser

IDEAS = (
    IdeaText("0", "Mijn rijwiel staat buiten in de regen", "Meer plek voor fietsen"),
    IdeaText("1", "Bij de ingang kan niemand parkeren", "De fietsenstalling is te klein"),
    IdeaText("2", "De koffie uit de automaat smaakt naar niets", "Betere koffie"),
    IdeaText("3", "Meer plek voor fietsen: mijn rijwiel staat buiten in de regen"),
    IdeaText("4", "?!"),
)


def read(ideas, encoder=None):
    return read_words(ideas, Vectoriser.fit(Wholes(ideas), most=10_000), encoder)


def all_of(count):
    """Each idea with all others as candidates."""
    return np.array(
        [[other for other in range(count) if other != one] for one in range(count)], dtype=np.int32
    )


def between(found, one, other):
    return found[one, other - (other > one)]


@pytest.mark.parametrize("encoder", ["builtin", "none"])
def test_it_is_the_same_from_both_sides_and_nothing_for_what_has_no_words(encoder):
    found = align(read(IDEAS, load_encoder(encoder)), all_of(len(IDEAS)))
    for figures in (found.wholes, found.titles):
        for one in range(len(IDEAS)):
            for other in range(one):
                sides = between(figures, one, other), between(figures, other, one)
                np.testing.assert_array_equal(*sides)
        assert (np.abs(figures[np.isfinite(figures)]) <= 1).all()
    for figures in (found.wholes, found.titles):
        assert np.isnan(figures[4]).all()
        assert np.isnan(figures[:4, 3]).all()
    assert np.isfinite(between(found.titles, 0, 1))


def test_other_words_for_the_same_thing_are_found_with_an_encoder():
    found = align(read(IDEAS, load_encoder("builtin")), all_of(len(IDEAS)))
    assert between(found.titles, 0, 1) > between(found.titles, 0, 2) + 0.1


def test_without_an_encoder_what_is_spelled_alike_is_found():
    found = align(read(IDEAS), all_of(len(IDEAS)))
    # "fietsen" and "fietsenstalling"; with the coffee it shares a small word at most.
    assert between(found.titles, 0, 1) > between(found.titles, 0, 2)


def test_all_words_found_on_both_sides_is_one():
    repeated = [IdeaText("0", "Meer plek voor fietsen"), IdeaText("1", "voor fietsen meer plek"), *IDEAS]
    found = align(read(repeated, load_encoder("builtin")), all_of(len(repeated)))
    assert found.wholes[0, 0] == pytest.approx(1, abs=1e-4)


def test_a_title_is_looked_for_in_all_of_the_other_idea():
    ideas = [IDEAS[0], IdeaText("1", "Meer plek voor fietsen graag", "Buiten in de regen")]
    found = align(read(ideas, load_encoder("builtin")), all_of(2))
    # Each title stands in the text of the other, and neither text in all of the other.
    assert found.titles[0, 0] == pytest.approx(1, abs=1e-4)
    assert found.wholes[0, 0] < 0.99


def test_where_one_has_no_title_nothing_is_said_of_titles():
    found = align(read(IDEAS, load_encoder("builtin")), all_of(len(IDEAS)))
    # All that 0 says stands in 3.
    assert between(found.wholes, 0, 3) == pytest.approx(1, abs=1e-4)
    assert np.isnan(between(found.titles, 0, 3))


def test_nothing_is_said_of_candidates_that_are_missing():
    others = np.array([[1, -1], [0, 2], [1, -1], [-1, -1], [-1, -1]], dtype=np.int32)
    found = align(read(IDEAS), others)
    assert np.isfinite(found.wholes).tolist() == (others >= 0).tolist()


def test_what_is_usual_is_the_mean_of_what_was_aligned():
    found = align(read(IDEAS), all_of(len(IDEAS)))
    assert found.usual == pytest.approx((np.nanmean(found.wholes), np.nanmean(found.titles)), abs=1e-6)
    assert align(read(IDEAS), np.full((5, 2), -1, dtype=np.int32)).usual == (0, 0)


def test_what_it_tells_of_a_pair_depends_on_that_pair_alone():
    words = read(IDEAS, load_encoder("builtin"))
    alone = align(words, np.array([[1], [0], [-1], [-1], [-1]], dtype=np.int32))
    among = align(words, all_of(len(IDEAS)))
    assert alone.titles[0, 0] == between(among.titles, 0, 1)
    assert alone.wholes[1, 0] == between(among.wholes, 1, 0)


def test_progress_ends_with_all_ideas():
    seen = []
    align(read(IDEAS), all_of(len(IDEAS)), seen.append)
    assert seen == [len(IDEAS)]


def test_of_a_long_text_the_words_of_the_title_stay_and_then_the_rarest():
    common = " ".join(f"woord{number}" for number in range(MOST_WORDS + 20))
    ideas = [
        *(IdeaText(str(place), common) for place in range(20)),
        IdeaText("20", f"{common} zeldzaam", "Titel"),
    ]
    words = read(ideas)
    assert words.sizes().tolist() == [MOST_WORDS] * 21
    assert words.titles.tolist() == [0] * 20 + [1]
    rarity = words.rarity[words.of(20)]
    assert rarity[1] == rarity.max()
    assert (np.diff(rarity[1:]) <= 0).all()


def test_each_word_has_one_row_however_often_and_however_it_is_written():
    words = read([IdeaText("0", "Café café CAFÉ"), IdeaText("1", "een cafe erbij")], load_encoder("builtin"))
    assert words.sizes().tolist() == [1, 3]
    assert len(words.rows) == 3
    assert words.of(0)[0] in words.of(1)


class Capitals:
    """An encoder by words that minds capitals and knows no other letters than those of English."""

    name = "model2vec:imitation"
    dimensions = 16

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text.isascii():
                row[1 + sum(map(ord, text)) % 15] = 1
            else:
                row[0] = 1
        return rows


def test_a_word_is_known_by_one_spelling_whichever_comes_first():
    ideas = [IdeaText("0", "THEE in de kantine"), IdeaText("1", "thee bij de lift"), IdeaText("2", "Thee")]
    forward, backward = read(ideas, Capitals()), read(ideas[::-1], Capitals())
    assert (forward.rows[forward.of(2)] == backward.rows[backward.of(0)]).all()


def test_words_that_an_encoder_does_not_know_are_not_alike_for_that():
    ideas = [IdeaText("0", "больше скамеек парке"), IdeaText("1", "библиотека открыта дольше")]
    assert align(read(ideas, Capitals()), all_of(2)).wholes[0, 0] < 0.5
    again = [ideas[0], IdeaText("1", "парке больше скамеек")]
    assert align(read(again, Capitals()), all_of(2)).wholes[0, 0] == pytest.approx(1, abs=1e-4)


def test_single_words_are_not_kept_in_the_cache_of_vectors(tmp_path):
    encoder = Capitals()
    cached = CachedEncoder(encoder, VectorCache(tmp_path))
    for _ in range(2):
        read(IDEAS, cached)
    assert not (tmp_path / "vectors.db").exists()
    assert encoder.asked


def test_no_ideas_have_no_words():
    words = read_words([], Vectoriser.fit(["iets"], most=10), None)
    assert (len(words), len(words.rows)) == (0, 0)
    assert align(words, np.zeros((0, 5), dtype=np.int32)).wholes.shape == (0, 5)
