"""What a worker process has open: the model once it is needed, out of the way of the collector of cycles."""

import gc
from collections.abc import Iterator

import pytest

from kader.links import Links
from tests.workers.conftest import Office
from workers.runtime import Runtime


@pytest.fixture
def _collector() -> Iterator[None]:
    """The collector of this process as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("_collector")
def test_a_model_is_set_apart_when_it_is_loaded_or_replaced(office: Office) -> None:
    here = Runtime(office.settings, office.database, "test", Links(b"secret", office.settings.pages, 7))
    first = here.mind()
    assert first is not None
    assert is_set_apart(first.model)
    assert here.mind() is first
    office.add_framework("zorg", "Betere zorg", "Meer tijd voor bewoners en hun naasten.")
    office.train()
    second = here.mind()
    assert second is not None
    assert second is not first
    assert is_set_apart(second.model)
    assert not is_set_apart([second])


def is_set_apart(thing: object) -> bool:
    """Whether the collector leaves it alone: it isn't among what it goes through."""
    return all(each is not thing for each in gc.get_objects())
