"""Whoever leaves or falls ill leaves no idea behind."""

from datetime import date

import pytest
from sqlalchemy import update

from kader.errors import UserError
from models import Assignment, OutboxMessage, Person
from models.words import MessageStatus
from pipeline.store.checking import check
from pipeline.store.deciding.handing_over import hand_over_unattended
from pipeline.store.publishing import AbsencePlan, FrameworkPlan, PersonPlan
from tests.pipeline.store.deciding.test_answers import decide, healthy, say
from tests.pipeline.store.deciding.test_parking import change, dawn, plan_of, wake
from tests.pipeline.store.office import ANNA, BRAM, COOR, FRAMEWORKS, IDA, JAN, PUMP, SOUP, Office
from workers.sweeping import sweep as whole_sweep

LEFT = PersonPlan(ANNA, "Anna Smit", is_active=False)


def sweep(office: Office, day: int | None = None) -> int:
    if day is not None:
        dawn(office, day)
    with office.database.writing() as session:
        return hand_over_unattended(session, now=office.clock(), settings=office.settings)


def broken(office: Office) -> list[str]:
    with office.database.reading() as session:
        found = check(session, now=office.clock(), settings=office.settings)
    return [each.rule for each in found if each.is_error]


@pytest.fixture
def idea(office: Office) -> int:
    """An idea of Ida that Jan's joined, with Anna, to be answered by 17 June; Bram decides for all other units."""
    both = FrameworkPlan(**{**plan_of(FRAMEWORKS[0]), "managers": (("keuken", ANNA), (None, BRAM))})
    change(office, frameworks=(both,))
    found = office.send(PUMP, IDA)
    office.send(PUMP, JAN)
    office.triage()
    assert office.owner(found) == office.people[ANNA]
    office.clock.pass_seconds(60)
    return found


def test_the_ideas_of_who_left_go_to_who_decides_now_and_all_hear_it(office: Office, idea):
    assert sweep(office) == 0
    change(office, people=(LEFT,))
    assert broken(office) == ["an open idea's owner is active"]
    before = len(office.messages())
    assert sweep(office, 9) == 1
    assert (office.status(idea), office.owner(idea)) == ("assigned", office.people[BRAM])
    assert office.messages()[before:] == [
        ("to_manager", "bram"),
        ("handed_over", "ida"),
        ("handed_over", "jan"),
    ]
    bram, ida, jan = office.rows(OutboxMessage)[before:]
    # Who just got it has the days that the framework promises.
    promise = {"manager": "Bram Vos", "deputy_for": None, "due_on": "2026-06-23"}
    assert bram.payload["promise"] == ida.payload["promise"] == jan.payload["promise"] == promise
    for each in (bram, ida, jan):
        assert (each.payload["because"], each.payload["predecessor"]) == ("left", "Anna Smit")
    assert jan.payload["linked_to"] == office.idea(idea).reference
    old, new = office.rows(Assignment, Assignment.idea_id == idea)
    assert (old.ended_at, new.ended_at) == (office.clock(), None)
    assert healthy(office)
    assert sweep(office) == 0


@pytest.mark.parametrize(
    ("absences", "day", "moves"),
    [
        ([((8, 30), BRAM)], 8, True),  # until after the promised day
        ([((8, 17), BRAM)], 8, True),
        ([((8, 16), BRAM)], 8, False),  # back in time
        ([((8, 30), BRAM)], 5, False),  # not away yet: may answer before
        ([((8, 12), None), ((15, 19), None)], 8, True),  # one week after the other
        ([((8, 12), None), ((16, 19), None)], 8, False),  # back on a Monday
        ([((18, 22), None)], 18, True),  # away when the promised day has passed
        ([], 18, False),  # late, but at work
    ],
)
def test_who_is_away_until_after_the_promised_day_is_replaced(office: Office, idea, absences, day, moves):
    change(
        office,
        absences=tuple(
            AbsencePlan(ANNA, date(2026, 6, first), date(2026, 6, last), deputy)
            for (first, last), deputy in absences
        ),
    )
    assert sweep(office, day) == moves
    assert (office.owner(idea) == office.people[BRAM]) is moves
    if moves:
        told = office.rows(OutboxMessage, OutboxMessage.kind == "handed_over")[0]
        assert told.payload["because"] == "absent"
        assert told.payload["promise"]["deputy_for"] == ("Anna Smit" if absences[0][1] else None)
    assert sweep(office) == 0
    assert healthy(office)


def test_the_deputy_of_today_may_decide_and_nobody_else(office: Office, idea):
    with pytest.raises(UserError, match="niet bij jou"):
        decide(office, idea, "adopt", BRAM)
    change(office, absences=(AbsencePlan(ANNA, date(2026, 6, 3), date(2026, 6, 5), BRAM),))
    with pytest.raises(UserError, match="niet bij jou"):
        decide(office, idea, "adopt", JAN)
    assert sweep(office) == 0  # back in time, so it stays hers
    decide(office, idea, "adopt", BRAM)
    assert office.status(idea) == "adopted"


def test_a_deputy_who_is_away_is_replaced_by_the_own_deputy(office: Office, idea):
    days = (date(2026, 6, 3), date(2026, 6, 5))
    change(office, absences=(AbsencePlan(ANNA, *days, BRAM), AbsencePlan(BRAM, *days, JAN)))
    with pytest.raises(UserError, match="niet bij jou"):
        decide(office, idea, "adopt", BRAM)
    decide(office, idea, "park", JAN, until=date(2026, 6, 12))
    # After the absence it is Anna's alone again.
    dawn(office, 8)
    with pytest.raises(UserError, match="niet bij jou"):
        decide(office, idea, "adopt", JAN)


