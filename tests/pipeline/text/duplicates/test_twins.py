"""The same idea in a file: found from both sides, in any order of the rows, and never by a filled-in template."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core import IdeaText
from pipeline.text.duplicates import twins
from pipeline.text.duplicates.clusters import Clusters
from pipeline.text.duplicates.likeness import alike, describe, likeness
from pipeline.text.duplicates.lookup import look_up
from pipeline.text.duplicates.twins import find_twins
from pipeline.text.encoders.encoder import beside_words, load_encoder
from pipeline.text.lexical.vectoriser import Vectoriser
from training.pairs.fitting import examples

PLACES = ("Almelo", "Breda", "Delft", "Emmen", "Gouda", "Heerlen", "Venlo", "Zwolle")


class Topics:
    """An encoder of a few topics, each with a direction of its own."""

    name = "topics"
    dimensions = 4

    def encode(self, texts):
        rows = np.full((len(texts), self.dimensions), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for column, words in enumerate((("auto", "wagen"), ("fiets", "rijwiel"), ("koffie",))):
                row[column] += sum(text.lower().count(word) for word in words)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def background():
    """600 different texts, so that what stands out is measured among enough others."""
    words = sorted({word for pair, _ in zip(*examples(), strict=True) for word in pair[0].text.split()})
    chance = random.Random(3)
    return [" ".join(chance.sample(words, 14)) for _ in range(600)]


def ideas_of(texts):
    return [IdeaText(str(place), text) for place, text in enumerate(texts)]


def same_pairs(found):
    return {frozenset((twin.idea, twin.duplicate_of)) for twin in found if twin.same}


def test_what_stands_out_among_many_is_the_same(background):
    one = (
        "Zet een extra printer op de tweede verdieping, nu loopt iedereen naar beneden om iets af te drukken."
    )
    other = "Graag een extra printer op de tweede verdieping: iedereen loopt nu naar beneden om af te drukken"
    found = list(find_twins(ideas_of([*background, one, other]), 3))
    assert same_pairs(found) == {frozenset(("600", "601"))}


@pytest.mark.parametrize("encoder", ["builtin", "none"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        # The only two with a title.
        (
            IdeaText(
                "one", "De koffie uit de automaat op de derde verdieping smaakt naar niets", "Betere koffie"
            ),
            IdeaText("other", "De thee in de kantine op de begane grond is te duur", "Goedkopere thee"),
        ),
        # The only two in their language.
        (
            IdeaText("one", "Περισσότερα παγκάκια στο πάρκο"),
            IdeaText("other", "Η βιβλιοθήκη να κλείνει αργότερα"),
        ),
    ],
)
def test_two_that_have_only_each_other_are_not_the_same_for_that(background, encoder, one, other):
    found = find_twins([*ideas_of(background), one, other], 3, encoder=load_encoder(encoder))
    assert frozenset(("one", "other")) not in same_pairs(found)


@pytest.mark.parametrize(
    "template",
    [
        "Vertaal de handleiding van de machine naar het {}, want collega's in het magazijn lezen geen Engels.",
        "Maak in het gebouw in {} een fietsenstalling, want daar staan de fietsen nu in de regen buiten.",
        "Add a bicycle shed to the office in {}, because the bicycles are standing outside in the rain.",
    ],
)
def test_a_template_filled_in_for_another_place_or_product_is_never_the_same(background, template):
    filled = [template.format(place) for place in PLACES]
    for among in ([], background):
        assert not same_pairs(find_twins(ideas_of([*among, *filled]), 10))
        assert not same_pairs(find_twins(ideas_of([*among, *filled[:2]]), 10))


def test_decisions_are_the_same_from_both_sides_and_in_any_order(background):
    texts = [*background[:100], *(f"{text} alvast bedankt" for text in background[:20])]
    forward = ideas_of(texts)
    backward = list(reversed(forward))
    one, other = (same_pairs(find_twins(ideas, 10)) for ideas in (forward, backward))
    assert one == other
    assert len(one) >= 15


def test_the_same_rows_whether_in_memory_or_on_disk(background, monkeypatch):
    ideas = [
        IdeaText(str(place), text[20:], text[:20] * (place % 2)) for place, text in enumerate(background)
    ]
    in_memory = list(find_twins(ideas, 5))
    monkeypatch.setattr(twins, "MOST_IN_MEMORY", 1_000)
    assert list(find_twins(ideas, 5)) == in_memory


def test_each_pair_is_compared_closely_once(background, monkeypatch):
    compared = []

    def noted(model, known, one, other, cosines):
        compared.append([frozenset(pair) for pair in zip(one.tolist(), other.tolist(), strict=True)])
        return look_at(model, known, one, other, cosines)

    look_at = twins.PairModel.look_at
    monkeypatch.setattr(twins.PairModel, "look_at", noted)
    rows = [
        frozenset((int(twin.idea), int(twin.duplicate_of))) for twin in find_twins(ideas_of(background), 10)
    ]
    # First the best candidate of some ideas, to know how many have a twin.
    best, *others = compared
    assert len(best) <= len(background)
    closely = [pair for round_ in others for pair in round_]
    assert len(closely) == len(set(closely)) < len(rows)
    assert set(closely) == set(rows)


def test_an_encoder_finds_what_shares_no_word():
    texts = ["Meer ruimte rijwiel", "Stalling fiets groot", "Gratis koffie", "Een auto erbij"]
    ideas = ideas_of(texts)
    first = next(find_twins(ideas, 1, encoder=Topics()))
    assert (first.idea, first.duplicate_of) == ("0", "1")
    assert all({twin.idea, twin.duplicate_of} != {"0", "1"} for twin in find_twins(ideas, 1))


def test_progress_counts_each_idea_in_every_step(background):
    seen = []
    list(find_twins(ideas_of(background), 5, seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == twins.STEPS * len(background)


def test_candidates_of_the_two_searches_are_those_of_comparing_all(background):
    _, described = describe(ideas_of(background[:80]), encoder=Topics())
    found = look_up(described, 20)
    places = np.arange(80)
    for one in (0, 17, 79):
        others = places[places != one]
        exact = likeness(described, np.full(len(others), one), others)
        best = np.lexsort((others, -exact))[:10]
        assert found.other[one, :10].tolist() == others[best].tolist()
        assert found.likeness[one, :10].tolist() == pytest.approx(exact[best].tolist(), abs=1e-6)


LETTERS = st.text(alphabet="aeiknrst .0é🚲", max_size=40)


@settings(max_examples=60, deadline=None)
@given(one=LETTERS, other=LETTERS, title=LETTERS)
def test_likeness_is_symmetric_bounded_and_the_same_in_any_batch(one, other, title):
    vectoriser = Vectoriser.fit(["een rode fiets", "na de reis", "kast en stoel"], most=10_000)
    first, second = IdeaText("1", one, title), IdeaText("2", other)
    for encoder in (None, Topics()):
        figures = alike([(first, second), (second, first)], vectoriser, encoder)
        assert figures[0] == figures[1] == alike([(first, second)], vectoriser, encoder)[0]
        assert 0 <= figures[0] <= 1


def test_what_an_encoder_counts_for_depends_on_its_kind():
    assert beside_words("none") == 0
    assert 0 < beside_words("builtin-1-abc") < beside_words("sentence-transformers-abc")


def test_clusters_hang_on_the_earliest_whatever_the_order_of_links():
    links = [(5, 3), (3, 1), (8, 9), (1, 7), (9, 8)]
    for turned in (links, links[::-1]):
        clusters = Clusters(10)
        for one, other in turned:
            clusters.join(one, other)
        assert clusters.groups() == [(1, 3, 5, 7), (8, 9)]
        assert clusters.earliest(7) == 1
        assert clusters.earliest(0) == 0
