import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kader.errors import PermanentError
from pipeline.asking import Asks, Autonomy
from pipeline.caution import careful
from pipeline.core import (
    Candidate,
    Decision,
    IdeaText,
    PairVerdict,
    Quote,
    Reading,
    Reason,
    Sameness,
    TouchedLimit,
)
from pipeline.decide import JOIN_FROM, MOST_SUGGESTIONS, settle
from pipeline.facts import EarlierIdea, IdeaFacts, Resemblance
from pipeline.lifecycle import JOINABLE, Status
from pipeline.payloads import KnownIdea
from pipeline.routing import Why
from tests.pipeline.cards import ANNA, BRAM, CAS, COOR, CORA, TODAY, away, framework, organisation

IDEA = IdeaFacts(40, "K-2026-0040", "Minder plastic", submitter_id=CAS, submitter_name="Cas", excerpt="Glas!")
EARLIER = (
    EarlierIdea("K-2026-0003", "Glas", "groen"),
    EarlierIdea("K-2026-0004", "Ruilen", "rooster"),
    EarlierIdea("K-2026-0005", "Hond gevonden", None),
    EarlierIdea("K-2026-0006", "Fiets", "weg"),
)
OFFICE = organisation(framework({None: ANNA}), framework({None: BRAM}, "rooster"))


def reading(decision=Decision.AUTO, *, limits=()):
    candidates = (
        Candidate(
            "groen",
            0.91,
            (Reason("plastic", 1.2), Reason("auto", -0.4)),
            Quote("Minder plastic in de keuken.", 0.4),
        ),
        Candidate("weg", 0.05),
        Candidate("rooster", 0.04),
    )
    return Reading(candidates, 0.02, decision, "nl", np.zeros(2, dtype=np.float32), limits)


def known(key=7, status=Status.ASSIGNED, framework="groen", owner=ANNA):
    return KnownIdea(
        key,
        f"K-2026-{key:04d}",
        "Glas in plaats van plastic",
        status,
        framework=framework,
        owner_id=owner,
        owner_name="Anna" if owner else None,
        due_on=date(2026, 6, 12) if owner else None,
    )


def like(original, probability=0.97, sameness=Sameness.SAME):
    return Resemblance(original, probability, sameness, "shared: plastic, glas")


def decided(idea=IDEA, read=None, resemblances=(), *, trouble=None, office=OFFICE, earlier=(), autonomy=None):
    return settle(
        idea,
        read or reading(),
        resemblances,
        trouble=trouble,
        today=TODAY,
        organisation=office,
        earlier=earlier,
        autonomy=autonomy,
    )


def messages(settlement):
    return {(each.kind, each.recipient_id): each.payload for each in settlement.messages}


def test_a_sure_idea_goes_to_its_manager_and_both_are_told():
    limits = (
        TouchedLimit("groen", "Verbouwen", 0.8, "Bouw een keuken."),
        TouchedLimit("rooster", "Loon", 0.9, "Betaal meer."),
    )
    plan = decided(read=reading(limits=limits), earlier=EARLIER)
    assert (plan.idea_id, plan.status, plan.framework) == (40, Status.ASSIGNED, OFFICE.frameworks["groen"])
    assert plan.route is not None
    assert (plan.route.person_id, plan.route.due_on) == (ANNA, date(2026, 6, 17))
    assert plan.links == ()
    told = messages(plan)
    assert set(told) == {("routed", CAS), ("to_manager", ANNA)}
    promise = {"manager": "Anna", "deputy_for": None, "due_on": "2026-06-17"}
    assert told["routed", CAS] == {
        "framework": {
            "title": "Kader groen",
            "description": "Ideeën over groen.",
            "goal": "Minder afval",
            "limits": [{"title": "Verbouwen", "reason": "Dat loopt al."}],
        },
        "promise": promise,
        "reasons": ["plastic"],  # only what spoke for it
        "touched_limits": ["Verbouwen"],  # only of this framework
    }
    assert told["to_manager", ANNA] == {
        "framework": "Kader groen",
        "promise": promise,
        "submitter": "Cas",
        "unit": None,
        "twins": [],
        "reasons": ["plastic"],
        "against": ["auto"],
        "quote": "Minder plastic in de keuken.",
        "earlier": [{"reference": "K-2026-0003", "title": "Glas"}],  # only what was put in this framework
        "touched_limits": [{"title": "Verbouwen", "sentence": "Bouw een keuken."}],
        "probability": 0.91,
    }
    assert [event.kind for event in plan.events] == ["assigned"]
    assert plan.summary == {"kind": "assigned", "framework": "groen", **promise}


