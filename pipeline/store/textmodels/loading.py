"""The text model in use, loaded with all that belongs to it."""

from dataclasses import replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from kader.settings import Settings
from models import TextModelVersion
from models.session import Database
from pipeline.store.search.meanings import FollowingMeanings
from pipeline.store.search.mind import Mind
from pipeline.store.search.neighbour_choice import open_index
from pipeline.store.search.rare import FollowingWords
from pipeline.store.textmodels.pair_weights import kept_weights
from pipeline.text.artifact import load_choosing
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.encoders.encoder import Encoder, load_encoder


def active_version(session: Session) -> TextModelVersion | None:
    """The text model in use."""
    return session.scalar(select(TextModelVersion).where(TextModelVersion.is_active))


def load_mind(database: Database, settings: Settings, previous: Mind | None = None) -> Mind | None:
    """The text model in use, with its pair model and index; `previous` is kept when it still is the one.

    Returns None when no model was trained yet. Raises PermanentError when its files were changed, UserError when it
    was trained with an encoder that isn't that of the settings and doesn't come with Kader.
    """
    with database.reading() as session:
        active = active_version(session)
    if active is None:
        return None
    weights = kept_weights(active.pair_weights)
    if previous is not None and previous.model.version == active.version:
        if previous.pairs.version == weights.version:
            return previous
        pairs = PairModel(previous.model.parts.vectoriser, weights)
        return replace(previous, pairs=pairs)
    model = load_choosing(
        settings.models / active.version, expected=active.version, choose=partial(_trained_with, settings)
    )
    index = open_index(
        database,
        settings,
        space=model.space,
        dimensions=model.dimensions,
        previous=None if previous is None else previous.index,
    )
    pairs = PairModel(model.parts.vectoriser, weights)
    if previous is not None and previous.words.space == model.space:
        meanings = replace(previous.meanings, space=model.parts.space, between=model.between)
        return Mind(model, pairs, index, previous.words, meanings)
    meanings = FollowingMeanings(model.parts.space, model.between)
    return Mind(model, pairs, index, FollowingWords(model.space), meanings)


def _trained_with(settings: Settings, name: str) -> Encoder | None:
    """The encoder that a model needs. After a change of the setting, what needs nothing goes on until the next
    training: a model without an encoder, or with Kader's own.
    """
    if name == "none":
        return None
    return load_encoder(
        "builtin" if name.startswith("builtin-") else settings.encoder, cache=settings.vectors
    )
