"""The coordinator's desk, the progress page and the mail catcher."""

import re
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from starlette.testclient import TestClient

from intake.mail.fetched import note_fetched, prepare
from kader.links import Purpose
from kader.settings import Settings
from models import Correction, Idea, IntakeRecord, OutboxMessage
from models.words import IdeaStatus
from notifications.maildir import MaildirTransport
from tests.factories import (
    NOW,
    make_assessment,
    make_assigned_idea,
    make_assignment,
    make_idea,
    make_person,
    make_text_model,
)
from web.app import create_app
from web.queries.work import AT_A_TIME
from web.routes.desk import MESSAGE_WORDS


@pytest.fixture
def waiting(town):
    with town.database.writing() as session:
        idea = make_idea(
            session, title="Twijfel", submitter=town.submitter, status=IdeaStatus.WITH_COORDINATOR
        )
        make_assignment(session, idea, town.coordinator)
        make_assessment(
            session,
            idea,
            [("groen", 0.48, ["stroom"]), ("rooster", 0.41, [])],
            quote="Minder stroom.",
            precedents=[(idea, "groen")],
            decision="ask",
            route={"why": "unsure"},
        )
        make_assigned_idea(session, town.green, town.manager, title="Vergeten", due_on=date(2026, 6, 1))
        session.add(
            IntakeRecord(
                source="email",
                delivery_key="m1",
                outcome="exception",
                detail="De mail heeft geen tekst.",
                content_type="message/rfc822",
                content=b"From: <script>\xff\n\nx",
                received_at=NOW,
            )
        )
    return idea


@pytest.fixture
def desk(town):
    return town.path(Purpose.DESK, town.coordinator)


def test_the_desk_shows_what_needs_a_person(client, waiting, desk):
    page = client.get(desk).text
    for words in (
        "Twijfel",
        "48 %",
        "Het programma twijfelt",
        "Waarom deze kaders?",
        "<q>stroom</q>",
        "<q>Minder stroom.</q>",
        "voor 71 % gelijk",
        "Vergeten",
        "De mail heeft geen tekst.",
        "&lt;script&gt;",
    ):
        assert words in page
    raw = client.get(f"{desk}/ruw/1")
    assert raw.content == b"From: <script>\xff\n\nx"
    assert raw.headers["content-type"] == "application/octet-stream"


def test_the_desk_and_the_page_of_an_idea_say_why_a_person_is_asked(client, town, waiting, desk):
    with town.database.writing() as session:
        make_text_model(
            session, "m1", {"autonomy": {"labelled": 40, "alone_from": {"groen": 0.9312}, "new": ["rooster"]}}
        )
        make_text_model(session, "m0", {"labelled": 1, "decided_alone": 0})
        idea = session.get(Idea, waiting.id)
        make_assessment(
            session, idea, [("groen", 0.48, [])], decision="ask", route={"why": "unsure"}, model="m1"
        )
    title = "Groener werken"
    page = client.get(desk).text
    assert f"niet zeker genoeg om zelf te kiezen: 48 % voor ‘{title}’, en 94 % is nodig." in page
    assert "Het programma twijfelt" not in page
    own = client.get(town.path(Purpose.ANSWER, town.coordinator, waiting.id), params={"lang": "en"}).text
    assert f"sure enough to choose by itself: 48 % for ‘{title}’, and 94 % is needed." in own
    with town.database.writing() as session:
        idea = session.get(Idea, waiting.id)
        make_assessment(
            session, idea, [("rooster", 0.48, [])], decision="ask", route={"why": "unsure"}, model="m1"
        )
    assert "daar heeft nog niemand een idee geplaatst" in client.get(desk, params={"lang": "nl"}).text
    with town.database.writing() as session:
        idea = session.get(Idea, waiting.id)
        make_assessment(
            session, idea, [("rooster", 0.48, [])], decision="ask", route={"why": "unsure"}, model="m0"
        )
    assert "Van het ene idee dat een collega plaatste" in client.get(desk).text


