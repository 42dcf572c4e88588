from dataclasses import replace

import numpy as np
import pytest

from kader.errors import UserError
from pipeline.core import Decision, FrameworkText, IdeaText, LabelledIdea
from pipeline.text.certainty.calibration import NEVER
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.model import TextModel
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, NONE_TEXTS, TEXTS, Letters, labelled

ODD = ("", "!!!", "🚲", "日本語のアイデア", "a", "woord " * 5_000, "=1+1", "zonder\0nul")


@pytest.fixture(scope="module")
def cold() -> TextModel:
    return train(FRAMEWORKS)


@pytest.fixture(scope="module")
def taught() -> TextModel:
    return train(FRAMEWORKS, labelled(nones=3), corpus=CORPUS)


def _idea(text, title=""):
    return IdeaText("x", text, title)


def test_definitions_alone_find_the_framework(cold):
    ideas = {
        "Een bredere stalling voor fietsen en minder parkeren": "mobiliteit",
        "Zuinige verlichting en verwarming": "energie",
        "Verpleegkundigen hebben te weinig tijd voor patiënten": "zorg",
        "New software for digital forms": "digitaal",
    }
    read = cold.read([_idea(text) for text in ideas])
    assert [reading.candidates[0].framework for reading in read] == list(ideas.values())


def test_without_labels_nothing_is_decided_alone_unless_allowed(cold):
    ideas = [_idea(text) for text in CORPUS]
    assert {reading.decision for reading in cold.read(ideas)} <= {Decision.ASK, Decision.NONE}
    allowed = train(FRAMEWORKS, auto_without_labels=0.5)
    automatic = [reading for reading in allowed.read(ideas) if reading.decision is Decision.AUTO]
    assert automatic
    assert min(reading.candidates[0].probability for reading in automatic) >= 0.5


def test_every_framework_is_decided_on_alone_from_its_own_confidence(cold):
    ideas = [_idea(text) for text in CORPUS]
    of_mobility = 0.4
    calibration = replace(
        cold.parts.calibration,
        auto_from=(of_mobility, NEVER, 0.0, NEVER),
        own_promise=(True, False, False, False),
    )
    model = TextModel(replace(cold.parts, calibration=calibration))
    assert (model.decided_alone, model.promised) == (("mobiliteit", "zorg"), ("mobiliteit",))
    assert model.version != cold.version
    readings = [reading for reading in model.read(ideas) if reading.decision is not Decision.NONE]
    expected = {"mobiliteit": of_mobility, "energie": NEVER, "zorg": 0.0, "digitaal": NEVER}
    for reading in readings:
        best = reading.candidates[0]
        assert (reading.decision is Decision.AUTO) == (best.probability >= expected[best.framework])
    assert {reading.decision for reading in readings} == {Decision.AUTO, Decision.ASK}


def test_what_resembles_nothing_fits_none(cold, taught):
    for model in (cold, taught):
        fits, fits_none = model.read([_idea("Meer fietsen in de stalling"), _idea("zzxq wvvk")])
        assert fits.probability_none < 0.5 < fits_none.probability_none
        assert fits.decision is not Decision.NONE
        assert fits_none.decision is Decision.NONE


def test_labelled_ideas_that_fit_none_are_learned_from():
    without = train(FRAMEWORKS, labelled(), corpus=CORPUS)
    learned = train(FRAMEWORKS, labelled(nones=4), corpus=CORPUS)
    idea = [_idea(NONE_TEXTS[0])]
    assert learned.read(idea)[0].probability_none > without.read(idea)[0].probability_none


def test_labels_overrule_the_definition():
    frameworks = [FrameworkText("a", "Fietsen en auto's"), FrameworkText("b", "Overig")]
    moved = [LabelledIdea(_idea(f"fietsen op route {number}"), "b") for number in range(12)]
    assert train(frameworks).read([_idea("fietsen")])[0].candidates[0].framework == "a"
    assert train(frameworks, moved).read([_idea("fietsen op route 99")])[0].candidates[0].framework == "b"


def test_few_held_out_decisions_are_too_few_to_decide_alone(taught):
    assert all(
        reading.decision is not Decision.AUTO for reading in taught.read([_idea(text) for text in CORPUS])
    )


def test_many_clear_decisions_let_it_decide_alone():
    texts = [
        LabelledIdea(_idea(f"{text} nummer {number}"), slug)
        for slug, examples in TEXTS.items()
        for number, text in enumerate(examples * 10)
    ]
    model = train(FRAMEWORKS, texts, max_error=0.1)
    readings = model.read([example.idea for example in texts])
    assert sum(reading.decision is Decision.AUTO for reading in readings) > len(readings) / 2


def test_probabilities_add_up_to_one_at_most(taught):
    for reading in taught.read([_idea(text) for text in (*CORPUS, *ODD)]):
        total = sum(candidate.probability for candidate in reading.candidates) + reading.probability_none
        assert 0 <= total <= 1 + 1e-5
        ranked = [candidate.probability for candidate in reading.candidates]
        assert ranked == sorted(ranked, reverse=True)
        assert reading.candidates


def test_alone_or_in_a_batch_makes_no_difference(taught):
    ideas = [_idea(text) for text in (*CORPUS, *ODD)] * 30
    together = taught.read(ideas)
    for place in (0, 7, len(CORPUS) + 2, len(ideas) - 1):
        (alone,) = taught.read([ideas[place]])
        assert alone == together[place]
        assert (alone.vector == together[place].vector).all()


