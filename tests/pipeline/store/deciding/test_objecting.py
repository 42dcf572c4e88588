"""A submitter says that the idea is in the wrong place: a coordinator looks, and the submitter hears what comes of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from kader.errors import UserError
from models import Assignment, Event, OutboxMessage
from models.words import MessageStatus
from pipeline.answering import LONGEST_REASON
from pipeline.store.checking import check
from pipeline.store.deciding.objecting import let_stay, object_to_place, open_objections
from pipeline.store.publishing import PersonPlan
from tests.pipeline.store.deciding.test_answers import LATER, decide, healthy, put, say
from tests.pipeline.store.deciding.test_parking import change
from tests.pipeline.store.office import ANNA, COOR, IDA, JAN, PUMP, SOUP, Office

WRONG = "Dit gaat over de verwarming, niet over fietsen."
BECAUSE = "De pomp hoort bij de stalling, en daar beslist Anna over."


def objects(office: Office, idea, text=WRONG, person=IDA):
    with office.database.writing() as session:
        object_to_place(
            session,
            idea_id=idea,
            person_id=office.people[person] if person else None,
            text=text,
            now=office.clock(),
            settings=office.settings,
        )


def stays(office: Office, idea, person=COOR, reason=BECAUSE):
    with office.database.writing() as session:
        let_stay(
            session,
            idea_id=idea,
            person_id=office.people[person],
            reason=reason,
            now=office.clock(),
            settings=office.settings,
        )


def waiting(office: Office, *ideas):
    with office.database.reading() as session:
        return open_objections(session, ideas)


@pytest.fixture
def pump(office: Office) -> int:
    """An idea of Ida with Anna, and the same one of Jan, that joined it."""
    idea = office.send(PUMP, IDA)
    office.send(PUMP, JAN)
    office.triage()
    office.clock.pass_seconds(60)
    return idea


def test_a_coordinator_hears_it_and_nothing_else_changes(office: Office, pump):
    before, promises = len(office.messages()), len(office.rows(Assignment))
    objects(office, pump, f"  {WRONG}\n")
    assert office.messages()[before:] == [("objection", "coor")]
    told = office.rows(OutboxMessage)[-1]
    assert told.payload == {
        "by": "Ida Bos",
        "objection": WRONG,
        "framework": "Fietsend naar het werk",
        "promise": {"manager": "Anna Smit", "deputy_for": None, "due_on": "2026-06-17"},
    }
    event = office.rows(Event)[-1]
    assert (event.kind, event.person_id, event.detail) == (
        "objected",
        office.people[IDA],
        {"objection": WRONG},
    )
    assert (office.status(pump), office.owner(pump)) == ("assigned", office.people[ANNA])
    assert len(office.rows(Assignment)) == promises
    assert waiting(office, pump, pump + 1) == {pump: WRONG}
    assert healthy(office)


def test_only_the_submitter_with_words_and_one_at_a_time(office: Office, pump):
    for person in (JAN, None):
        with pytest.raises(UserError, match="niet jouw idee"):
            objects(office, pump, person=person)
    with pytest.raises(UserError, match="Schrijf kort"):
        objects(office, pump, " \n ")
    with pytest.raises(UserError, match="te lang"):
        objects(office, pump, "x" * (LONGEST_REASON + 1))
    with pytest.raises(UserError, match="kan nu niet"):
        objects(office, pump + 1, person=JAN)  # it joined, and has a form of its own
    before = len(office.messages())
    objects(office, pump)
    with pytest.raises(UserError, match="al laten weten"):
        objects(office, pump, "Nog iets.")
    assert office.messages()[before:] == [("objection", "coor")]
    decide(office, pump, "decline")
    assert waiting(office, pump) == {}
    with pytest.raises(UserError, match="kan nu niet"):
        objects(office, pump)


def test_sent_twice_or_two_at_once_is_one(office: Office, pump):
    def attempt(number):
        try:
            objects(office, pump, f"{WRONG}{'!' * (number % 2)}")
        except UserError:
            return 0
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 2
    assert [kind for kind, _ in office.messages(pump)].count("objection") == 1


def test_it_stays_with_a_reason_that_the_submitter_hears(office: Office, pump):
    objects(office, pump)
    with pytest.raises(UserError, match="Schrijf op waarom"):
        stays(office, pump, reason=" ")
    for person in (ANNA, JAN):
        with pytest.raises(UserError):
            stays(office, pump, person)
    assert waiting(office, pump) == {pump: WRONG}
    before = len(office.messages())
    office.clock.pass_seconds(60)
    stays(office, pump)
    assert office.messages()[before:] == [("stays", "ida")]
    told = office.rows(OutboxMessage)[-1].payload
    assert (told["by"], told["reason"], told["objection"]) == ("Coor Oord", BECAUSE, WRONG)
    assert told["promise"]["due_on"] == "2026-06-17"
    assert (office.status(pump), office.owner(pump)) == ("assigned", office.people[ANNA])
    assert waiting(office, pump) == {}
    assert healthy(office)
    with pytest.raises(UserError, match="al beantwoord"):
        stays(office, pump)
    # Who still doesn't agree may say so again, and both hear again.
    objects(office, pump, "Toch niet.")
    stays(office, pump)
    kinds = [kind for kind, _ in office.messages(pump)]
    assert (kinds.count("objection"), kinds.count("stays")) == (2, 2)
    assert healthy(office)


def test_handing_over_answers_it(office: Office, pump):
    objects(office, pump)
    put(office, pump, "energie")
    assert waiting(office, pump) == {}
    assert healthy(office)
    objects(office, pump, "Toch de fietsen.")
    assert waiting(office, pump) == {pump: "Toch de fietsen."}


def test_a_question_or_a_later_day_leaves_it_open(office: Office, pump):
    objects(office, pump)
    decide(office, pump, "ask", reason="Welke ingang?")
    assert waiting(office, pump) == {pump: WRONG}
    say(office, pump, "De voordeur")
    decide(office, pump, "park", until=LATER)
    assert waiting(office, pump) == {pump: WRONG}
    office.clock.pass_seconds(60)
    stays(office, pump)
    assert office.rows(OutboxMessage)[-1].payload["parked_until"] == LATER.isoformat()
    assert healthy(office)


def test_an_idea_with_a_coordinator_and_one_without_a_name(office: Office):
    soup = office.send(SOUP, IDA)
    nameless = office.send(PUMP, None)
    office.triage()
    for idea, person in ((soup, IDA), (nameless, None)):
        objects(office, idea, person=person)
        assert office.messages(idea)[-1] == ("objection", "coor")
    before = len(office.messages())
    for idea in (soup, nameless):
        stays(office, idea)
    assert office.messages()[before:] == [("stays", "ida")]
    assert office.rows(OutboxMessage, OutboxMessage.idea_id == nameless)[-1].payload["by"] is None


def test_without_a_coordinator_the_owner_hears_it(office: Office, pump):
    change(office, people=(PersonPlan(COOR, "Coor Oord", is_coordinator=True, is_active=False),))
    objects(office, pump)
    assert office.messages()[-1] == ("objection", "anna")


def test_an_answer_that_never_left_is_found(office: Office, pump):
    objects(office, pump)
    stays(office, pump)
    with office.database.writing() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.kind == "stays")
            .values(status=MessageStatus.CANCELLED, trouble="x")
        )
    with office.database.reading() as session:
        found = check(session, now=office.clock(), settings=office.settings)
    assert [each.rule for each in found if each.is_error] == [
        "who said that an idea is in the wrong place was told why it stays"
    ]
