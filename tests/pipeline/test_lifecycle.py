import pytest

from kader.errors import UserError
from models.words import IdeaStatus
from pipeline.lifecycle import ARROWS, JOINABLE, MACHINE_MAY_PLACE, OPEN, Status, apart, move

S = Status
TO_DECIDE = {S.ADOPTED, S.DECLINED, S.PARKED, S.IN_REVIEW, S.WAITING_FOR_SUBMITTER}
PLACES = {S.ASSIGNED, S.WITH_COORDINATOR, S.JOINED}

# The way of an idea, written down a second time: who changes an arrow, changes it here as well.
WAYS = {
    S.RECEIVED: {S.TRIAGED},
    S.TRIAGED: PLACES,
    S.ASSIGNED: TO_DECIDE | PLACES,
    S.WITH_COORDINATOR: TO_DECIDE | PLACES,
    S.JOINED: PLACES,
    S.IN_REVIEW: TO_DECIDE | PLACES,
    S.WAITING_FOR_SUBMITTER: TO_DECIDE | PLACES,
    S.PARKED: (TO_DECIDE | PLACES) - {S.WAITING_FOR_SUBMITTER},
    S.ADOPTED: {S.IN_PROGRESS, S.REALISED, S.STOPPED},
    S.IN_PROGRESS: {S.REALISED, S.STOPPED},
    S.DECLINED: set(),
    S.REALISED: set(),
    S.STOPPED: set(),
}
PAIRS = [(now, then) for now in Status for then in Status]


def test_every_status_has_its_arrows_and_the_tables_know_the_same_words():
    assert set(ARROWS) == set(Status) == set(WAYS)
    assert {each.value for each in Status} == {each.value for each in IdeaStatus}


@pytest.mark.parametrize(("now", "then"), PAIRS, ids=[f"{now}-{then}" for now, then in PAIRS])
def test_an_idea_moves_along_an_arrow_and_nowhere_else(now, then):
    if then in WAYS[now]:
        assert move(now.value, then) is then
    else:
        with pytest.raises(UserError, match=f"'{now.value}'"):
            move(now.value, then)


def test_a_status_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="verdwenen"):
        move("verdwenen", S.TRIAGED)


def test_what_was_answered_is_not_open_and_can_not_be_joined():
    answered = {S.ADOPTED, S.DECLINED, S.IN_PROGRESS, S.REALISED, S.STOPPED}
    assert set(Status) - answered == OPEN
    assert JOINABLE < OPEN
    assert S.JOINED not in JOINABLE  # a star, never a chain
    # The machine never takes an idea from a person who is at it.
    assert {S.ASSIGNED, S.WITH_COORDINATOR} == MACHINE_MAY_PLACE


def test_only_a_person_can_bring_an_idea_to_an_answer_and_every_open_idea_can_reach_one():
    for status in OPEN:
        reached, now = set(), {status}
        while now:
            reached |= now
            now = {then for each in now for then in ARROWS[each]} - reached
        assert {S.ADOPTED, S.DECLINED} <= reached


@pytest.mark.parametrize(("now", "then"), PAIRS, ids=[f"{now}-{then}" for now, then in PAIRS])
def test_an_idea_whose_link_is_undone_goes_back_to_where_it_can_have_been(now, then):
    if now is S.JOINED and then in {
        S.ASSIGNED,
        S.WITH_COORDINATOR,
        S.IN_REVIEW,
        S.WAITING_FOR_SUBMITTER,
        S.PARKED,
    }:
        assert apart(now.value, then.value) is then
    else:
        with pytest.raises(UserError, match=f"'{now.value}'"):
            apart(now.value, then.value)