def test_a_mailbox_that_is_silent_for_long_is_told(settings, town, desk):
    settings = settings.model_copy(update={"imap_url": "imaps://idee:geheim@imap.veld.example"})

    def page(later: timedelta, language: str = "nl") -> str:
        app = create_app(settings, clock=lambda: NOW + later)
        with TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000)) as client:
            return client.get(desk, params={"lang": language}).text

    told = "lukt het niet om ideeën uit de mailbox te halen"
    assert told not in page(timedelta(0))
    prepare(town.database, now=NOW)
    assert told not in page(timedelta(minutes=20))
    assert told in page(timedelta(minutes=50))
    assert "fetch ideas from the mailbox" in page(timedelta(minutes=50), "en")
    with town.database.writing() as session:
        note_fetched(session, now=NOW + timedelta(minutes=40))
    assert told not in page(timedelta(minutes=50))


@pytest.mark.parametrize("content", [b"", b"\x00 \x01Zie \xff\x00bijlage"])
def test_whatever_is_kept_the_desk_opens(client, town, desk, content):
    with town.database.writing() as session:
        session.add(
            IntakeRecord(
                source="email",
                delivery_key="leeg",
                outcome="exception",
                detail="De mail is leeg. / The mail is empty.",
                content_type="message/rfc822",
                content=content,
                received_at=NOW,
            )
        )
    page = client.get(desk)
    assert page.status_code == 200
    assert "De mail is leeg." in page.text
    assert "The mail is empty" not in page.text
    assert "\x00" not in page.text


def test_one_click_places_an_idea_and_teaches_the_machine(client, town, waiting, desk):
    form = {"idea": str(waiting.id), "framework": "groen", "reason": "Dit past hier."}
    assert client.post(f"{desk}/plaats", data={**form, "reason": ""}).status_code == 422
    assert client.post(f"{desk}/plaats", data=form).status_code == 303
    with town.database.reading() as session:
        assert session.get_one(Idea, waiting.id).status == IdeaStatus.ASSIGNED
        assert session.scalars(select(Correction)).one().person_value == "groen"


def test_the_desk_offers_nobody_a_place_for_their_own_idea(client, town, desk):
    with town.database.writing() as session:
        other = make_person(session, "Wil Post", is_coordinator=True)
        idea = make_idea(session, submitter=town.coordinator, status=IdeaStatus.WITH_COORDINATOR)
        make_assignment(session, idea, other)
    own = BeautifulSoup(client.get(desk).text, "html.parser").find(id=f"idee-{idea.id}")
    assert "Dit is je eigen idee. Wil Post zoekt er een plek voor." in own.get_text()
    assert own.find("form") is None
    of_other = client.get(town.path(Purpose.DESK, other)).text
    theirs = BeautifulSoup(of_other, "html.parser").find(id=f"idee-{idea.id}")
    assert "bij Wil Post" in theirs.get_text()
    assert len(theirs.find_all("form")) == 2


def test_a_second_press_at_the_desk_tells_nobody_twice_and_an_old_desk_moves_nothing(
    client, town, waiting, desk
):
    form = {"idea": str(waiting.id), "framework": "groen", "reason": "Dit past hier.", "seen": "0"}
    assert 'name="seen" value="0"' in client.get(desk).text
    for _ in range(2):
        assert client.post(f"{desk}/plaats", data=form).headers["location"].endswith("?gedaan=plaats")
    other = client.post(f"{desk}/plaats", data={**form, "framework": "rooster"})
    assert other.status_code == 422
    assert "Iemand heeft intussen iets over dit idee besloten" in other.text
    with town.database.reading() as session:
        assert session.get_one(Idea, waiting.id).framework_id == town.green.framework_id
        kinds = session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
        assert kinds == ["to_manager", "handed_over"]
        assert len(session.scalars(select(Correction)).all()) == 1


def test_who_places_an_idea_of_the_second_page_goes_on_there(client, town, waiting, desk):
    with town.database.writing() as session:
        for number in range(AT_A_TIME + 1):
            idea = make_idea(session, title=f"Rij {number}", status=IdeaStatus.WITH_COORDINATOR)
            make_assignment(session, idea, town.coordinator)
    page = client.get(f"{desk}?wachten=2").text
    action = re.search(r'action="([^"]+/plaats[^"]*)"', page).group(1)
    form = {"idea": str(idea.id), "framework": "groen", "reason": "", "seen": "0"}
    refused = client.post(action, data={**form, "reason": "ja"})
    assert refused.status_code == 422
    assert f"Rij {AT_A_TIME}" in refused.text
    assert 'value="ja" aria-invalid="true"' in refused.text
    placed = client.post(action, data={**form, "reason": "Past hier."})
    assert placed.headers["location"] == f"{desk}?gedaan=plaats&wachten=2"


