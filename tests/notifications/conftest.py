"""A post room of its own for each test, on both stores."""

import pytest

from models.session import Database
from tests.notifications.rows import Clock, Post


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database)


@pytest.fixture
def clock() -> Clock:
    return Clock()
