"""Where an encoder lies, of which kind it is, and what identifies its weights. Needs neither library to tell."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kader.errors import UserError

INSTEAD = "or go on without an encoder: --encoder none (KADER_ENCODER=none)"

# Part of every identity: a higher number when Kader itself begins to read texts otherwise.
_RECIPE = 1
_HUB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_HUB_OWNER = "sentence-transformers"  # whose models have a short name, as in the library of that name
# What a model is made of; code and pickled weights are not fetched, read or part of the identity.
_READ = (".json", ".safetensors", ".txt", ".model")
_LARGEST_HEADER = 100_000_000

# The places where model2vec looks, in its order (model2vec.persistence.datamodels), and the tensor it then needs.
_STATIC = (
    (("config.json", "model.safetensors", "tokenizer.json"), "embeddings"),
    (("config_sentence_transformers.json", "model.safetensors", "tokenizer.json"), "embedding.weight"),
    (
        (
            "config_sentence_transformers.json",
            "0_StaticEmbedding/model.safetensors",
            "0_StaticEmbedding/tokenizer.json",
        ),
        "embedding.weight",
    ),
)


class NotFetchedError(UserError):
    """The encoder is one of the hub's that isn't on this machine yet."""


class Kind(StrEnum):
    """Which library reads the encoder; also the name of Kader's extra that installs it."""

    SENTENCE_TRANSFORMERS = "sentence-transformers"
    MODEL2VEC = "model2vec"


@dataclass(frozen=True, slots=True)
class EncoderFolder:
    """A folder that holds an encoder. `asked`: as the person named it. `files`: what its vectors depend on."""

    asked: str
    kind: Kind
    folder: Path
    files: tuple[str, ...]

    def identity(self) -> str:
        """The kind and a hash over all `files`: another weight, setting or word piece is another encoder.

        The folder's own name is left out, so that a moved or copied encoder stays the same one.
        """
        content = hashlib.sha256(f"{_RECIPE}".encode())
        try:
            for name in sorted(self.files):
                with (self.folder / name).open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                content.update(f"{name} {digest}\n".encode())
        except OSError as error:
            raise UserError(
                f"The encoder in {self.folder} can't be read ({error.strerror}): make its files readable, {INSTEAD}."
            ) from error
        return f"{self.kind}-{content.hexdigest()[:16]}"

    def not_installed(self, error: ImportError) -> UserError:
        """What to tell when the library can't be imported."""
        return UserError(
            f"The encoder {self.asked!r} needs {self.kind}, which can't be loaded here ({error}): "
            f"install it with pip install 'kader[{self.kind}]', {INSTEAD}."
        )

    def not_usable(self, error: Exception | str) -> UserError:
        """What to tell when the library refuses what the folder holds."""
        told = " ".join(str(error).split())[:200].rstrip(" .")
        return UserError(
            f"The encoder in {self.folder} can't be used by {self.kind} ({told}): use another one, {INSTEAD}."
        )


def find(name: str, *, download: bool) -> EncoderFolder:
    """Find the encoder that somebody calls `name`; see `load_encoder`."""
    prefix, separator, rest = name.partition(":")
    wanted = Kind(prefix) if separator and prefix in set(Kind) else None
    plain = rest if wanted else name
    path = Path(plain).expanduser()
    if plain and path.is_dir():
        return _recognise(name, path, wanted)
    if plain and path.exists():
        raise UserError(f"{plain} is a file, and an encoder is a folder: name the folder, {INSTEAD}.")
    if not _HUB_NAME.fullmatch(plain):
        raise UserError(
            f"There is no folder {plain!r}: name the folder of an encoder, or one on the Hugging Face hub such as "
            f"sentence-transformers/all-MiniLM-L6-v2, {INSTEAD}."
        )
    if "/" not in plain and wanted is not Kind.MODEL2VEC:
        plain = f"{_HUB_OWNER}/{plain}"
    return _recognise(name, _fetched(name, plain, download=download), wanted)