def test_same_arguments_same_model_another_label_another_version(taught):
    again = train(FRAMEWORKS, labelled(nones=3), corpus=CORPUS)
    assert (again.version, again.space) == (taught.version, taught.space)
    assert train(FRAMEWORKS, labelled(nones=2), corpus=CORPUS).version != taught.version


def test_vectors_have_unit_length_and_know_likeness(taught):
    readings = taught.read(
        [_idea(text) for text in ("Meer fietsenstallingen", "Een fietsstalling erbij", "Geen appeltaart", "")]
    )
    vectors = np.stack([reading.vector for reading in readings])
    assert vectors.shape == (4, taught.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_a_space_can_be_kept(taught):
    kept = train(FRAMEWORKS, space=taught.parts.space)
    assert kept.space == taught.space
    assert kept.version != taught.version
    idea = [_idea("Meer fietsen")]
    assert (kept.read(idea)[0].vector == taught.read(idea)[0].vector).all()


def test_lsa_takes_over_when_there_are_documents_enough():
    corpus = [f"{text} op plek {number}" for number in range(25) for text in CORPUS]
    model = train(FRAMEWORKS, corpus=corpus)
    assert model.space.startswith("lsa-")
    fiets, stalling, taart = model.vectors(["Meer fietsenstallingen", "fietsenstalling groter", "appeltaart"])
    assert fiets @ stalling > fiets @ taart


def test_the_best_reason_for_a_framework_is_its_word(taught):
    reading = taught.read([_idea("Op de derde etage graag fietsenstalling")])[0]
    assert reading.candidates[0].framework == "mobiliteit"
    assert reading.candidates[0].reasons[0].expression == "fietsenstalling"
    assert reading.candidates[0].reasons[0].weight > 0


def test_a_touched_limit_is_named_with_its_sentence(cold):
    text = "Ons werk wordt leuker. Geef iedereen een hogere reiskostenvergoeding of leaseauto's. Met de fiets parkeren."
    reading = cold.read([_idea(text)])[0]
    assert reading.candidates[0].framework == "mobiliteit"
    (touched,) = reading.limits
    assert touched.limit == "Geen leaseauto's"
    assert touched.sentence == "Geef iedereen een hogere reiskostenvergoeding of leaseauto's."
    assert 0 < touched.score <= 1
    assert not cold.read([_idea("Fietsen bij onze gebouwen parkeren")])[0].limits


def test_languages_are_told_apart(cold):
    readings = cold.read(
        [
            _idea("Kunnen wij de verwarming eerder uitzetten als iedereen weg is?"),
            _idea("Could we switch the heating off earlier when everybody has left?"),
            _idea("Können wir die Heizung früher ausschalten, wenn alle weg sind?"),
            _idea("Pourrions-nous éteindre le chauffage plus tôt quand tout le monde est parti ?"),
            _idea("123 !!"),
        ]
    )
    assert [reading.language for reading in readings] == ["nl", "en", "de", "fr", "nl"]


@pytest.mark.parametrize("number", [1, 2, 60])
def test_any_number_of_frameworks(number):
    frameworks = [FrameworkText(f"f{place}", f"onderwerp{place * 7919}") for place in range(number)]
    examples = [LabelledIdea(_idea(f"over onderwerp{place * 7919}"), f"f{place}") for place in range(number)]
    for known in ([], examples[:1], examples):
        reading = train(frameworks, known).read([_idea("over onderwerp0")])[0]
        assert reading.candidates[0].framework == "f0"
        assert len(reading.candidates) == min(number, 5)


def test_only_ideas_that_fit_none():
    model = train(FRAMEWORKS, [LabelledIdea(_idea(text), None) for text in NONE_TEXTS])
    assert model.read([_idea("fietsen")])[0].candidates[0].framework == "mobiliteit"


@pytest.mark.parametrize(
    ("frameworks", "examples", "max_error", "sentence"),
    [
        ([], [], 0.05, "at least one framework"),
        ([FRAMEWORKS[0], FRAMEWORKS[0]], [], 0.05, "slug of its own"),
        (FRAMEWORKS, [LabelledIdea(IdeaText("k1", "x"), "anders")], 0.05, "'k1' is labelled 'anders'"),
        (FRAMEWORKS, [], 0.0, "between 0 and 1"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(frameworks, examples, max_error, sentence):
    with pytest.raises(UserError, match=sentence):
        train(frameworks, examples, max_error=max_error)


def test_encoders_are_a_seam():
    for known in ([], labelled()):
        model = train(FRAMEWORKS, known, encoder=Letters(), corpus=CORPUS)
        assert model.read([_idea("Meer fietsen in de stalling")])[0].candidates[0].framework == "mobiliteit"
        with pytest.raises(UserError, match="letters"):
            TextModel(model.parts)
    assert load_encoder("none") is None
    builtin = load_encoder("builtin")
    assert builtin is not None
    assert builtin.name.startswith("builtin-")
    with pytest.raises(UserError, match="--encoder none"):
        load_encoder("some/folder")


def test_it_says_what_it_may_decide_alone():
    cold = train(FRAMEWORKS, corpus=CORPUS).autonomy
    assert (cold.labelled, cold.alone_from, cold.new) == (0, {}, frozenset(each.slug for each in FRAMEWORKS))
    some = [each for each in labelled(4, nones=2) if each.framework != "zorg"]
    model = train(FRAMEWORKS, some, corpus=CORPUS)
    assert (model.autonomy.labelled, model.autonomy.new) == (len(some), frozenset({"zorg"}))
    assert set(model.autonomy.alone_from) == set(model.decided_alone)
    surer = train(FRAMEWORKS, corpus=CORPUS, auto_without_labels=0.9).autonomy
    assert set(surer.alone_from.values()) == {0.9}
