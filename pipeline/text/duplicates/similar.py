"""What somebody is typing beside ideas that exist: a draft of a few words is short, and may lie within a long idea.

Candidates come from elsewhere (an index, a search); this ranks them. It changes nothing and needs no pair model: who
sees "this resembles…" while typing decides for themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.core import IdeaText
from pipeline.text.duplicates.between_languages import BetweenLanguages, length
from pipeline.text.duplicates.likeness import TITLE_SHARE
from pipeline.text.duplicates.resemblance import Evidence, traits_of
from pipeline.text.encoders.encoder import Encoder, beside_words
from pipeline.text.lexical.features import FEATURES
from pipeline.text.lexical.vectoriser import Vectoriser, count, rows

FEWEST_WORDS = 3
LEAST = 0.35
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Similar:
    """An idea that resembles a draft; `likeness` in [0, 1] is graded, not a probability."""

    idea: str
    likeness: float


def similar(
    draft: str,
    candidates: Sequence[IdeaText],
    vectoriser: Vectoriser,
    encoder: Encoder | None = None,
    *,
    elsewhere: Collection[str] = (),
    most: int = 5,
    least: float = LEAST,
) -> list[Similar]:
    """Of `candidates` up to `most` that resemble `draft`, best first; of equals the first given comes first.

    Nothing for a draft of fewer than FEWEST_WORDS words. What counts is how much of the draft, by rarity, stands in the
    idea or in its title; in return a long idea isn't blamed for saying more. `elsewhere`: the ids of candidates in the other
    language, of which the meaning tells how much of the draft would stand in them. Time grows with the candidates: a few
    dozen take some milliseconds.
    """
    if len(draft.split()) < FEWEST_WORDS or not candidates:
        return []
    texts = [draft, *(idea.whole for idea in candidates), *(idea.title for idea in candidates)]
    contained = _contained(texts, vectoriser)
    whole, title = contained[: len(candidates)], contained[len(candidates) :]
    titled = np.array([bool(idea.title.strip()) for idea in candidates])
    share, meaning = 0.0, np.zeros(len(candidates))
    if encoder is not None:
        vectors = encoder.encode(texts[: len(candidates) + 1]).astype(np.float64)
        meaning = np.einsum("ij,j->i", vectors[1:], vectors[0])
        share = beside_words(encoder.name)
        if elsewhere and (between := BetweenLanguages.of(encoder)) is not None:
            sizes = np.array([len(idea.whole.split()) for idea in candidates])
            is_elsewhere = np.array([idea.id in elsewhere for idea in candidates])
            lengths = length(np.array(len(draft.split())), sizes)
            expected = np.where(is_elsewhere, between.words(meaning, lengths), 0.0)
            whole, title = np.maximum(whole, expected), np.maximum(title, expected)
    figure = whole + TITLE_SHARE * np.where(titled, title, whole)
    likeness = np.round(np.clip((figure + share * meaning) / (1 + TITLE_SHARE + share), 0, 1), _DECIMALS)
    order = np.lexsort((np.arange(len(candidates)), -likeness))[:most]
    return [
        Similar(candidates[place].id, float(likeness[place])) for place in order if likeness[place] >= least
    ]


def _contained(texts: Sequence[str], vectoriser: Vectoriser) -> Evidence:
    """How much of the first text each other holds: (texts - 1,), the mean over words and character n-grams."""
    counted = count(texts)
    known = traits_of(counted, vectoriser)
    everything = rows(counted.text, counted.feature, np.ones(len(counted.text)), len(texts), FEATURES)
    characters, words = known.characters[:1].copy(), known.words[:1]
    characters.data = characters.data**2
    parts = []
    for weights in (characters, words):
        total = float(weights.sum())
        held = np.asarray((everything[1:] @ weights.T).todense(), dtype=np.float64).ravel()
        parts.append(held / total if total > 0 else np.zeros(len(texts) - 1))
    contained: Evidence = (parts[0] + parts[1]) / 2
    return contained
