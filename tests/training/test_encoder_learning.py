"""Making the encoder, on a few sentences: twice the same files, which the package can read."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.text.encoders.builtin import FILES, load_builtin

pytestmark = pytest.mark.encoders

SUBJECTS = {
    "bicycles": ("fiets", "rijwiel", "stalling", "pedaal"),
    "soup": ("soep", "kantine", "lepel", "kok"),
    "lamps": ("lamp", "stroom", "schakelaar", "licht"),
}


def made(folder, seed=1):
    from training.encoder.learning import Plan, learn, mean
    from training.encoder.packing import pack
    from training.encoder.words import vocabulary

    texts, wanted = [], []
    for place, words in enumerate(SUBJECTS.values()):
        for one in words:
            for other in words:
                texts.append(f"de {one} en de {other}")
                wanted.append(np.eye(16, dtype=np.float32)[place])
    vocabularied = vocabulary(texts)
    plan = replace(Plan(seed=seed), epochs=20, batch=16)
    learned = mean([learn(vocabularied, np.array(wanted), plan, lambda _: None)])
    pack(vocabularied.keys, learned, folder, seed=1)
    return load_builtin(folder)


def keys(*texts):
    from pipeline.text.encoders.spelling import keys_of
    from pipeline.text.lexical.features import find_words

    return keys_of(find_words(list(texts)).hashes)


def test_the_same_lessons_give_the_same_files(tmp_path):
    one, other = made(tmp_path / "one"), made(tmp_path / "other")
    assert one.name == other.name
    for name in FILES:
        assert (tmp_path / "one" / f"{name}.npy").read_bytes() == (
            tmp_path / "other" / f"{name}.npy"
        ).read_bytes()
    assert made(tmp_path / "another", seed=2).name != one.name


def test_what_was_learned_can_be_read(tmp_path):
    encoder = made(tmp_path / "encoder")
    bicycle, parking, soup = encoder.encode(["fiets", "stalling", "soep"])
    assert bicycle @ parking > 0.5 > bicycle @ soup
    (compound,) = encoder.encode(["fietsenstalling"])
    assert compound @ bicycle > compound @ soup


def test_words_that_can_be_told_otherwise_have_their_turn_last():
    words, learned, compound, strange = a_compound_and_a_strange_word()
    assert turn(strange, words, learned, []) < turn(compound, words, learned, [])


def test_a_common_word_has_its_turn_sooner_though_the_lessons_have_it_once():
    words, learned, compound, strange = a_compound_and_a_strange_word()
    assert turn(strange, words, learned, [compound]) < turn(compound, words, learned, [compound])
    assert turn(strange, words, learned, [strange]) < turn(strange, words, learned, [])


def a_compound_and_a_strange_word():
    """Both met once, and the others twice; nothing is known of n-grams, so that parts alone tell a word."""
    from training.encoder.learning import Learned
    from training.encoder.words import vocabulary

    words = vocabulary(["fiets stalling fiets stalling", "fietsstalling xqz"])
    bicycle, parking, compound, strange = keys("fiets", "stalling", "fietsstalling", "xqz")
    means = {bicycle: (1, 0, 0), parking: (0, 1, 0), compound: (1, 0.9, 0), strange: (0, 0, 1)}
    rows = np.array([means[key] for key in words.keys], dtype=np.float32)
    ngrams = np.zeros((words.known.shape[1] - len(words), 3), dtype=np.float32)
    return words, Learned(rows, ngrams), compound, strange


def turn(key, words, learned, common):
    """As how many-th a word gets a row of its own."""
    from training.encoder.choosing import most_useful

    common = np.array(common, dtype=np.uint32)
    return next(
        number
        for number in range(1, len(words) + 1)
        if key in words.keys[most_useful(words, learned, common, number)]
    )


def test_what_the_teacher_said_is_kept_in_blocks(tmp_path, monkeypatch):
    from training.encoder import teacher

    monkeypatch.setattr(teacher, "_AT_ONCE", 2)
    texts = ["a bicycle", "the soup is cold", "a lamp", "light", "more bicycles"]
    first = teacher.teacher_vectors(texts[:4], tmp_path)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(files) == 2
    longer = teacher.teacher_vectors(texts, tmp_path)
    assert (longer[:4] == first).all()
    assert np.allclose(np.linalg.norm(longer, axis=1), 1, atol=1e-3)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}.items() >= files.items()
    assert len(list(tmp_path.iterdir())) == 3
