"""The seam for sentence encoders: none by default, so that Kader runs on any machine."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kader.errors import UserError


class Encoder(Protocol):
    """Turns texts into sentence vectors that join the lexical features."""

    @property
    def name(self) -> str:
        """Identifies the encoder and its weights; part of the version of every model trained with it."""

    @property
    def dimensions(self) -> int:
        """Length of each vector."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Float32 (len(texts), dimensions), rows of unit length. The same text always gives the same row."""


def load_encoder(name: str) -> Encoder | None:
    """Find the encoder called `name`; "none" means lexical features alone.

    Raises UserError when this version of Kader has no such encoder.
    """
    if name == "none":
        return None
    if name == "builtin":
        raise UserError(
            "This version of Kader comes without an encoder of its own yet; leave --encoder out or use --encoder none."
        )
    raise UserError(
        f"This version of Kader can't load the encoder {name!r} yet, neither from a folder nor by name; "
        "leave --encoder out or use --encoder none."
    )
