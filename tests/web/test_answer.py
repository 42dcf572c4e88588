"""The manager's page: everything to decide with, and a decision that is made once."""

from datetime import date

import pytest
from sqlalchemy import select

from kader.links import Purpose
from models import Assessment, Attachment, DecisionRecord, DuplicateLink, Idea, OutboxMessage
from models.words import IdeaStatus, LinkState
from tests.factories import make_assessment, make_assigned_idea, make_idea, make_link

REASON = "We beginnen in september."


@pytest.fixture
def idea(town):
    with town.database.writing() as session:
        idea = make_assigned_idea(
            session,
            town.green,
            town.manager,
            text="Lampen met een <i>sensor</i>.",
            title="Lampen",
            submitter=town.submitter,
        )
        earlier = make_idea(session, title="Lichten <uit>", status=IdeaStatus.ADOPTED)
        stray = make_idea(session, title="Hond gevonden", status=IdeaStatus.DECLINED)
        make_assessment(
            session,
            idea,
            [("groen", 0.86, ["lampen"]), ("rooster", 0.1, [])],
            against=["verbouwing"],
            quote="Minder stroom & warmte.",
            precedents=[(earlier, "groen"), (stray, None)],
            touched=[("groen", "Verbouwen", "Doe het met de verbouwing.")],
        )
        session.add(
            Attachment(idea_id=idea.id, name="föto.html", content_type="text/html", content=b"<script>")
        )
    return idea


@pytest.fixture
def path(town, idea):
    return town.path(Purpose.ANSWER, town.manager, idea.id)


def decisions(town):
    with town.database.reading() as session:
        return [(each.kind, each.reason) for each in session.scalars(select(DecisionRecord))]


def test_the_page_shows_everything(client, path):
    page = client.get(path).text
    for words in (
        "Lampen met een &lt;i&gt;sensor&lt;/i&gt;.",
        "Anna Smit",
        "Groener werken",
        "Verbouwen",
        "Doe het met de verbouwing.",
        "86 %",
        "lampen",
        "nog 14 dagen",
        "Dit leest Anna Smit.",
        "Dit wijst ergens anders heen: <q>verbouwing</q>",
        "<q>Minder stroom &amp; warmte.</q>",
        "Lichten &lt;uit&gt;</span> · Groener werken",
        "voor 71 % gelijk",
        "Hond gevonden</span> · past bij geen kader",
    ):
        assert words in page


def test_an_assessment_of_before_is_still_shown(client, town, idea, path):
    with town.database.writing() as session:
        assessment = session.scalars(select(Assessment).where(Assessment.idea_id == idea.id)).one()
        assessment.candidates = [each[:3] for each in assessment.candidates]
        assessment.precedents = None
    page = client.get(path).text
    assert "<q>lampen</q>" in page
    assert "Uit het kader" not in page
    assert "Eerdere ideeën" not in page


def test_looking_changes_nothing(client, town, idea, path):
    for method in (client.get, client.head):
        assert method(path).status_code == 200
    with town.database.reading() as session:
        assert session.get_one(Idea, idea.id).status == IdeaStatus.ASSIGNED
    assert decisions(town) == []


def test_a_decision_reaches_the_submitter(client, town, idea, path):
    answer = client.post(path, data={"action": "adopt", "reason": REASON, "seen": "0"})
    assert answer.status_code == 303
    assert "Besloten: dit gaan we doen." in client.get(answer.headers["location"]).text
    with town.database.reading() as session:
        assert session.get_one(Idea, idea.id).status == IdeaStatus.ADOPTED
        message = session.scalars(select(OutboxMessage)).one()
        assert (message.kind, message.recipient_id) == ("adopted", town.submitter.id)
    followed = client.get(town.path(Purpose.FOLLOW, town.submitter, idea.id)).text
    assert REASON in followed
    assert "Ja, dit gaan we doen. Besloten door Mo Verhaar" in followed


def test_a_double_click_decides_once_and_ends_well(client, town, path):
    for _ in range(2):
        answer = client.post(path, data={"action": "decline", "reason": REASON, "seen": "0"})
        assert answer.status_code == 303
    assert decisions(town) == [("decline", REASON)]


