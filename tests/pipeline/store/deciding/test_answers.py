from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import update

from kader.errors import UserError
from models import Assignment, Correction, DecisionRecord, Event, Framework, OutboxMessage, Person
from models.words import DecisionKind
from pipeline.store.checking import check
from pipeline.store.deciding.answers import answer, place
from pipeline.store.deciding.replying import reply
from tests.pipeline.store.office import ANNA, BRAM, COOR, HEAT, IDA, JAN, PUMP, SOUP, Office

LATER = date(2026, 9, 1)


def decide(
    office: Office, idea, kind, person=ANNA, *, reason="Omdat het zo is.", until=None, due=None, seen=None
):
    with office.database.writing() as session:
        answer(
            session,
            idea_id=idea,
            person_id=office.people[person],
            kind=DecisionKind(kind),
            reason=reason,
            parked_until=until,
            due_on=due,
            now=office.clock(),
            settings=office.settings,
            seen=seen,
        )


def put(office: Office, idea, slug, person=COOR, reason="Dat past hier beter."):
    with office.database.writing() as session:
        place(
            session,
            idea_id=idea,
            person_id=office.people[person],
            framework_slug=slug,
            reason=reason,
            now=office.clock(),
            settings=office.settings,
        )


def say(office: Office, idea, text, person=IDA):
    with office.database.writing() as session:
        reply(
            session,
            idea_id=idea,
            person_id=office.people[person] if person else None,
            text=text,
            now=office.clock(),
            settings=office.settings,
        )


def healthy(office: Office) -> bool:
    with office.database.reading() as session:
        return [f for f in check(session, now=office.clock(), settings=office.settings) if f.is_error] == []


def snapshot(office: Office):
    tables = (DecisionRecord, Assignment, OutboxMessage, Event, Correction)
    return [len(office.rows(table)) for table in tables]


@pytest.fixture
def pump(office: Office) -> int:
    """An idea of Ida with Anna, and the same one of Jan, that joined it."""
    idea = office.send(PUMP, IDA)
    office.send(PUMP, JAN)
    office.triage()
    return idea


@pytest.mark.parametrize(
    ("kind", "status", "message", "ends"),
    [("adopt", "adopted", "adopted", True), ("decline", "declined", "declined", True)],
)
def test_an_answer_reaches_all_who_had_the_idea(office: Office, pump, kind, status, message, ends):
    before = len(office.messages())
    decide(office, pump, kind, reason="  We beginnen er mee. ")
    assert office.status(pump) == status
    assert office.messages()[before:] == [(message, "ida"), (message, "jan")]
    (record,) = office.rows(DecisionRecord)
    assert (record.number, record.kind, record.reason) == (1, kind, "We beginnen er mee.")
    assert (office.owner(pump) is None) is ends
    # A decision within a framework says that the idea belongs there.
    (word,) = office.rows(Correction)
    assert (word.kind, word.machine_value, word.person_value) == ("framework", "fietsen", "fietsen")
    assert office.rows(Event)[-1].kind == kind
    assert healthy(office)


def test_the_way_to_realised_is_told_step_by_step(office: Office, pump):
    for kind in ("adopt", "start", "realise"):
        decide(office, pump, kind)
    assert office.status(pump) == "realised"
    told = [kind for kind, name in office.messages(pump) if name == "ida"]
    assert told == ["receipt", "routed", "adopted", "progress", "progress"]
    assert [each.number for each in office.rows(DecisionRecord)] == [1, 2, 3]
    assert len(office.rows(Correction)) == 1
    assert healthy(office)


def test_parking_keeps_the_owner_and_the_day(office: Office, pump):
    with pytest.raises(UserError, match="na vandaag"):
        decide(office, pump, "park")
    with pytest.raises(UserError, match="binnen vijf jaar"):
        decide(office, pump, "park", until=date.max)
    decide(office, pump, "park", until=LATER)
    assert (office.status(pump), office.owner(pump)) == ("parked", office.people[ANNA])
    assert office.rows(DecisionRecord)[0].parked_until == LATER
    assert healthy(office)


def test_a_question_and_its_answer(office: Office, pump):
    decide(office, pump, "ask", reason="Welke ingang?")
    assert office.status(pump) == "waiting_for_submitter"
    assert office.messages()[-1] == ("question", "ida")
    with pytest.raises(UserError, match="Alleen wie"):
        say(office, pump, "De voordeur", JAN)
    with pytest.raises(UserError, match="Alleen wie"):
        say(office, pump, "De voordeur", None)
    with pytest.raises(UserError, match="eerst je antwoord"):
        say(office, pump, " \n ")
    say(office, pump, "De voordeur")
    assert office.status(pump) == "in_review"
    assert office.messages()[-1] == ("answered", "anna")
    assert office.rows(OutboxMessage)[-1].payload == {"by": "Ida Bos", "answer": "De voordeur"}
    with pytest.raises(UserError, match="geen vraag"):
        say(office, pump, "Nog iets")
    # Asked a second time, answered a second time: both are told.
    decide(office, pump, "ask", reason="En hoe hoog?")
    say(office, pump, "Eén meter")
    assert [kind for kind, _ in office.messages(pump)].count("answered") == 2
    assert healthy(office)


