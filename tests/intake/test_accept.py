import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from intake.accept import accept, hash_token, keep_aside
from intake.offer import LONGEST_TITLE, Offer
from kader.errors import UserError
from kader.settings import Settings
from models import Attachment, Base, Event, Idea, IntakeRecord, OutboxMessage, Person
from models.session import Database, open_database
from models.words import IntakeOutcome, Source
from tests.factories import make_unit
from tests.services import wait_until

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
SETTINGS = Settings(_env_file=None, secret_key="a key for tests only")
OFFER = Offer(
    source=Source.API,
    title="Fietspomp",
    text="Zet een fietspomp bij de deur.",
    submitter_email="Ida@Veld.example ",
    submitter_name="Ida Bos",
    anonymous=False,
    unit_slug=None,
    language=None,
    delivery_key="one",
    raw=b'{"text": "Zet een fietspomp bij de deur."}',
    content_type="application/json",
    origin="test",
)


def bring(database: Database, *, now: datetime = NOW, **changed):
    with database.writing() as session:
        return accept(session, replace(OFFER, **changed), now=now, settings=SETTINGS)


def rows(database: Database, table):
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def test_an_accepted_idea_is_kept_with_its_raw_form_event_and_receipt(database):
    with database.writing() as session:
        unit = make_unit(session, "keuken")
    files = (("pomp.png", "image/png", b"\x89PNG"),)
    accepted = bring(database, unit_slug="keuken", attachments=files)
    assert (accepted.outcome, accepted.reference, accepted.is_new, accepted.follow_token) == (
        IntakeOutcome.IDEA,
        "K-2026-0001",
        True,
        None,
    )
    (idea,) = rows(database, Idea)
    assert (idea.id, idea.status, idea.source, idea.is_anonymous) == (
        accepted.idea_id,
        "received",
        "api",
        False,
    )
    assert (idea.title, idea.text, idea.unit_id) == (OFFER.title, OFFER.text, unit.id)
    (person,) = rows(database, Person)
    assert (person.email, person.name, person.language) == ("ida@veld.example", "Ida Bos", "nl")
    (record,) = rows(database, IntakeRecord)
    assert (record.content, record.outcome, record.idea_id) == (OFFER.raw, "idea", idea.id)
    assert (record.origin, record.content_type) == ("test", "application/json")
    (message,) = rows(database, OutboxMessage)
    assert (message.kind, message.recipient_id) == ("receipt", person.id)
    assert [each.kind for each in rows(database, Event)] == ["received"]
    (file,) = rows(database, Attachment)
    assert (file.name, file.content) == ("pomp.png", b"\x89PNG")


def test_the_same_delivery_is_one_idea_however_often(database):
    first = bring(database)
    again = bring(database, text="Andere woorden", submitter_email="jan@veld.example")
    assert (again.outcome, again.reference, again.is_new) == (IntakeOutcome.REPEAT, first.reference, False)
    assert len(rows(database, Idea)) == len(rows(database, IntakeRecord)) == 1
    assert len(rows(database, Person)) == 1
    # At another door the same key is another delivery.
    assert bring(database, source=Source.FORM, text="Andere woorden").is_new


def test_the_same_words_of_the_same_person_are_a_repeat_that_is_kept(database):
    first = bring(database)
    again = bring(database, delivery_key="two", text=f" {OFFER.text.upper()}!", title="FIETSPOMP")
    assert (again.outcome, again.idea_id) == (IntakeOutcome.REPEAT, first.idea_id)
    records = rows(database, IntakeRecord)
    assert [(each.outcome, each.idea_id) for each in records] == [
        ("idea", first.idea_id),
        ("repeat", first.idea_id),
    ]
    assert len(rows(database, OutboxMessage)) == 1  # no second receipt


def test_the_same_words_of_somebody_else_or_after_an_answer_are_a_new_idea(database):
    first = bring(database)
    other = bring(database, delivery_key="two", submitter_email="jan@veld.example")
    nameless = bring(database, delivery_key="three", submitter_email=None, anonymous=True)
    again = bring(database, delivery_key="four", submitter_email=None, anonymous=True)
    with database.writing() as session:
        session.execute(update(Idea).where(Idea.id == first.idea_id).values(status="declined"))
    later = bring(database, delivery_key="five")
    made = [first, other, nameless, again, later]
    assert all(each.is_new for each in made)
    assert [each.idea_id for each in made] == sorted({each.idea_id for each in made})