def test_who_did_not_see_the_last_decision_must_look_first(client, town, path):
    client.post(
        path, data={"action": "park", "parked_until": "2026-09-01", "reason": "Na de zomer.", "seen": "0"}
    )
    answer = client.post(path, data={"action": "adopt", "reason": REASON, "seen": "0"})
    assert answer.status_code == 422
    assert "Intussen is er al iets besloten." in answer.text
    assert REASON in answer.text
    assert decisions(town) == [("park", "Na de zomer.")]
    assert client.post(path, data={"action": "adopt", "reason": REASON, "seen": "1"}).status_code == 303


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"reason": REASON}, "Kies wat je besluit."),
        ({"action": "decline", "reason": "  "}, "Schrijf op waarom."),
        ({"action": "park", "reason": REASON}, "Kies een dag."),
        ({"action": "park", "reason": REASON, "parked_until": "2026-06-03"}, "Kies een dag na vandaag."),
        ({"action": "hand_over", "reason": REASON, "framework": "niets"}, "Kies naar welk kader"),
        ({"action": "realise", "reason": REASON}, "Dit kan niet meer."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_decided(client, town, path, form, sentence):
    answer = client.post(path, data={"seen": "0", **form})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert decisions(town) == []


def test_handing_over_moves_the_idea_and_takes_the_form_away(client, town, idea, path):
    form = {"action": "hand_over", "framework": "rooster", "reason": "Dit gaat over diensten.", "seen": "0"}
    assert client.post(path, data=form).status_code == 303
    page = client.get(path).text
    assert "Dit idee ligt bij een ander" in page
    assert client.post(path, data={"action": "adopt", "reason": REASON, "seen": "1"}).status_code == 422
    with town.database.reading() as session:
        assert session.get_one(Idea, idea.id).framework_id == town.roster.framework_id


def test_the_submitter_answers_a_question(client, town, idea, path):
    client.post(path, data={"action": "ask", "reason": "Welke gang?", "seen": "0"})
    follow = town.path(Purpose.FOLLOW, town.submitter, idea.id)
    assert "Welke gang?" in client.get(follow).text
    assert client.post(f"{follow}/antwoord", data={"text": " "}).status_code == 422
    assert client.post(f"{follow}/antwoord", data={"text": "Die bij de keuken."}).status_code == 303
    assert "Die bij de keuken." in client.get(path).text
    late = client.post(f"{follow}/antwoord", data={"text": "Nog iets."})
    assert late.status_code == 422
    assert "Er staat geen vraag meer open" in late.text


def test_an_attachment_is_saved_and_never_shown(client, path):
    page = client.get(f"{path}/bijlage/1")
    assert page.content == b"<script>"
    assert page.headers["content-disposition"] == "attachment; filename*=UTF-8''f%C3%B6to.html"
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"{path}/bijlage/2").status_code == 404


def test_a_person_says_whether_twins_are_the_same(client, town, idea, path):
    with town.database.writing() as session:
        twin = make_assigned_idea(
            session, town.green, town.manager, title="Licht uit", submitter=town.colleague
        )
        link = make_link(session, twin, idea)
    assert "Licht uit" in client.get(path).text
    assert client.post(f"{path}/koppeling", data={"link": str(link.id), "word": "confirm"}).status_code == 303
    joined = town.path(Purpose.FOLLOW, town.colleague, twin.id)
    assert "Mijn idee is anders" in client.get(joined).text
    assert "1 collega had dit idee ook" in client.get(joined).text
    assert client.post(f"{joined}/anders").status_code == 303
    with town.database.reading() as session:
        assert session.get_one(DuplicateLink, link.id).state == LinkState.UNDONE


def test_a_link_between_other_ideas_is_out_of_reach(client, town, path):
    with town.database.writing() as session:
        others = [make_assigned_idea(session, town.roster, town.coordinator) for _ in range(2)]
        link = make_link(session, others[1], others[0])
    assert client.post(f"{path}/koppeling", data={"link": str(link.id), "word": "confirm"}).status_code == 403


def test_nobody_decides_on_an_idea_of_their_own(client, town):
    with town.database.writing() as session:
        own = make_assigned_idea(session, town.green, town.manager, submitter=town.coordinator)
    path = town.path(Purpose.ANSWER, town.coordinator, own.id)
    answer = client.post(path, data={"action": "adopt", "reason": REASON, "seen": "0"})
    assert answer.status_code == 422
    assert decisions(town) == []


def test_the_list_holds_what_is_late_first(client, town, idea):
    with town.database.writing() as session:
        make_assigned_idea(session, town.green, town.manager, title="Vergeten", due_on=date(2026, 6, 1))
    page = client.get(town.path(Purpose.MANAGER, town.manager)).text
    assert "2 dagen te laat" in page
    assert page.index("Vergeten") < page.index("Lampen")