def test_a_deputy_is_named_with_who_is_away():
    office = organisation(framework({None: ANNA}), absences={ANNA: (away(BRAM),)})
    told = messages(decided(office=office))
    assert told["routed", CAS]["promise"] == {
        "manager": "Bram",
        "deputy_for": "Anna",
        "due_on": "2026-06-17",
    }
    assert ("to_manager", BRAM) in told


@pytest.mark.parametrize(
    ("decision", "trouble", "why"),
    [
        (Decision.ASK, None, Why.UNSURE),
        (Decision.NONE, None, Why.FITS_NONE),
        (Decision.AUTO, "it could not be read", Why.UNREADABLE),
        (Decision.ASK, "it could not be read", Why.UNREADABLE),
    ],
)
def test_doubt_goes_to_a_coordinator_with_the_reason(decision, trouble, why):
    plan = decided(read=reading(decision), trouble=trouble, earlier=EARLIER)
    assert (plan.status, plan.framework) == (Status.WITH_COORDINATOR, None)
    assert plan.route is not None
    assert (plan.route.person_id, plan.route.why) == (COOR, why)
    told = messages(plan)
    promise = {"manager": "Coor", "deputy_for": None, "due_on": "2026-06-10"}
    assert told["with_coordinator", CAS] == {"why": why.value, "promise": promise, "asks": None}
    assert told["to_coordinator", COOR]["candidates"] == [
        {
            "title": "Kader groen",
            "probability": 0.91,
            "reasons": ["plastic"],
            "quote": "Minder plastic in de keuken.",
        },
        # What is not in force is left out.
        {"title": "Kader rooster", "probability": 0.04, "reasons": [], "quote": None},
    ]
    assert told["to_coordinator", COOR]["earlier"] == [
        {"reference": "K-2026-0003", "title": "Glas", "framework": "Kader groen"},
        {"reference": "K-2026-0004", "title": "Ruilen", "framework": "Kader rooster"},
        {"reference": "K-2026-0005", "title": "Hond gevonden", "framework": None},
    ]
    assert plan.events[0].detail["why"] == why.value
    assert told["to_coordinator", COOR]["asks"] is None  # nothing is known of what the text model may do


@pytest.mark.parametrize(
    ("decision", "alone_from", "why", "needed"),
    [
        (Decision.NONE, {}, Asks.FITS_NONE, None),
        (Decision.ASK, {"groen": 0.95}, Asks.UNSURE, 95),
        (Decision.ASK, {}, Asks.TOO_LITTLE, None),
        (Decision.ASK, {"rooster": 0.95}, Asks.TOO_LITTLE_HERE, None),
    ],
)
def test_who_decides_hears_why_the_text_model_asks_and_the_submitter_only_what_kind_of_doubt(
    decision, alone_from, why, needed
):
    told = messages(decided(read=reading(decision), autonomy=Autonomy(40, alone_from, frozenset())))
    assert told["to_coordinator", COOR]["asks"] == {
        "why": why.value,
        "framework": "Kader groen",
        "sure": 91,
        "needed": needed,
        "is_close": False,
        "labelled": 40,
    }
    assert told["with_coordinator", CAS]["asks"] == why.value
    assert json.loads(json.dumps(told["to_coordinator", COOR])) == told["to_coordinator", COOR]


def test_only_doubt_of_the_text_model_itself_is_told_as_such():
    autonomy = Autonomy(40, {"groen": 0.95}, frozenset())
    unreadable = messages(decided(read=reading(Decision.ASK), trouble="x", autonomy=autonomy))
    assert unreadable["to_coordinator", COOR]["asks"] is None
    gone = organisation(framework({None: BRAM}, "rooster"))
    closed = messages(decided(office=gone, autonomy=autonomy))
    assert closed["with_coordinator", CAS]["asks"] is None
    # A framework that isn't in force any more has no title to name it by.
    assert (
        messages(decided(read=reading(Decision.ASK), office=gone, autonomy=autonomy))["to_coordinator", COOR][
            "asks"
        ]
        is None
    )


