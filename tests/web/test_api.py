"""The JSON API: kept before 201, once per key, and problems that say what to do."""

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from models import Idea, IntakeRecord
from models.words import IdeaStatus
from tests.factories import make_assessment, make_text_model
from web.app import create_app

IDEA = {"text": "Zet een pomp bij de fietsen.", "submitter_email": "anna.smit@veld.example"}


def post(client, body=IDEA, key="sleutel-1", **headers):
    return client.post("/api/v1/ideas", json=body, headers={"Idempotency-Key": key, **headers})


def test_an_idea_is_kept_whole_and_can_be_followed(client, town):
    answer = post(client)
    assert answer.status_code == 201
    body = answer.json()
    assert body["reference"] == "K-2026-0001"
    with town.database.reading() as session:
        assert session.scalars(select(IntakeRecord)).one().content == answer.request.content
    status = client.get(body["status_url"])
    assert status.json()["status"] == "received"
    assert client.get(body["status_url"][:-1]).status_code == 404


def test_an_idea_with_the_coordinator_says_why_the_machine_asks(client, town):
    url = post(client).json()["status_url"]
    assert client.get(url).json()["asks"] is None
    with town.database.writing() as session:
        make_text_model(session, "m1", {"autonomy": {"labelled": 0, "alone_from": {}, "new": ["groen"]}})
        idea = session.scalars(select(Idea)).one()
        idea.status = IdeaStatus.WITH_COORDINATOR
        make_assessment(
            session, idea, [("groen", 0.48, [])], decision="ask", route={"why": "unsure"}, model="m1"
        )
    asks = client.get(url).json()["asks"]
    assert (asks["why"], asks["sure"], asks["needed"]) == ("no_labels", 48, None)
    assert "nog niemand een idee geplaatst" in asks["nl"]
    assert "nobody has placed an idea" in asks["en"]


def test_the_same_key_gives_the_same_answer_and_another_body_a_conflict(client, town):
    first, second = post(client), post(client)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    conflict = post(client, {**IDEA, "text": "Iets heel anders."})
    assert conflict.status_code == 409
    assert conflict.headers["content-type"] == "application/problem+json"
    with town.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Idea)) == 1


def test_an_anonymous_idea_repeats_with_the_same_link(client, town):
    body = {"text": "Zonder naam.", "anonymous": True}
    first, second = post(client, body), post(client, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert client.get(first.json()["status_url"]).json()["status"] == "received"
    assert client.get(first.json()["follow_url"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"text": ""}, "text"),
        ({"text": "   ", "anonymous": True}, "leeg"),
        ({"text": "x", "colour": "red", "anonymous": True}, "colour"),
        ({"text": "x"}, "submitter_email"),
        ({"text": "x", "anonymous": True, "submitter_email": "a@veld.example"}, "anonymous"),
        ({"text": "x", "anonymous": True, "unit": "maan"}, "maan"),
        ({"text": "y" * 20_001, "anonymous": True}, "20000"),
    ],
)
def test_a_wrong_body_is_told_what_is_wrong(client, town, body, word):
    answer = post(client, body)
    assert answer.status_code == 422
    assert word in answer.json()["detail"]


def test_other_wrong_requests(client, town):
    assert client.post("/api/v1/ideas", json=IDEA).status_code == 400
    assert post(client, key="x" * 201).status_code == 400
    assert client.post("/api/v1/ideas", content=b"{}", headers={"Idempotency-Key": "k"}).status_code == 415
    assert post(client, {"text": "z" * 400_000, "anonymous": True}).status_code == 413
    broken = client.post(
        "/api/v1/ideas",
        content=b'{"text": ',
        headers={"Idempotency-Key": "k", "Content-Type": "application/json"},
    )
    assert broken.status_code == 422


def test_without_a_key_only_this_machine_may_post(stranger, town):
    assert post(stranger).status_code == 403


def test_with_a_key_the_key_is_needed(settings, town):
    app = create_app(settings.model_copy(update={"api_key": "geheim"}))
    with TestClient(app, base_url="http://kader.veld.example", client=("192.0.2.7", 50000)) as client:
        assert post(client).status_code == 401
        assert post(client, Authorization="Bearer ander").status_code == 401
        assert post(client, Authorization="Bearer geheim").status_code == 201


def test_state_frameworks_and_health(client, town):
    post(client)
    assert client.get("/api/v1/status").json()["ideas"] == {"received": 1}
    assert [each["slug"] for each in client.get("/api/v1/frameworks").json()] == ["groen", "rooster"]
    assert client.get("/api/v1/health").json() == {"status": "ok", "oldest_waiting_seconds": 0.0}


@pytest.mark.parametrize(
    ("accepts", "language"), [(None, "en"), ("nl-NL, en;q=0.5", "nl"), ("de", "en"), ("en, nl;q=0.5", "en")]
)
def test_a_program_is_told_in_english_unless_it_asks_for_dutch(settings, town, accepts, language):
    headers = {"accept-language": accepts} if accepts else {}
    machine = {"base_url": "http://127.0.0.1:8000", "client": ("127.0.0.1", 50000), "headers": headers}
    with TestClient(create_app(settings), **machine) as program:
        answers = [
            program.get("/api/v1/nergens"),
            program.get("/api/v1/ideas"),
            program.post("/api/v1/ideas", content=b"{}", headers={"Idempotency-Key": "k"}),
            post(program, {"text": "z" * 400_000, "anonymous": True}),
            post(program, {"text": "  ", "anonymous": True}),
            post(program, {"text": "x"}),
            post(program, key=" "),
            program.get("/api/v1/ideas/K-2026-0001"),
        ]
    assert [each.status_code for each in answers] == [404, 405, 415, 413, 422, 422, 400, 404]
    assert answers[1].headers["allow"] == "POST"
    details = [each.json()["detail"] for each in answers]
    dutch = ("Er is", "Gebruik", "Stuur", "Wat je", "Het idee is leeg", "Geef", "Stuur", "Er is")
    english = ("There is", "Use", "Send", "What you", "The idea is empty", "Give", "Send", "There is")
    for detail, begin in zip(details, dutch if language == "nl" else english, strict=True):
        assert detail.startswith(begin)
        assert " / " not in detail
        assert "mail" not in detail.replace("submitter_email", "")
