"""The submitter says that an idea is in the wrong place; the desk answers."""

import pytest
from sqlalchemy import select

from intake.accept import hash_token
from kader.links import Purpose
from models import Event, Idea, OutboxMessage
from models.words import IdeaStatus
from pipeline.answering import LONGEST_REASON
from tests.factories import make_assessment, make_assigned_idea, make_assignment, make_idea, make_link

WRONG = "Dit gaat over het <b>rooster</b>."
FORM = 'action="{}/klopt-niet"'


@pytest.fixture
def idea(town):
    with town.database.writing() as session:
        idea = make_assigned_idea(session, town.green, town.manager, title="Lampen", submitter=town.submitter)
        make_assessment(session, idea, [("groen", 0.7, []), ("rooster", 0.2, [])])
    return idea


@pytest.fixture
def follow(town, idea):
    return town.path(Purpose.FOLLOW, town.submitter, idea.id)


@pytest.fixture
def desk(town):
    return town.path(Purpose.DESK, town.coordinator)


def kinds(town):
    with town.database.reading() as session:
        return list(session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def events(town):
    with town.database.reading() as session:
        return list(session.scalars(select(Event.kind).order_by(Event.id)))


def test_a_coordinator_looks_at_it_and_promises_no_decision(client, town, follow):
    page = client.get(follow).text
    assert "Wie beslist" in page
    assert "Antwoord uiterlijk" in page
    with town.database.writing() as session:
        waiting = make_idea(
            session, title="Soep", submitter=town.submitter, status=IdeaStatus.WITH_COORDINATOR
        )
        make_assignment(session, waiting, town.coordinator)
    own = town.path(Purpose.FOLLOW, town.submitter, waiting.id)
    page = client.get(own).text
    assert "Wie ernaar kijkt" in page
    assert "Je hoort meer uiterlijk" in page
    assert "Wie beslist" not in page
    assert "Who looks at it" in client.get(own, params={"lang": "en"}).text


def test_the_submitter_says_it_once_and_sees_that_somebody_looks(client, town, follow):
    assert FORM.format(follow) in client.get(follow).text
    assert client.get(f"{follow}/klopt-niet").status_code == 405
    for text, said in ((" ", "Schrijf kort op"), ("x" * (LONGEST_REASON + 1), "korter dan")):
        refused = client.post(f"{follow}/klopt-niet", data={"objection": text})
        assert refused.status_code == 422
        assert said in refused.text
    assert kinds(town) == []
    sent = client.post(f"{follow}/klopt-niet", data={"objection": WRONG})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{follow}?gedaan=klopt-niet")
    page = client.get(sent.headers["location"]).text
    assert "Dit gaat over het &lt;b&gt;rooster&lt;/b&gt;." in page
    assert "Een mens kijkt ernaar" in page
    assert FORM.format(follow) not in page
    assert client.post(f"{follow}/klopt-niet", data={"objection": WRONG}).status_code == 303
    other = client.post(f"{follow}/klopt-niet", data={"objection": "Nog iets."})
    assert other.status_code == 422
    assert "al laten weten" in other.text
    assert kinds(town) == ["objection"]
    english = client.get(follow, params={"taal": "en"}, headers={"accept-language": "en"}).text
    assert "&lt;b&gt;rooster" in english


def test_another_site_and_another_person_say_nothing(client, town, idea, follow):
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.post(f"{follow}/klopt-niet", data={"objection": WRONG}, headers=foreign).status_code == 403
    for person in (town.colleague, town.manager):
        path = town.path(Purpose.FOLLOW, person, idea.id)
        assert client.post(f"{path}/klopt-niet", data={"objection": WRONG}).status_code == 410
    assert kinds(town) == []


@pytest.mark.parametrize("status", list(IdeaStatus))
def test_the_form_is_there_where_it_works(client, town, follow, idea, status):
    with town.database.writing() as session:
        session.merge(idea).status = status.value
        if status is IdeaStatus.JOINED:
            earlier = make_idea(session, submitter=town.colleague, status=IdeaStatus.ASSIGNED)
            later = make_idea(session, submitter=town.submitter, status=status)
            make_link(session, later, earlier)
    offered = FORM.format(follow) in client.get(follow).text
    assert offered is (status in {IdeaStatus.ASSIGNED, IdeaStatus.WITH_COORDINATOR, IdeaStatus.IN_REVIEW})
    sent = client.post(f"{follow}/klopt-niet", data={"objection": WRONG})
    assert sent.status_code == (303 if offered else 422)


def test_the_words_are_in_no_log(client, follow, caplog):
    caplog.set_level("DEBUG")
    client.post(f"{follow}/klopt-niet", data={"objection": WRONG})
    assert "rooster" not in caplog.text
    assert "Anna" not in caplog.text


def test_who_has_no_name_says_it_too(client, town):
    token = "een-lang-geheim"
    with town.database.writing() as session:
        idea = make_idea(session, follow_token_hash=hash_token(token), status=IdeaStatus.WITH_COORDINATOR)
        make_assignment(session, idea, town.coordinator)
    path = f"/volg/anoniem/{token}"
    assert FORM.format(path) in client.get(path).text
    assert client.post(f"{path}/klopt-niet", data={"objection": WRONG}).status_code == 303
    assert kinds(town) == ["objection"]


def test_the_desk_shows_it_and_says_why_it_stays(client, town, idea, follow, desk):
    assert "Indieners die zeggen: dit klopt niet" not in client.get(desk).text
    client.post(f"{follow}/klopt-niet", data={"objection": WRONG})
    page = client.get(desk).text
    for words in (
        "Indieners die zeggen: dit klopt niet",
        "&lt;b&gt;rooster",
        "Lampen",
        "Mo Verhaar",
        "Groener werken",
    ):
        assert words in page
    form = {"idea": str(idea.id), "stays": "Het gaat om de lampen."}
    for reason in (" ", "x" * (LONGEST_REASON + 1)):
        refused = client.post(f"{desk}/blijft", data={**form, "stays": reason})
        assert refused.status_code == 422
        assert 'id="stays-fault"' in refused.text
    assert client.post(f"{desk}/blijft", data={**form, "idea": "x"}).status_code == 422
    assert client.post(f"{desk}/blijft", data=form).status_code == 303
    assert kinds(town) == ["objection", "stays"]
    assert "Indieners die zeggen" not in client.get(desk).text
    followed = client.get(follow).text
    assert "Het gaat om de lampen." in followed
    assert FORM.format(follow) in followed
    again = client.post(f"{desk}/blijft", data=form)
    assert again.status_code == 422
    assert "al beantwoord" in again.text
    assert events(town)[-2:] == ["objected", "stays"]


def test_the_desk_hands_it_over(client, town, idea, follow, desk):
    client.post(f"{follow}/klopt-niet", data={"objection": WRONG})
    page = client.get(desk).text
    # Only other frameworks are proposed.
    assert 'name="framework" value="rooster"' in page
    assert 'name="framework" value="groen"' not in page
    form = {"idea": str(idea.id), "framework": "rooster", "reason": "Dit gaat over het rooster."}
    assert client.post(f"{desk}/plaats", data=form).status_code == 303
    assert "Indieners die zeggen" not in client.get(desk).text
    assert "handed_over" in kinds(town)


def test_an_idea_stands_once_on_the_desk(client, town, desk):
    with town.database.writing() as session:
        idea = make_idea(session, title="Soep", submitter=town.submitter, status=IdeaStatus.WITH_COORDINATOR)
        make_assignment(session, idea, town.coordinator)
    assert f'id="idee-{idea.id}"' in client.get(desk).text
    follow = town.path(Purpose.FOLLOW, town.submitter, idea.id)
    client.post(f"{follow}/klopt-niet", data={"objection": WRONG})
    assert client.get(desk).text.count(f'id="idee-{idea.id}"') == 1


def test_only_a_coordinator_says_that_it_stays(client, town, idea, follow):
    client.post(f"{follow}/klopt-niet", data={"objection": WRONG})
    form = {"idea": str(idea.id), "stays": "Het blijft hier."}
    path = town.path(Purpose.DESK, town.manager)
    assert client.post(f"{path}/blijft", data=form).status_code == 410
    assert kinds(town) == ["objection"]


@pytest.mark.parametrize("status", ["assigned", "parked", "declined", "adopted", "realised"])
def test_who_joined_an_idea_can_leave_it_whatever_became_of_that(client, town, status):
    with town.database.writing() as session:
        first = make_assigned_idea(session, town.green, town.manager, submitter=town.colleague)
        first.status = status
        second = make_idea(session, submitter=town.submitter, status=IdeaStatus.JOINED)
        make_link(session, second, first).state = "confirmed"
    path = town.path(Purpose.FOLLOW, town.submitter, second.id)
    assert "Mijn idee is anders" in client.get(path).text
    assert client.post(f"{path}/anders").status_code == 303
    page = client.get(path).text
    assert "Mijn idee is anders" not in page
    assert "Je idee ligt bij de collega die erover beslist." in page
    with town.database.reading() as session:
        assert session.get_one(Idea, second.id).status == IdeaStatus.ASSIGNED
