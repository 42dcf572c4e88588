import numpy as np
import pytest

from pipeline.core import IdeaText, Sameness
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.duplicates.twins import Twin, descending, find_twins
from pipeline.text.lexical.vectoriser import Vectoriser
from training.pairs.fitting import examples

BASE = "Maak de fietsenstalling bij de hoofdingang groter, want 's ochtends is hij altijd vol en staan fietsen op straat."


@pytest.fixture(scope="module")
def model():
    pairs, _ = examples()
    texts = sorted({idea.text for pair in pairs for idea in pair})
    return PairModel(Vectoriser.fit(texts, most=100_000))


def _verdict(model, one, other, cosine=0.8):
    return model.compare([(IdeaText("1", one), IdeaText("2", other))], np.array([cosine]))[0]


@pytest.mark.parametrize(
    "again",
    [
        BASE,
        BASE.upper(),
        f"Hallo, {BASE} Alvast bedankt!",
        BASE.replace("hoofdingang", "hoofdingnag"),
    ],
)
def test_the_same_words_sent_again_are_the_same(model, again):
    assert _verdict(model, BASE, again).sameness is Sameness.SAME


def test_letters_that_changed_places_are_a_slip_and_another_word_is_not(model):
    assert _verdict(model, BASE, BASE.replace("hoofdingang", "hoodfingang")).probability == 1
    assert _verdict(model, BASE, BASE.replace("hoofdingang", "zijingang")).probability < 1
    silver = "Please order silver paint for the doors of the workshop"
    assert _verdict(model, silver, silver.replace("silver", "sliver")).probability < 1
    assert _verdict(model, "Lokaal 1324567 te warm", "Lokaal 1234567 te warm").probability < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Translate the safety manual into Korean", "Translate the safety manual into Thai"),
        ("Zet een extra printer in gebouw Noord, kamer 12", "Zet een extra printer in gebouw Zuid, kamer 15"),
        (f"{BASE} Locatie Breda.", f"{BASE} Locatie Emmen."),
        ("Sluit de kantine op vrijdag", "Sluit de kantine niet op vrijdag"),
    ],
)
def test_a_template_filled_in_differently_is_not_linked_at_once(model, one, other):
    assert _verdict(model, one, other).sameness is not Sameness.SAME


def test_other_ideas_are_new(model):
    verdict = _verdict(model, BASE, "Vervang de lampen in de loods door led, dat scheelt stroom.", 0.3)
    assert verdict.sameness is Sameness.NEW
    assert verdict.probability < 0.1
    assert not verdict.reason


def test_far_apart_is_not_compared_but_equal_always_is(model):
    assert _verdict(model, BASE, BASE.replace("vol", "leeg"), 0.0).sameness is Sameness.NEW
    assert _verdict(model, "🚲", "🚲", 0.0).sameness is Sameness.SAME


def test_the_reason_names_what_is_shared_and_what_differs(model):
    verdict = _verdict(model, f"{BASE} Locatie Breda.", f"{BASE} Graag snel.")
    assert "fietsenstalling" in verdict.reason
    shared, differs = verdict.reason.split("; ")
    assert shared.startswith("shared: ")
    assert differs.startswith("differs: ")
    assert "breda" in differs


def test_order_and_batch_make_no_difference(model):
    pairs, _ = examples()
    some = pairs[::40]
    cosines = np.full(len(some), 0.5)
    together = model.compare(some, cosines)
    assert together == [model.compare([pair], cosines[:1])[0] for pair in some]
    turned = model.probabilities([(other, one) for one, other in some], cosines)
    assert turned.tolist() == [verdict.probability for verdict in together]


def test_a_title_on_one_side_does_not_hide_a_twin(model):
    one = IdeaText("1", BASE, "Fietsen")
    assert model.compare([(one, IdeaText("2", BASE))], np.array([0.9]))[0].sameness is not Sameness.NEW


def test_own_examples_are_judged_with_few_false_links(model):
    pairs, kinds = examples()
    said = model.probabilities(pairs, np.full(len(pairs), 0.5)) >= model.weights.same_from
    kind = np.array(kinds)
    assert said[kind == "different"].mean() == 0
    assert said[kind == "related"].mean() < 0.03
    assert said[kind == "same"].mean() > 0.2


def test_twins_are_found_in_a_file_whatever_their_order():
    pairs, _ = examples()
    others = sorted({pair[0].text for pair in pairs})[:200]
    ideas = [IdeaText(f"o{number}", text) for number, text in enumerate(others)]
    ideas.insert(3, IdeaText("first", f"{BASE} Dank!"))
    ideas.append(IdeaText("last", BASE))
    twins = list(find_twins(ideas, 3))
    best = {twin.idea: twin for twin in reversed(twins)}
    assert best["first"].duplicate_of == "last"
    assert best["last"].duplicate_of == "first"
    assert best["first"].same
    assert max(sum(twin.idea == idea.id for twin in twins) for idea in ideas) == 3
    assert all(twin.idea != twin.duplicate_of for twin in twins)


def test_the_rows_of_an_idea_descend_by_score_and_keep_the_order_of_the_evidence():
    pairs, _ = examples()
    ideas = [
        IdeaText(f"{number}{side}", idea.text, idea.title)
        for number, pair in enumerate(pairs[::3])
        for side, idea in zip("ab", pair, strict=True)
    ]
    assert len(ideas) > 500  # so many that what stands out counts
    twins = list(find_twins(ideas, 10))
    rows: dict[str, list[Twin]] = {}
    for twin in twins:
        rows.setdefault(twin.idea, []).append(twin)
    assert any(len({each.probability for each in found}) > 1 for found in rows.values())
    for found in rows.values():
        scores = [each.probability for each in found]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        # What is linked stands above what isn't, in the score as well.
        assert [each.same for each in found] == sorted((each.same for each in found), reverse=True)
    same = [twin.probability for twin in twins if twin.same]
    assert min(same) > max(twin.probability for twin in twins if not twin.same)


def test_scores_that_contradict_the_order_share_their_mean():
    told = descending(np.array([0.2, 0.6, 0.1, 0.3]), np.array([0, 0, 0, 1]))
    assert told.tolist() == pytest.approx([0.4, 0.4, 0.1, 0.3])


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_ideas_have_no_twins(count):
    assert list(find_twins([IdeaText("1", "fiets")][:count], 10)) == []
