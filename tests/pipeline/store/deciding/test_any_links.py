"""Whatever people and Kader do with links, in any order: nobody's voice is lost and nobody's word is overruled."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipeline.store.deciding.any_links import STEPS, AnyLinks
from tests.pipeline.store.office import Office
from tests.services import PostgresServer

OpenOffice = Callable[[], Office]


@pytest.fixture
def sqlite_office(migrated_sqlite: Path, tmp_path: Path, office_at: Callable[[str], Office]) -> OpenOffice:
    """Opens an office in a SQLite file of its own, as often as it is asked for one."""
    number = count()

    def open_office() -> Office:
        path = tmp_path / f"{next(number)}.db"
        copyfile(migrated_sqlite, path)
        return office_at(f"sqlite:///{path}")

    return open_office


@pytest.fixture
def postgres_office(
    postgres_server: PostgresServer, migrated_postgres: str, office_at: Callable[[str], Office]
) -> Iterator[OpenOffice]:
    """The same in PostgreSQL."""
    made: list[str] = []

    def open_office() -> Office:
        made.append(postgres_server.create(template=migrated_postgres))
        return office_at(made[-1])

    yield open_office
    for url in made:
        postgres_server.drop(url)


@pytest.mark.parametrize(("store", "examples"), [("sqlite_office", 15), ("postgres_office", 3)])
def test_people_may_say_anything_of_links(store: str, examples: int, request: pytest.FixtureRequest) -> None:
    open_office: OpenOffice = request.getfixturevalue(store)

    # Choices of Hypothesis itself are often equal, and then hardly anything happens.
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=True))
    def some_weeks(chance: Random) -> None:
        office = AnyLinks(open_office())
        for _ in range(30):
            step = chance.choice(STEPS)
            step(office, chance.randrange(1_000), chance.randrange(1_000))
            office.see()
        office.supporters_add_up()
        office.office.database.dispose()

    some_weeks()
