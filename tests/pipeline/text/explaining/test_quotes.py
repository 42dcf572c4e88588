"""The sentence of a framework's own text that an idea resembles."""

import pytest

from pipeline.core import FrameworkText, IdeaText, LimitText
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS

LONG = (
    "We zoeken ideeën over ontvangst, groeten, bewegwijzering en verdwalen, wachtkamers met goede stoelen en uitleg, "
    "rolstoelen bij de ingang, bezoek en familie, begrijpelijke brieven, taal en geloof."
)


@pytest.fixture(scope="module")
def model():
    return train(FRAMEWORKS, corpus=CORPUS)


def quote(model, text, place=0):
    return model.read([IdeaText("x", text)])[0].candidates[place].quote


def test_the_closest_sentence_is_quoted_as_it_was_written(model):
    found = quote(model, "De bus. Een overdekte fietsenstalling bij de achterdeur!")
    assert found.sentence == "Een overdekte fietsenstalling bij de ingang"
    assert 0.5 < found.cosine <= 1
    assert quote(model, "Een overdekte fietsenstalling bij de ingang").cosine == pytest.approx(1, abs=1e-3)


def test_where_nothing_matches_nothing_is_quoted(model):
    assert quote(model, "zzxq wvvk") is None
    assert quote(model, "") is None
    reading = model.read([IdeaText("x", "Een overdekte fietsenstalling bij de ingang")])[0]
    assert all(candidate.quote is None for candidate in reading.candidates[2:])


def test_a_long_sentence_is_quoted_by_the_piece():
    model = train([FrameworkText("gast", "Gastvrij", LONG), FrameworkText("ict", "Computers")])
    found = quote(model, "Zet meer rolstoelen bij de ingang")
    assert found.sentence == "rolstoelen bij de ingang, bezoek en familie"
    assert found.sentence in LONG


def test_limits_are_no_reason_for_a_framework():
    limit = LimitText("Windmolens", "Op ons terrein mogen geen windmolens staan.")
    model = train([FrameworkText("energie", "Stroom besparen", limits=(limit,)), FrameworkText("b", "Zorg")])
    assert quote(model, "Windmolens op ons terrein staan") is None
