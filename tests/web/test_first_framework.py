"""Before the first framework is published ideas wait, and everybody is told so."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from kader.links import Links, Purpose
from models import Idea, OutboxMessage, Person
from models.session import Database, open_database
from tests.factories import make_framework, make_person
from tests.web.conftest import HERE

PAGES = ("/", "/idee")
WAITS = "nog geen kader"
DRAFT = {"key": "k", "text": "Zet een fietspomp bij de ingang.", "email": "bo.karsten@veld.example"}


@pytest.fixture
def database(settings) -> Iterator[Database]:
    database = open_database(settings.database)
    with database.writing() as session:
        make_person(session, "Coen Oord", is_coordinator=True)
    yield database
    database.dispose()


@pytest.fixture
def desk(database, settings) -> str:
    with database.reading() as session:
        coordinator = session.scalar(select(Person.id))
    links = Links(settings.secret_key, settings.pages, settings.link_days)
    return links.make(Purpose.DESK, person_id=coordinator).removeprefix(HERE)


def follow(client, sent) -> tuple[str, str]:
    """The page after sending, and that of the idea."""
    thanks = client.get(sent.headers["location"]).text
    path = thanks.partition('class="address" href="')[2].partition('"')[0].removeprefix(HERE)
    return thanks, client.get(path).text


def receipts(database) -> list[dict[str, object]]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(OutboxMessage.payload)
                .where(OutboxMessage.kind == "receipt")
                .order_by(OutboxMessage.id)
            )
        )


def test_until_the_first_framework_everybody_is_told_that_ideas_wait(client, database, desk):
    for path in PAGES:
        assert WAITS in client.get(path).text
        assert "no framework yet" in client.get(path, headers={"accept-language": "en"}).text
    assert "Er wacht nu" not in client.get(desk).text
    for page in follow(client, client.post("/idee", data=DRAFT)):
        assert WAITS in page
        assert "paar minuten" not in page
    assert receipts(database) == [{"awaits_framework": True}]
    said = client.get(desk).text
    assert WAITS in said
    assert "Er wacht nu 1 idee." in said
    assert "kader frameworks import" in said


def test_with_a_framework_it_is_said_no_more(client, database, desk):
    with database.writing() as session:
        make_framework(session, "groen", managers={None: make_person(session, "Mo Verhaar")})
    sent = client.post("/idee", data=DRAFT)
    for page in (
        client.get("/").text,
        client.get("/idee").text,
        client.get(desk).text,
        *follow(client, sent),
    ):
        assert WAITS not in page
    assert receipts(database) == [{}]
    with database.reading() as session:
        assert session.scalar(select(Idea.status)) == "received"
