import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.fingerprint import fingerprint


@pytest.mark.parametrize(
    "other",
    [
        "zet een fietspomp bij de deur",
        "  Zet een\n\nfietspomp, bij de deur!! ",
        "ZET EEN FIETSPOMP — BIJ DE DEUR.",
        "Zet een ﬁetspomp bij de deur",  # a ligature
        "“Zet_een fietspomp” bij de deur…",
    ],
)
def test_case_spacing_and_punctuation_make_no_difference(other):
    assert fingerprint("", other) == fingerprint("", "Zet een fietspomp bij de deur")
    assert fingerprint("POMP!", other) == fingerprint("Pomp", "Zet een fietspomp bij de deur")


@pytest.mark.parametrize("other", ["Zet een fietspomp bij deur", "Zet 2 fietspompen bij de deur", "deur", ""])
def test_other_words_make_a_difference(other):
    assert fingerprint("", other) != fingerprint("", "Zet een fietspomp bij de deur")


def test_without_words_the_characters_count():
    assert fingerprint("", "🙂") == fingerprint("", " 🙂 ")
    assert fingerprint("", "🙂") != fingerprint("", "🙁")
    assert fingerprint("", "!!") != fingerprint("", "??")


def test_a_title_counts_unless_the_text_begins_with_it():
    assert fingerprint("Een pomp", "zie bijlage") != fingerprint("Een lamp", "zie bijlage")
    assert fingerprint("Een pomp!", "Een  pomp bij de deur") == fingerprint("", "een pomp bij de deur")
    assert fingerprint("Een", "Eenhoorns in de tuin") != fingerprint("", "Eenhoorns in de tuin")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text())
def test_any_text_has_one(text):
    made = fingerprint("", text)
    assert len(made) == 64
    assert made == fingerprint("", f"\n{text} ")
