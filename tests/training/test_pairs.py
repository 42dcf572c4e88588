"""The pairs that the pair model learns from: made by the project, the same each time, and what their kind says."""

import json
from importlib.resources import files

import numpy as np
import pytest

from pipeline.text.duplicates.pairs import shipped_weights
from pipeline.text.lexical.language import languages
from training.pairs.__main__ import WEIGHTS, train_pairs
from training.pairs.fitting import examples, taught
from training.pairs.subjects import DUTCH, ENGLISH
from training.pairs.writing import subjects, wishes, written


@pytest.fixture(scope="module")
def made():
    return written(1_800, seed=3)


def test_the_same_seed_writes_the_same_pairs_and_another_seed_others(made):
    assert written(1_800, seed=3) == made
    assert written(1_800, seed=4) != made


def test_all_kinds_are_written_in_both_languages_with_and_without_titles(made):
    kinds = [kind for kind, _ in made]
    assert min(kinds.count(kind) for kind in ("same", "related", "different")) > 150
    spoken = [language for language in languages([one.text for _, (one, _) in made]) if language]
    assert min(spoken.count("nl"), spoken.count("en")) > 300
    titled = [bool(one.title and other.title) for _, (one, other) in made]
    assert 0.1 < np.mean(titled) < 0.9
    lengths = [len(one.text.split()) for _, (one, _) in made]
    assert min(lengths) < 10
    assert max(lengths) > 60


def test_no_pair_is_one_text_twice(made):
    assert all(one.whole.split() != other.whole.split() for _, (one, other) in made)


def test_every_subject_and_wish_has_more_than_one_wording():
    for language, text in (("nl", DUTCH), ("en", ENGLISH)):
        found = subjects(language)
        assert len(found) == len(text.strip().splitlines())
        assert all(len(each.names) > 1 and len(each.why) > 1 and len(each.gain) > 1 for each in found)
        assert all(len(wish) > 1 and all("{}" in wording for wording in wish) for wish in wishes(language))


def test_each_source_of_pairs_has_the_share_that_was_meant():
    pairs = taught(seed=7)
    by_hand = len(examples()[0])
    share = pairs.importance[by_hand:].sum() / pairs.importance[:by_hand].sum()
    assert share == pytest.approx(0.2)
    assert set(np.unique(pairs.part).tolist()) == set(range(5))


def test_the_shipped_weights_say_from_which_evidence_they_are():
    described = json.loads(
        (files("pipeline.text.duplicates") / "pair_weights.json").read_text(encoding="utf-8")
    )
    assert described["version"] == shipped_weights().version
    assert (
        json.loads(WEIGHTS.read_text(encoding="utf-8")) == described
    )  # what `make pairs` writes is what is read
    assert len(described["weights"]) == len(described["evidence"]) * (len(described["evidence"]) + 3) // 2


def test_the_shipped_weights_are_those_that_training_makes():
    trained, shipped = train_pairs(), shipped_weights()
    assert trained.weights == pytest.approx(shipped.weights, rel=0.02, abs=0.02)
    assert trained.bias == pytest.approx(shipped.bias, rel=0.02)
    assert (trained.same_from, trained.maybe_from) == (shipped.same_from, shipped.maybe_from)
