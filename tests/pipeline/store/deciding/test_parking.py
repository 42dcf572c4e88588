from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from models import Assignment, Event, OutboxMessage
from pipeline.store.deciding.parking import bring_back_parked
from pipeline.store.publishing import AbsencePlan, FrameworkPlan, OrganisationPlan, PersonPlan, publish
from tests.pipeline.store.deciding.test_answers import decide, healthy, put
from tests.pipeline.store.office import ANNA, BRAM, COOR, FRAMEWORKS, IDA, JAN, PUMP, SOUP, Office


def bring_back(office: Office, day: int, hour: int = 9) -> int:
    with office.database.writing() as session:
        return bring_back_parked(
            session, now=datetime(2026, 6, day, hour, tzinfo=UTC), settings=office.settings
        )


def test_a_parked_idea_comes_back_on_its_last_date(office: Office):
    idea = office.send(PUMP)
    other = office.send(f"{PUMP} Dank!")
    office.triage()
    decide(office, idea, "park", until=date(2026, 6, 8))
    decide(office, idea, "park", until=date(2026, 6, 12))
    decide(office, other, "park", until=date(2026, 6, 8))
    decide(office, other, "decline")
    assert [bring_back(office, 8), bring_back(office, 11)] == [0, 0]
    # In Amsterdam it is the 12th two hours earlier than in UTC.
    assert bring_back(office, 11, 21) == 0
    assert bring_back(office, 11, 22) == 1
    assert (office.status(idea), office.status(other)) == ("in_review", "declined")
    assert office.rows(Event)[-1].kind == "unparked"
    assert bring_back(office, 12) == 0
    assert healthy(office)
    # And may be parked once more.
    decide(office, idea, "park", until=date(2026, 6, 20))
    assert bring_back(office, 19) == 0
    assert bring_back(office, 20) == 1


def change(office: Office, **plan) -> None:
    with office.database.writing() as session:
        publish(session, OrganisationPlan(**plan), now=office.clock())


def dawn(office: Office, day: int) -> None:
    """A day in June, by the office's own clock; all mail of the days before is delivered."""
    with office.database.writing() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.status == "pending")
            .values(status="sent", sent_at=OutboxMessage.created_at)
        )
    office.clock.now = datetime(2026, 6, day, 7, tzinfo=UTC)


def wake(office: Office, day: int) -> int:
    """The sweep of a day in June brings back what was parked."""
    dawn(office, day)
    with office.database.writing() as session:
        return bring_back_parked(session, now=office.clock(), settings=office.settings)


@pytest.fixture
def parked(office: Office) -> int:
    """An idea of Ida that Jan's joined, which Anna keeps until Friday 12 June."""
    idea = office.send(PUMP, IDA)
    office.send(PUMP, JAN)
    office.triage()
    office.clock.pass_seconds(60)
    decide(office, idea, "park", until=date(2026, 6, 12), reason="Eerst komt de verbouwing.")
    return idea


def test_parking_is_a_new_promise_from_the_day_on_which_the_idea_is_back(office: Office, parked):
    first, second = office.rows(Assignment, Assignment.idea_id == parked)
    assert (first.due_on, first.ended_at) == (date(2026, 6, 17), office.clock())
    # Ten working days from the 12th.
    assert (second.due_on, second.person_id) == (date(2026, 6, 26), office.people[ANNA])
    assert "2026-06-26" in second.promise
    told = office.rows(OutboxMessage, OutboxMessage.kind == "parked")
    assert [(each.payload["parked_until"], each.payload["due_on"]) for each in told] == [
        ("2026-06-12", "2026-06-26")
    ] * 2
    assert healthy(office)


def test_a_coordinator_who_parks_promises_their_own_days(office: Office):
    idea = office.send(SOUP, IDA)
    office.triage()
    decide(office, idea, "park", COOR, until=date(2026, 6, 12))
    assert office.rows(Assignment)[-1].due_on == date(2026, 6, 19)


def test_on_its_day_everybody_hears_that_it_is_back_and_by_when_it_is_answered(office: Office, parked):
    before = len(office.messages())
    assert wake(office, 12) == 1
    assert office.status(parked) == "in_review"
    assert office.messages()[before:] == [("to_manager", "anna"), ("in_review", "ida"), ("in_review", "jan")]
    anna, ida, jan = office.rows(OutboxMessage)[before:]
    promise = {"manager": "Anna Smit", "deputy_for": None, "due_on": "2026-06-26"}
    assert anna.payload["promise"] == ida.payload["promise"] == jan.payload["promise"] == promise
    assert anna.payload["returned"] == {"by": "Anna Smit", "reason": "Eerst komt de verbouwing."}
    assert (ida.payload["because"], ida.payload["linked_to"]) == ("parked", None)
    assert (jan.idea_id, jan.payload["linked_to"]) == (parked + 1, office.idea(parked).reference)
    (open_one,) = office.rows(Assignment, Assignment.idea_id == parked, Assignment.ended_at.is_(None))
    assert open_one.due_on == date(2026, 6, 26)
    assert healthy(office)
    # Kept and brought back once more: all of it is told once more.
    office.clock.pass_seconds(60)
    decide(office, parked, "park", until=date(2026, 6, 20))
    assert healthy(office)
    assert wake(office, 20) == 1
    assert healthy(office)
    assert [kind for kind, _ in office.messages(parked)].count("in_review") == 2