@pytest.mark.parametrize("decision", list(Decision))
def test_a_touched_limit_or_an_earlier_idea_never_changes_where_an_idea_goes(decision):
    limits = (TouchedLimit("groen", "Verbouwen", 1.0, "Bouw een keuken."),)
    touched = decided(read=reading(decision, limits=limits), earlier=EARLIER)
    plain = decided(read=reading(decision))
    assert (touched.status, touched.framework, touched.route, touched.links, touched.summary) == (
        plain.status,
        plain.framework,
        plain.route,
        plain.links,
        plain.summary,
    )
    assert [(each.kind, each.recipient_id) for each in touched.messages] == [
        (each.kind, each.recipient_id) for each in plain.messages
    ]


def test_the_manager_s_own_idea_goes_to_somebody_else():
    plan = decided(IdeaFacts(40, "K-2026-0040", "Minder plastic", submitter_id=ANNA))
    assert plan.status is Status.WITH_COORDINATOR
    assert plan.route is not None
    assert (plan.route.why, plan.route.person_id) == (Why.NO_MANAGER, COOR)


def test_a_reading_without_candidates_goes_to_a_coordinator():
    empty = Reading((), 0.0, Decision.AUTO, "", np.zeros(0, dtype=np.float32))
    plan = decided(read=empty)
    assert plan.route is not None
    assert plan.route.why is Why.UNSURE


@pytest.mark.parametrize("status", sorted(JOINABLE))
def test_the_same_idea_joins_one_that_is_open(status):
    plan = decided(read=reading(Decision.NONE), resemblances=[like(known(status=status))])
    assert (plan.status, plan.route) == (Status.JOINED, None)
    assert plan.framework is OFFICE.frameworks["groen"]
    (link,) = plan.links
    assert (link.original_id, link.state, link.score) == (7, "confirmed", 0.97)
    assert link.reason == "shared: plastic, glas"
    to_submitter, to_owner = plan.messages
    assert (to_submitter.kind, to_submitter.recipient_id, to_submitter.idea_id) == ("joined", CAS, None)
    assert to_submitter.payload == {
        "original": "K-2026-0007",
        "original_title": "Glas in plaats van plastic",
        "framework": "Kader groen",
        "promise": {"manager": "Anna", "deputy_for": None, "due_on": "2026-06-12"},
    }
    # About the original, and told once for each twin.
    assert (to_owner.kind, to_owner.recipient_id) == ("twin_joined", ANNA)
    assert (to_owner.idea_id, to_owner.revision) == (7, 40)
    assert to_owner.payload["twin"] == {
        "reference": "K-2026-0040",
        "title": "Minder plastic",
        "text": "Glas!",
    }


@pytest.mark.parametrize("status", sorted(set(Status) - JOINABLE))
def test_an_answered_idea_is_suggested_and_never_joined(status):
    plan = decided(resemblances=[like(known(status=status))])
    assert plan.status is Status.ASSIGNED
    assert [(link.original_id, link.state) for link in plan.links] == [(7, "suggested")]
    assert messages(plan)["to_manager", ANNA]["twins"] == [
        {"reference": "K-2026-0007", "title": "Glas in plaats van plastic", "state": "suggested"}
    ]


def test_maybe_is_suggested_and_new_is_left_out():
    plan = decided(
        resemblances=[
            like(known(5), 0.6, Sameness.MAYBE),
            like(known(6), 0.1, Sameness.NEW),
            like(known(7), 0.8, Sameness.MAYBE),
        ]
    )
    assert plan.status is Status.ASSIGNED
    assert [link.original_id for link in plan.links] == [7, 5]
    many = [like(known(key), 0.5 + key / 100, Sameness.MAYBE) for key in range(1, 10)]
    plan = decided(read=reading(Decision.ASK), resemblances=many)
    assert [link.original_id for link in plan.links] == [9, 8, 7, 6, 5]
    assert len(messages(plan)["to_coordinator", COOR]["twins"]) == MOST_SUGGESTIONS


SEVEN, FOUR = "Zet een fietspomp bij de ingang", "Zie bijlage: mijn idee"