def test_the_same_words_with_other_files_are_another_idea(database):
    def send(key, *contents):
        files = tuple((f"{key}.pdf", "application/pdf", content) for content in contents)
        return bring(database, delivery_key=key, text="Zie bijlage", title="Idee", attachments=files)

    first, bare, other = send("1", b"een"), send("2"), send("3", b"twee")
    assert [each.is_new for each in (first, bare, other)] == [True, True, True]
    # Sent again with the same file, under whatever name, it is a repeat.
    for key, contents, original in [("4", [b"twee"], other), ("5", [], bare), ("6", [b"een"], first)]:
        again = send(key, *contents)
        assert (again.outcome, again.idea_id) == (IntakeOutcome.REPEAT, original.idea_id)
    assert len({each.digest for each in rows(database, Attachment)}) == 2


def test_an_anonymous_idea_leaves_nothing_personal_in_any_column(database):
    secret = {
        "submitter_email": "geheim.persoon@veld.example",
        "submitter_name": "Geheim Persoon",
        "raw": b"From: Geheim Persoon <geheim.persoon@veld.example>",
        "origin": "/post/geheim.persoon",
    }
    accepted = bring(database, anonymous=True, **secret)
    assert accepted.follow_token is not None
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            kept = str(session.execute(text(f"SELECT * FROM {table.name}")).all()).lower()
            assert "geheim" not in kept, table.name
            assert accepted.follow_token.lower() not in kept, table.name
    (idea,) = rows(database, Idea)
    assert (idea.is_anonymous, idea.submitter_id) == (True, None)
    assert idea.follow_token_hash == hash_token(accepted.follow_token)
    assert rows(database, Person) == rows(database, OutboxMessage) == []
    (record,) = rows(database, IntakeRecord)
    assert json.loads(record.content) == {"title": OFFER.title, "text": OFFER.text, "unit": None}
    # Who clicks twice keeps the only link; who guesses the key of somebody else's mail gets none.
    assert bring(database, anonymous=True, **secret).follow_token == accepted.follow_token
    assert bring(database, delivery_key="two", anonymous=True).follow_token != accepted.follow_token


def test_ids_and_references_follow_the_order_of_arrival(database):
    def send(number):
        return bring(database, delivery_key=f"key {number}", text=f"Idee nummer {number}")

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(send, range(30)))
    by_id = sorted(made, key=lambda each: each.idea_id)
    assert len({each.idea_id for each in made}) == 30
    assert [each.reference for each in by_id] == [f"K-2026-{number:04d}" for number in range(1, 31)]


def test_the_same_offer_at_the_same_moment_is_one_idea(database):
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: bring(database), range(6)))
    assert sum(each.is_new for each in made) == 1
    assert len({each.idea_id for each in made}) == 1


def test_numbers_begin_anew_each_year_of_the_organisation(database):
    moments = [
        datetime(2026, 12, 31, 22, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 1, tzinfo=UTC),  # already 2027 in Amsterdam
        datetime(2027, 1, 1, 12, tzinfo=UTC),
    ]
    made = [
        bring(database, now=moment, delivery_key=f"{moment}", text=f"Idee {moment}").reference
        for moment in moments
    ]
    assert made == ["K-2026-0001", "K-2027-0001", "K-2027-0002"]
    many = replace(OFFER, delivery_key="many", text="Nog een")
    with database.writing() as session:
        session.execute(text("UPDATE counter SET value = 9999 WHERE name = 'idea-2026'"))
        assert accept(session, many, now=NOW, settings=SETTINGS).reference == "K-2026-10000"


def test_around_new_year_too_one_is_let_in_at_a_time(postgres_url):
    """Who has the lower id has committed first: settling relies on it. SQLite has one writer anyway."""
    database = open_database(postgres_url)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def somebody_waits():
        with database.reading() as session:
            return session.scalar(waiting)

    old, new = datetime(2026, 12, 31, 12, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as session:
            first = accept(session, replace(OFFER, delivery_key="old"), now=old, settings=SETTINGS)
            later = pool.submit(
                bring, database, now=new, delivery_key="new", text="Iets", submitter_email="jan@veld.example"
            )
            wait_until(lambda: later.done() or somebody_waits(), what="the second at the door")
            assert not later.done()
        assert later.result().idea_id > first.idea_id
    assert later.result().reference == "K-2027-0001"
    database.dispose()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"text": " \n\t ", "title": ""}, "leeg"),
        ({"text": "\x00\ud800", "title": "\x00"}, "leeg"),
        ({"text": "a" * 20_001}, "te lang"),
        ({"submitter_email": "geen adres"}, "e-mailadres"),
        ({"submitter_email": "ida@veld"}, "e-mailadres"),
        ({"submitter_email": "ida@veld.example."}, "e-mailadres"),
        ({"submitter_email": "jörg@veld.example"}, "e-mailadres"),
        ({"submitter_email": "a\x00b@veld.example"}, "e-mailadres"),
        ({"submitter_email": f"{'a' * 250}@veld.example"}, "e-mailadres"),
        ({"unit_slug": "nergens"}, "afdeling"),
        ({"unit_slug": "ner\x00gens"}, "afdeling"),
        ({"language": "de"}, "taal"),
        ({"language": "x" * 100}, "taal"),
    ],
)
def test_what_can_not_be_an_idea_is_a_sentence_and_leaves_nothing(database, changed, sentence):
    with pytest.raises(UserError, match=sentence):
        bring(database, **changed)
    assert rows(database, Idea) == rows(database, IntakeRecord) == rows(database, Person) == []


