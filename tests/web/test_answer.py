"""The manager's page: everything to decide with, and a decision that is made once."""

import re
from datetime import date

import pytest
from sqlalchemy import select, update

from kader.links import Purpose
from models import (
    Absence,
    Assessment,
    Attachment,
    DecisionRecord,
    DuplicateLink,
    FrameworkVersion,
    Idea,
    OutboxMessage,
)
from models.words import IdeaStatus, LinkState
from pipeline.core import MEANING
from tests.factories import (
    NOW,
    make_assessment,
    make_assigned_idea,
    make_assignment,
    make_framework,
    make_idea,
    make_link,
)

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
            [("groen", 0.86, ["lampen", MEANING]), ("rooster", 0.1, [])],
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


def test_beside_the_idea_stands_which_limit_it_may_touch(client, path, town):
    page = client.get(path).text
    assert '<a href="#grenzen">Misschien raakt dit idee aan een grens: Verbouwen</a>' in page
    assert 'id="grenzen"' in page
    assert "This idea may touch a limit: Verbouwen" in client.get(path, params={"lang": "en"}).text
    with town.database.writing() as session:
        plain = make_assigned_idea(session, town.green, town.manager, title="Vuilnis")
        make_assessment(session, plain, [("groen", 0.86, [])])
    assert "#grenzen" not in client.get(town.path(Purpose.ANSWER, town.manager, plain.id)).text


def test_the_page_says_how_many_places_are_taken(client, town, path):
    assert "plekken" not in client.get(path).text
    with town.database.writing() as session:
        session.execute(
            update(FrameworkVersion).where(FrameworkVersion.id == town.green.id).values(capacity=3)
        )
        for status in (IdeaStatus.ADOPTED, IdeaStatus.REALISED, IdeaStatus.STOPPED, IdeaStatus.DECLINED):
            make_idea(session, submitter=town.submitter, status=status, framework=town.green)
        make_idea(session, submitter=town.submitter, status=IdeaStatus.ADOPTED, framework=town.roster)
    page = client.get(path).text
    assert "2 van 3 plekken gebruikt." in page
    assert "geen plek meer" not in page
    with town.database.writing() as session:
        make_idea(session, submitter=town.submitter, status=IdeaStatus.IN_PROGRESS, framework=town.green)
    page = client.get(path).text
    assert "3 van 3 plekken gebruikt." in page
    assert "geen plek meer" in page


def test_who_stands_in_today_finds_the_idea_and_may_decide(client, town, idea):
    page, work = (
        town.path(Purpose.ANSWER, town.colleague, idea.id),
        town.path(Purpose.MANAGER, town.colleague),
    )
    assert 'name="action"' not in client.get(page).text
    assert "Lampen" not in client.get(work).text
    with town.database.writing() as session:
        session.add(
            Absence(
                person_id=town.manager.id,
                deputy_id=town.colleague.id,
                first_day=NOW.date(),
                last_day=NOW.date(),
            )
        )
    assert 'name="action"' in client.get(page).text
    assert "Lampen" in client.get(work).text
    sent = client.post(page, data={"action": "adopt", "reason": REASON, "seen": "0"})
    assert sent.status_code == 303
    assert decisions(town) == [("adopt", REASON)]


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
        "Dit spreekt ervoor: <q>lampen</q>, de betekenis als geheel",
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


def test_a_fault_speaks_of_the_answer_and_not_of_an_idea(client, path):
    answer = client.post(path, data={"action": "adopt", "reason": "", "seen": "0"})
    assert answer.status_code == 422
    assert "Je antwoord is nog niet verstuurd." in answer.text
    assert "Schrijf op waarom." in answer.text
    short = client.post(path, data={"action": "adopt", "reason": "ja", "seen": "0"}).text
    assert "Schrijf iets meer op" in short
    assert "Schrijf op waarom." not in short
    first = client.post(path, data={"action": "", "reason": "Prima idee.", "seen": "0"}).text
    assert re.search(r'<input type="radio"[^>]*autofocus', first)
    assert not re.search(r"<fieldset[^>]*autofocus", first)
    assert "Je idee is nog niet" not in answer.text


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


def test_handing_over_twice_ends_well_and_to_another_framework_does_not(client, town, path):
    with town.database.writing() as session:
        make_framework(session, "zorg", managers={None: town.colleague})
    form = {"action": "hand_over", "framework": "rooster", "reason": REASON, "seen": "0"}
    for _ in range(2):
        assert client.post(path, data=form).status_code == 303
    assert client.post(path, data={**form, "framework": "zorg"}).status_code == 422
    assert decisions(town) == [("hand_over", REASON)]


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
        (
            {"action": "extend", "reason": REASON, "due_on": "2026-06-17"},
            "Het antwoord is al beloofd voor woensdag 17 juni 2026.",
        ),
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
    for _ in range(2):
        assert client.post(f"{follow}/antwoord", data={"text": "Die bij de keuken."}).status_code == 303
    assert "Die bij de keuken." in client.get(path).text
    with town.database.reading() as session:
        kinds = session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert kinds == ["question", "in_review", "answered"]
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


def test_words_that_are_written_from_right_to_left_are_shown_so(client, town):
    words, title = "רעיון חדש: יותר אופניים!", "אופניים"
    with town.database.writing() as session:
        idea = make_assigned_idea(
            session, town.green, town.manager, text=words, title=title, submitter=town.submitter
        )
        make_idea(session, words, title=title, submitter=town.submitter, status=IdeaStatus.WITH_COORDINATOR)
        waiting = session.scalars(select(Idea).where(Idea.status == IdeaStatus.WITH_COORDINATOR)).one()
        make_assignment(session, waiting, town.coordinator)
    paths = [
        town.path(Purpose.ANSWER, town.manager, idea.id),
        town.path(Purpose.FOLLOW, town.submitter, idea.id),
        town.path(Purpose.MANAGER, town.manager),
        town.path(Purpose.DESK, town.coordinator),
    ]
    for path in paths:
        main = client.get(path).text.partition("<main")[2]
        # The element around the words, or around the link that they are.
        around = re.findall(rf"<(\w+)([^>]*)>(?:<a [^>]*>)?(?:{words}|{title})<", main)
        assert around
        assert all('dir="auto"' in attributes for _, attributes in around), path