@pytest.mark.parametrize(
    ("one", "other", "files", "sameness"),
    [
        (SEVEN, SEVEN, (set(), set()), Sameness.SAME),
        (SEVEN, SEVEN, ({"a", "b"}, {"b", "a"}), Sameness.SAME),
        (SEVEN, SEVEN, ({"a"}, {"b"}), Sameness.MAYBE),
        (SEVEN, SEVEN, (set(), {"b"}), Sameness.MAYBE),
        (SEVEN, FOUR, (set(), set()), Sameness.MAYBE),
        (FOUR, FOUR, ({"a"}, {"a"}), Sameness.MAYBE),
        (
            "nu nu nu nu nu nu",
            "nu nu nu nu nu nu",
            (set(), set()),
            Sameness.MAYBE,
        ),  # the same word over and over
    ],
)
def test_what_words_can_not_tell_a_person_says(one, other, files, sameness):
    verdict = PairVerdict(1.0, Sameness.SAME, "shared")
    found = careful(verdict, IdeaText("1", one), IdeaText("2", other), files=files)
    assert (found.sameness, found.reason) == (sameness, "shared")
    assert (found.probability >= JOIN_FROM) is (sameness is Sameness.SAME)
    for lesser in (PairVerdict(0.2, Sameness.NEW, ""), PairVerdict(0.8, Sameness.MAYBE, "x")):
        assert careful(lesser, IdeaText("1", one), IdeaText("2", other), files=files) == lesser


def test_a_twin_of_what_is_parked_or_late_hears_no_day_that_passes_before_the_answer():
    parked = replace(known(status=Status.PARKED), parked_until=date(2026, 8, 1), due_on=date(2026, 8, 17))
    told = messages(decided(resemblances=[like(parked)]))["joined", CAS]
    assert (told["parked_until"], told["promise"]["due_on"]) == ("2026-08-01", "2026-08-17")
    assert "is_late" not in told
    for due, late in [(date(2026, 6, 2), True), (TODAY, False)]:
        told = messages(decided(resemblances=[like(replace(known(), due_on=due))]))["joined", CAS]
        assert told.get("is_late", False) is late


def test_the_most_alike_is_joined_and_of_equals_the_earliest_whatever_their_order():
    best = [
        like(known(3), 0.95),
        like(known(9), 0.99),
        like(known(2), 0.99),
        like(known(1), 0.999, Sameness.MAYBE),
    ]
    for order in (best, best[::-1]):
        plan = decided(resemblances=order)
        assert [link.original_id for link in plan.links] == [2]


def test_an_open_original_is_joined_although_an_answered_one_is_more_alike():
    plan = decided(resemblances=[like(known(1, Status.DECLINED), 1.0), like(known(2), 0.98)])
    assert [(link.original_id, link.state) for link in plan.links] == [(2, "confirmed")]


@pytest.mark.parametrize(
    "idea",
    [
        IdeaFacts(40, "K-2026-0040", "Minder plastic"),  # without a name
        IdeaFacts(40, "K-2026-0040", "Minder plastic", submitter_id=CAS, is_quiet=True),
    ],
)
@pytest.mark.parametrize(
    ("read", "resemblances", "kinds"),
    [
        (reading(), [], ["to_manager"]),
        (reading(Decision.ASK), [], ["to_coordinator"]),
        (reading(), [like(known())], ["twin_joined"]),
    ],
)
def test_who_has_no_name_or_wants_no_automatic_mail_gets_none(idea, read, resemblances, kinds):
    plan = decided(idea, read, resemblances)
    assert [message.kind for message in plan.messages] == kinds
    assert CAS not in {message.recipient_id for message in plan.messages}


def test_a_quiet_submitter_s_idea_still_never_comes_to_themselves():
    plan = decided(IdeaFacts(40, "K-2026-0040", "Minder plastic", submitter_id=ANNA, is_quiet=True))
    assert plan.route is not None
    assert plan.route.person_id != ANNA


def test_an_original_without_owner_or_framework_can_be_joined():
    plan = decided(resemblances=[like(known(framework=None, owner=None))])
    assert plan.framework is None
    assert [message.kind for message in plan.messages] == ["joined"]
    assert plan.messages[0].payload["framework"] is None


def test_the_same_facts_give_the_same_outcome():
    found = [like(known(3), 0.6, Sameness.MAYBE), like(known(4), 0.7, Sameness.MAYBE)]
    assert decided(resemblances=found) == decided(resemblances=found[::-1])


def test_nobody_to_take_it_is_an_error():
    nobody = organisation(coordinators=())
    with pytest.raises(PermanentError):
        decided(office=nobody)
    only_the_submitter = organisation(coordinators=(CORA,))
    with pytest.raises(PermanentError):
        decided(IdeaFacts(1, "K-2026-0001", "Iets", submitter_id=CORA), office=only_the_submitter)
