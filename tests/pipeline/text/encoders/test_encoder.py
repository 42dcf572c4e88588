"""Finding an encoder and telling what is wrong with it, in an environment without the libraries for it."""

import json
import pickle

import pytest

from kader.errors import UserError
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.encoders.folders import Kind, find

STATIC = "sentence_transformers.models.StaticEmbedding"
TRANSFORMER = "sentence_transformers.models.Transformer"
NORMALIZE = "sentence_transformers.models.Normalize"


def weights(*tensors):
    """A safetensors file with empty tensors."""
    header = json.dumps(
        {name: {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for name in tensors}
    ).encode()
    return len(header).to_bytes(8, "little") + header


@pytest.fixture
def folder(tmp_path):
    def making(modules=None, name="model", **files):
        made = tmp_path / name
        made.mkdir()
        if modules is not None:
            described = [{"type": kind, "path": ""} for kind in modules]
            (made / "modules.json").write_text(json.dumps(described), encoding="utf-8")
        for file, content in files.items():
            file_name = file.replace("__", ".")
            (made / file_name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return made

    return making


@pytest.mark.parametrize(
    ("modules", "tensor", "kind"),
    [
        pytest.param(None, "embeddings", Kind.MODEL2VEC, id="model2vec"),
        # As StaticModel.save_pretrained writes it, for sentence-transformers too.
        pytest.param([STATIC, NORMALIZE], "embeddings", Kind.MODEL2VEC, id="model2vec-with-modules"),
        pytest.param([TRANSFORMER], "encoder.weight", Kind.SENTENCE_TRANSFORMERS, id="transformer"),
        pytest.param(
            [STATIC, "sentence_transformers.models.Dense"],
            "embeddings",
            Kind.SENTENCE_TRANSFORMERS,
            id="more-than-static",
        ),
    ],
)
def test_a_folder_tells_which_library_reads_it(folder, modules, tensor, kind):
    made = folder(modules, config__json="{}", tokenizer__json="{}", model__safetensors=weights(tensor))
    assert find(str(made), download=False).kind is kind


def test_a_prefix_decides_when_both_can_read_it(folder):
    made = folder([STATIC], config__json="{}", tokenizer__json="{}", model__safetensors=weights("embeddings"))
    assert find(f"sentence-transformers:{made}", download=False).kind is Kind.SENTENCE_TRANSFORMERS
    assert find(f"model2vec:{made}", download=False).kind is Kind.MODEL2VEC


def test_the_weights_identify_an_encoder_and_its_place_does_not(folder):
    parts = {"config__json": "{}", "tokenizer__json": "{}"}
    one = folder(**parts, model__safetensors=weights("embeddings"))
    same = folder(
        **parts, name="moved", model__safetensors=weights("embeddings"), README__md="read me", code__py="x"
    )
    names = {find(str(made), download=False).identity() for made in (one, same)}
    assert len(names) == 1
    for number, (file, content) in enumerate(
        (
            ("model__safetensors", weights("embeddings", "weights")),
            ("tokenizer__json", "[]"),
            ("config__json", '{"normalize": true}'),
        )
    ):
        changed = {**parts, "model__safetensors": weights("embeddings"), file: content}
        names.add(find(str(folder(name=f"changed{number}", **changed)), download=False).identity())
    assert len(names) == 4
    assert all(name.startswith("model2vec-") for name in names)


@pytest.mark.parametrize(
    ("files", "prefix", "sentence"),
    [
        pytest.param({}, "", "holds no encoder that Kader knows: it is neither", id="empty"),
        pytest.param(
            {"config__json": "{}", "tokenizer__json": "{}", "model__safetensors": weights("bert.weight")},
            "",
            "it is neither sentence-transformers (no modules.json) nor model2vec",
            id="plain-transformer",
        ),
        pytest.param({}, "model2vec:", "it is not of model2vec", id="not-model2vec"),
        pytest.param({}, "sentence-transformers:", "it is not of sentence-transformers", id="not-st"),
        pytest.param({"modules__json": "{"}, "", "modules.json is damaged", id="damaged-modules"),
        pytest.param({"modules__json": '[{"type": 1}]'}, "", "modules.json is damaged", id="strange-modules"),
        pytest.param(
            {"config__json": "{}", "tokenizer__json": "{}", "model__safetensors": b"\x05\0\0\0\0\0\0\0{{{{{"},
            "",
            "model.safetensors is damaged",
            id="damaged-weights",
        ),
        pytest.param(
            {
                "modules__json": json.dumps([{"type": TRANSFORMER, "path": ""}]),
                "pytorch_model__bin": pickle.dumps({}),
            },
            "",
            "no weights as safetensors, the only form that can't run code",
            id="pickled-weights",
        ),
    ],
)
def test_a_folder_that_is_no_encoder_is_refused_with_a_sentence(folder, files, prefix, sentence):
    made = folder(**files)
    with pytest.raises(UserError) as refused:
        load_encoder(f"{prefix}{made}")
    told = str(refused.value)
    assert sentence in told
    assert str(made) in told
    assert "--encoder none" in told


@pytest.mark.parametrize(
    "name", ["./nowhere", "/nowhere/at/all", "two/slashes/here", "", "model2vec:", "~/no"]
)
def test_what_is_neither_a_folder_nor_a_name_is_refused_without_any_network(name):
    with pytest.raises(UserError, match="There is no folder"):
        load_encoder(name)


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="is a file, and an encoder is a folder"):
        load_encoder(str(tmp_path / "model.safetensors"))


@pytest.mark.parametrize(
    ("modules", "tensor", "extra"),
    [(None, "embeddings", "model2vec"), ([TRANSFORMER], "encoder.weight", "sentence-transformers")],
)
def test_a_missing_library_is_named_with_what_installs_it(folder, modules, tensor, extra):
    made = folder(modules, config__json="{}", tokenizer__json="{}", model__safetensors=weights(tensor))
    with pytest.raises(UserError) as refused:
        load_encoder(str(made))
    assert f"pip install 'kader[{extra}]'" in str(refused.value)


@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "minishlab/potion-base-8M", "model2vec:some/name"])
def test_a_name_on_the_hub_needs_an_extra(name):
    with pytest.raises(UserError) as refused:
        load_encoder(name)
    assert "pip install 'kader[encoders]'" in str(refused.value)
    assert repr(name) in str(refused.value)
