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
