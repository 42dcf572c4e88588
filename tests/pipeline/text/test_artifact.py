import json

import numpy as np
import pytest

from kader.errors import PermanentError
from pipeline.core import IdeaText
from pipeline.text.artifact import load, save
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, labelled


@pytest.fixture(scope="module")
def model():
    return train(FRAMEWORKS, labelled(nones=2), corpus=CORPUS)


@pytest.fixture
def folder(model, tmp_path):
    save(model, tmp_path / "model")
    return tmp_path / "model"


def test_a_loaded_model_reads_exactly_as_the_saved_one(model, folder):
    loaded = load(folder, expected=model.version)
    ideas = [IdeaText(str(number), text) for number, text in enumerate(CORPUS)]
    before, after = model.read(ideas), loaded.read(ideas)
    assert after == before
    assert all((one.vector == other.vector).all() for one, other in zip(before, after, strict=True))
    assert loaded.parts.calibration == model.parts.calibration
    assert (loaded.version, loaded.space, loaded.frameworks) == (model.version, model.space, model.frameworks)


def test_it_is_small_and_leaves_nothing_behind(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["arrays.npz", "model.json", "sha256.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_000_000


def test_a_version_is_written_once(model, folder):
    with pytest.raises(PermanentError, match="exists already"):
        save(model, folder)


@pytest.mark.parametrize("name", ["arrays.npz", "model.json", "sha256.txt"])
def test_a_tampered_file_is_refused(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(PermanentError, match="changed after it was saved"):
        load(folder, expected=None)


@pytest.mark.parametrize("name", ["arrays.npz", "model.json", "sha256.txt"])
def test_a_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(PermanentError, match="no complete text model"):
        load(folder, expected=None)


def test_another_version_than_expected_is_refused(folder):
    with pytest.raises(PermanentError, match="not text-other"):
        load(folder, expected="text-other")


def _reseal(folder):
    import hashlib

    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("arrays.npz", "model.json")
    ]
    (folder / "sha256.txt").write_text("".join(lines))


def test_pickled_objects_are_refused_even_when_resealed(folder):
    with (folder / "arrays.npz").open("wb") as file:
        np.savez(file, features=np.array([{"code": "here"}], dtype=object), allow_pickle=True)
    _reseal(folder)
    with pytest.raises(PermanentError, match="damaged or not a text model"):
        load(folder, expected=None)


def test_changed_content_with_new_digests_has_another_version(folder):
    described = json.loads((folder / "model.json").read_text())
    described["calibration"]["auto_from"][0] = 0.0
    (folder / "model.json").write_text(json.dumps(described))
    _reseal(folder)
    with pytest.raises(PermanentError, match="is text-"):
        load(folder, expected=None)


@pytest.mark.parametrize("number", [4, 99])
def test_another_format_is_named(folder, number):
    described = json.loads((folder / "model.json").read_text())
    described["format"] = number
    (folder / "model.json").write_text(json.dumps(described))
    _reseal(folder)
    with pytest.raises(PermanentError, match=rf"format {number}, .* run 'kader train' once"):
        load(folder, expected=None)
