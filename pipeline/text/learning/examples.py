"""What there is to learn from, and what learning comes to: plain values between the steps of training."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.learning.grams import Array, Places, Texts


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What there is to learn from.

    `definitions`: one text of unit length per framework. `ideas`: the labelled ideas; `truth`: (labelled ideas,)
    the column of the framework, -1 for "fits none". `corpus`: ideas without a label. `known`: of each
    labelled idea, the share of its features that another text has too. `rarity`: (features,), above nought.
    """

    definitions: Texts
    ideas: Texts
    truth: npt.NDArray[np.int64]
    corpus: Texts
    known: Array
    rarity: Array

    @property
    def frameworks(self) -> int:
        return len(self.definitions)

    @property
    def has_encoder(self) -> bool:
        return bool(self.definitions.vectors.shape[1])

    def emphasised(self, emphasis: float) -> tuple["Examples", Array]:
        """These examples with the features weighed by their rarity once more, to the power of `emphasis`, and those
        weights (features,).

        Below nought, everyday words count for more than in TF-IDF: what is asked, and how, lies in them; above, for
        less. Texts keep the length that they have on average, but not each its own, so that a score stays linear in
        the features as they are read, and the weights fold into those of the model.
        """
        if not emphasis:
            return self, np.ones(len(self.rarity))
        scale = self.rarity**emphasis
        known = sparse.vstack([self.definitions.matrix, self.ideas.matrix])
        squares = known.multiply(known)
        scale *= np.sqrt(squares.sum() / max(float((squares @ scale**2).sum()), 1e-9))
        scaled = replace(
            self,
            definitions=self.definitions.scaled(scale),
            ideas=self.ideas.scaled(scale),
            corpus=self.corpus.scaled(scale),
        )
        return scaled, scale


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Scores are `matrix @ weights + vectors @ encoder_weights + bias`.

    `held_out`: (labelled ideas, frameworks) scores of each idea by a model that hasn't seen it. `outside`: the same
    shape, by a model that knows neither the idea nor its framework, so that it fits none; -inf where a framework
    wasn't there. The rows of ideas that fit none, and all rows with fewer than three frameworks, are -inf throughout.
    `sampled`: (sample,) places of some unlabelled ideas; `sampled_scores`: (sample, frameworks) their scores by models
    that learned from as few labelled ideas as those of `held_out` did. The model itself has learned from more and is
    surer, so only these can be laid beside held-out scores.
    """

    weights: Array
    encoder_weights: Array
    bias: Array
    held_out: Array
    outside: Array
    sampled: Places
    sampled_scores: Array
