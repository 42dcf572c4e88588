from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kader.errors import PermanentError
from pipeline.core import FrameworkText
from pipeline.routing import (
    AbsenceCard,
    FrameworkCard,
    Organisation,
    PersonCard,
    Why,
    route_to_coordinator,
    route_to_manager,
)
from tests.pipeline.cards import (
    ANNA,
    BRAM,
    CARE,
    CAS,
    COOR,
    CORA,
    DIEP,
    HOSPITAL,
    TODAY,
    WARD,
    away,
    framework,
    organisation,
)


def route(found, *, unit=None, submitter=None, idea=1, slug="groen"):
    return route_to_manager(
        slug, idea_id=idea, unit_id=unit, submitter_id=submitter, today=TODAY, organisation=found
    )


@pytest.mark.parametrize(
    ("managers", "unit", "person"),
    [
        ({WARD: ANNA, CARE: BRAM, None: CAS}, WARD, ANNA),
        ({CARE: BRAM, None: CAS}, WARD, BRAM),
        ({HOSPITAL: DIEP, None: CAS}, WARD, DIEP),
        ({WARD: ANNA, None: CAS}, CARE, CAS),  # who is below doesn't decide for who is above
        ({None: CAS}, None, CAS),
        ({WARD: ANNA, None: CAS}, 999, CAS),  # a unit that nobody knows
    ],
)
def test_the_unit_decides_then_those_above_it_then_who_has_all_others(managers, unit, person):
    found = route(organisation(framework(managers)), unit=unit)
    assert (found.person_id, found.deputises_for_id, found.why) == (person, None, None)
    assert found.framework is not None
    assert found.due_on == date(2026, 6, 17)


def test_units_that_lie_in_a_circle_end():
    circle = Organisation(
        people=organisation().people,
        parents={CARE: WARD, WARD: CARE},
        frameworks={"groen": framework({None: CAS})},
        coordinators=(COOR,),
    )
    assert route(circle, unit=WARD).person_id == CAS


def test_the_deputy_acts_for_who_is_away_and_the_deputy_s_deputy_for_both():
    card = framework({None: ANNA})
    one = route(organisation(card, absences={ANNA: (away(BRAM),)}))
    assert (one.person_id, one.deputises_for_id) == (BRAM, ANNA)
    two = route(organisation(card, absences={ANNA: (away(BRAM),), BRAM: (away(CAS),)}))
    assert (two.person_id, two.deputises_for_id) == (CAS, ANNA)


def test_an_absence_counts_on_its_first_and_last_day_only():
    card = framework({None: ANNA})
    first, last = date(2026, 6, 3), date(2026, 6, 5)
    for today, person in [(2, ANNA), (3, BRAM), (5, BRAM), (6, ANNA)]:
        found = route_to_manager(
            "groen",
            idea_id=1,
            unit_id=None,
            submitter_id=None,
            today=date(2026, 6, today),
            organisation=organisation(card, absences={ANNA: (away(BRAM, first, last),)}),
        )
        assert found.person_id == person


@pytest.mark.parametrize(
    ("absences", "inactive", "submitter"),
    [
        ({ANNA: (away(BRAM),), BRAM: (away(ANNA),)}, (), None),  # each other's deputy
        ({ANNA: (away(None),)}, (), None),  # no deputy
        ({ANNA: (away(BRAM),)}, (BRAM,), None),  # the deputy has left
        ({ANNA: (away(BRAM),)}, (), BRAM),  # the deputy sent it
        ({ANNA: (away(77),)}, (), None),  # a deputy who is not known any more
        ({}, (), ANNA),  # the manager sent it
        ({}, (ANNA,), None),  # the manager has left
    ],
)
def test_who_can_not_decide_is_passed_over(absences, inactive, submitter):
    above = framework({WARD: ANNA, None: DIEP})
    found = route(organisation(above, absences=absences, inactive=inactive), unit=WARD, submitter=submitter)
    assert (found.person_id, found.deputises_for_id) == (DIEP, None)
    alone = framework({WARD: ANNA})
    found = route(organisation(alone, absences=absences, inactive=inactive), unit=WARD, submitter=submitter)
    assert (found.why, found.framework) == (Why.NO_MANAGER, None)
    assert found.person_id in {COOR, CORA}


def test_what_is_in_a_framework_already_is_decided_there_after_it_closed():
    closed = organisation(framework({None: ANNA}, closes_on=date(2026, 6, 2)))
    facts = {"idea_id": 1, "unit_id": None, "submitter_id": None, "today": TODAY, "organisation": closed}
    assert route_to_manager("groen", **facts).why is Why.CLOSED
    found = route_to_manager("groen", is_placed=True, **facts)
    assert (found.person_id, found.why) == (ANNA, None)
    assert route_to_manager("verdwenen", is_placed=True, **facts).why is Why.CLOSED


