"""Amounts in ideas, and bounds in limits."""

import pytest

from pipeline.text.explaining.amounts import amounts, bounds, passed, without_bounds


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("kost 10.000 euro", "money", 10_000),
        ("kost €2.500,50 per stuk", "money", 2_500),
        ("I was quoted £12,400 for it", "money", 12_400),
        ("1,5 miljoen euro", "money", 1_500_000),
        ("90 thousand euros", "money", 90_000),
        ("zo'n twee ton", "money", 200_000),
        ("elfduizend euro per persoon", "money", 11_000),
        ("driehonderdvijftig euro", "money", 350),
        ("vijfentwintig mensen", "people", 25),
        ("40 percent of the price", "share", 40),
        ("langer dan twee weken", "hours", 336),
        ("about seven years", "hours", 61_320),
        ("drie verdiepingen hoog", "verdiepingen", 3),
        ("het wordt 38.000.", "", 38_000),
    ],
)
def test_amounts_are_read_in_digits_and_words_with_their_unit(text, kind, value):
    (found,) = amounts(text)
    assert (found.kind, found.value) == (kind, pytest.approx(value))


def test_articles_and_times_are_no_amounts_to_compare():
    assert amounts("een boom met een bankje") == []
    assert amounts("versie 12.30.15") == []


@pytest.mark.parametrize("word", ["honderd", "duizend", "vijfentwintig", "9", "een"])
def test_whatever_goes_on_and_on_can_be_read(word):
    assert amounts("negenhonderdnegenennegentigduizendnegenhonderdnegenennegentig")[0].value == 999_999
    assert len(amounts(word * 5_000)) <= 1


@pytest.mark.parametrize(
    ("limit", "idea", "result"),
    [
        ("Uitgaven boven 10.000 euro", "dat kost 25.000 euro", 1),
        ("Uitgaven boven 10.000 euro", "dat kost 800 euro", -1),
        ("Uitgaven boven 10.000 euro", "dat kost drie weken", 0),
        ("Uitgaven boven 10.000 euro", "de offerte komt op 38.000.", 1),
        ("Uitgaven boven 10.000 euro", "klaar in 2028.", 0),
        ("Projects that take less than two weeks", "done in three days", 1),
        ("Projects that take less than two weeks", "done in a day or 20 days", -1),
        ("Maximaal 20 personen", "met dertig mensen", 1),
    ],
)
def test_an_amount_passes_a_bound_or_stays_within(limit, idea, result):
    (bound,) = bounds(limit)
    assert passed(bound, amounts(idea)) == result


def test_a_limit_without_its_bound_says_what_it_is_about():
    assert without_bounds("Verbouwingen boven 50.000 euro").split() == ["Verbouwingen"]
    assert without_bounds("Projects that cost more than £5,000").split() == ["Projects", "that", "cost"]
    assert without_bounds("Nieuwbouw") == "Nieuwbouw"
    assert bounds("Twee gebouwen") == []
