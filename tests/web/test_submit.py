"""The form: one idea, whatever the browser does, and nothing of who wants no name."""

import json
import re

import pytest
from sqlalchemy import func, select

from kader.links import Purpose
from models import Idea, IntakeRecord, OutboxMessage, Person

FORM = {"key": "een-sleutel", "text": "Zet een pomp bij de fietsen.", "email": "Anna.Smit@veld.example"}


def count(town, table):
    with town.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_the_front_page_shows_what_is_asked_and_its_limits(client, town):
    page = client.get("/")
    assert page.status_code == 200
    for words in ("Groener werken", "Verbouwen", "Dat loopt al.", "Mo Verhaar", "binnen 10 werkdagen"):
        assert words in page.text


def test_a_sent_idea_is_kept_and_its_link_shows_it(client, town):
    answer = client.post("/idee", data=FORM)
    assert answer.status_code == 303
    thanks = client.get(answer.headers["location"])
    assert "K-2026-0001" in thanks.text
    link = re.search(r'href="([^"]+/volg/[^"]+)"', thanks.text).group(1)
    assert "Zet een pomp bij de fietsen." in client.get(link).text
    assert count(town, OutboxMessage) == 1


def test_a_double_click_gives_one_idea_and_the_same_page(client, town):
    first = client.get(client.post("/idee", data=FORM).headers["location"])
    second = client.get(client.post("/idee", data=FORM).headers["location"])
    assert count(town, Idea) == 1
    assert "K-2026-0001" in second.text
    assert "/volg/" in first.text
    assert "/volg/" in second.text


def test_going_back_and_sending_other_words_keeps_both(client, town):
    client.post("/idee", data=FORM)
    second = client.get(
        client.post("/idee", data={**FORM, "text": "Zet er ook een bankje bij."}).headers["location"]
    )
    assert "K-2026-0002" in second.text
    client.post("/idee", data={**FORM, "anonymous": "1"})
    with town.database.reading() as session:
        assert [
            (idea.text, idea.is_anonymous) for idea in session.scalars(select(Idea).order_by(Idea.id))
        ] == [
            ("Zet een pomp bij de fietsen.", False),
            ("Zet er ook een bankje bij.", False),
            ("Zet een pomp bij de fietsen.", True),
        ]


@pytest.mark.parametrize(
    "email",
    [
        "jörg@veld.example",
        "anna@veld.example.",
        "an..na@veld.example",
        'o"b@veld.example',
        f"a@{'b' * 250}.example",
    ],
)
def test_an_address_that_no_mail_reaches_is_refused_where_it_stands(client, town, email):
    answer = client.post("/idee", data={**FORM, "email": email})
    assert answer.status_code == 422
    assert 'href="#email">Dit e-mailadres klopt niet' in answer.text
    assert count(town, Idea) == 0


@pytest.mark.parametrize(
    "email", ["anna+idee@veld.example", "o'brien@veld.example", " Anna@Sub.Veld.example "]
)
def test_an_unusual_address_is_taken(client, town, email):
    assert client.post("/idee", data={**FORM, "email": email}).status_code == 303


def test_who_is_new_gets_mail_in_the_language_of_the_form(client, town):
    for number, (asked, expected) in enumerate([("en", "en"), ("nl", "nl"), ("de", "nl")]):
        form = {**FORM, "key": asked, "email": f"nieuw{number}@veld.example"}
        client.cookies.clear()
        assert client.post("/idee", data=form, headers={"accept-language": asked}).status_code == 303
        with town.database.reading() as session:
            person = session.scalars(select(Person).where(Person.email == form["email"])).one()
            assert person.language == expected
    # Of who is known here already the organisation said so.
    client.post("/idee", data={**FORM, "text": "Nog een pomp."}, headers={"accept-language": "en"})
    with town.database.reading() as session:
        assert session.get_one(Person, town.submitter.id).language == "nl"


def test_who_sends_a_colleagues_words_does_not_get_the_colleagues_link(client, town):
    client.post("/idee", data=FORM)
    again = client.get(client.post("/idee", data={**FORM, "key": "een-andere"}).headers["location"])
    assert count(town, Idea) == 1
    assert "K-2026-0001" in again.text
    assert "/volg/" not in again.text


def test_an_anonymous_idea_keeps_nothing_of_a_person_and_its_link_survives_a_double_click(client, town):
    people = count(town, Person)
    form = {**FORM, "anonymous": "1", "name": "Anna Smit"}
    links = set()
    for _ in range(2):
        thanks = client.get(client.post("/idee", data=form).headers["location"])
        links.add(re.search(r'href="([^"]+/volg/anoniem/[^"]+)"', thanks.text).group(1))
    assert len(links) == 1
    assert "Zet een pomp bij de fietsen." in client.get(links.pop()).text
    with town.database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        record = session.scalars(select(IntakeRecord)).one()
        assert idea.is_anonymous
        assert idea.submitter_id is None
        assert "email" not in json.loads(record.content)
        assert b"nna" not in record.content
    assert count(town, Person) == people


def test_a_fault_keeps_what_was_typed(client, town):
    answer = client.post(
        "/idee", data={"key": "k", "text": "", "title": "Mijn <b>titel</b>", "email": "geen adres"}
    )
    assert answer.status_code == 422
    assert "Schrijf eerst je idee op." in answer.text
    assert "Dit e-mailadres klopt niet." in answer.text
    assert 'value="Mijn &lt;b&gt;titel&lt;/b&gt;"' in answer.text
    assert 'name="key" value="k"' in answer.text
    assert count(town, Idea) == 0


def test_a_form_of_another_site_is_refused(client, town):
    assert client.post("/idee", data=FORM, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/idee", data=FORM, headers={"origin": "https://elders.example"}).status_code == 403
    assert count(town, Idea) == 0
    assert client.post("/idee", data=FORM, headers={"origin": "null"}).status_code == 303


def test_too_large_a_form_is_refused_before_it_is_read(client, town):
    answer = client.post("/idee", data={**FORM, "text": "a" * 400_000})
    assert answer.status_code == 413
    assert "te groot" in answer.text


def test_a_link_of_another_purpose_or_a_changed_one_opens_nothing(client, town):
    client.post("/idee", data=FORM)
    path = town.path(Purpose.FOLLOW, town.submitter, 1)
    assert client.get(path).status_code == 200
    assert client.get(path[:-1]).status_code == 410
    assert client.get(path.replace("/volg/", "/besluit/")).status_code == 410
    assert client.get(town.path(Purpose.FOLLOW, town.colleague, 1)).status_code == 410
