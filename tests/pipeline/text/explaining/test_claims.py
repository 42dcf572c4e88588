"""What a sentence asks for, and what a limit is about."""

import pytest

from pipeline.text.explaining.claims import asked_for, subject, telling_words


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("Een moestuin op het grasveld.", "Een moestuin op het grasveld."),
        ("Een moestuin, zonder nieuwbouw, op het grasveld.", "Een moestuin, , op het grasveld."),
        ("Plan ritten per wijk, daar is geen extra man voor nodig.", "Plan ritten per wijk, daar is ."),
        ("Lower the heating; building work isn't needed for that.", "Lower the heating; ."),
        ("Het is niet verplicht.", ""),
        ("No new staff required.", ""),
    ],
)
def test_what_a_sentence_leaves_alone_is_taken_away(sentence, kept):
    assert asked_for(sentence).split() == kept.split()


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("Geen nieuwbouw", "nieuwbouw"),
        ("Only for the depots in Leeds", "for the depots in Leeds"),
        ("Verbouwingen boven 50.000 euro", "Verbouwingen"),
        ("Boven 10.000 euro", "Boven 10.000 euro"),
        ("Geen", "Geen"),
    ],
)
def test_a_limit_is_about_what_it_forbids(title, about):
    assert subject(title).split() == about.split()


def test_words_that_say_nothing_are_left_out_unless_there_are_no_others():
    assert telling_words("Geef de nieuwe collega een laptop in 2028") == ["nieuwe", "laptop"]
    assert telling_words("Wij willen dat ook") == ["wij", "willen", "dat", "ook"]
