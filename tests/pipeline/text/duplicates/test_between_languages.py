"""A Dutch idea and its English double: found by an encoder that knows both, suggested, and never joined for its sake."""

import numpy as np
import pytest

from pipeline.core import IdeaText
from pipeline.text.duplicates import twins
from pipeline.text.duplicates.between_languages import BetweenLanguages, differ, sentences, spoken
from pipeline.text.duplicates.doubles import is_between
from pipeline.text.duplicates.likeness import alike, describe
from pipeline.text.duplicates.lookup import look_up
from pipeline.text.duplicates.twins import find_twins
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.lexical.vectoriser import Vectoriser

# Ideas that the measure itself doesn't know, each in both languages.
DOUBLES = (
    (
        "Zet bij de receptie een kast met paraplu's die iedereen mag lenen als het regent.",
        "Put a cupboard with umbrellas at the reception that everybody may borrow when it rains.",
    ),
    (
        "Laat leerlingen van de middelbare school een dag meelopen op de spoedeisende hulp.",
        "Let pupils of the secondary school spend a day at the emergency room.",
    ),
    (
        "Stuur burgers een bericht zodra hun aanvraag voor een vergunning is behandeld.",
        "Send citizens a message as soon as their application for a permit has been dealt with.",
    ),
    (
        "Maak van het lege lokaal naast de bibliotheek een ruimte om muziek te oefenen.",
        "Turn the empty classroom next to the library into a room for practising music.",
    ),
)

SHORT = np.full(2, 12)


