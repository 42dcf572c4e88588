"""Which limit an idea seems to touch, and that the score means what it says."""

import json
from importlib.resources import files

import numpy as np
import pytest

from benchmarks.limits.__main__ import measure, table
from benchmarks.limits.figures import BINS, figures
from benchmarks.limits.sets import organisations
from pipeline.core import FrameworkText, IdeaText, LimitText
from pipeline.text.artifact import load, save
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.explaining.limits import seen_names, shipped_judgement
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, Letters
from training.limits import fitted, held_out, learning_pairs

TEXT = "Ons werk wordt leuker. Geef iedereen een hogere reiskostenvergoeding of leaseauto's. Met de fiets parkeren."
STREETS = FrameworkText(
    "straten",
    "Groene straten",
    "Meer groen en schaduw in onze straten.",
    limits=(
        LimitText("Geen nieuwbouw", "Er is geen grond."),
        LimitText("Uitgaven boven 10.000 euro", "Daarvoor is een besluit van het college nodig."),
    ),
)


@pytest.fixture(scope="module")
def described():
    return json.loads((files("pipeline.text.explaining") / "limits.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=[True, False], ids=["encoder", "words"])
def learned(request, described):
    name = "with_encoder" if request.param else "without_encoder"
    return learning_pairs(meaning=request.param), described[name], request.param


@pytest.fixture(scope="module", params=["builtin", "none"])
def streets(request):
    return train([STREETS], encoder=load_encoder(request.param))


def touched(model, text):
    return {touch.limit: touch for touch in model.read([IdeaText("x", text)])[0].limits}


@pytest.mark.parametrize("encoder", ["builtin", "none"])
def test_a_touched_limit_is_named_with_its_sentence(encoder):
    model = train(FRAMEWORKS, corpus=CORPUS, encoder=load_encoder(encoder))
    (touch,) = model.read([IdeaText("x", TEXT)])[0].limits
    assert (touch.framework, touch.limit) == ("mobiliteit", "Geen leaseauto's")
    assert touch.sentence == "Geef iedereen een hogere reiskostenvergoeding of leaseauto's."
    assert shipped_judgement(meaning=encoder == "builtin").shown_from <= touch.score < 1
    (plain,) = model.read([IdeaText("x", "Fietsen bij onze gebouwen parkeren")])
    assert not plain.limits


def test_only_limits_of_the_best_and_the_runner_up_are_looked_at():
    limit = (LimitText("Windmolens", "Op ons terrein mogen geen windmolens staan."),)
    frameworks = [FrameworkText(slug, f"Over {slug}", limits=limit) for slug in ("fietsen", "stroom", "zorg")]
    frameworks.append(FrameworkText("leeg", "Over niets"))
    reading = train(frameworks).read([IdeaText("x", "Windmolens op ons terrein, en stroom")])[0]
    assert {touch.framework for touch in reading.limits} == {
        each.framework for each in reading.candidates[:2]
    }
    alone = train(frameworks[:1]).read([IdeaText("x", "Windmolens op ons terrein")])[0]
    assert [touch.limit for touch in alone.limits] == ["Windmolens"]


def test_who_wants_it_touches_it_and_who_leaves_it_alone_does_not(streets):
    assert "Geen nieuwbouw" in touched(streets, "Nieuwbouw van woningen op het veldje.")
    assert "Geen nieuwbouw" not in touched(streets, "Planten op het veldje, zonder nieuwbouw van woningen.")


def test_an_amount_past_the_bound_touches_it_with_the_sentence_that_names_it(streets):
    limit = "Uitgaven boven 10.000 euro"
    over = touched(streets, "Plant een boom op elk plein. De kwekerij vraagt samen 25.000 euro.")
    assert over[limit].sentence == "De kwekerij vraagt samen 25.000 euro."
    within = touched(streets, "Plant een boom op elk plein. De kwekerij vraagt samen 2.500 euro.")
    assert within.get(limit) is None or within[limit].score < over[limit].score / 4


def test_the_same_meaning_in_other_words_touches_with_the_encoder():
    limits = (LimitText("Hiring more staff", ""), LimitText("Parking charges", ""))
    framework = FrameworkText("airport", "Less waste", "Waste less energy in the terminal.", limits=limits)
    model = train([framework], encoder=load_encoder("builtin"))
    assert list(touched(model, "We moeten extra personeel aannemen.")) == ["Hiring more staff"]
    assert not touched(train([framework]), "We moeten extra personeel aannemen.")


def test_an_idea_has_the_same_limits_alone_in_a_batch_and_after_saving(tmp_path):
    model = train(FRAMEWORKS, corpus=CORPUS, encoder=load_encoder("builtin"))
    texts = [*CORPUS, TEXT, "", "🚲", "Geen woord.", "windmolens op het terrein zonder leaseauto's"]
    ideas = [IdeaText(str(number), text) for number, text in enumerate(texts)]
    together = [reading.limits for reading in model.read(ideas)]
    assert any(together)
    assert [model.read([idea])[0].limits for idea in ideas] == together
    save(model, tmp_path / "model")
    saved = load(tmp_path / "model", expected=model.version, encoder=load_encoder("builtin"))
    assert [reading.limits for reading in saved.read(ideas)] == together


def test_with_any_encoder_limits_are_read_by_kaders_own(tmp_path):
    model = train(FRAMEWORKS, corpus=CORPUS, encoder=Letters())
    own = train(FRAMEWORKS, corpus=CORPUS, encoder=load_encoder("builtin"))
    texts = [IdeaText("x", TEXT)]
    assert model.parts.limits.encoder_name == own.parts.limits.encoder_name == load_encoder("builtin").name
    scores = [{touch.limit: touch.score for touch in each.read(texts)[0].limits} for each in (model, own)]
    assert scores[0] == scores[1]
    save(model, tmp_path / "model")
    assert load(tmp_path / "model", expected=model.version, encoder=Letters()).version == model.version


@pytest.mark.parametrize("meaning", [True, False])
def test_without_resemblance_the_score_stays_below_what_is_shown(meaning):
    judgement = shipped_judgement(meaning=meaning)
    weights = dict(zip(seen_names(meaning=meaning), judgement.weights, strict=True))
    assert 1 / (1 + np.exp(-judgement.bias)) < judgement.shown_from / 2
    assert {name for name, weight in weights.items() if weight < 0} <= {"framework", "own", "within"}
    assert weights["over"] > 0


def test_the_shipped_weights_come_from_the_sets_to_learn_from(learned, described):
    pairs, shipped, meaning = learned
    weights, bias = fitted(pairs.seen, pairs.touched)
    assert list(shipped["weights"]) == list(seen_names(meaning=meaning))
    assert list(shipped["weights"].values()) == pytest.approx(weights.tolist(), rel=0.02, abs=0.02)
    assert shipped["bias"] == pytest.approx(bias, rel=0.02)
    assert described["learned_from"]["touched"] == pairs.touched.sum()


def test_scores_of_ideas_not_learned_from_mean_what_they_say(learned):
    pairs, shipped, meaning = learned
    measured = figures(pairs.touched, held_out(pairs))
    assert measured["calibration_error"] < 0.03
    assert measured["brier"] < measured["brier_of_always_the_mean"]
    assert measured["average_precision"] > (6 if meaning else 3.5) * pairs.touched.mean()
    assert shipped["on_ideas_not_learned_from"]["brier"] == pytest.approx(measured["brier"], abs=0.002)
    assert len(measured["reliability"]) == len(BINS) - 1


def test_the_benchmark_measures_other_organisations_than_were_learned_from():
    known = {each.name for each in organisations("development")}
    tested = organisations("test")
    assert not known & {each.name for each in tested}
    pairs = sum(
        len(framework.limits)
        for each in tested
        for idea in each.ideas
        for framework in each.frameworks
        if framework.slug == idea.framework
    )
    assert pairs >= 150
    measured = {"words": measure("development", meaning=False)}
    assert measured["words"]["pairs"] >= 150
    assert table(measured)[-1].startswith(f"| words | {measured['words']['pairs']}, ")