def test_after_its_answer_an_idea_without_a_framework_is_with_the_coordinators_again(office: Office):
    idea = office.send(SOUP, IDA)
    office.triage()
    decide(office, idea, "ask", COOR, reason="Voor welke afdeling?")
    say(office, idea, "Voor de keuken")
    assert (office.status(idea), office.owner(idea)) == ("with_coordinator", office.people[COOR])
    assert office.messages(idea)[-2:] == [("in_review", "ida"), ("answered", "coor")]
    assert healthy(office)
    put(office, idea, "energie")
    assert healthy(office)


def test_an_answer_after_the_promised_day_is_a_new_promise_that_all_hear(office: Office, pump):
    decide(office, pump, "ask", reason="Welke ingang?")
    office.clock.pass_seconds(14 * 86_400)  # 17 June, the promised day itself
    before = len(office.messages())
    say(office, pump, "De voordeur")
    assert office.messages()[before:] == [("in_review", "ida"), ("in_review", "jan"), ("answered", "anna")]
    ida, jan, anna = office.rows(OutboxMessage)[before:]
    promise = {"manager": "Anna Smit", "deputy_for": None, "due_on": "2026-07-01"}
    assert ida.payload["promise"] == jan.payload["promise"] == promise
    assert (ida.payload["because"], jan.payload["linked_to"]) == ("answered", office.idea(pump).reference)
    assert anna.payload["due_on"] == "2026-07-01"
    assert office.rows(Assignment)[-1].due_on == date(2026, 7, 1)


def test_an_answer_in_time_keeps_the_promise_and_is_acknowledged(office: Office, pump):
    decide(office, pump, "ask", reason="Welke ingang?")
    before = len(office.messages())
    office.clock.pass_seconds(60)
    say(office, pump, "De voordeur")
    assert office.messages()[before:] == [("in_review", "ida"), ("answered", "anna")]
    assert office.rows(OutboxMessage)[before].payload["promise"]["due_on"] == "2026-06-17"
    assert len(office.rows(Assignment, Assignment.idea_id == pump)) == 1
    assert healthy(office)


def test_who_had_the_same_idea_hears_as_well_that_it_was_handed_over(office: Office, pump):
    before = len(office.messages())
    put(office, pump, "energie", ANNA)
    assert office.messages()[before:] == [
        ("to_manager", "bram"),
        ("handed_over", "ida"),
        ("handed_over", "jan"),
    ]
    jan = office.rows(OutboxMessage)[-1]
    assert (jan.idea_id, jan.payload["linked_to"]) == (pump + 1, office.idea(pump).reference)


def test_more_time_is_a_new_promise_that_is_told(office: Office, pump):
    office.clock.pass_seconds(60)
    decide(office, pump, "extend", due=LATER)
    first, second = office.rows(Assignment, Assignment.idea_id == pump)
    assert (first.due_on, first.ended_at) == (date(2026, 6, 17), office.clock())
    assert (second.due_on, second.ended_at, second.person_id) == (LATER, None, office.people[ANNA])
    assert "2026-09-01" in second.promise
    assert office.status(pump) == "assigned"
    assert office.messages()[-2:] == [("extended", "ida"), ("extended", "jan")]
    decide(office, pump, "decline")
    before = snapshot(office)
    with pytest.raises(UserError, match="Uitstel kan niet"):
        decide(office, pump, "extend", due=LATER)
    assert snapshot(office) == before


def test_more_time_is_never_less_time(office: Office, pump):
    before = snapshot(office)
    for due in (date(2026, 6, 10), date(2026, 6, 17)):
        with pytest.raises(UserError, match="al beloofd voor 17-06-2026"):
            decide(office, pump, "extend", due=due)
    assert snapshot(office) == before
    decide(office, pump, "extend", due=date(2026, 6, 18))
    assert healthy(office)


def test_two_presses_at_the_same_moment_decide_once(office: Office, pump):
    def press(_):
        decide(office, pump, "extend", reason="Meer tijd.", due=LATER, seen=0)

    before = len(office.messages())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(4)))
    assert office.messages()[before:] == [("extended", "ida"), ("extended", "jan")]
    assert len(office.rows(DecisionRecord)) == 1


def test_what_was_decided_since_the_page_was_opened_is_read_first(office: Office, pump):
    decide(office, pump, "extend", due=LATER)
    before = snapshot(office)
    for due in (LATER, date(2026, 10, 1)):
        with pytest.raises(UserError, match="intussen"):
            decide(office, pump, "extend", COOR if due == LATER else ANNA, due=due, seen=0)
    assert snapshot(office) == before


@pytest.mark.parametrize("kind", ["adopt", "decline", "park", "ask"])
def test_a_second_answer_is_refused_and_leaves_nothing(office: Office, pump, kind):
    decide(office, pump, "decline")
    before = snapshot(office)
    with pytest.raises(UserError, match="kan niet meer"):
        decide(office, pump, kind, until=LATER)
    assert snapshot(office) == before


