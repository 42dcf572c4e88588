"""The pair model learns from people's words when the text model is trained, and is kept beside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.store.duplicates.decided import DecidedPair, context_of
from pipeline.text.duplicates.pairs import PairModel, PairWeights, apart, shipped_weights
from pipeline.text.model import TextModel
from pipeline.text.threads import in_one_thread
from pipeline.text.vectors.neighbours import cosines_to

_BLOCK = 512


def kept_weights(kept: dict[str, Any] | None) -> PairWeights:
    """The weights that a text model's row holds; those that ship with Kader when it holds none, or others' evidence."""
    shipped = shipped_weights()
    if not kept or len(kept["weights"]) != len(shipped.weights):
        return shipped
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
    }
    return PairWeights(**known)


@in_one_thread
def learn_pairs(model: TextModel, pairs: Sequence[DecidedPair], *, max_error: float) -> PairWeights:
    """What the pair model learns from these; with few answers it stays as it ships. Same answers, same weights."""
    from pipeline.text.duplicates.pair_learning import Answers, refit  # serving never imports training

    shipped = shipped_weights()
    if not pairs:
        return shipped
    compares = PairModel(model.parts.vectoriser, shipped)
    seen = []
    for begin in range(0, len(pairs), _BLOCK):
        part = pairs[begin : begin + _BLOCK]
        vectors = [
            model.vectors([getattr(pair, side).whole for pair in part]) for side in ("later", "earlier")
        ]
        cosines = np.array(
            [cosines_to(one, other[None, :])[0] for one, other in zip(*vectors, strict=True)],
            dtype=np.float32,
        )
        seen.append(compares.look([(pair.later, pair.earlier) for pair in part], cosines)[1])
    context = np.array([context_of(*pair.about) for pair in pairs])
    context[:, 2] = apart(context[:, 2])
    same = np.array([pair.same for pair in pairs], dtype=np.bool_)
    return refit(shipped, Answers(np.concatenate(seen), context, same), max_error=max_error)