@pytest.mark.parametrize(
    ("absences", "until"),
    [
        ((), None),
        (((1, 2),), None),  # back already
        (((4, 5),), None),  # not away yet
        (((3, 5),), 5),
        (((3, 5), (6, 9)), 9),
        (((3, 5), (8, 9)), 9),  # a weekend between
        (((3, 5), (9, 12)), 5),  # at work on a Monday
        (((1, 12), (3, 5)), 12),
    ],
)
def test_how_long_somebody_is_away(absences, until):
    card = PersonCard(
        ANNA,
        "Anna",
        absences=tuple(away(None, date(2026, 6, first), date(2026, 6, last)) for first, last in absences),
    )
    assert card.away_until(TODAY) == (date(2026, 6, until) if until else None)


@pytest.mark.parametrize(
    ("opens", "closes", "is_open"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (date(2026, 6, 4), None, False),
        (None, date(2026, 6, 2), False),
    ],
)
def test_outside_its_window_a_framework_takes_nothing(opens, closes, is_open):
    found = route(organisation(framework({None: ANNA}, opens_on=opens, closes_on=closes)))
    assert (found.why is None) is is_open
    assert is_open or found.why is Why.CLOSED


def test_a_framework_that_is_gone_takes_nothing():
    assert route(organisation(framework({None: ANNA})), slug="weg").why is Why.CLOSED


def to_coordinator(found, *, idea=1, submitter=None):
    return route_to_coordinator(
        Why.UNSURE, idea_id=idea, submitter_id=submitter, today=TODAY, organisation=found
    )


def test_coordinators_take_ideas_in_turn_and_within_their_days():
    found = [to_coordinator(organisation(), idea=number) for number in range(10)]
    assert [each.person_id for each in found] == [COOR, CORA] * 5
    assert {each.due_on for each in found} == {date(2026, 6, 10)}


@pytest.mark.parametrize("idea", [1, 2])
def test_a_coordinator_who_is_there_goes_before_one_who_is_away_or_left_or_sent_it(idea):
    assert to_coordinator(organisation(absences={COOR: (away(None),)}), idea=idea).person_id == CORA
    assert to_coordinator(organisation(inactive=(CORA,)), idea=idea).person_id == COOR
    assert to_coordinator(organisation(), idea=idea, submitter=COOR).person_id == CORA
    # Away is still better than nobody.
    both = {COOR: (away(None),), CORA: (away(None),)}
    assert to_coordinator(organisation(absences=both), idea=idea, submitter=COOR).person_id == CORA


@pytest.mark.parametrize("idea", [1, 2, 3])
def test_without_a_coordinator_a_manager_who_still_works_here_takes_it(idea):
    found = organisation(framework({WARD: ANNA, None: BRAM}), coordinators=(), inactive=(BRAM,))
    assert to_coordinator(found, idea=idea).person_id == ANNA
    with pytest.raises(PermanentError, match="coordinator"):
        to_coordinator(found, idea=idea, submitter=ANNA)


def test_nobody_at_all_is_an_error_that_says_what_to_do():
    with pytest.raises(PermanentError, match="role of coordinator"):
        to_coordinator(organisation(coordinators=()))


PEOPLE = st.integers(1, 6)
DAYS = st.dates(date(2026, 5, 31), date(2026, 6, 6))


@st.composite
def organisations(draw):
    absences = st.tuples(DAYS, DAYS, st.none() | st.integers(1, 8)).map(
        lambda drawn: AbsenceCard(min(drawn[:2]), max(drawn[:2]), drawn[2])
    )
    people = {
        key: PersonCard(key, f"Mens {key}", draw(st.booleans()), tuple(draw(st.lists(absences, max_size=2))))
        for key in range(1, 7)
    }
    parents = draw(st.dictionaries(st.integers(1, 4), st.none() | st.integers(1, 5)))
    managers = draw(st.dictionaries(st.none() | st.integers(1, 5), PEOPLE))
    card = FrameworkCard(1, 1, FrameworkText("groen", "Groen"), draw(st.integers(1, 20)), managers)
    coordinators = tuple(sorted(draw(st.sets(PEOPLE, max_size=2))))
    return Organisation(people, parents, {"groen": card}, coordinators)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(organisations(), st.none() | PEOPLE, st.none() | st.integers(1, 5), st.integers(1, 50))
def test_an_idea_never_comes_to_its_submitter_nor_to_who_left(found, submitter, unit, idea):
    try:
        way = route(found, unit=unit, submitter=submitter, idea=idea)
    except PermanentError:
        able = {*found.coordinators, *found.frameworks["groen"].managers.values()} - {submitter}
        assert not [person for person in able if found.people[person].is_active]
        return
    person = found.people[way.person_id]
    assert way.person_id != submitter
    assert person.is_active
    assert way.due_on > TODAY
    assert (way.framework is None) is (way.why is not None)
    if way.framework is not None:
        assert person.absence(TODAY) is None
        acts_for = way.deputises_for_id or way.person_id
        assert acts_for in way.framework.managers.values()
        assert way.deputises_for_id != way.person_id
