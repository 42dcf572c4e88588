"""The encoder of sentence-transformers, with the real all-MiniLM-L6-v2."""

import hashlib
import json
import random
import shutil
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from kader.errors import UserError
from pipeline.core import IdeaText
from pipeline.text.artifact import load, save
from pipeline.text.duplicates.between_languages import BetweenLanguages
from pipeline.text.encoders.cache import CachedEncoder, VectorCache
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.training import train
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, labelled

pytestmark = pytest.mark.encoders

PAIRS = (
    (
        "Make the bicycle parking bigger, it is always full",
        "We need more space to store bikes at the entrance",
    ),
    ("Turn down the heating after five", "Lower the temperature in the offices in the evening"),
    ("Nurses spend too long filling in forms", "Less paperwork on the ward, more time for patients"),
)


def mixed_texts(number, seed=0):
    choose = random.Random(seed)
    words = " ".join(CORPUS).split()
    return [
        f"{number} " + " ".join(choose.choices(words, k=choose.randint(1, 60))) for number in range(number)
    ]


def test_paraphrases_are_nearer_than_anything_else(minilm):
    ones, others = minilm.encode([one for one, _ in PAIRS]), minilm.encode([other for _, other in PAIRS])
    assert minilm.dimensions == 384
    assert (ones.shape, ones.dtype) == ((3, 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(ones, axis=1), 1, atol=1e-4)
    likeness = ones @ others.T
    unrelated = likeness[~np.eye(3, dtype=bool)]
    assert np.diag(likeness).min() > unrelated.max() + 0.1


def test_a_text_gives_the_same_row_in_every_batch(minilm):
    import torch

    texts = mixed_texts(120)
    rows = minilm.encode(texts)
    assert (minilm.encode(texts[::-1])[::-1] == rows).all()
    torch.set_num_threads(2)  # as somebody else in this process may have left it
    assert (np.concatenate([minilm.encode([text]) for text in texts[:30]]) == rows[:30]).all()
    for begin in range(0, 120, 7):
        assert (minilm.encode(texts[begin : begin + 7]) == rows[begin : begin + 7]).all()
    assert (minilm.encode([texts[5]] * 9) == rows[5]).all()


def test_every_place_in_a_batch_gives_the_same_row(minilm):
    same_length = [
        f"een idee over de {word} in het gebouw" for word in ("bus", "lamp", "kast", "deur", "trap")
    ]
    rows = minilm.encode(same_length)
    for turned in range(5):
        order = [(place + turned) % 5 for place in range(5)]
        assert (minilm.encode([same_length[place] for place in order]) == rows[order]).all()


ANOTHER = """
import hashlib, json, sys
from pipeline.text.encoders.encoder import load_encoder
rows = load_encoder(sys.argv[1]).encode(json.load(sys.stdin))
print(hashlib.sha256(rows.tobytes()).hexdigest())
"""


def test_another_process_gives_the_same_rows(minilm, minilm_folder):
    texts = mixed_texts(40, seed=1)
    told = subprocess.run(
        [sys.executable, "-c", ANOTHER, str(minilm_folder)],
        input=json.dumps(texts[::-1]),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = minilm.encode(texts)[::-1]
    assert told.stdout.split() == [hashlib.sha256(rows.tobytes()).hexdigest()]


def test_strange_texts_have_a_row(minilm):
    blank, space, *rows = minilm.encode(["", " \n\t", "x", "\ud800", "🚲" * 50, "自転車", "\0", "a" * 20_000])
    first_axis = np.eye(384, dtype=np.float32)[0]
    assert (blank == first_axis).all()
    assert (space == first_axis).all()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert minilm.encode([]).shape == (0, 384)


def test_of_a_long_text_the_beginning_counts(minilm):
    start = "a bigger bicycle parking " * 1_250  # 5,000 words
    one, other, short, changed = minilm.encode(
        [start, start + "and less paper", start[:100], f"less paper {start}"]
    )
    assert (one == other).all()
    assert (one != short).any()
    assert (one != changed).any()


def test_a_folder_is_loaded_without_any_network(minilm, minilm_folder, monkeypatch):
    def refuse(*_):
        raise AssertionError("a folder needs no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    loaded = load_encoder(str(minilm_folder))
    assert (loaded.encode(["een idee"]) == minilm.encode(["een idee"])).all()


@pytest.fixture
def copied(minilm_folder, tmp_path):
    return shutil.copytree(minilm_folder, tmp_path / "copied")


def test_other_weights_are_another_encoder(minilm, copied):
    (copied / "README.md").write_text("Read me.")
    assert load_encoder(str(copied)).name == minilm.name
    with (copied / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    assert load_encoder(str(copied)).name != minilm.name


def test_code_that_comes_with_a_model_never_runs(copied, tmp_path):
    ran = tmp_path / "it-ran"
    (copied / "strange.py").write_text(f"open({str(ran)!r}, 'w')\nclass Module: pass\n")
    path = copied / "modules.json"
    modules = json.loads(path.read_text())
    modules[1]["type"] = "strange.Module"
    path.write_text(json.dumps(modules))
    with pytest.raises(UserError, match=r"can't be used by sentence-transformers .*--encoder none"):
        load_encoder(str(copied))
    assert not ran.exists()


def test_damaged_weights_are_told(copied):
    (copied / "model.safetensors").write_bytes(b"rubbish")
    with pytest.raises(UserError, match=r"copied can't be used by sentence-transformers"):
        load_encoder(str(copied))


def test_what_is_kept_needs_no_model(minilm_folder, tmp_path):
    encoder = load_encoder(str(minilm_folder))
    texts = mixed_texts(20)
    cached = CachedEncoder(encoder, VectorCache(tmp_path))
    rows = cached.encode(texts)
    assert (rows == encoder.encode(texts)).all()
    del encoder._model
    assert (cached.encode(texts[::-1])[::-1] == rows).all()
    with pytest.raises(AttributeError):
        cached.encode(["never seen"])


def test_a_text_model_is_trained_with_it_and_refuses_any_other(minilm, static_folder, tmp_path):
    cached = CachedEncoder(minilm, VectorCache(tmp_path / "vectors"))
    model = train(FRAMEWORKS, labelled(), encoder=cached, corpus=CORPUS)
    ideas = [IdeaText(str(number), text) for number, text in enumerate(CORPUS)]
    readings = model.read(ideas)
    assert [model.read([idea])[0] == reading for idea, reading in zip(ideas, readings, strict=True)]
    save(model, tmp_path / "model")
    loaded = load(tmp_path / "model", expected=model.version, encoder=minilm)
    assert loaded.read(ideas) == readings
    for other in (None, load_encoder(str(static_folder))):
        with pytest.raises(UserError, match=minilm.name):
            load(tmp_path / "model", expected=model.version, encoder=other)


def test_how_fast_it_is(minilm, capsys):
    texts = mixed_texts(512, seed=2)
    started = time.process_time()
    minilm.encode(texts)
    many = len(texts) / (time.process_time() - started)
    started = time.process_time()
    for text in texts[:20]:
        minilm.encode([text])
    one = (time.process_time() - started) / 20
    with capsys.disabled():
        sys.stdout.write(
            f"\nMiniLM on one core: {many:.0f} texts of 1 to 60 words a second, one text {1000 * one:.0f} ms\n"
        )


def test_an_english_encoder_looks_for_nothing_in_the_other_language(minilm):
    assert BetweenLanguages.of(minilm) is None