def test_the_desk_is_for_coordinators_only(client, town):
    assert client.get(town.path(Purpose.DESK, town.manager)).status_code == 410


def test_the_demo_opens_doors_only_at_this_machine(client, stranger, waiting):
    assert "/bureau/" in client.get("/stand").text
    assert "/bureau/" not in stranger.get("/stand").text
    assert client.get("/mail").status_code == 200
    assert stranger.get("/mail").status_code == 404
    assert client.get("/mail", headers={"x-forwarded-for": "192.0.2.9"}).status_code == 404
    assert client.get("/mail", headers={"host": "rebound.example"}).status_code == 404


def test_behind_a_proxy_nobody_is_local(settings: Settings, town):
    # What nginx sends when nothing is set: its own address, no word of the browser's, Host as in proxy_pass.
    public = settings.model_copy(update={"base_url": "https://ideeen.veld.example"})
    with TestClient(
        create_app(public), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000)
    ) as proxied:
        assert proxied.get("/mail").status_code == 404
        assert "/bureau/" not in proxied.get("/stand").text
        body = {"text": "Een pomp.", "anonymous": True}
        assert proxied.post("/api/v1/ideas", json=body, headers={"Idempotency-Key": "k"}).status_code == 403
        form = {"key": "k", "text": "Een pomp.", "anonymous": "1"}
        from_page = {"origin": "https://ideeen.veld.example"}
        assert proxied.post("/idee", data=form, headers=from_page, follow_redirects=False).status_code == 303
        elsewhere = {"origin": "https://elders.example"}
        assert proxied.post("/idee", data=form, headers=elsewhere).status_code == 403


@pytest.mark.parametrize("base_url", ["http://localhost:9000", "http://[::1]:8000/"])
def test_an_address_of_this_machine_is_local(settings: Settings, town, base_url):
    here = settings.model_copy(update={"base_url": base_url})
    with TestClient(
        create_app(here), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000)
    ) as client:
        assert client.get("/mail").status_code == 200


def test_with_a_mail_server_there_is_no_catcher(settings: Settings, town):
    with_smtp = settings.model_copy(update={"smtp_url": "smtp://mail.veld.example"})
    with TestClient(
        create_app(with_smtp), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000)
    ) as client:
        assert client.get("/mail").status_code == 404
        assert "/bureau/" not in client.get("/stand").text


def test_a_caught_mail_is_shown_in_a_frame_where_nothing_runs(client, settings: Settings, town):
    message = EmailMessage()
    message["From"] = "ideeen@kader.example"
    message["To"] = "Anna Smit <anna.smit@veld.example>"
    message["Date"] = "Wed, 03 Jun 2026 09:00:00 +0000"
    message["Message-ID"] = "<1.receipt@kader.example>"
    message["Subject"] = "Je idee is ontvangen"
    message.set_content("Bedankt!")
    message.add_alternative("<p>Bedankt!</p><script>alert(1)</script>", subtype="html")
    with MaildirTransport(settings.mailbox) as transport:
        transport.send(message, recipient="anna.smit@veld.example")
        transport.settle()
    listed = client.get("/mail?recipient=anna.smit@veld.example")
    assert "Je idee is ontvangen" in listed.text
    assert "Je idee is ontvangen" not in client.get("/mail?recipient=bo.karsten@veld.example").text
    path = re.search(r'href="(/mail/[^"?]+)"', listed.text).group(1)
    page = client.get(path).text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<script>alert" not in page
    policy = client.get(f"{path}/html").headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert client.get("/mail/..%2fkader.db").status_code == 404


def test_a_number_that_no_idea_can_have_is_refused(client, desk):
    idea = {"idea": "999999999999", "framework": "groen", "reason": "Dit past hier.", "seen": "0"}
    assert client.post(f"{desk}/plaats", data=idea).status_code == 422
    message = {"message": "999999999999", "word": next(iter(MESSAGE_WORDS))}
    assert client.post(f"{desk}/bericht", data=message).status_code == 422
