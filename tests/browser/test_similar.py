"""The form in a real browser: what is shown while somebody writes. Run by `make browser`."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from intake.accept import accept
from intake.offer import Offer
from kader.settings import Settings
from models import Idea
from models.session import Database, open_database
from models.words import Source
from pipeline.store.deciding.settling import settle_waiting
from pipeline.store.reading.claims import claim_ideas
from pipeline.store.reading.readings import read_claimed
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import train_and_activate
from tests.factories import NOW, make_framework, make_person
from tests.services import free_port, running_role

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PUMP = "Zet een fietspomp bij de ingang van de fietsenstalling."


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """A real Chromium; fails when there is none."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "These tests need Chromium: install it, or name it in CHROMIUM."
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def site(settings: Settings) -> Iterator[tuple[Settings, Database]]:
    """A running site with one idea."""
    settings = settings.model_copy(update={"port": free_port()})
    database = open_database(settings.database)
    with database.writing() as session:
        make_framework(session, "groen", managers={None: make_person(session, "Mo Verhaar")})
        make_person(session, "Coen Oord", is_coordinator=True)
        offer = Offer(
            source=Source.FORM,
            title="",
            text=PUMP,
            submitter_email="bo.karsten@veld.example",
            submitter_name=None,
            anonymous=False,
            unit_slug=None,
            language=None,
            delivery_key="een",
            raw=b"{}",
            content_type="application/json",
        )
        accept(session, offer, now=NOW, settings=settings)
    train_and_activate(database, settings, owner="test", clock=lambda: NOW)
    mind = load_mind(database, settings)
    claim = claim_ideas(database, owner="test", now=NOW, limit=9, lease_seconds=60)
    read_claimed(database, claim, mind.model, max_attempts=4)
    settle_waiting(database, mind, owner="test", clock=lambda: NOW, settings=settings)
    with running_role("web", settings):
        yield settings, database
    database.dispose()


def test_writing_shows_what_is_like_it_and_the_keyboard_chooses_it(browser, site):
    settings, database = site
    page = browser.new_page(locale="nl-NL")
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    asked = []
    page.on("request", lambda request: asked.append(request) if "lijkt-op" in request.url else None)
    page.goto(f"{settings.pages}/idee")
    page.locator("#email").fill("anna.smit@veld.example")
    page.locator("#name").fill("Anna Smit")
    page.locator("#text").press_sequentially("fietspomp bij de fietsenstalling", delay=5)
    page.wait_for_selector("fieldset.similar")
    assert "K-2026-0001" in page.locator("[data-similar]").inner_text()
    # One question for all these letters, or two when the machine was slow.
    assert 1 <= len(asked) <= 3
    page.locator("#title").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    assert page.locator("fieldset.similar input:checked").get_attribute("value")
    with page.expect_response(lambda response: "lijkt-op" in response.url):
        page.locator("#title").fill("Een pomp")
    # The choice stays, and nothing was told but the words and the choice.
    page.wait_for_function("document.querySelectorAll('fieldset.similar input:checked').length === 1")
    assert page.locator("fieldset.similar input:checked").get_attribute("value")
    sent = [parse_qs(request.post_data) for request in asked]
    assert sent[0].keys() == {"text"}
    assert sent[-1].keys() == {"text", "title", "same_as"}
    page.locator("button[type=submit]").click()
    page.wait_for_selector(".reference-line")
    assert troubles == []
    with database.reading() as session:
        assert session.scalars(select(Idea.same_as_id).order_by(Idea.id)).all() == [None, 1]
    page.close()


def test_without_javascript_the_form_works(browser, site):
    settings, database = site
    context = browser.new_context(java_script_enabled=False, locale="nl-NL")
    page = context.new_page()
    page.goto(f"{settings.pages}/idee")
    page.locator("#text").fill("fietspomp bij de fietsenstalling")
    page.locator("#email").fill("anna.smit@veld.example")
    page.locator("button[type=submit]").click()
    page.wait_for_selector(".reference-line")
    with database.reading() as session:
        assert len(session.scalars(select(Idea.id)).all()) == 2
    context.close()