def test_a_mailed_idea_is_taken_from_an_address_that_no_answer_reaches(database):
    assert bring(database, source=Source.EMAIL, submitter_email="jörg@veld.example").is_new


def test_odd_characters_are_left_out_and_the_rest_is_kept(database):
    accepted = bring(
        database,
        title="Een\x00 pomp\r\nvoor \ud800fietsen",
        text="Regel één\r\nregel\x07 twee\x00\n\n🙂\udfff",
        submitter_name="Ida\x00\n Bos",
        delivery_key="sleutel \x00\ud800",
        origin="/post/\udcff.eml",
        content_type="text/plain\x00",
        attachments=(("bij\x00lage\ud800.txt", "text/plain\x00", b"\x00"),),
    )
    (idea,) = rows(database, Idea)
    assert (idea.title, idea.text) == ("Een pomp voor fietsen", "Regel één\nregel twee\n\n🙂")
    assert rows(database, Person)[0].name == "Ida Bos"
    assert rows(database, Attachment)[0].name == "bijlage.txt"
    assert rows(database, IntakeRecord)[0].origin == "/post/.eml"
    assert bring(database, delivery_key="sleutel \x00\ud800").idea_id == accepted.idea_id


def test_a_title_is_made_of_the_first_line_and_cut_at_a_word(database):
    bring(database, title="", text="Een pomp  bij de deur\nwant dat is handig")
    bring(database, delivery_key="two", title="woord " * 60, text="Iets anders")
    bring(database, delivery_key="three", title="Alleen een titel", text=" ")
    first, second, third = rows(database, Idea)
    assert first.title == "Een pomp bij de deur"
    assert len(second.title) <= LONGEST_TITLE
    assert second.title.endswith("woord…")
    assert (third.title, third.text) == ("Alleen een titel", "Alleen een titel")


def test_a_known_person_keeps_name_and_unit(database):
    with database.writing() as session:
        unit = make_unit(session, "keuken")
        session.add(Person(name="Ida van den Bos", email="ida@veld.example", language="en", unit_id=unit.id))
    bring(database)
    assert [each.name for each in rows(database, Person)] == ["Ida van den Bos"]
    assert rows(database, Idea)[0].unit_id == unit.id


def test_a_quiet_submitter_gets_no_receipt(database):
    bring(database, is_quiet=True)
    assert rows(database, OutboxMessage) == []
    assert rows(database, Idea)[0].is_quiet


def test_a_very_long_key_is_recognised_again(database):
    first = bring(database, delivery_key="k" * 5000)
    assert bring(database, delivery_key="k" * 5000, text="Anders").idea_id == first.idea_id
    assert bring(database, delivery_key="k" * 5001, text="Anders").is_new


def test_what_is_set_aside_is_kept_once(database):
    def aside(key="one", detail="te groot"):
        with database.writing() as session:
            offer = replace(OFFER, delivery_key=key)
            return keep_aside(session, offer, IntakeOutcome.EXCEPTION, detail, now=NOW, settings=SETTINGS)

    assert aside()
    assert not aside()
    assert aside("two")
    kept = rows(database, IntakeRecord)
    assert [(each.outcome, each.idea_id, each.detail, each.content) for each in kept] == [
        ("exception", None, "te groot", OFFER.raw)
    ] * 2
    with pytest.raises(UserError, match="apart gelegd"):
        bring(database)


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text(max_size=60), st.text(max_size=300), st.text(max_size=30), st.text(max_size=20))
def test_any_text_becomes_an_idea_or_a_sentence(database, title, words, name, key):
    with database.writing() as session:
        offer = replace(OFFER, title=title, text=words, submitter_name=name, delivery_key=key, origin=name)
        accepted, told = None, ""
        try:
            accepted = accept(session, offer, now=NOW, settings=SETTINGS)
        except UserError as error:
            told = str(error)
        assert (accepted is None) is bool(told)
        assert "\n" not in told
        if accepted is not None:
            idea = session.get_one(Idea, accepted.idea_id)
            session.refresh(idea)
            assert idea.text
            assert len(idea.title) <= LONGEST_TITLE
        session.rollback()


def test_a_repeat_uses_up_no_reference(database):
    bring(database)
    bring(database)
    bring(database, delivery_key="two")
    with pytest.raises(UserError):
        bring(database, delivery_key="three", unit_slug="nergens")
    assert bring(database, delivery_key="four", text="Iets anders").reference == "K-2026-0002"
