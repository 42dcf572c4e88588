"""A small organisation on each store, with a text model that is trained once."""

from pathlib import Path

import pytest

from kader.settings import Settings
from models.session import Database
from pipeline.core import FrameworkText
from pipeline.text.model import TextModel
from pipeline.text.training import train
from tests.pipeline.store.office import FRAMEWORKS, HEAT, PUMP, SOUP, Office


@pytest.fixture(scope="session")
def model() -> TextModel:
    """Sure from half on, so that plain ideas are routed without a single label."""
    texts = [
        FrameworkText(
            each.slug, each.title, each.description, each.goal, each.limits, each.examples, version=1
        )
        for each in sorted(FRAMEWORKS, key=lambda each: each.slug)
    ]
    return train(texts, corpus=[PUMP, HEAT, SOUP], auto_without_labels=0.5)


@pytest.fixture
def office(database: Database, model: TextModel, tmp_path: Path) -> Office:
    settings = Settings(
        var=tmp_path,
        database_url=database.engine.url.render_as_string(hide_password=False),
        secret_key="a key for tests only",
        auto_without_labels=0.5,
    )
    return Office(database, settings, model).open()
