"""Static encoders, with a small model that model2vec itself saved."""

import subprocess
import sys
import time

import numpy as np
import pytest

from kader.errors import UserError
from pipeline.core import IdeaText
from pipeline.text.artifact import load, save
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.training import train
from tests.encoders.conftest import WORDS
from tests.pipeline.text.ideas import CORPUS, FRAMEWORKS, labelled

pytestmark = pytest.mark.encoders


@pytest.fixture(scope="module")
def encoder(static_folder):
    return load_encoder(str(static_folder))


def test_a_row_is_the_mean_of_its_words(encoder):
    from model2vec import StaticModel  # noqa: F401  # the library is really here

    fiets, stalling, both = encoder.encode(["fiets", "stalling", "Fiets stalling"])
    assert (encoder.dimensions, both.dtype) == (16, np.float32)
    assert encoder.name.startswith("model2vec-")
    assert both @ fiets > 0.3
    assert both @ stalling > 0.3
    np.testing.assert_allclose(np.linalg.norm([fiets, stalling, both], axis=1), 1, atol=1e-4)


def test_a_text_gives_the_same_row_in_every_batch(encoder):
    texts = [" ".join(WORDS[begin : begin + length]) for begin in range(20) for length in range(1, 9)]
    rows = encoder.encode(texts)
    assert (encoder.encode(texts[::-1])[::-1] == rows).all()
    assert (np.concatenate([encoder.encode([text]) for text in texts]) == rows).all()


def test_strange_and_long_texts_have_a_row(encoder):
    rows = encoder.encode(["", " ", "onbekend", "\ud800 fiets", "🚲"])
    first_axis = np.eye(16, dtype=np.float32)[0]
    assert (rows[[0, 1, 2, 4]] == first_axis).all()
    assert (rows[3] == encoder.encode(["fiets"])[0]).all()
    assert encoder.encode([]).shape == (0, 16)
    # All of a long text counts: words after the 5,000th too.
    one, other = encoder.encode(["fiets bus " * 2_500, "fiets bus " * 2_500 + "lamp " * 2_500])
    assert one @ encoder.encode(["fiets bus"])[0] > 0.9999
    assert (one != other).any()


def test_its_vectors_identify_it(encoder, static_folder, other_static_folder):
    assert load_encoder(str(static_folder)).name == encoder.name
    assert load_encoder(f"model2vec:{static_folder}").name == encoder.name
    assert load_encoder(str(other_static_folder)).name != encoder.name


def test_a_text_model_refuses_other_weights(encoder, other_static_folder, tmp_path):
    model = train(FRAMEWORKS, labelled(), encoder=encoder, corpus=CORPUS)
    save(model, tmp_path / "model")
    idea = IdeaText("1", "Meer plek voor de fiets")
    assert load(tmp_path / "model", expected=None, encoder=encoder).read([idea]) == model.read([idea])
    with pytest.raises(UserError, match=encoder.name):
        load(tmp_path / "model", expected=None, encoder=load_encoder(str(other_static_folder)))


def test_damaged_vectors_are_told(static_folder, tmp_path):
    for path in static_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"can't be used by model2vec .*--encoder none"):
        load_encoder(str(tmp_path))


def test_sentence_transformers_reads_it_too_when_asked(encoder, static_folder):
    other = load_encoder(f"sentence-transformers:{static_folder}")
    assert other.name.startswith("sentence-transformers-")
    texts = ["fiets stalling", "de lamp in de bus", ""]
    np.testing.assert_allclose(other.encode(texts), encoder.encode(texts), atol=2e-5)


LIGHT = """
import sys
from click.testing import CliRunner
from kader.cli import cli
assert CliRunner().invoke(cli, ["--help"]).exit_code == 0
assert CliRunner().invoke(cli, ["classify", "--help"]).exit_code == 0
import pipeline.store.textmodels.loading
import pipeline.store.textmodels.training
heavy = ("torch", "transformers", "sentence_transformers", "huggingface_hub", "tokenizers", "model2vec")
print([name for name in heavy if name in sys.modules])
from pipeline.text.encoders.encoder import load_encoder
assert load_encoder(sys.argv[1]).encode(["fiets"]).shape == (1, 16)
print([name for name in heavy[:3] if name in sys.modules], "model2vec" in sys.modules)
"""


def test_nothing_is_loaded_before_it_is_asked_for_and_a_static_encoder_needs_no_torch(static_folder):
    told = subprocess.run(
        [sys.executable, "-c", LIGHT, str(static_folder)], capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines() == ["[]", "[] True"]


def test_how_fast_it_is(encoder, capsys):
    texts = [f"{number} {text}" for number in range(400) for text in CORPUS]
    started = time.process_time()
    encoder.encode(texts)
    with capsys.disabled():
        sys.stdout.write(
            f"\nstatic, on one core: {len(texts) / (time.process_time() - started):,.0f} short texts a second\n"
        )
