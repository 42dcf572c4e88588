"""Whatever somebody writes, it is read: any script, any length, alone or with others."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core import IdeaText, LabelledIdea
from pipeline.text.model import TextModel
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, TEXTS, Letters, labelled

WORDS = (
    "fiets",
    "fietsenstalling",
    "Verwarming",
    "leaseauto's",
    "stroom",
    "tijd",
    "patiënten",
    "software",
    "de",
    "en",
)
STRANGE = (
    "",
    "fietsenstalling",
    "1234567890",
    "🚲👩🏽‍⚕️🇳🇱",
    "مقترح لتحسين مواقف الدراجات",
    "הצעה \u202eabc\u202c",
    "日本語のアイデア。自転車置き場",
    "ไอเดียจักรยาน",
    "e\u0301\u0301\u0301 cafe\u0301",
    "\u0301",
    "\u200b\u200d\ufeff",
    "a\0b\0\0",
    "\0",
    "\ud800 los",
    "\U0010ffff",
    ". ! ?",
    "\n\n\r\n\t",
    "woord " * 5_000,
    "Een zin. " * 2_500,
    "x" * 20_000,
    "Mehr Fahrräder, plus de vélos, meer fietsen, more bikes",
)
pieces = st.one_of(
    st.text(max_size=40),
    st.sampled_from(WORDS),
    st.sampled_from(STRANGE[:17]),
    st.sampled_from([" ", ". ", "!", "\n", "\0", "'", "-"]),
)
texts = st.lists(pieces, max_size=12).map("".join)


@pytest.fixture(
    scope="module",
    params=["cold", "few", "many", "encoder", "one framework"],
)
def model(request) -> TextModel:
    match request.param:
        case "cold":
            return train(FRAMEWORKS)
        case "few":
            return train(FRAMEWORKS, labelled(nones=3), corpus=CORPUS)
        case "many":
            known = [
                LabelledIdea(IdeaText(f"{slug}{number}", f"{text} nummer {number}"), slug)
                for slug, examples in TEXTS.items()
                for number, text in enumerate(examples * 8)
            ]
            return train(
                FRAMEWORKS, known, corpus=[f"{text} op plek {n}" for n in range(25) for text in CORPUS]
            )
        case "encoder":
            return train(FRAMEWORKS, labelled(), encoder=Letters())
    return train(FRAMEWORKS[:1])


def check(reading, model):
    probabilities = [candidate.probability for candidate in reading.candidates]
    assert len(probabilities) == min(len(model.frameworks), 5)
    assert all(0 <= each <= 1 for each in [*probabilities, reading.probability_none])
    assert sum(probabilities) + reading.probability_none <= 1 + 1e-6
    assert probabilities == sorted(probabilities, reverse=True)
    assert reading.vector.dtype == np.float32
    assert np.linalg.norm(reading.vector) == pytest.approx(1, abs=1e-3)
    assert reading.language in {"nl", "en", "de", "fr"}
    assert all(math.isfinite(reason.weight) for each in reading.candidates for reason in each.reasons)
    assert all(each.quote is None or 0 < each.quote.cosine <= 1.001 for each in reading.candidates)
    assert all(0 <= limit.score <= 1 and limit.sentence for limit in reading.limits)
    assert all(0 < each.likeness <= 1 for each in reading.precedents)


@given(st.lists(texts, min_size=1, max_size=6), st.sampled_from(["", "nl", "en", "xx"]))
@settings(max_examples=20, deadline=None)
def test_any_texts_alone_and_together(model, written, language):
    ideas = [IdeaText(str(number), text, language=language) for number, text in enumerate(written)]
    together = model.read(ideas)
    for idea, reading in zip(ideas, together, strict=True):
        check(reading, model)
        (alone,) = model.read([idea])
        assert alone == reading
        assert (alone.vector == reading.vector).all()


def test_strange_texts_alone_together_and_twice(model):
    ideas = [IdeaText(str(number), text) for number, text in enumerate((*STRANGE, *CORPUS))]
    together = model.read(ideas)
    assert model.read(ideas) == together
    assert model.read(ideas[::-1]) == together[::-1]
    for idea, reading in zip(ideas, together, strict=True):
        check(reading, model)
        assert model.read([idea]) == [reading]


def test_many_ideas_with_long_ones_between(model):
    ideas = [
        IdeaText(str(number), "Een zin. " * 300 if number % 100 == 0 else CORPUS[number % len(CORPUS)])
        for number in range(1_100)
    ]
    together = model.read(ideas)
    assert together[1_099] == model.read(ideas[1_099:])[0]
    assert together[600] == model.read(ideas[600:601])[0]