class Deaf:
    """An encoder to which every text is about something of its own: it knows no language."""

    name = "deaf"
    dimensions = 64

    def encode(self, texts):
        rows = [np.random.default_rng(sum(text.encode())).normal(size=self.dimensions) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


@pytest.fixture(scope="module")
def between():
    return BetweenLanguages.of(load_encoder("builtin"))


def mixed():
    """All sentences of the project in one of the languages, as if sent by many; and DOUBLES in both."""
    others = [each.nl if place % 2 else each.en for place, each in enumerate(sentences())]
    return [
        *(IdeaText(f"other {place}", text) for place, text in enumerate(others)),
        *(IdeaText(f"nl {place}", dutch) for place, (dutch, _) in enumerate(DOUBLES)),
        *(IdeaText(f"en {place}", english) for place, (_, english) in enumerate(DOUBLES)),
    ]


def test_translations_lie_nearer_than_what_looks_alike(between):
    for level in (between.short, between.long):
        assert 0 < level.unlike < level.alike < 1
        told = between.likeness(np.array([level.unlike, level.alike]), np.full(2, level.words))
        assert told.tolist() == pytest.approx([0, 1])


def test_long_texts_must_lie_nearer_than_short_ones_to_be_as_likely(between):
    assert between.long.unlike > between.short.unlike
    cosines, lengths = np.full(4, 0.65), np.array([1, 12, 100, 10_000])
    told = between.likeness(cosines, lengths)
    assert told[0] == pytest.approx(told[1], abs=0.02)
    assert 0 < told[3] < told[2] < told[1]


def test_no_encoder_and_one_that_knows_one_language_measure_nothing():
    assert BetweenLanguages.of(None) is None
    assert BetweenLanguages.of(Deaf()) is None


def test_a_double_in_the_other_language_is_found_first_from_both_sides():
    found = list(find_twins(mixed(), 5, encoder=load_encoder("builtin")))
    best = {}
    for twin in found:
        best.setdefault(twin.idea, twin)
    for place in range(len(DOUBLES)):
        for one, other in ((f"nl {place}", f"en {place}"), (f"en {place}", f"nl {place}")):
            assert best[one].duplicate_of == other
            assert 0.5 < best[one].probability < 0.9
            assert not best[one].same


def test_among_many_it_is_found_as_well_and_twins_in_one_language_are_still_the_same(monkeypatch):
    """There a lead in likeness counts, in which what lies in the other language has no part."""
    monkeypatch.setattr(twins, "_ENOUGH_IDEAS", 100)
    again = IdeaText("again", f"{DOUBLES[0][0]} Alvast bedankt!")
    found = list(find_twins([*mixed(), again], 5, encoder=load_encoder("builtin")))
    listed = {(twin.idea, twin.duplicate_of): twin for twin in found}
    for place in range(len(DOUBLES)):
        for pair in ((f"nl {place}", f"en {place}"), (f"en {place}", f"nl {place}")):
            assert 0.5 < listed[pair].probability < 0.9
            assert not listed[pair].same
    assert listed["nl 0", "again"].same
    assert listed["again", "en 0"].probability > 0.25


def test_where_each_has_its_double_probabilities_stay_finite(monkeypatch):
    monkeypatch.setattr(twins, "_ENOUGH_IDEAS", 100)
    texts = [text for each in sentences() for text in (each.nl, each.en)]
    found = list(
        find_twins(
            [IdeaText(str(place), text) for place, text in enumerate(texts)],
            5,
            encoder=load_encoder("builtin"),
        )
    )
    assert np.isfinite([twin.probability for twin in found]).all()
    doubles = [twin for twin in found if int(twin.idea) // 2 == int(twin.duplicate_of) // 2]
    assert len(doubles) > 0.95 * len(texts)
    assert not any(twin.same for twin in doubles)


def test_copies_in_the_one_language_dont_hide_the_double_in_the_other():
    thanks = ("Alvast bedankt!", "Groeten!", "Graag.", "Dank je wel.", "Tot ziens!", "Hoor ik dat nog?")
    copies = [IdeaText(f"copy {word}", f"{DOUBLES[1][0]} {word}") for word in thanks]
    found = list(find_twins([*mixed(), *copies], 10, encoder=load_encoder("builtin")))
    listed = {(twin.idea, twin.duplicate_of): twin.probability for twin in found}
    assert listed["en 1", "nl 1"] > 0.5
    assert listed["nl 1", "en 1"] > 0.5


def test_of_what_is_in_a_third_language_nothing_is_known_between():
    german = IdeaText("de", "Vergrößern Sie bitte den Parkplatz hinter dem Rathaus der Stadt.")
    described = describe([*mixed(), german], encoder=load_encoder("builtin"))[1]
    found = look_up(described, 10)
    one = np.full(10, len(described) - 1)
    assert found.elsewhere is not None
    assert found.elsewhere.languages[-1] == -1
    assert (found.elsewhere.other[-1] == -1).all()
    assert not is_between(found, one, np.arange(10)).any()


def test_in_one_language_nothing_is_looked_for_elsewhere():
    described = describe(
        [IdeaText(str(place), each.nl) for place, each in enumerate(sentences())],
        encoder=load_encoder("builtin"),
    )[1]
    assert look_up(described, 10).elsewhere is None


def test_without_an_encoder_it_is_not_found():
    found = list(find_twins(mixed(), 5))
    assert not [twin for twin in found if twin.idea == "nl 0" and twin.duplicate_of == "en 0"]


def test_another_number_makes_it_less_likely(between):
    cosines, leads = np.array([0.8, 0.8]), np.array([0.4, 0.4])
    same, other = between.probability(cosines, leads, SHORT, np.array([0.0, 1.0]))
    assert same > 0.5 > other


def test_a_lead_tells_a_double_from_one_of_many_of_its_subject(between):
    cosines = np.array([0.7, 0.7])
    others = np.array([[0.4, 0.3, np.nan, np.nan, np.nan], [0.69, 0.68, 0.67, 0.66, 0.65]])
    leads = between.lead(cosines, others, SHORT)
    alone, among = between.probability(cosines, leads, SHORT, np.zeros(2))
    assert alone > 0.5
    assert among < 0.25


def test_with_few_others_an_ordinary_distance_stands_for_the_rest(between):
    none = between.lead(np.array([0.7]), np.zeros((1, 0)), SHORT[:1])
    far = between.lead(np.array([0.7]), np.full((1, 5), -0.5), SHORT[:1])
    assert none.tolist() == far.tolist() == between.likeness(np.array([0.7]), SHORT[:1]).tolist()


def test_likeness_counts_a_double_as_much_as_words_would():
    encoder = load_encoder("builtin")
    pairs = [(IdeaText("a", dutch), IdeaText("b", english)) for dutch, english in DOUBLES]
    vectoriser = Vectoriser.fit([text for pair in DOUBLES for text in pair], most=10_000)
    assert (alike(pairs, vectoriser, encoder) > 0.4).all()
    assert (alike(pairs, vectoriser) < 0.1).all()


def test_what_is_too_short_to_tell_is_in_the_language_of_most():
    english = ["Set all printers to double-sided by default.", "Reduce the noise in the open-plan office."]
    assert spoken([*english, "Printer"]).tolist() == [1, 1, 1]
    assert spoken(
        ["Zet alle printers op dubbelzijdig.", "Maak de fietsenstalling groter.", "Printer"]
    ).tolist() == [
        0,
        0,
        0,
    ]
    assert spoken(["Vergrößern Sie bitte den Parkplatz hinter dem Rathaus der Stadt."]).tolist() == [-1]


def test_only_dutch_and_english_are_compared():
    languages = np.array([0, 1, -1, 0], dtype=np.int8)
    one, other = np.array([0, 0, 0, 1, 2]), np.array([1, 2, 3, 0, 2])
    assert differ(languages, one, other).tolist() == [True, False, False, True, False]


def test_the_sentences_are_in_the_languages_that_they_say():
    known = sentences()
    assert spoken([each.nl for each in known]).tolist() == [0] * len(known)
    assert spoken([each.en for each in known]).tolist() == [1] * len(known)
    assert {each.role for each in known} == {"same", "related"}
