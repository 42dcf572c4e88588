import numpy as np
import pytest

from pipeline.core import Candidate, Decision, Reading
from pipeline.lifecycle import Status
from pipeline.reprocess import Standing, compare, why_untouchable
from pipeline.routing import Route, Why
from tests.pipeline.cards import ANNA, COOR, TODAY, framework


def standing(status=Status.ASSIGNED, slug="groen", *, spoke=False):
    return Standing(5, "K-2026-0005", "Minder plastic", status.value, slug, "Anna", person_spoke=spoke)


def reading(best, decision=Decision.AUTO):
    candidates = (Candidate(best, 0.87654),) if best else ()
    return Reading(candidates, 0.1, decision, "nl", np.zeros(2, dtype=np.float32))


def to(slug):
    if slug is None:
        return Route(COOR, TODAY, why=Why.UNSURE)
    return Route(ANNA, TODAY, framework({None: ANNA}, slug))


def test_a_sure_other_framework_moves_the_idea():
    change = compare(standing(slug="rooster"), reading("groen"), to("groen"), "Bram")
    assert change.moves
    assert change.note is None
    assert change.row == {
        "decision": "auto",
        "framework": "groen",
        "owner": "Bram",
        "best": "groen",
        "probability": 0.8765,
    }


def test_an_idea_that_was_with_a_coordinator_can_be_placed():
    assert compare(standing(Status.WITH_COORDINATOR, None), reading("groen"), to("groen"), "Bram").moves


@pytest.mark.parametrize(
    ("now", "best", "decision", "way", "note"),
    [
        ("groen", "groen", Decision.AUTO, "groen", None),
        ("groen", "groen", Decision.ASK, None, None),
        ("groen", "rooster", Decision.ASK, None, "the machine would ask a person"),
        ("groen", "rooster", Decision.NONE, None, "the machine would ask a person"),
        ("groen", "rooster", Decision.AUTO, None, None),  # its framework is closed or has no manager
        ("groen", None, Decision.ASK, None, None),
        (None, "groen", Decision.ASK, None, "the machine would ask a person"),
    ],
)
def test_doubt_moves_nothing(now, best, decision, way, note):
    change = compare(standing(slug=now), reading(best, decision), to(way), "Coor")
    assert not change.moves
    assert change.note == note
    assert (change.row["framework"], change.row["owner"]) == (now, "Anna")


@pytest.mark.parametrize("status", list(Status))
def test_the_machine_touches_only_what_it_placed_itself(status):
    free = status in {Status.ASSIGNED, Status.WITH_COORDINATOR}
    assert (why_untouchable(standing(status)) is None) is free
    assert why_untouchable(standing(status, spoke=True)) == "a person decided on it"
