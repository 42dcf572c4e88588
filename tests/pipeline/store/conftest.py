"""A small organisation on each store, with a text model that is trained once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kader.settings import Settings
from models.session import open_database
from pipeline.text.model import TextModel
from pipeline.text.training import train
from tests.pipeline.store.office import HEAT, PUMP, SOUP, Office, framework_texts


@pytest.fixture(scope="session")
def model() -> TextModel:
    """Sure from half on, so that plain ideas are routed without a single label."""
    return train(framework_texts(), corpus=[PUMP, HEAT, SOUP], auto_without_labels=0.5)


@pytest.fixture
def office_at(model: TextModel, tmp_path: Path) -> Iterator[Callable[[str], Office]]:
    """Opens an office in the database at a URL."""
    opened = []

    def open_office(url: str) -> Office:
        settings = Settings(
            var=tmp_path, database_url=url, secret_key="a key for tests only", auto_without_labels=0.5
        )
        opened.append(open_database(url))
        return Office(opened[-1], settings, model).open()

    yield open_office
    for database in opened:
        database.dispose()


@pytest.fixture
def office(database_url: str, office_at: Callable[[str], Office]) -> Office:
    return office_at(database_url)