def test_who_may_not_decide(office: Office, pump):
    before = snapshot(office)
    for person, sentence in [(BRAM, "niet bij jou"), (JAN, "niet bij jou"), (IDA, "eigen idee")]:
        with pytest.raises(UserError, match=sentence):
            decide(office, pump, "adopt", person)
        with pytest.raises(UserError, match=sentence):
            put(office, pump, "energie", person)
    own = office.send(SOUP, COOR)
    office.triage()
    with pytest.raises(UserError, match="eigen idee"):
        decide(office, own, "adopt", COOR)
    with office.database.writing() as session:
        session.execute(update(Person).where(Person.email == ANNA).values(is_active=False))
    with pytest.raises(UserError, match="niet meer actief"):
        decide(office, pump, "adopt")
    with pytest.raises(UserError, match="bestaat niet"):
        decide(office, 9999, "adopt")
    assert snapshot(office)[0] == before[0]
    decide(office, pump, "adopt", COOR)  # the coordinator may
    assert office.status(pump) == "adopted"


@pytest.mark.parametrize("reason", ["", "  ", "ja"])
def test_no_decision_without_a_reason(office: Office, pump, reason):
    with pytest.raises(UserError, match="waarom"):
        decide(office, pump, "decline", reason=reason)
    with pytest.raises(UserError, match="waarom"):
        put(office, pump, "energie", reason=reason)
    assert office.rows(DecisionRecord) == []


def test_an_idea_without_a_name_is_answered_and_can_not_be_asked(office: Office):
    idea = office.send(HEAT, None)
    office.triage()
    with pytest.raises(UserError, match="zonder naam"):
        decide(office, idea, "ask", BRAM)
    before = len(office.messages())
    decide(office, idea, "decline", BRAM)
    assert len(office.messages()) == before
    assert healthy(office)


def test_a_quiet_submitter_hears_what_a_person_decided(office: Office):
    idea = office.send(HEAT, IDA, quiet=True)
    office.triage()
    decide(office, idea, "adopt", BRAM)
    assert office.messages(idea) == [("to_manager", "bram"), ("adopted", "ida")]


def test_a_coordinator_puts_an_idea_in_its_place_and_the_machine_learns(office: Office):
    idea = office.send(SOUP, IDA)
    office.triage()
    office.clock.pass_seconds(60)
    put(office, idea, "energie")
    assert (office.status(idea), office.owner(idea)) == ("assigned", office.people[BRAM])
    (word,) = office.rows(Correction)
    assert (word.machine_value, word.person_value) == (None, "energie")
    assert office.messages(idea)[-2:] == [("to_manager", "bram"), ("handed_over", "ida")]
    (energie,) = office.rows(Framework, Framework.slug == "energie")
    assert office.idea(idea).framework_id == energie.id
    # The new manager gives it back; who had it before can't decide any more.
    put(office, idea, None, BRAM, "Dit is niets voor mij.")
    assert (office.status(idea), office.owner(idea)) == ("with_coordinator", office.people[COOR])
    with pytest.raises(UserError, match="niet bij jou"):
        decide(office, idea, "adopt", BRAM)
    put(office, idea, "energie")
    assert [each.person_value for each in office.rows(Correction)] == ["energie", None, "energie"]
    assert [each.number for each in office.rows(DecisionRecord)] == [1, 2, 3]
    assert office.messages(idea).count(("to_manager", "bram")) == 2
    with pytest.raises(UserError, match="bestaat niet"):
        put(office, idea, "verzonnen")
    assert healthy(office)


def test_an_idea_that_joined_another_is_not_placed_or_answered_by_itself(office: Office, pump):
    twin = pump + 1
    before = snapshot(office)
    with pytest.raises(UserError, match="koppeling"):
        put(office, twin, "energie")
    with pytest.raises(UserError, match="kan niet meer"):
        decide(office, twin, "adopt", COOR)
    assert snapshot(office) == before
    assert healthy(office)


def test_an_answered_idea_is_not_placed_again(office: Office, pump):
    decide(office, pump, "decline")
    before = snapshot(office)
    with pytest.raises(UserError, match="kan niet meer"):
        put(office, pump, "energie")
    assert snapshot(office) == before


def test_a_framework_without_anybody_leaves_the_idea_with_a_coordinator(office: Office):
    idea = office.send(HEAT, BRAM)
    office.triage()
    put(office, idea, "energie")  # Bram would decide on his own idea
    assert (office.status(idea), office.owner(idea)) == ("with_coordinator", office.people[COOR])


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(office: Office, pump):
    def try_to(choice):
        kind, person = choice
        try:
            decide(office, pump, kind, person)
        except UserError as error:
            return str(error)
        return kind

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(try_to, [("adopt", ANNA), ("decline", COOR)]))
    won = [each for each in told if each in {"adopt", "decline"}]
    assert len(won) == 1
    assert any("kan niet meer" in each for each in told)
    assert [each.kind for each in office.rows(DecisionRecord)] == won
    assert office.status(pump) == {"adopt": "adopted", "decline": "declined"}[won[0]]
