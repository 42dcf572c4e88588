"""Training: from the texts of frameworks, and whatever people decided so far, to a text model.

Everything ends up in one linear score, so that every reason is exact:
- regression on examples, with each framework's own texts as one weighty example. A text far from everything known
  scores near nought everywhere. It needs no minimum of examples and drops no class;
- likeness to the definition;
- words that keep company (latent semantic analysis), and sentence vectors when there is an encoder;
- unlabelled ideas, when given: the ideas that most resemble a framework lend it their words.
How much each counts is chosen by predicting labelled ideas that were held out (`pipeline.text.learning.fitting`).
Serving never imports this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kader.errors import UserError
from pipeline.core import FrameworkText, LabelledIdea
from pipeline.text.certainty.measure import calibrate, calibrate_without_labels
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.explaining.limits import FrameworkLimits, LimitIndex, limit_encoder
from pipeline.text.explaining.precedents import Precedents
from pipeline.text.explaining.quotes import QuoteIndex
from pipeline.text.learning.examples import Examples, Fitted
from pipeline.text.learning.fitting import fit
from pipeline.text.learning.grams import Array, Texts
from pipeline.text.lexical.background import background_worth
from pipeline.text.lexical.vectoriser import Floats, Vectoriser, shares
from pipeline.text.model import Parts, TextModel
from pipeline.text.threads import in_one_thread
from pipeline.text.vectors.space import VectorSpace

MOST_FEATURES = 60_000
MOST_WEIGHTS = 6_000_000
_LEAST_FEATURES = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """All that training comes to, but for the error that is accepted."""

    fitted: Fitted
    examples: Examples
    corpus_scores: Array
    corpus_known: Array
    described: Mapping[str, Any]  # what `Parts` holds besides the calibration
    encoder: Encoder | None

    @in_one_thread
    def model(self, max_error: float, *, auto_without_labels: float | None = None) -> TextModel:
        """The text model that decides alone as far as the share of wrong stays within `max_error` in (0, 1).

        `auto_without_labels`: as long as nobody has labelled anything, decide alone from this probability on;
        None means never.
        """
        if not 0 < max_error < 1:
            raise UserError(f"The accepted error must lie between 0 and 1, not {max_error}.")
        calibration = (
            calibrate(self.fitted, self.examples, self.corpus_scores, self.corpus_known, max_error=max_error)
            if len(self.examples.ideas)
            else calibrate_without_labels(
                self.corpus_scores, self.examples.frameworks, automatic_from=auto_without_labels
            )
        )
        return TextModel(Parts(**self.described, calibration=calibration), self.encoder)


def train(
    frameworks: Sequence[FrameworkText],
    labelled: Sequence[LabelledIdea] = (),
    *,
    max_error: float = 0.05,
    seed: int = 0,
    encoder: Encoder | None = None,
    corpus: Sequence[str] = (),
    auto_without_labels: float | None = None,
    space: VectorSpace | None = None,
) -> TextModel:
    """Train on the frameworks' own texts, people's decisions, and unlabelled ideas: see `learn` and `Learned.model`."""
    learned = learn(frameworks, labelled, seed=seed, encoder=encoder, corpus=corpus, space=space)
    return learned.model(max_error, auto_without_labels=auto_without_labels)


@in_one_thread
def learn(
    frameworks: Sequence[FrameworkText],
    labelled: Sequence[LabelledIdea] = (),
    *,
    seed: int = 0,
    encoder: Encoder | None = None,
    corpus: Sequence[str] = (),
    space: VectorSpace | None = None,
) -> Learned:
    """Learn from the frameworks' own texts, people's decisions, and `corpus`, texts of ideas without a label.

    `space`: the vector space to keep (of an earlier model), so that stored vectors stay comparable; None fits a
    new one, and so do another encoder than that of the space and many more texts than it was made of. Same arguments,
    same model. Raises UserError for frameworks that can't be told apart by name, or labels that name an unknown one.
    """
    columns = _columns(frameworks, labelled)
    texts = [example.idea.whole for example in labelled]
    passages = [passage for framework in frameworks for passage in _passages(framework)]
    owners = np.repeat(np.arange(len(frameworks)), [len(_passages(framework)) for framework in frameworks])
    documents = [*passages, *texts, *corpus]
    most = max(min(MOST_FEATURES, MOST_WEIGHTS // len(frameworks)), _LEAST_FEATURES)
    vectoriser = Vectoriser.fit(documents, most=most, background=background_worth(documents))
    definitions = _definitions(vectoriser, passages, owners, len(frameworks))
    ideas = vectoriser.read(texts, titles=True).matrix
    met = np.bincount(np.concatenate([definitions.indices, ideas.indices]), minlength=definitions.shape[1])
    # Ideas to come will be unlabelled: for lending, the labelled ones take part as if they were so too, and are
    # then, held out, in the same position.
    unlabelled = list(dict.fromkeys([*corpus, *texts])) if corpus else []
    examples = Examples(
        definitions=Texts(definitions, _encode_definitions(encoder, passages, owners, len(frameworks))),
        ideas=Texts(ideas, _encode(encoder, texts)),
        truth=np.array(
            [-1 if example.framework is None else columns[example.framework] for example in labelled],
            dtype=np.int64,
        ),
        corpus=Texts(vectoriser.read(unlabelled, titles=True).matrix, _encode(encoder, unlabelled)),
        known=shares(ideas, met > 1),  # what only this idea has, is unknown to a model without it
        rarity=vectoriser.idf.astype(np.float64),
    )
    fitted = fit(examples, seed=seed)
    others = examples.corpus.take(np.arange(len(set(corpus))))
    written = [*texts, *corpus]
    encoded_by = encoder.name if encoder else "none"
    if space is None or space.encoder_name != encoded_by or space.is_outgrown(len(written)):
        space = VectorSpace.fit(written, vectoriser, seed=seed, encoder=encoder)
    return Learned(
        fitted=fitted,
        examples=examples,
        corpus_scores=others.matrix @ fitted.weights + others.vectors @ fitted.encoder_weights + fitted.bias,
        corpus_known=shares(others.matrix, met > 0),
        described={
            "frameworks": tuple(columns),
            "vectoriser": vectoriser,
            "weights": _stored(fitted.weights),
            "bias": fitted.bias.astype(np.float32),
            "supported": met > 0,
            "encoder_name": encoder.name if encoder else "none",
            "encoder_weights": fitted.encoder_weights.astype(np.float32),
            "limits": LimitIndex(
                [FrameworkLimits.of(each) for each in frameworks],
                vectoriser,
                limit_encoder(encoder),
            ),
            "quotes": QuoteIndex.fit(frameworks, vectoriser),
            "precedents": Precedents.fit(labelled, tuple(columns), space, encoder),
            "space": space,
            "labelled": len(labelled),
        },
        encoder=encoder,
    )


def _columns(frameworks: Sequence[FrameworkText], labelled: Sequence[LabelledIdea]) -> dict[str, int]:
    columns = {framework.slug: column for column, framework in enumerate(frameworks)}
    if not frameworks or len(columns) != len(frameworks):
        raise UserError("Training needs at least one framework, and every framework a slug of its own.")
    for example in labelled:
        if example.framework is not None and example.framework not in columns:
            raise UserError(
                f"Idea {example.idea.id!r} is labelled {example.framework!r}, which isn't one of the frameworks."
            )
    return columns


def _passages(framework: FrameworkText) -> list[str]:
    """Every part of a framework's text as a document of its own; limits say what it is about as well."""
    limits = "\n".join(f"{limit.title} {limit.reason}" for limit in framework.limits)
    parts = (framework.title, framework.description, framework.goal, limits, *framework.examples)
    return [part for part in parts if part.strip()] or [framework.slug]


