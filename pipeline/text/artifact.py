"""Saving and loading text models: arrays and JSON, hashed, never anything that could run.

A folder holds `arrays.npz`, `model.json` and `sha256.txt`, which names the digests of the other two. All is
verified before a byte of it is interpreted, and arrays are read with `allow_pickle=False`.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from kader.errors import PermanentError
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.model import Parts, TextModel, content_version
from pipeline.text.packing import Arrays, OtherFormatError, arrays_of, described, limit_encoder_of, parts_of
from pipeline.text.vectors.space import VectorSpace

FORMAT = 6
_ARRAYS, _JSON, _DIGESTS = "arrays.npz", "model.json", "sha256.txt"


def save(model: TextModel, folder: Path) -> str:
    """Write `model` as the new `folder`, all or nothing, and return its version.

    Raises PermanentError when the folder exists: a version, once saved, never changes.
    """
    if folder.exists():
        raise PermanentError(f"{folder} exists already; save every text model in a folder of its own.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _unfinished(model, folder) as unfinished:
        unfinished.rename(folder)
    return model.version


def save_anew(model: TextModel, folder: Path) -> str:
    """Write `model` as `save` does, where another version of Kader wrote the same model so that this one can't read it.

    The folder is away for the time between two renamings; who reads just then fails, and tries again.
    """
    with (
        _unfinished(model, folder) as unfinished,
        tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as aside,
    ):
        folder.rename(Path(aside) / folder.name)
        unfinished.rename(folder)
    return model.version


@contextmanager
def _unfinished(model: TextModel, folder: Path) -> Iterator[Path]:
    """A folder beside `folder` with everything in it, to be given that name; it goes when that fails."""
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        contents = {_ARRAYS: _archived(arrays_of(model.parts)), _JSON: _written(model)}
        lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items()]
        for name, content in (contents | {_DIGESTS: "".join(lines).encode()}).items():
            with (temporary / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(0o755)
        yield temporary
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def load(folder: Path, *, expected: str | None, encoder: Encoder | None = None) -> TextModel:
    """Read and verify a saved model; `expected` is the version it must have, if known.

    Raises PermanentError when files are missing, damaged or of another version, OtherFormatError when another version
    of Kader made them, and UserError when it was trained with another encoder.
    """
    return load_choosing(folder, expected=expected, choose=lambda _: encoder)


def load_choosing(
    folder: Path, *, expected: str | None, choose: Callable[[str], Encoder | None]
) -> TextModel:
    """Read and verify a saved model as `load` does, with the encoder that `choose` finds for the name in it."""
    parts = _load_parts(folder, expected)
    return TextModel(parts, choose(parts.encoder_name))


def verify(folder: Path) -> None:
    """See whether a saved model is whole and of this version of Kader, quickly: its numbers are not read.

    Raises PermanentError and OtherFormatError as `load` does.
    """
    description = _description(folder, _verified(folder)[1])
    try:
        limit_encoder_of(description)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder) from error


def load_space(folder: Path, *, expected: str | None) -> VectorSpace:
    """Read and verify a saved model as `load` does, for its vector space alone: with whatever encoder."""
    return _load_parts(folder, expected).space


def _load_parts(folder: Path, expected: str | None) -> Parts:
    arrays, written = _verified(folder)
    description = _description(folder, written)
    try:
        with np.load(io.BytesIO(arrays), allow_pickle=False) as loaded:
            parts = parts_of(description, {name: loaded[name] for name in loaded.files})
    except (ValueError, KeyError, TypeError, BadZipFile) as error:
        raise _damaged(folder) from error
    version = content_version(parts)
    if version != description["version"] or expected not in {None, version}:
        raise PermanentError(
            f"The text model in {folder} is {version}, not {expected or description['version']}; train it again."
        )
    return parts


def _description(folder: Path, written: bytes) -> dict[str, object]:
    try:
        description: dict[str, object] = json.loads(written)
        made_with = description["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder) from error
    if made_with != FORMAT:
        raise OtherFormatError(
            f"The text model in {folder} was made by another version of Kader (format {made_with}, "
            f"this one reads {FORMAT}): run 'kader train' once."
        )
    return description


def _damaged(folder: Path) -> PermanentError:
    return PermanentError(f"The text model in {folder} is damaged or not a text model; train it again.")


def _verified(folder: Path) -> tuple[bytes, bytes]:
    try:
        digests = (folder / _DIGESTS).read_text(encoding="ascii")
        contents = [(name, (folder / name).read_bytes()) for name in (_ARRAYS, _JSON)]
    except (OSError, UnicodeDecodeError) as error:
        raise PermanentError(f"There is no complete text model in {folder}; train it again.") from error
    found = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents)
    if found != digests:
        raise PermanentError(
            f"The text model in {folder} was changed after it was saved and isn't used; train it again."
        )
    return contents[0][1], contents[1][1]


def _archived(arrays: Arrays) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def _written(model: TextModel) -> bytes:
    description = {"format": FORMAT, "version": model.version, **described(model.parts)}
    return json.dumps(description, ensure_ascii=False, indent=1).encode()