def _recognise(asked: str, folder: Path, wanted: Kind | None) -> EncoderFolder:
    modules = _modules(folder)
    static = _static_files(folder)
    # model2vec writes a modules.json too, so that sentence-transformers can read its folders. What is nothing but
    # static vectors is read by model2vec, which needs numpy alone.
    only_static = modules is None or all(
        module.type.rpartition(".")[2] in {"StaticEmbedding", "Normalize"} for module in modules
    )
    kind = wanted or (Kind.MODEL2VEC if static and only_static else Kind.SENTENCE_TRANSFORMERS)
    if kind is Kind.MODEL2VEC and static:
        return EncoderFolder(asked, kind, folder, static)
    if kind is Kind.SENTENCE_TRANSFORMERS and modules is not None:
        files = _files(folder, {".", *(module.path for module in modules)})
        if any(name.endswith(".safetensors") for name in files):
            return EncoderFolder(asked, kind, folder, files)
        raise UserError(
            f"The encoder in {folder} has no weights as safetensors, the only form that can't run code: "
            f"save it again in that form, {INSTEAD}."
        )
    expected = {
        None: "neither sentence-transformers (no modules.json) nor model2vec (no static vectors)",
        Kind.MODEL2VEC: "not of model2vec (no config.json, tokenizer.json and static vectors in model.safetensors)",
        Kind.SENTENCE_TRANSFORMERS: "not of sentence-transformers (no modules.json)",
    }[wanted]
    raise UserError(
        f"{folder} holds no encoder that Kader knows: it is {expected}. Name another folder, {INSTEAD}."
    )


@dataclass(frozen=True, slots=True)
class _Module:
    type: str
    path: str


def _modules(folder: Path) -> list[_Module] | None:
    path = folder / "modules.json"
    if not path.is_file():
        return None
    try:
        return [
            _Module(str(module["type"]), str(module["path"]) or ".")
            for module in json.loads(path.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(f"{path} is damaged or can't be read: get the encoder again, {INSTEAD}.") from error


def _static_files(folder: Path) -> tuple[str, ...] | None:
    for files, tensor in _STATIC:
        if all((folder / name).is_file() for name in files):
            return files if tensor in _tensors(folder / files[1]) else None
    return None


def _tensors(path: Path) -> frozenset[str]:
    """Names of the tensors in a safetensors file: 8 bytes that tell the length of the JSON that follows."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length < _LARGEST_HEADER else {}
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is damaged or can't be read: get the encoder again, {INSTEAD}.") from error
    return frozenset(header) if isinstance(header, dict) else frozenset()


def _files(folder: Path, places: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                path.relative_to(folder).as_posix()
                for place in places
                for path in (folder / place).glob("*")
                if path.is_file() and path.suffix in _READ
            }
        )
    )


def _fetched(asked: str, hub_name: str, *, download: bool) -> Path:
    """The folder of a model of the hub: as it was fetched before, else fetched now."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ImportError as error:
        raise UserError(
            f"There is no folder {asked!r}, and to fetch an encoder from the Hugging Face hub Kader needs more: "
            f"install it with pip install 'kader[encoders]', name a folder, {INSTEAD}."
        ) from error
    patterns = [f"*{suffix}" for suffix in _READ]
    # A model once fetched stays as it is, so that neither an update nor an unreachable hub stops a worker.
    try:
        return Path(snapshot_download(hub_name, allow_patterns=patterns, local_files_only=True))
    except LocalEntryNotFoundError as error:
        if not download:
            raise NotFetchedError(
                f"The encoder {asked!r} wasn't fetched from the Hugging Face hub yet; that happens at its first use."
            ) from error
    except ValueError as error:
        raise UserError(f"{hub_name!r} can't be the name of an encoder on the Hugging Face hub.") from error
    try:
        return Path(snapshot_download(hub_name, allow_patterns=patterns))
    except Exception as error:  # whatever stops it, a person can do the same about it
        told = " ".join(str(error).split())[:200].rstrip(" .")
        raise UserError(
            f"There is no folder {asked!r}, and {hub_name} can't be fetched from the Hugging Face hub "
            f"({type(error).__name__}: {told}): check the name and the connection, name a folder, {INSTEAD}."
        ) from error