def _definitions(
    vectoriser: Vectoriser, passages: Sequence[str], owners: npt.NDArray[np.intp], frameworks: int
) -> sparse.csr_matrix:
    """Each framework as one row of unit length: the mean direction of its passages."""
    matrix = vectoriser.read(passages).matrix
    adding = sparse.csr_matrix(
        (np.ones(len(owners), dtype=np.float32), (owners, np.arange(len(owners)))),
        shape=(frameworks, len(passages)),
    )
    summed = (adding @ matrix).tocsr()
    length = np.sqrt(np.asarray(summed.multiply(summed).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(length, 1e-9)) @ summed).tocsr().astype(np.float32)


def _encode(encoder: Encoder | None, texts: Sequence[str]) -> Array:
    if encoder is None or not texts:
        return np.zeros((len(texts), encoder.dimensions if encoder else 0))
    return encoder.encode(texts).astype(np.float64)


def _encode_definitions(
    encoder: Encoder | None, passages: Sequence[str], owners: npt.NDArray[np.intp], frameworks: int
) -> Array:
    vectors = _encode(encoder, passages)
    summed = np.zeros((frameworks, vectors.shape[1]))
    np.add.at(summed, owners, vectors)
    unit: Array = summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)
    return unit


def _stored(weights: Array) -> Floats:
    """Rounded to what a saved model holds, so that a loaded model reads exactly as the trained one."""
    return weights.astype(np.float16).astype(np.float32)
