import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.lexical.features import CHARACTERS, FEATURES, PAIR, WORD, occurrences
from pipeline.text.lexical.vectoriser import count


def _words(texts):
    found = occurrences(texts)
    return [
        (found.joined[start:end], text)
        for start, end, text in zip(found.token_start, found.token_end, found.token_text, strict=True)
    ]


def test_words_keep_their_place_in_their_text():
    assert _words(["Fiets bij de hoofd-ingang!", "", "Groen dak 🌱"]) == [
        ("Fiets", 0),
        ("bij", 0),
        ("de", 0),
        ("hoofd", 0),
        ("ingang", 0),
        ("Groen", 2),
        ("dak", 2),
        ("🌱", 2),
    ]


@pytest.mark.parametrize(
    ("one", "other"), [("Café", "cafe"), ("ideeën", "IDEEEN"), ("cafe\u0301", "café"), ("a\0b", "a b")]
)
def test_case_and_accents_make_no_difference(one, other):
    assert set(occurrences([one]).feature) == set(occurrences([other]).feature)


def test_character_ngrams_are_those_of_char_wb():
    found = occurrences(["fiets op"])
    # " fi fie iet ets ts " and " op op ", the fours and fives likewise: windows that hold no blank inside.
    expected = {
        blanked[start : start + length]
        for blanked in (" fiets ", " op ")
        for length in (3, 4, 5)
        for start in range(len(blanked) - length + 1)
    }
    assert int((found.kind == CHARACTERS).sum()) == len(expected)
    assert len(set(found.feature[found.kind == CHARACTERS])) == len(expected)
    assert int((found.kind == WORD).sum()) == 2
    assert int((found.kind == PAIR).sum()) == 1


def test_word_pairs_do_not_cross_texts():
    assert not (occurrences(["fiets", "auto"]).kind == PAIR).any()


@pytest.mark.parametrize(
    "texts", [[], [""], ["", ""], ["."], ["a"], ["日本語", "عربي", "हिन्दी"], ["x" * 5_000], ["\ud800"]]
)
def test_nothing_breaks_on_odd_texts(texts):
    found = occurrences(texts)
    assert found.texts == len(texts)
    assert ((found.feature >= 0) & (found.feature < FEATURES)).all()


def test_sentences_are_told_apart():
    found = occurrences(["Eerst dit. Dan dat\nEn versie 2.5 ook"])
    assert np.diff(found.token_sentence).tolist() == [0, 1, 0, 1, 0, 0, 0, 0]


@given(st.lists(st.text(max_size=40), max_size=6))
def test_counting_without_places_counts_the_same(texts):
    known, quick = count(texts), count(texts, with_entries=False)
    for name in ("text", "feature", "times", "in_characters"):
        assert getattr(known, name).tolist() == getattr(quick, name).tolist()
    assert not len(quick.entry_of)
