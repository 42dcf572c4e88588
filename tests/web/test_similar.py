"""While somebody writes: ideas like it, and nothing of whose they are."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from intake.accept import accept
from intake.offer import Offer
from models import DuplicateLink, Idea
from models.words import Source
from pipeline.store.deciding.settling import settle_waiting
from pipeline.store.reading.claims import claim_ideas
from pipeline.store.reading.readings import read_claimed
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import train_and_activate
from tests.factories import NOW
from web.app import create_app
from web.finder import MOST_A_SECOND, BusyError, Finder

PUMP = "Zet een fietspomp bij de ingang van de fietsenstalling, dan hoeft niemand die met een lekke band aankomt meer te zoeken."
HEAT = "De verwarming in de vergaderzaal staat 's avonds te hoog."


class Clock:
    now = NOW

    def __call__(self):
        return self.now


def send(town, settings, text, *, email="bo.karsten@veld.example", key=None):
    offer = Offer(
        source=Source.FORM,
        title="",
        text=text,
        submitter_email=email,
        submitter_name=None,
        anonymous=email is None,
        unit_slug="keuken",
        language=None,
        delivery_key=key or text,
        raw=text.encode(),
        content_type="text/plain",
    )
    with town.database.writing() as session:
        return accept(session, offer, now=NOW, settings=settings).idea_id


def triage(town, settings):
    mind = load_mind(town.database, settings)
    claim = claim_ideas(town.database, owner="one", now=NOW, limit=100, lease_seconds=60)
    read_claimed(town.database, claim, mind.model, max_attempts=4)
    settle_waiting(town.database, mind, owner="one", clock=lambda: NOW, settings=settings)


@pytest.fixture
def trained(town, settings):
    """The town, with a text model and two ideas that were triaged."""
    train_and_activate(town.database, settings, owner="test", clock=lambda: NOW)
    for text in (PUMP, HEAT):
        send(town, settings, text)
    triage(town, settings)
    return town


def ask(client, text, **more):
    return client.post("/api/v1/similar", json={"text": text, **more})


def test_three_words_are_enough(client, trained):
    (found,) = ask(client, "fietspomp bij fietsenstalling").json()
    assert found["reference"] == "K-2026-0001"
    assert (found["supporters"], found["may_join"], found["status"]) == (1, True, "with_coordinator")
    assert ask(client, "verwarming vergaderzaal te hoog").json()[0]["reference"] == "K-2026-0002"
    assert ask(client, "een extra vakantiedag graag").json() == []
    assert ask(client, "fiets").json() == []


def test_nothing_of_the_person_or_the_rest_of_the_text_is_shown(client, trained):
    for answer in (
        ask(client, "een fietspomp fietsenstalling").text,
        client.post("/idee/lijkt-op", data={"text": "een fietspomp fietsenstalling"}).text,
    ):
        assert "K-2026-0001" in answer
        for secret in ("Karsten", "veld.example", "Keuken", "te zoeken"):
            assert secret not in answer


def test_what_is_new_is_found_as_soon_as_it_is_triaged(client, trained, settings):
    assert ask(client, "plantjes op de balie").json() == []
    send(trained, settings, "Wat plantjes op de balie maken het vrolijker.")
    triage(trained, settings)
    (found,) = ask(client, "plantjes op de balie graag").json()
    assert found["reference"] == "K-2026-0003"


def test_choosing_an_idea_joins_it_whatever_the_words(client, trained, settings):
    (found,) = ask(client, "een fietspomp fietsenstalling").json()
    answer = client.post(
        "/idee",
        data={
            "key": "k",
            "text": "Banden oppompen op het werk!",
            "email": "anna.smit@veld.example",
            "same_as": found["same_as"],
        },
    )
    assert answer.status_code == 303
    triage(trained, settings)
    with trained.database.reading() as session:
        (link,) = session.scalars(select(DuplicateLink))
        idea = session.get_one(Idea, link.duplicate_id)
    assert (link.original_id, link.state, idea.status) == (1, "confirmed", "joined")
    assert link.evidence["by_submitter"] is True
    assert ask(client, "fietspomp in de fietsenstalling").json()[0]["supporters"] == 2


def test_a_program_says_so_too_and_a_token_of_nobody_says_nothing(client, trained, settings):
    (found,) = ask(client, "een fietspomp fietsenstalling").json()
    for key, token in (("een", found["same_as"]), ("twee", "K-2026-0001")):
        body = {"text": f"Oppompen {key}.", "anonymous": True, "same_as": token}
        assert client.post("/api/v1/ideas", json=body, headers={"Idempotency-Key": key}).status_code == 201
    with trained.database.reading() as session:
        said = session.scalars(select(Idea.same_as_id).where(Idea.id > 2).order_by(Idea.id)).all()
    assert said == [1, None]


def test_the_part_of_the_page_is_for_people_and_keeps_what_was_chosen(client, trained):
    part = client.post("/idee/lijkt-op", data={"text": "een fietspomp bij de fietsenstalling"})
    assert part.status_code == 200
    assert "Eén idee lijkt erop" in part.text
    assert len(re.findall('type="radio"', part.text)) == 2
    token = re.search('name="same_as" value="([^"]+)"', part.text).group(1)
    again = client.post("/idee/lijkt-op", data={"text": "een fietspomp fietsenstalling", "same_as": token})
    assert re.search('value="[^"]+"[^>]* checked', again.text)
    english = client.post(
        "/idee/lijkt-op", data={"text": "een fietspomp fietsenstalling"}, headers={"accept-language": "en"}
    )
    assert "One idea is like it" in english.text
    none = client.post("/idee/lijkt-op", data={"text": "een extra vakantiedag in december"})
    assert "Er is nog geen idee dat hierop lijkt." in none.text
    assert "radio" not in client.post("/idee/lijkt-op", data={"text": ""}).text


def test_the_form_works_without_any_of_it(client, town, settings):
    page = client.get("/idee")
    assert 'data-similar="/idee/lijkt-op"' in page.text
    assert "similar.js" in page.text
    # No text model was trained yet.
    assert ask(client, "een fietspomp fietsenstalling").json() == []
    without = settings.model_copy(update={"similar": False})
    with TestClient(create_app(without, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as browser:
        assert "similar" not in browser.get("/idee").text


def test_only_who_may_post_may_ask_by_program_and_only_our_own_page_by_form(stranger, client, trained):
    assert ask(stranger, "een fietspomp fietsenstalling").status_code == 403
    foreign = client.post(
        "/idee/lijkt-op", data={"text": "fietspomp"}, headers={"origin": "https://elders.example"}
    )
    assert foreign.status_code == 403
    assert "/api/v1/similar" in client.get("/api/v1/openapi.json").json()["paths"]


def test_the_same_words_are_looked_for_once_in_a_while_and_not_too_often(trained, settings):
    clock = Clock()
    finder = Finder(trained.database, settings, clock)
    first = finder.find("Een fietspomp  fietsenstalling")
    with trained.database.writing() as session:
        session.get_one(Idea, 1).title = "Iets anders"
    assert finder.find("een fietspomp fietsenstalling ") is first
    clock.now += timedelta(seconds=31)
    assert finder.find("een fietspomp fietsenstalling")[0].title == "Iets anders"
    for number in range(MOST_A_SECOND - 1):
        finder.find(f"fietspomp nummer {number}")
    with pytest.raises(BusyError):
        finder.find("een fietspomp bij de ingang")
    assert finder.find("fietspomp nummer 3")
    clock.now += timedelta(seconds=2)
    assert finder.find("een fietspomp bij de ingang")
