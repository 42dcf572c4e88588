"""Headers, errors, languages and what is logged."""

import logging

from kader.links import Purpose
from models.base import Base
from tests.factories import make_assigned_idea
from web.language import accepted_language


def test_every_page_keeps_browsers_careful(client, town):
    for path in ("/", "/idee", "/stand", "/nergens", "/volg/onzin", "/static/kader.css"):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_errors_are_friendly_in_both_languages(client, town):
    missing = client.get("/nergens")
    assert missing.status_code == 404
    assert "Deze pagina bestaat niet" in missing.text
    assert "This page does not exist" in client.get("/nergens?lang=en").text
    assert client.get("/api/v1/nergens").json()["status"] == 404


def test_an_unexpected_error_shows_and_logs_no_words_of_people(client, town, caplog):
    Base.metadata.tables["intake_record"].drop(town.database.engine)
    with caplog.at_level(logging.INFO):
        page = client.post(
            "/idee", data={"key": "k", "text": "Een geheim woord", "email": "anna.smit@veld.example"}
        )
    assert page.status_code in {500, 503}
    assert "Traceback" not in page.text
    assert "incident" in caplog.text
    assert "geheim" not in caplog.text
    assert "anna.smit" not in caplog.text


def test_tokens_are_not_logged(client, town, caplog):
    with town.database.writing() as session:
        idea = make_assigned_idea(session, town.green, town.manager)
    path = town.path(Purpose.ANSWER, town.manager, idea.id)
    with caplog.at_level(logging.INFO, logger="web.guard"):
        client.get(path)
    assert "/besluit/{token} 200" in caplog.text
    assert path not in caplog.text


def test_the_language_is_chosen_kept_and_told(client, town):
    english = client.get("/?lang=en")
    assert 'lang="en"' in english.text
    assert "You know your work best" in client.get("/").text


def test_accepted_languages():
    assert accepted_language("fr, en-GB;q=0.8, nl;q=0.9") == "nl"
    assert accepted_language("de, fr;q=0.5") is None
    assert accepted_language("en;q=0, nl;q=kapot") is None


def test_a_request_that_makes_no_sense_is_not_our_fault(client, town):
    files = {"files": ("a.txt", b"x", "text/plain")}
    page = client.post("/idee", data={"text": "Een pomp"}, files=files)
    assert page.status_code == 400
    assert "Er ging iets mis bij ons" not in page.text
    assert "Dit verzoek klopt niet" in page.text
