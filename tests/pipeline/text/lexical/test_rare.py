import numpy as np
import pytest

from pipeline.text.lexical.features import occurrences
from pipeline.text.lexical.rare import MOST_MET, MOST_WORDS, RareIndex, rare_words

TEXTS = [
    "Zet een fietspomp bij de ingang van de fietsenstalling.",
    "De verwarming in de vergaderzaal staat te hoog.",
    "Wanneer komt er een fietspomp in de fietsenstalling?",
    "",
    "Kan de verwarming in de vergaderzaal uit als er niemand is?",
    "🙂🙂",
]


def indexed(texts, *, at_once):
    words, index = rare_words(occurrences(texts)), RareIndex()
    for begin in range(0, len(texts), at_once):
        part = words[begin : begin + at_once]
        index.add(np.arange(begin, begin + len(part)), part)
    return index, words


def test_the_words_of_a_text_are_the_same_alone_and_in_any_company():
    together = rare_words(occurrences(TEXTS))
    for text, words in zip(TEXTS, together, strict=True):
        assert rare_words(occurrences([text]))[0].tolist() == words.tolist()
    assert rare_words(occurrences([])) == []


def test_common_words_are_left_out_and_no_idea_has_too_many():
    (pump,) = rare_words(occurrences(["een fietspomp in de fietsenstalling"]))
    assert pump.tolist() == rare_words(occurrences(["fietsenstalling fietspomp"]))[0].tolist()
    (many,) = rare_words(occurrences([" ".join(f"woord{number}" for number in range(200))]))
    assert len(many) == MOST_WORDS
    assert (np.diff(many) > 0).all()


def test_only_earlier_ideas_that_share_enough_are_found():
    index, words = indexed(TEXTS, at_once=6)
    assert index.search(words, 5, before=np.arange(6)) == [[], [], [0], [], [1], []]
    assert index.search(words[2:3], 5, before=np.array([0])) == [[]]
    assert RareIndex().search(words, 5, before=np.arange(6)) == [[]] * 6


@pytest.mark.parametrize("at_once", [1, 7, 300])
def test_the_answer_does_not_depend_on_what_came_later_or_with_how_many_at_once(at_once, monkeypatch):
    monkeypatch.setattr("pipeline.text.lexical.rare._RECENT", 200)
    random = np.random.default_rng(3)
    texts = [" ".join(f"woord{n}" for n in random.zipf(1.3, 12) % 400) for _ in range(300)]
    index, words = indexed(texts, at_once=at_once)
    after_all = index.search(words, 5, before=np.arange(300))
    growing = RareIndex()
    for key, each in enumerate(words):
        assert growing.search([each], 5, before=np.array([key])) == [after_all[key]]
        growing.add(np.array([key]), [each])
    assert sum(map(len, after_all)) > 300


def test_what_very_many_share_is_not_looked_at():
    texts = ["fietspomp fietsenstalling"] * (MOST_MET + 2)
    index, words = indexed(texts, at_once=500)
    places = np.array([5, MOST_MET // 2, MOST_MET + 1])
    found = index.search([words[place] for place in places], 3, before=places)
    assert found == [[0, 1, 2], [0, 1, 2], []]


def test_what_is_gone_is_not_found():
    index, words = indexed(TEXTS, at_once=2)
    index.discard([0])
    assert index.search(words[2:3], 5, before=np.array([2])) == [[]]
    assert len(index) == 5