def test_without_another_manager_a_coordinator_gets_it(office: Office):
    idea = office.send(PUMP, IDA)
    office.triage()
    change(office, people=(LEFT,))
    assert sweep(office, 4) == 1
    assert (office.status(idea), office.owner(idea)) == ("with_coordinator", office.people[COOR])
    assert office.messages()[-2:] == [("to_coordinator", "coor"), ("handed_over", "ida")]
    assert healthy(office)


def test_a_coordinator_who_left_is_replaced_as_well(office: Office):
    idea = office.send(SOUP, IDA)
    office.triage()
    change(
        office,
        people=(
            PersonPlan(COOR, "Coor Oord", is_coordinator=True, is_active=False),
            PersonPlan(BRAM, "Bram Vos", is_coordinator=True),
        ),
    )
    assert sweep(office, 4) == 1
    assert (office.status(idea), office.owner(idea)) == ("with_coordinator", office.people[BRAM])
    assert healthy(office)


def test_what_waits_for_the_submitter_or_a_day_goes_on_waiting(office: Office, idea):
    decide(office, idea, "ask", reason="Welke ingang?")
    change(office, people=(LEFT,))
    assert sweep(office, 4) == 1
    assert (office.status(idea), office.owner(idea)) == ("waiting_for_submitter", office.people[BRAM])
    assert office.rows(OutboxMessage)[-3].payload["question"] == "Welke ingang?"
    assert healthy(office)
    office.clock.pass_seconds(60)
    say(office, idea, "De voordeur")
    assert office.messages()[-1] == ("answered", "bram")
    assert healthy(office)
    # Answered and in review, it goes back to Anna, who works here again, when Bram leaves.
    change(office, people=(PersonPlan(ANNA, "Anna Smit"), PersonPlan(BRAM, "Bram Vos", is_active=False)))
    assert sweep(office, 5) == 1
    assert (office.status(idea), office.owner(idea)) == ("in_review", office.people[ANNA])
    assert healthy(office)


def test_a_parked_idea_keeps_its_day_and_its_framework(office: Office):
    idea = office.send(PUMP, IDA)
    office.triage()
    decide(office, idea, "park", until=date(2026, 6, 26))
    change(office, people=(LEFT,))
    assert sweep(office, 4) == 1
    assert (office.status(idea), office.owner(idea)) == ("parked", office.people[COOR])
    told = office.rows(OutboxMessage)[-1]
    assert (told.kind, told.payload["parked_until"]) == ("handed_over", "2026-06-26")
    assert told.payload["promise"]["due_on"] == "2026-07-10"
    assert healthy(office)
    change(office, people=(PersonPlan(ANNA, "Anna Smit"),))
    assert wake(office, 26) == 1
    assert (office.status(idea), office.owner(idea)) == ("in_review", office.people[ANNA])
    assert healthy(office)


def test_when_there_is_nobody_else_nothing_is_told_over_and_over(office: Office, idea, caplog):
    everybody = (
        LEFT,
        PersonPlan(BRAM, "Bram Vos", is_active=False),
        PersonPlan(COOR, "Coor Oord", is_coordinator=True, is_active=False),
    )
    change(office, people=everybody)
    before = office.messages()
    assert sweep(office, 4) == 0
    assert "Nobody can take this idea" in caplog.text
    # The only coordinator, away for long, is still better than nobody.
    change(
        office,
        people=(PersonPlan(COOR, "Coor Oord", is_coordinator=True),),
        absences=(AbsencePlan(COOR, date(2026, 6, 1), date(2026, 7, 30)),),
    )
    assert office.messages() == before
    assert sweep(office) == 1
    assert sweep(office) == 0
    assert office.owner(idea) == office.people[COOR]


def test_the_worker_s_sweep_does_so(office: Office, idea):
    change(office, people=(LEFT,))
    parked = office.send(f"{PUMP} Dank!", JAN)
    office.triage()
    decide(office, parked, "park", BRAM, until=date(2026, 6, 5))
    dawn(office, 5)
    assert "mail" in whole_sweep(office.database, office.settings, now=office.clock())
    assert office.owner(idea) == office.people[BRAM]
    assert office.status(parked) == "in_review"


def test_an_answered_idea_stays_as_it_is(office: Office, idea):
    decide(office, idea, "decline")
    before = office.messages()
    change(office, people=(LEFT,))
    assert sweep(office, 4) == 0
    assert office.messages() == before
    assert healthy(office)


def test_who_asked_for_no_automatic_mail_and_who_has_no_name_get_none(office: Office):
    quiet, nameless = office.send(PUMP, IDA, quiet=True), office.send(f"{PUMP} Dank!", None)
    office.triage()
    change(office, people=(LEFT,))
    assert sweep(office, 4) == 2
    assert [office.messages(each)[-1] for each in (quiet, nameless)] == [("to_coordinator", "coor")] * 2
    assert healthy(office)


def test_a_silence_that_is_left_is_found(office: Office, idea):
    change(office, people=(LEFT,))
    sweep(office, 4)
    with office.database.writing() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.kind == "handed_over", OutboxMessage.idea_id == idea)
            .values(status=MessageStatus.CANCELLED, trouble="x")
        )
    assert broken(office) == ["the submitter was told that the idea is assigned"]


def test_the_file_says_who_left_and_leaves_the_others_alone(office: Office):
    change(office, people=(LEFT,))
    active = {each.email: each.is_active for each in office.rows(Person)}
    assert active.pop(ANNA) is False
    assert set(active.values()) == {True}
