"""The nearest earlier ideas on which a person decided."""

import numpy as np
import pytest

from pipeline.core import IdeaText, LabelledIdea
from pipeline.text.explaining import precedents
from pipeline.text.explaining.precedents import Precedents
from pipeline.text.lexical.vectoriser import count
from pipeline.text.training import train
from pipeline.text.vectors.space import VectorSpace
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, NONE_TEXTS, labelled

SLUGS = tuple(framework.slug for framework in FRAMEWORKS)


@pytest.fixture(scope="module")
def model():
    return train(FRAMEWORKS, labelled(nones=3), corpus=CORPUS)


def test_the_nearest_are_named_with_what_the_person_said(model):
    near, none, far = model.read(
        [
            IdeaText("x", "Oplaadpunten voor elektrische fietsen bij de achterdeur"),
            IdeaText("y", NONE_TEXTS[0]),
            IdeaText("z", "zzxq wvvk"),
        ]
    )
    assert near.precedents[0].idea == "mobiliteit-3"
    assert near.precedents[0].framework == "mobiliteit"
    assert 0.5 < near.precedents[0].likeness < 1
    assert none.precedents[0].framework is None
    assert none.precedents[0].likeness == pytest.approx(1, abs=2e-3)
    assert far.precedents == ()


def test_an_idea_is_not_its_own_precedent(model):
    text = labelled()[3].idea
    assert text.id not in {each.idea for each in model.read([text])[0].precedents}
    # Another file may use the same numbers for other ideas.
    other = IdeaText(text.id, text.text + " graag en snel")
    assert model.read([other])[0].precedents[0].idea == text.id


def test_of_equals_the_newest_come_first_three_at_most():
    known = [
        LabelledIdea(IdeaText(str(number), "Meer fietsen bij de ingang"), "mobiliteit") for number in range(9)
    ]
    reading = train(FRAMEWORKS, known).read([IdeaText("x", "Meer fietsen bij de ingang")])[0]
    assert [each.idea for each in reading.precedents] == ["8", "7", "6"]


def test_without_decisions_there_are_none():
    assert train(FRAMEWORKS).read([IdeaText("x", CORPUS[0])])[0].precedents == ()


def test_of_many_the_newest_of_each_framework_are_kept(monkeypatch, model):
    monkeypatch.setattr(precedents, "MOST_KEPT", 6)
    frameworks = ["energie"] * 2 + ["zorg"] * 90 + ["energie"] + [None] * 7
    known = [LabelledIdea(IdeaText(str(n), f"tekst {n}"), slug) for n, slug in enumerate(frameworks)]
    kept = Precedents.fit(known, SLUGS, model.parts.space)
    assert kept.ideas == ("1", "90", "91", "92", "98", "99")
    assert kept.frameworks.tolist() == [1, 2, 2, 1, -1, -1]


def test_likeness_is_the_cosine_and_the_same_alone_as_in_a_batch():
    chance = np.random.default_rng(5)
    words = [f"woord{number}" for number in range(60)]
    texts = [" ".join(chance.choice(words, 8)) for _ in range(400)]
    vectoriser = train(FRAMEWORKS, corpus=texts).parts.vectoriser
    space = VectorSpace.fit(texts, vectoriser, seed=0)
    known = [LabelledIdea(IdeaText(str(number), text), "zorg") for number, text in enumerate(texts[:300])]
    kept = Precedents.fit(known, SLUGS, space)
    asked = [IdeaText(f"q{number}", text) for number, text in enumerate(texts[300:])]
    vectors = space.place(count([idea.text for idea in asked]))
    together = kept.nearest(asked, vectors, SLUGS)
    exact = vectors @ space.place(count(texts[:300])).T
    for number, found in enumerate(together):
        assert kept.nearest([asked[number]], vectors[number : number + 1], SLUGS) == [found]
        for each in found:
            assert each.likeness == pytest.approx(exact[number, int(each.idea)], abs=2e-3)
        assert found[0].likeness == pytest.approx(exact[number].max(), abs=2e-3)
