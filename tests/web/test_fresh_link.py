"""An expired link is renewed by one press, in a mail to whom it was made for; the page tells nobody more."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from kader.links import Purpose
from models import OutboxMessage, Person
from notifications.outbox import claim
from tests.factories import NOW, make_assigned_idea
from tests.web.conftest import HERE
from web.app import create_app

DONE = "/nieuwe-link"


@pytest.fixture
def idea(town):
    with town.database.writing() as session:
        return make_assigned_idea(session, town.green, town.manager, submitter=town.submitter)


@pytest.fixture
def later(settings, town):
    """A browser at a site whose links work no day: each that is made is expired."""
    moment = [NOW]
    app = create_app(settings.model_copy(update={"link_days": -1}), clock=lambda: moment[0])
    with TestClient(
        app,
        base_url=HERE,
        client=("127.0.0.1", 50000),
        follow_redirects=False,
        headers={"accept-language": "nl"},
    ) as browser:
        browser.moment = moment
        yield browser


def sent(town):
    with town.database.reading() as session:
        return session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "fresh_link").order_by(OutboxMessage.id)
        ).all()


def paths(town, idea):
    return {
        Purpose.FOLLOW: (town.submitter, town.path(Purpose.FOLLOW, town.submitter, idea.id)),
        Purpose.ANSWER: (town.manager, town.path(Purpose.ANSWER, town.manager, idea.id)),
        Purpose.MANAGER: (town.manager, town.path(Purpose.MANAGER, town.manager)),
        Purpose.DESK: (town.coordinator, town.path(Purpose.DESK, town.coordinator)),
    }


@pytest.mark.parametrize("purpose", list(Purpose))
def test_one_press_sends_a_new_link_to_its_owner(later, town, idea, purpose):
    person, path = paths(town, idea)[purpose]
    page = later.get(path)
    assert page.status_code == 410
    assert person.name not in page.text
    assert person.email not in page.text
    (action,) = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    assert later.get(action).status_code == 405
    assert sent(town) == []
    answer = later.post(action)
    assert (answer.status_code, answer.headers["location"]) == (303, DONE)
    assert "Kijk in je mail" in later.get(DONE).text
    (message,) = sent(town)
    about = idea.id if purpose in {Purpose.FOLLOW, Purpose.ANSWER} else None
    assert (message.recipient_id, message.idea_id) == (person.id, about)
    assert message.payload == {"purpose": purpose.value}
    with town.database.writing() as session:
        (claimed,) = claim(
            session, now=NOW, owner="o", token="t", expires_at=NOW + timedelta(minutes=1), limit=9
        )
    assert claimed.letter.recipient.email == person.email


def test_one_mail_in_a_quarter_of_an_hour_for_each_person(later, town, idea):
    actions = {purpose: f"{DONE}{path}" for purpose, (_, path) in paths(town, idea).items()}
    for _ in range(3):
        assert later.post(actions[Purpose.ANSWER]).headers["location"] == DONE
        assert later.post(actions[Purpose.MANAGER]).headers["location"] == DONE
    assert len(sent(town)) == 1
    later.post(actions[Purpose.FOLLOW])
    assert len(sent(town)) == 2
    later.moment[0] += timedelta(minutes=15)
    for purpose in (Purpose.MANAGER, Purpose.ANSWER, Purpose.ANSWER):
        later.post(actions[purpose])
    assert len(sent(town)) == 3
    later.moment[0] += timedelta(minutes=15)
    later.post(actions[Purpose.MANAGER])
    later.moment[0] += timedelta(minutes=15)
    later.post(actions[Purpose.MANAGER])
    assert len({each.message_id for each in sent(town)}) == 5


def test_who_may_not_open_it_gets_nothing_and_the_page_says_the_same(later, town, idea):
    strangers = [
        town.path(Purpose.FOLLOW, town.colleague, idea.id),
        town.path(Purpose.FOLLOW, town.submitter, 999),
        town.path(Purpose.ANSWER, town.colleague, idea.id),
        town.path(Purpose.ANSWER, town.submitter, idea.id),
        town.path(Purpose.DESK, town.manager),
    ]
    with town.database.writing() as session:
        session.get_one(Person, town.manager.id).is_active = False
    strangers.append(town.path(Purpose.MANAGER, town.manager))
    for path in strangers:
        answer = later.post(f"{DONE}{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, DONE)
    assert sent(town) == []


def test_a_forged_link_has_no_button(client, later, town, idea):
    path = town.path(Purpose.FOLLOW, town.submitter, idea.id)
    for forged in (path[:-1], path.replace("/volg/", "/besluit/"), "/volg/onzin"):
        page = later.get(forged)
        assert page.status_code == 410
        assert DONE not in page.text
        assert "coördinator" not in page.text
        assert later.post(f"{DONE}{forged}").status_code == 410
    assert later.post(f"{DONE}/nergens/x").status_code == 404
    # A link that works is not renewed, and another site presses no button.
    assert client.post(f"{DONE}{path}").headers["location"] == path
    foreign = {"sec-fetch-site": "cross-site"}
    assert later.post(f"{DONE}{path}", headers=foreign).status_code == 403
    assert sent(town) == []


def test_a_form_on_an_expired_page_offers_the_button_too(later, town, idea):
    path = town.path(Purpose.ANSWER, town.manager, idea.id)
    page = later.post(path, data={"action": "adopt", "reason": "Goed.", "seen": "0"})
    assert page.status_code == 410
    assert f'action="{DONE}{path}"' in page.text


def test_no_token_and_no_address_is_logged(later, town, idea, caplog):
    caplog.set_level("DEBUG")
    path = town.path(Purpose.FOLLOW, town.submitter, idea.id)
    later.get(path)
    later.post(f"{DONE}{path}")
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith("httpx")]
    assert any("/nieuwe-link/{purpose}/{token} 303" in each for each in ours)
    token = path.rpartition("/")[2]
    assert [each for each in ours if token in each or town.submitter.email in each] == []