def test_it_comes_back_to_who_decides_by_then(office: Office, parked):
    change(
        office,
        absences=(AbsencePlan(ANNA, date(2026, 6, 10), date(2026, 6, 30), BRAM),),
    )
    assert wake(office, 12) == 1
    assert office.owner(parked) == office.people[BRAM]
    ida = office.rows(OutboxMessage, OutboxMessage.kind == "in_review")[0]
    assert ida.payload["promise"] == {
        "manager": "Bram Vos",
        "deputy_for": "Anna Smit",
        "due_on": "2026-06-26",
    }
    assert office.messages()[-3:] == [("to_manager", "bram"), ("in_review", "ida"), ("in_review", "jan")]
    assert healthy(office)


def test_it_comes_back_to_a_coordinator_when_nobody_is_left_who_decides(office: Office, parked):
    change(office, people=(PersonPlan(ANNA, "Anna Smit", is_active=False),))
    assert wake(office, 12) == 1
    assert (office.status(parked), office.owner(parked)) == ("with_coordinator", office.people[COOR])
    assert ("to_coordinator", "coor") in office.messages(parked)
    assert healthy(office)


def test_a_framework_that_closed_meanwhile_still_answers_what_it_has(office: Office, parked):
    closed = FrameworkPlan(**{**plan_of(FRAMEWORKS[0]), "closes_on": date(2026, 6, 8)})
    change(office, frameworks=(closed,))
    assert wake(office, 12) == 1
    assert (office.status(parked), office.owner(parked)) == ("in_review", office.people[ANNA])
    # What came after the closing finds no place there, whoever puts it there.
    late = office.send(SOUP, IDA)
    office.triage()
    put(office, late, "fietsen")
    assert office.status(late) == "with_coordinator"


def test_what_came_before_the_closing_may_be_placed_after_it(office: Office):
    idea = office.send(SOUP, IDA)
    office.triage()
    change(office, frameworks=(FrameworkPlan(**{**plan_of(FRAMEWORKS[0]), "closes_on": date(2026, 6, 3)}),))
    dawn(office, 5)
    put(office, idea, "fietsen")
    assert (office.status(idea), office.owner(idea)) == ("assigned", office.people[ANNA])


def plan_of(framework: FrameworkPlan) -> dict:
    return {name: getattr(framework, name) for name in FrameworkPlan.__slots__}


def test_a_twin_of_a_parked_idea_hears_until_when_it_is_kept(office: Office, parked):
    twin = office.send(PUMP, COOR)
    office.triage()
    assert office.status(twin) == "joined"
    (told,) = office.rows(OutboxMessage, OutboxMessage.idea_id == twin, OutboxMessage.kind == "joined")
    assert told.payload["parked_until"] == "2026-06-12"
    assert told.payload["promise"]["due_on"] == "2026-06-26"
    assert healthy(office)


def test_a_twin_of_an_idea_that_is_late_hears_no_day_that_has_passed_as_a_promise(office: Office):
    office.send(PUMP, IDA)
    office.triage()
    dawn(office, 18)
    twin = office.send(PUMP, JAN)
    office.triage()
    (told,) = office.rows(OutboxMessage, OutboxMessage.idea_id == twin, OutboxMessage.kind == "joined")
    assert told.payload["is_late"] is True


def test_nobody_to_bring_it_to_keeps_it_where_it_is(office: Office, parked, caplog):
    change(
        office,
        people=(
            PersonPlan(ANNA, "Anna Smit", is_active=False),
            PersonPlan(BRAM, "Bram Vos", is_active=False),
            PersonPlan(COOR, "Coor Oord", is_coordinator=True, is_active=False),
        ),
    )
    assert wake(office, 12) == 0
    assert office.status(parked) == "parked"
    assert "Nobody can take this idea" in caplog.text
    change(office, people=(PersonPlan(COOR, "Coor Oord", is_coordinator=True),))
    assert wake(office, 13) == 1
    assert office.owner(parked) == office.people[COOR]
