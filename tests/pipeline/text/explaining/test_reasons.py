"""Shares of the score are exact; what is shown of them is worth reading."""

import numpy as np
import pytest

from pipeline.core import MEANING, FrameworkText, IdeaText, LabelledIdea
from pipeline.text.explaining.reasons import entry_weights, spoken
from pipeline.text.lexical.vectoriser import count
from pipeline.text.model import TextModel
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, Letters, labelled

ODD = ("", "!!!", "🚲 🚲", "日本語のアイデア", "de de de", "fiets " * 500, "Stop. Vol! Vol?", "zonder\0nul")


@pytest.fixture(scope="module")
def model() -> TextModel:
    return train(FRAMEWORKS, labelled(nones=3), corpus=CORPUS)


def read(model, *texts):
    return model.read([IdeaText("x", text) for text in texts])


@pytest.mark.parametrize("encoder", [None, Letters()])
def test_words_bias_and_sentence_vectors_make_up_the_score(encoder):
    model = train(FRAMEWORKS, labelled(nones=3), corpus=CORPUS, encoder=encoder)
    parts = model.parts
    texts = [*CORPUS, *ODD]
    weighted = parts.vectoriser.weigh(count(texts))
    of_text = weighted.counted.occurrences.token_text
    scores = model.scores(texts)
    vectors = encoder.encode(texts) @ parts.encoder_weights if encoder else np.zeros_like(scores)
    for column in range(len(FRAMEWORKS)):
        asked = np.full(len(texts), column)
        shares = spoken(weighted, entry_weights(weighted, parts.weights, asked)).totals
        of_words = np.bincount(of_text, weights=shares, minlength=len(texts))
        assert of_words + parts.bias[column] + vectors[:, column] == pytest.approx(
            scores[:, column], abs=2e-6
        )


def test_what_is_named_has_its_exact_share(model):
    text = "De fietsenstalling is vol, de verwarming staat hoog en de fietsenstalling lekt"
    (reading,) = read(model, text)
    parts = model.parts
    weighted = parts.vectoriser.weigh(count([text]))
    found = weighted.counted.occurrences
    tokens = [text[start:end].lower() for start, end in zip(found.token_start, found.token_end, strict=True)]
    best, second = (model.frameworks.index(each.framework) for each in reading.candidates[:2])
    average = parts.weights.mean(axis=1, keepdims=True)
    for candidate, weights in zip(
        reading.candidates[:2],
        (parts.weights[:, [best]] - average, parts.weights[:, [second]] - parts.weights[:, [best]]),
        strict=True,
    ):
        shares = spoken(weighted, entry_weights(weighted, weights, np.array([0]))).totals
        assert candidate.reasons
        for reason in candidate.reasons:
            own = [share for token, share in zip(tokens, shares, strict=True) if token == reason.expression]
            assert reason.weight == pytest.approx(sum(own), abs=1e-4)


def test_for_comes_first_then_against_and_the_runner_up_has_what_speaks_for_it_instead(model):
    (reading,) = read(model, "De fietsenstalling is vol en de verwarming staat hoog")
    best, second = reading.candidates[:2]
    assert (best.framework, second.framework) == ("mobiliteit", "energie")
    weights = [reason.weight for reason in best.reasons]
    assert best.reasons[0].expression == "fietsenstalling"
    assert [reason.expression for reason in best.reasons if reason.weight < 0] == ["verwarming"]
    assert weights == sorted(weights, key=lambda weight: (weight < 0, -abs(weight)))
    assert [reason.expression for reason in second.reasons] == ["verwarming"]
    assert second.reasons[0].weight > 0
    assert not any(candidate.reasons for candidate in reading.candidates[2:])


def test_everyday_words_are_named_only_when_nothing_else_speaks(model):
    everyday = {
        "dat",
        "de",
        "het",
        "een",
        "voor",
        "van",
        "wij",
        "graag",
        "je",
        "niet",
        "kun",
        "doen",
        "s",
        "2024",
    }
    everyday |= {"collega", "beste", "er", "is", "willen", "meer"}
    texts = ["Graag willen wij dat er meer is voor de fietsen van 2024, beste collega's", *CORPUS]
    for reading in read(model, *texts):
        assert not {reason.expression for reason in reading.candidates[0].reasons} & everyday
    best, second = read(model, "Dat is er niet voor het")[0].candidates[:2]
    assert {reason.expression for reason in best.reasons} < everyday
    assert best.reasons
    assert not second.reasons


def test_a_pair_that_carries_the_weight_is_one_expression():
    frameworks = [FrameworkText("a", "Fietsen"), FrameworkText("b", "Gebouwen")]
    pairs = [("groene", "stroom"), ("groene", "muur"), ("dure", "stroom")]
    known = [
        LabelledIdea(IdeaText(f"{turn}", f"{one} {other}"), "a" if (one, other) == pairs[0] else "b")
        for turn in range(12)
        for one, other in pairs
    ]
    model = train(frameworks, known)
    together, apart = read(model, "graag groene stroom hier", "stroom, groene")
    assert together.candidates[0].framework == "a"
    assert together.candidates[0].reasons[0].expression == "groene stroom"
    assert "stroom, groene" not in {reason.expression for reason in apart.candidates[0].reasons}


def test_every_expression_stands_in_the_text(model):
    texts = [*CORPUS, *ODD]
    for text, reading in zip(texts, read(model, *texts), strict=True):
        for candidate in reading.candidates:
            for reason in candidate.reasons:
                assert reason.expression in text.lower()


def test_the_meaning_as_a_whole_is_named_with_the_share_of_the_sentence_vectors():
    encoder = Letters()
    # Without labels: held-out ideas would say that letters tell nothing, and they'd count for nothing.
    model = train(FRAMEWORKS, corpus=CORPUS, encoder=encoder)
    text = "Zzzz qqqq"  # no word of it is known
    (reading,) = read(model, text)
    by_framework = (encoder.encode([text]) @ model.parts.encoder_weights)[0]
    best, second = (by_framework[model.frameworks.index(each.framework)] for each in reading.candidates[:2])
    shares = [
        {reason.expression: reason.weight for reason in each.reasons}.get(MEANING, 0.0)
        for each in reading.candidates[:2]
    ]
    assert shares == pytest.approx([best - by_framework.mean(), max(second - best, 0)], abs=1e-4)
    assert shares[0]
    for reading in read(model, *CORPUS, *ODD):
        for candidate in reading.candidates:
            weights = [reason.weight for reason in candidate.reasons]
            assert weights == sorted(weights, key=lambda weight: (weight < 0, -abs(weight)))
