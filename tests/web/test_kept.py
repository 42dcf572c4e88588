"""What was kept for a person: each can be handled from the desk, once, and nothing of it is lost."""

import pytest
from sqlalchemy import func, select

from kader.links import Purpose
from models import Attachment, DecisionRecord, Event, Idea, IntakeRecord, OutboxMessage
from models.words import IdeaStatus
from tests.factories import NOW, make_assigned_idea, make_assignment, make_idea
from web.queries.work import AT_A_TIME

WITH_FILE = (
    b"From: Anna Smit <anna.smit@veld.example>\r\nSubject: Re: [K-2026-0001] Een vraag\r\nMessage-ID: <p@veld.example>\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\n'
    b"Bij de voordeur, zie de <b>tekening</b>.\r\n--q\r\nContent-Type: image/png\r\n"
    b'Content-Disposition: attachment; filename="pomp.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    b"iVBORw==\r\n--q--\r\n"
)


@pytest.fixture
def desk(town):
    return town.path(Purpose.DESK, town.coordinator)


def keep(town, content=WITH_FILE, number=1, detail="Kijk hiernaar. / Look at this."):
    with town.database.writing() as session:
        record = IntakeRecord(
            source="email",
            delivery_key=f"aside {number}",
            outcome="exception",
            detail=detail,
            content_type="message/rfc822",
            content=content,
            received_at=NOW,
        )
        session.add(record)
        session.flush()
        return record.id


@pytest.fixture
def asked(town):
    """An idea of Anna's on which the manager asked her something."""
    with town.database.writing() as session:
        idea = make_assigned_idea(session, town.green, town.manager, submitter=town.submitter)
        idea.status = IdeaStatus.WAITING_FOR_SUBMITTER
        session.add(
            DecisionRecord(
                idea_id=idea.id,
                number=1,
                kind="ask",
                person_id=town.manager.id,
                reason="Bij welke deur?",
                made_at=NOW,
            )
        )
    return idea


def record_of(town, record_id):
    with town.database.reading() as session:
        return session.get_one(IntakeRecord, record_id)


def events(town):
    with town.database.reading() as session:
        return [(each.kind, each.person_id) for each in session.scalars(select(Event).order_by(Event.id))]


def test_a_kept_mail_becomes_an_idea_once(client, town, desk):
    record = keep(town)
    assert f"{desk}/apart/{record}" in client.get(desk).text
    page = client.get(f"{desk}/apart/{record}").text
    for words in ("Kijk hiernaar.", "zie de &lt;b&gt;tekening&lt;/b&gt;", "anna.smit@veld.example"):
        assert words in page
    assert "Look at this." not in page
    form = {
        "title": "Een pomp",
        "text": "Een pomp bij de voordeur.",
        "email": "anna.smit@veld.example",
        "unit": "keuken",
    }
    for wrong in ({**form, "email": "geen adres"}, {"title": "", "text": " "}):
        refused = client.post(f"{desk}/apart/{record}/idee", data=wrong)
        assert refused.status_code == 422
        assert "Dit is nog niet bewaard." in refused.text
    answer = client.post(f"{desk}/apart/{record}/idee", data=form)
    assert answer.status_code == 303
    assert "Er is een idee van gemaakt." in client.get(answer.headers["location"]).text
    with town.database.reading() as session:
        (idea,) = session.scalars(select(Idea))
        assert (idea.text, idea.source, idea.submitter_id) == (form["text"], "email", town.submitter.id)
        assert session.scalars(select(OutboxMessage)).one().kind == "receipt"
        assert session.scalars(select(Attachment)).one().name == "pomp.png"
    assert events(town) == [("received", None), ("taken_up", town.coordinator.id)]
    kept = record_of(town, record)
    assert (kept.resolved_at, kept.resolved_by_id) == (NOW, town.coordinator.id)
    assert kept.resolution == idea.reference
    assert kept.content == WITH_FILE
    again = client.post(f"{desk}/apart/{record}/idee", data=form)
    assert again.status_code == 422
    assert "Dit is al afgehandeld." in again.text
    assert f"{desk}/apart/{record}" not in client.get(desk).text
    assert client.get(f"{desk}/ruw/{record}").content == WITH_FILE
    # Whoever decides sees what was remarked.
    manager_page = client.get(town.path(Purpose.ANSWER, town.manager, idea.id)).text
    assert "Kijk hiernaar." in manager_page
    assert "Look at this." not in manager_page


def test_a_kept_answer_reaches_who_asked(client, town, desk, asked):
    record = keep(town)
    page = client.get(f"{desk}/apart/{record}").text
    for words in ("K-2026-0001", "Bij welke deur?", "Bij de voordeur"):
        assert words in page
    form = {"reference": "k-2026-0001", "reply": "Bij de voordeur."}
    path = f"{desk}/apart/{record}/antwoord"
    assert client.post(path, data={**form, "reference": "K-2026-0099"}).status_code == 422
    assert client.post(path, data={**form, "reply": " "}).status_code == 422
    assert client.post(path, data=form).status_code == 303
    with town.database.reading() as session:
        assert session.get_one(Idea, asked.id).status == IdeaStatus.IN_REVIEW
        messages = session.scalars(select(OutboxMessage)).all()
        assert session.scalars(select(Attachment)).one().name == "pomp.png"
    told = {(message.kind, message.recipient_id): message for message in messages}
    assert told.keys() == {("answered", town.manager.id), ("in_review", town.submitter.id)}
    assert told["answered", town.manager.id].payload["answer"] == "Bij de voordeur."
    assert events(town)[1:] == [
        ("answered", town.submitter.id),
        ("reply_recorded", town.coordinator.id),
    ]
    kept = record_of(town, record)
    assert (kept.outcome, kept.idea_id, kept.resolution) == ("reply", asked.id, "K-2026-0001")
    assert "Afgehandeld" in client.get(f"{desk}/apart/{record}").text
    # Nothing is asked any more, so a second mail is refused, and stays for a person.
    second = keep(town, number=2)
    refused = client.post(f"{desk}/apart/{second}/antwoord", data=form)
    assert refused.status_code == 422
    assert "geen vraag meer open" in refused.text
    assert record_of(town, second).resolved_at is None


