"""The vector of an idea: by words alone, or with the encoder's part beside it."""

import numpy as np
import pytest

from pipeline.core import IdeaText
from pipeline.text.artifact import load_space, save
from pipeline.text.lexical.vectoriser import Vectoriser, count
from pipeline.text.training import train
from pipeline.text.vectors.space import DIMENSIONS, VectorSpace
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, Letters, labelled

TEXTS = ["Meer plek voor fietsen", "Meer plek voor rijwielen", "Gratis koffie", ""]


def test_the_encoder_has_its_share_of_every_cosine():
    vectoriser, encoder = Vectoriser.fit(TEXTS, most=10_000), Letters()
    words = VectorSpace.fit(TEXTS, vectoriser, seed=1)
    both = VectorSpace.fit(TEXTS, vectoriser, seed=1, encoder=encoder)
    assert both.dimensions == DIMENSIONS + encoder.dimensions
    assert both.identity != words.identity
    encoded = encoder.encode(TEXTS)
    lexical = words.place(count(TEXTS))
    placed = both.place(count(TEXTS), encoded)
    assert np.linalg.norm(placed, axis=1) == pytest.approx(np.ones(4), abs=1e-3)
    expected = (lexical @ lexical.T + 0.8 * (encoded @ encoded.T)) / 1.8
    assert (placed @ placed.T)[:3, :3] == pytest.approx(expected[:3, :3], abs=1e-3)
    for each in range(4):
        alone = both.place(count(TEXTS[each : each + 1]), encoded[each : each + 1])
        assert (alone == placed[each : each + 1]).all()
    with pytest.raises(ValueError, match="encoder"):
        both.place(count(TEXTS))


def test_a_saved_space_is_read_without_its_encoder_and_kept_by_the_next_training(tmp_path):
    model = train(FRAMEWORKS, labelled(), encoder=Letters(), corpus=CORPUS)
    version = save(model, tmp_path / "model")
    space = load_space(tmp_path / "model", expected=version)
    assert (space.identity, space.encoder_name) == (model.space, Letters().name)
    assert len(model.read([IdeaText("1", "fietsen")])[0].vector) == model.dimensions == space.dimensions
    kept = train(FRAMEWORKS, labelled()[:-2], encoder=Letters(), corpus=CORPUS, space=space)
    assert kept.space == model.space
    other = train(FRAMEWORKS, labelled(), corpus=CORPUS, space=space)
    assert other.space != model.space
    assert other.dimensions == DIMENSIONS


def test_a_space_is_outgrown_by_many_more_texts_and_not_by_some_more(tmp_path):
    many = [
        f"Idee {number}: zet op verdieping {number % 40} een {'kast' * (1 + number % 7)} neer."
        for number in range(2_000)
    ]
    few = train(FRAMEWORKS, labelled(), corpus=many[:300])
    version = save(few, tmp_path / "few")
    by_chance = load_space(tmp_path / "few", expected=version)
    assert (by_chance.documents, len(by_chance.features)) == (0, 0)
    grown = train(FRAMEWORKS, labelled(), corpus=many[:520], space=by_chance)
    assert grown.space != few.space
    version = save(grown, tmp_path / "grown")
    made = load_space(tmp_path / "grown", expected=version)
    assert made.documents == 520 + len(labelled())
    assert train(FRAMEWORKS, labelled(), corpus=many[:1_500], space=made).space == grown.space
    assert not made.is_outgrown(4 * made.documents - 1)
    assert made.is_outgrown(4 * made.documents)
