"""Which limit an idea seems to touch, and that the score means what it says."""

import json
from importlib.resources import files

import numpy as np
import pytest

from pipeline.core import FrameworkText, IdeaText, LimitText
from pipeline.text.limits import shipped_judgement
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS
from training.limits import BINS, demo_pairs, figures, fitted, held_out

TEXT = "Ons werk wordt leuker. Geef iedereen een hogere reiskostenvergoeding of leaseauto's. Met de fiets parkeren."


@pytest.fixture(scope="module")
def described():
    return json.loads((files("pipeline.text") / "limits.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pairs():
    return demo_pairs()


def test_a_touched_limit_is_named_with_its_sentence():
    model = train(FRAMEWORKS, corpus=CORPUS)
    (touched,) = model.read([IdeaText("x", TEXT)])[0].limits
    assert (touched.framework, touched.limit) == ("mobiliteit", "Geen leaseauto's")
    assert touched.sentence == "Geef iedereen een hogere reiskostenvergoeding of leaseauto's."
    assert shipped_judgement().shown_from <= touched.score < 1
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


def test_without_resemblance_the_score_stays_below_what_is_shown():
    judgement = shipped_judgement()
    assert 1 / (1 + np.exp(-judgement.bias)) < judgement.shown_from / 2
    assert min(judgement.weights) > 0


def test_the_shipped_weights_come_from_the_demo_organisation(described, pairs):
    weights, bias = fitted(pairs.seen, pairs.touched)
    assert list(described["weights"].values()) == pytest.approx(weights.tolist(), rel=0.02)
    assert described["bias"] == pytest.approx(bias, rel=0.02)
    assert described["learned_from"]["touched"] == pairs.touched.sum()


def test_scores_of_ideas_not_learned_from_mean_what_they_say(described, pairs):
    scores = held_out(pairs)
    measured = figures(pairs, scores)
    assert measured["calibration_error"] < 0.03
    assert measured["brier"] < measured["brier_of_always_the_mean"]
    assert measured["average_precision"] > 5 * measured["average_precision_by_chance"]
    assert described["on_ideas_not_learned_from"]["brier"] == pytest.approx(measured["brier"], abs=0.002)
    assert len(measured["reliability"]) == len(BINS) - 1