def test_what_is_neither_is_settled_with_a_note(client, town, desk):
    record = keep(town, content=b"")
    assert client.get(f"{desk}/apart/{record}").status_code == 200
    path = f"{desk}/apart/{record}/klaar"
    assert client.post(path, data={"note": " "}).status_code == 422
    assert client.post(path, data={"note": "Reclame."}).status_code == 303
    kept = record_of(town, record)
    assert (kept.outcome, kept.resolution, kept.resolved_by_id) == (
        "exception",
        "Reclame.",
        town.coordinator.id,
    )
    assert "Er ging niets mis." in client.get(desk).text
    assert client.get("/api/v1/status").json()["exceptions"] == 0


def test_only_a_coordinator_handles_and_no_other_site(client, town, desk):
    record = keep(town)
    foreign = town.path(Purpose.DESK, town.manager)
    for path in (f"apart/{record}/klaar", f"apart/{record}/idee", f"apart/{record}/antwoord", "bericht"):
        assert client.post(f"{foreign}/{path}", data={"note": "Weg ermee."}).status_code == 410
        elsewhere = client.post(
            f"{desk}/{path}", data={"note": "Weg ermee."}, headers={"sec-fetch-site": "cross-site"}
        )
        assert elsewhere.status_code == 403
    assert client.get(f"{desk}/apart/999").status_code == 404
    assert record_of(town, record).resolved_at is None


def test_a_message_in_trouble_is_sent_again_or_left(client, town, desk, asked):
    with town.database.writing() as session:
        for number, status in enumerate(("failed", "uncertain"), 1):
            session.add(
                OutboxMessage(
                    idea_id=asked.id,
                    recipient_id=town.submitter.id,
                    kind="question",
                    revision=number,
                    payload={},
                    message_id=f"{number}@kader.example",
                    status=status,
                    created_at=NOW,
                    not_before=NOW,
                    trouble="550 no such user",
                )
            )
    page = client.get(desk).text
    assert page.count("550 no such user") == 2
    again = client.post(f"{desk}/bericht", data={"message": "1", "word": "resend"})
    assert "Het bericht wordt opnieuw verstuurd." in client.get(again.headers["location"]).text
    assert client.post(f"{desk}/bericht", data={"message": "2", "word": "dismiss"}).status_code == 303
    with town.database.reading() as session:
        rows = session.execute(
            select(OutboxMessage.status, OutboxMessage.dismissed_at).order_by(OutboxMessage.id)
        ).all()
    assert [tuple(row) for row in rows] == [("pending", None), ("uncertain", NOW)]
    assert "Er ging niets mis." in client.get(desk).text
    assert events(town)[1:] == [
        ("message_resent", town.coordinator.id),
        ("message_left", town.coordinator.id),
    ]
    for number, word, status in (
        ("1", "resend", 422),
        ("2", "dismiss", 422),
        ("x", "resend", 422),
        ("1", "?", 422),
    ):
        assert client.post(f"{desk}/bericht", data={"message": number, "word": word}).status_code == status


def test_every_list_has_all_its_pages(client, town, desk):
    with town.database.writing() as session:
        for number in range(AT_A_TIME + 1):
            make_assigned_idea(session, town.green, town.manager, title=f"Idee nummer {number:03d}")
    last = [keep(town, number=number, detail=f"Apart {number:03d}") for number in range(AT_A_TIME + 1)][-1]
    first_page = client.get(desk).text
    assert f"apart/{last}" not in first_page
    assert f"{desk}?apart=2#mis" in first_page
    second_page = client.get(f"{desk}?apart=2").text
    assert f"apart/{last}" in second_page
    assert "2 van 2" in second_page
    assert client.get(f"{desk}?apart=nul").status_code == 200
    beyond = client.get(f"{desk}?apart=99").text
    assert f"{desk}?apart=2#mis" in beyond
    mine = town.path(Purpose.MANAGER, town.manager)
    assert "Idee nummer 050" not in client.get(mine).text
    assert "Idee nummer 050" in client.get(f"{mine}?open=2").text
    with town.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Idea)) == AT_A_TIME + 1


def test_the_desk_shows_what_was_remarked_of_an_idea(client, town, desk):
    with town.database.writing() as session:
        idea = make_idea(session, submitter=town.submitter, status=IdeaStatus.WITH_COORDINATOR)
        session.add(
            IntakeRecord(
                source="email",
                delivery_key="m",
                outcome="idea",
                idea_id=idea.id,
                detail="De bijlage is te groot. / The attachment is too large.",
                content_type="message/rfc822",
                content=b"",
                received_at=NOW,
            )
        )
    with town.database.writing() as session:
        make_assignment(session, idea, town.coordinator)
    page = client.get(desk).text
    assert "De bijlage is te groot." in page
    assert "too large" not in page
