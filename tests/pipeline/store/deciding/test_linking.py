from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import update

from kader.errors import UserError
from models import Assignment, Correction, DuplicateLink, Event, Framework, Idea, OutboxMessage
from models.words import DecisionKind
from pipeline.store.checking import check
from pipeline.store.deciding.answers import answer, place
from pipeline.store.deciding.linking import not_mine
from pipeline.store.exporting import exported
from pipeline.store.textmodels.standing import Selection
from tests.factories import make_link
from tests.pipeline.store.office import ANNA, BRAM, COOR, HEAT, IDA, JAN, PUMP, SOUP, Office


def word(office: Office, link, said, person=ANNA):
    office.say(link, said, person)


def disown(office: Office, idea, person):
    with office.database.writing() as session:
        not_mine(
            session,
            idea_id=idea,
            person_id=office.people[person] if person else None,
            now=office.clock(),
            settings=office.settings,
        )


def suggest(office: Office, duplicate, original) -> int:
    with office.database.writing() as session:
        ideas = [session.get_one(Idea, key) for key in (duplicate, original)]
        return make_link(session, *ideas).id


def errors(office: Office) -> list[str]:
    with office.database.reading() as session:
        found = check(session, now=office.clock(), settings=office.settings)
    return [each.rule for each in found if each.is_error]


def say(office: Office, idea: int, kind: str, **day: date) -> None:
    """Anna decides on an idea."""
    with office.database.writing() as session:
        answer(
            session,
            idea_id=idea,
            person_id=office.people[ANNA],
            kind=DecisionKind(kind),
            reason="Daar is geen plek voor.",
            now=office.clock(),
            settings=office.settings,
            **day,
        )


@pytest.fixture
def pair(office: Office) -> tuple[int, int, int]:
    """An idea of Jan, that of Ida before it, and the link that says: maybe the same."""
    original, idea = office.send(PUMP, IDA), office.send(f"{PUMP} Dank!", JAN)
    office.triage()
    (link,) = office.rows(DuplicateLink)
    assert link.state == "suggested"
    return idea, original, link.id


def test_a_confirmed_link_joins_the_idea_and_tells_its_submitter(office: Office, pair):
    idea, original, link = pair
    word(office, link, "confirm")
    assert office.links() == [(idea, original, "confirmed")]
    assert (office.status(idea), office.owner(idea)) == ("joined", None)
    assert (office.status(original), office.owner(original)) == ("assigned", office.people[ANNA])
    message = office.rows(OutboxMessage, OutboxMessage.idea_id == idea)[-1]
    assert message.kind == "joined"
    assert message.payload["promise"] == {"manager": "Anna Smit", "deputy_for": None, "due_on": "2026-06-17"}
    said = office.rows(Correction)[-1]
    assert (said.kind, said.idea_id, said.person_value) == (
        "duplicate",
        idea,
        office.idea(original).reference,
    )
    assert errors(office) == []


def test_a_rejected_link_changes_nothing_else_and_stays_rejected(office: Office, pair):
    idea, original, link = pair
    before = office.messages()
    word(office, link, "reject")
    assert office.links() == [(idea, original, "rejected")]
    assert office.status(idea) == "assigned"
    assert office.messages() == before
    assert office.rows(Correction)[-1].person_value is None
    for again in ("confirm", "reject", "undo"):
        with pytest.raises(UserError, match="al beslist"):
            word(office, link, again)
    assert errors(office) == []


def test_a_confirmed_link_can_be_undone_but_not_rejected_any_more(office: Office, pair):
    idea, original, link = pair
    word(office, link, "confirm")
    for said in ("confirm", "reject"):
        with pytest.raises(UserError, match="al beslist"):
            word(office, link, said)
    office.clock.pass_seconds(60)
    word(office, link, "undo", COOR)
    assert office.links() == [(idea, original, "undone")]
    assert (office.status(idea), office.owner(idea)) == ("assigned", office.people[ANNA])
    # Never silence: the submitter hears where the idea is now, and who decides.
    assert office.messages(idea)[-2:] == [("to_manager", "anna"), ("routed", "jan")]
    assert [each.kind for each in office.rows(Event, Event.idea_id == idea)][-2:] == ["joined", "link_undone"]
    assert errors(office) == []
    with pytest.raises(UserError, match="al beslist"):
        word(office, link, "undo")


@pytest.mark.parametrize("no", ["reject", "undo"])
def test_what_a_person_called_different_another_may_call_the_same_after_all(office: Office, pair, no):
    idea, original, link = pair
    with pytest.raises(UserError, match="al beslist"):
        word(office, link, "again")
    if no == "undo":
        word(office, link, "confirm")
    word(office, link, no, COOR)
    office.clock.pass_seconds(60)
    word(office, link, "again", COOR)
    assert office.links() == [(idea, original, "confirmed")]
    assert (office.status(idea), office.owner(idea)) == ("joined", None)
    assert office.rows(Correction)[-1].person_value == office.idea(original).reference
    assert office.messages(idea)[-1] == ("joined", "jan")
    with pytest.raises(UserError, match="al beslist"):
        word(office, link, "again")
    assert errors(office) == []
    # And the submitter may say once more that it isn't.
    disown(office, idea, JAN)
    assert office.links() == [(idea, original, "undone")]
    assert errors(office) == []


def test_the_owner_hears_once_that_an_idea_joined(office: Office):
    office.send(PUMP, IDA)
    idea = office.send(PUMP, JAN)
    office.triage()
    (link,) = office.rows(DuplicateLink)
    twin = OutboxMessage.kind == "twin_joined"
    word(office, link.id, "undo", COOR)
    word(office, link.id, "again", COOR)
    (told,) = office.rows(OutboxMessage, twin)
    assert (told.status, told.trouble, told.revision) == ("pending", None, idea)
    send_all(office)
    word(office, link.id, "undo", COOR)
    word(office, link.id, "again", COOR)
    (told,) = office.rows(OutboxMessage, twin)
    assert told.status == "sent"
    assert errors(office) == []


def test_a_link_that_only_others_moved_is_nobodys_no(office: Office, three):
    """What followed along and went back was never called different: there is nothing to take back."""
    first, _, third, joined = three
    (moved,) = office.rows(DuplicateLink, DuplicateLink.duplicate_id == third)
    word(office, joined, "confirm", COOR)
    with pytest.raises(UserError, match="al beslist"):
        word(office, moved.id, "again", COOR)
    word(office, joined, "undo", COOR)
    (back,) = [
        each for each in office.rows(DuplicateLink) if (each.duplicate_id, each.original_id) == (third, first)
    ]
    with pytest.raises(UserError, match="al beslist"):
        word(office, back.id, "again", COOR)


def test_undoing_withdraws_what_the_owner_was_not_told_yet(office: Office):
    original, idea = office.send(PUMP, IDA), office.send(PUMP, JAN)
    office.triage()
    (link,) = office.rows(DuplicateLink)
    word(office, link.id, "undo", COOR)
    (twin,) = office.rows(OutboxMessage, OutboxMessage.kind == "twin_joined")
    assert (twin.status, twin.idea_id) == ("cancelled", original)
    assert twin.trouble
    assert office.status(idea) == "assigned"
    assert errors(office) == []


def test_the_submitter_says_that_the_idea_is_another_one(office: Office):
    original, idea = office.send(SOUP, IDA), office.send(SOUP, JAN)
    alone = office.send(HEAT, JAN)
    office.triage()
    assert office.links() == [(idea, original, "confirmed")]
    for person in (IDA, None):
        with pytest.raises(UserError, match="niet jouw idee"):
            disown(office, idea, person)
    with pytest.raises(UserError, match="al op zichzelf"):
        disown(office, alone, JAN)
    disown(office, idea, JAN)
    assert office.links() == [(idea, original, "undone")]
    assert (office.status(idea), office.owner(idea)) == ("with_coordinator", office.people[COOR])
    assert office.messages(idea)[-2:] == [("to_coordinator", "coor"), ("with_coordinator", "jan")]
    with pytest.raises(UserError, match="al op zichzelf"):
        disown(office, idea, JAN)
    assert errors(office) == []


def test_an_idea_without_a_name_can_be_disowned_by_who_holds_its_link(office: Office):
    office.send(PUMP, IDA)
    idea = office.send(PUMP, None)
    office.triage()
    before = len(office.rows(Correction))
    disown(office, idea, None)
    assert office.status(idea) == "assigned"
    assert len(office.rows(Correction)) == before  # nobody's name can stand beside it
    assert errors(office) == []


def test_twins_of_a_twin_follow_the_earliest(office: Office):
    first, second = office.send(PUMP, IDA), office.send(HEAT, JAN)
    third = office.send(HEAT, COOR)
    office.triage()
    assert office.links() == [(third, second, "confirmed")]
    word(office, suggest(office, second, first), "confirm", COOR)
    # The link that ended is kept: it is what the new one rests on.
    assert sorted(office.links()) == [
        (second, first, "confirmed"),
        (third, first, "confirmed"),
        (third, second, "undone"),
    ]
    assert errors(office) == []
    # All of them hear the answer.
    before = len(office.messages())
    with office.database.writing() as session:
        answer(
            session,
            idea_id=first,
            person_id=office.people[ANNA],
            kind=DecisionKind.ADOPT,
            reason="We doen het.",
            now=office.clock(),
            settings=office.settings,
        )
    assert office.messages()[before:] == [("adopted", "ida"), ("adopted", "jan"), ("adopted", "coor")]


def test_who_follows_an_idea_goes_along_to_another_framework(office: Office):
    first, second = office.send(PUMP, IDA), office.send(PUMP, JAN)
    office.triage()
    with office.database.writing() as session:
        place(
            session,
            idea_id=first,
            person_id=office.people[COOR],
            framework_slug="energie",
            reason="Dat past hier beter.",
            now=office.clock(),
            settings=office.settings,
        )
    (energy,) = office.rows(Framework, Framework.slug == "energie")
    assert [office.idea(each).framework_id for each in (first, second)] == [energy.id] * 2
    with office.database.reading() as session:
        rows = list(exported(session, Selection(frameworks=("energie",))))
    assert [(row.framework, row.joined) for row in rows] == [
        ("energie", None),
        ("energie", office.idea(first).reference),
    ]
    assert errors(office) == []


def test_a_twin_of_a_twin_that_was_suggested_for_the_earliest_as_well(office: Office):
    first, second = office.send(PUMP, IDA), office.send(HEAT, JAN)
    third = office.send(HEAT, COOR)
    office.triage()
    suggest(office, third, first)
    word(office, suggest(office, second, first), "confirm", COOR)
    assert sorted(office.links()) == [
        (second, first, "confirmed"),
        (third, first, "confirmed"),
        (third, second, "undone"),
    ]
    assert errors(office) == []


def state(office: Office):
    """All that undoing must give back: where ideas are, who has them and by when, what follows what."""
    ideas = [(each.id, each.status, each.framework_id) for each in office.rows(Idea)]
    promises = [
        (each.idea_id, each.person_id, each.due_on)
        for each in office.rows(Assignment, Assignment.ended_at.is_(None))
    ]
    confirmed = sorted(each[:2] for each in office.links() if each[2] == "confirmed")
    return ideas, sorted(promises), confirmed


def unsent(office: Office, *kinds: str) -> list[tuple[str, int, int]]:
    return [
        (each.kind, each.idea_id, each.recipient_id)
        for each in office.rows(OutboxMessage, OutboxMessage.status == "pending")
        if each.kind in kinds
    ]


def send_all(office: Office) -> None:
    with office.database.writing() as session:
        session.execute(update(OutboxMessage).values(status="sent", sent_at=office.clock()))


@pytest.fixture
def three(office: Office) -> tuple[int, int, int, int]:
    """An idea of Ida with Anna; one of Jan with Bram, which one of Coor joined; and the link: maybe the same."""
    first, second, third = office.send(PUMP, IDA), office.send(HEAT, JAN), office.send(HEAT, COOR)
    office.triage()
    assert office.links() == [(third, second, "confirmed")]
    link = suggest(office, second, first)
    send_all(office)
    office.clock.pass_seconds(60)
    return first, second, third, link


@pytest.mark.parametrize("was_suggested", [False, True])
def test_undoing_gives_back_everything(office: Office, three, was_suggested):
    first, second, third, link = three
    if was_suggested:
        suggest(office, third, first)
    links = dict(zip([each.id for each in office.rows(DuplicateLink)], office.links(), strict=True))
    before, history = state(office), len(office.rows(Event))
    word(office, link, "confirm", COOR)
    assert office.status(second) == "joined"
    assert office.idea(third).framework_id == office.idea(first).framework_id
    office.clock.pass_seconds(60)
    word(office, link, "undo", COOR)
    assert state(office) == before
    for each in office.rows(DuplicateLink):
        known = each.id in links and each.id != link
        assert each.state == (links[each.id][2] if known else "undone")
    # Nobody hears what was taken back before it left; both submitters hear where their idea is now.
    people = office.people
    assert unsent(office, "twin_joined", "joined", "routed", "to_manager") == [
        ("to_manager", second, people[BRAM]),
        ("routed", second, people[JAN]),
        ("joined", third, people[COOR]),
    ]
    told = office.rows(OutboxMessage, OutboxMessage.idea_id == third)[-1]
    assert told.payload["original"] == office.idea(second).reference
    assert told.payload["promise"]["manager"] == "Bram Vos"
    # The history grows: what was said and what was taken back are both there.
    events = [(each.idea_id, each.kind) for each in office.rows(Event)[history:]]
    assert events == [
        (second, "joined"),
        (third, "joined"),
        (second, "link_undone"),
        (third, "joined"),
    ]
    assert [each.person_value is None for each in office.rows(Correction)] == [False, True]
    assert errors(office) == []
    # The answer on the one is no answer on the other.
    number = len(office.messages())
    with office.database.writing() as session:
        answer(
            session,
            idea_id=first,
            person_id=people[ANNA],
            kind=DecisionKind.DECLINE,
            reason="Daar is geen plek voor.",
            now=office.clock(),
            settings=office.settings,
        )
    assert office.messages()[number:] == [("declined", "ida")]


def test_confirming_tells_the_owner_of_the_earliest_and_all_who_come_along(office: Office, three):
    first, second, third, link = three
    before = len(office.messages())
    word(office, link, "confirm", COOR)
    assert office.messages()[before:] == [("joined", "jan"), ("joined", "coor"), ("twin_joined", "anna")]
    jan, coor, anna = office.rows(OutboxMessage)[before:]
    assert (jan.idea_id, coor.idea_id, anna.idea_id, anna.revision) == (second, third, first, second)
    for each in (jan, coor):
        assert each.payload["original"] == office.idea(first).reference
        assert each.payload["framework"] == "Fietsend naar het werk"
        assert each.payload["promise"] == {
            "manager": "Anna Smit",
            "deputy_for": None,
            "due_on": "2026-06-17",
        }
    assert anna.payload["twin"]["reference"] == office.idea(second).reference
    assert anna.payload["submitter"] == "Jan Kok"
    assert anna.payload["companions"] == 1
    assert errors(office) == []


def test_links_that_moved_twice_go_back_step_by_step(office: Office):
    first, second, third = office.send(PUMP, IDA), office.send(HEAT, JAN), office.send(SOUP, JAN)
    fourth = office.send(SOUP, COOR)
    office.triage()
    upper, lower = suggest(office, second, first), suggest(office, third, second)
    states = [state(office)]
    for link in (lower, upper):
        office.clock.pass_seconds(60)
        word(office, link, "confirm", COOR)
        states.append(state(office))
    assert states[2][2] == [(second, first), (third, first), (fourth, first)]
    office.clock.pass_seconds(60)
    word(office, upper, "undo", COOR)
    assert state(office) == states[1]
    word(office, lower, "undo", COOR)
    assert state(office) == states[0]
    assert errors(office) == []


def test_what_came_along_goes_along(office: Office):
    """Who says that the middle one is another idea, takes what followed it along, however it got there."""
    first, second, third = office.send(PUMP, IDA), office.send(HEAT, JAN), office.send(SOUP, JAN)
    fourth = office.send(SOUP, COOR)
    office.triage()
    for link in (suggest(office, third, second), suggest(office, second, first)):
        word(office, link, "confirm", COOR)
    office.clock.pass_seconds(60)
    disown(office, third, JAN)
    assert state(office)[2] == [(second, first), (fourth, third)]
    assert errors(office) == []
    (upper,) = office.rows(DuplicateLink, DuplicateLink.duplicate_id == second)
    word(office, upper.id, "undo", COOR)
    assert state(office)[2] == [(fourth, third)]
    assert errors(office) == []


def test_who_left_the_group_stays_away_when_the_rest_goes_back(office: Office, three):
    _, _, third, link = three
    word(office, link, "confirm", COOR)
    office.clock.pass_seconds(60)
    disown(office, third, COOR)
    assert office.status(third) != "joined"
    place = state(office)[0][third - 1]
    word(office, link, "undo", ANNA)
    assert state(office)[2] == []
    assert state(office)[0][third - 1] == place
    assert errors(office) == []


@pytest.mark.parametrize("kind", ["park", "ask"])
def test_what_waited_waits_again_when_its_link_is_undone(office: Office, three, kind):
    first, second, _, link = three
    with office.database.writing() as session:
        answer(
            session,
            idea_id=second,
            person_id=office.people[BRAM],
            kind=DecisionKind(kind),
            reason="Welke gang bedoel je?",
            parked_until=date(2026, 9, 1) if kind == "park" else None,
            now=office.clock(),
            settings=office.settings,
        )
    send_all(office)
    before = state(office)
    office.clock.pass_seconds(60)
    word(office, link, "confirm", ANNA)
    office.clock.pass_seconds(60)
    word(office, link, "undo", ANNA)
    assert state(office) == before
    note = {"parked_until": "2026-09-01"} if kind == "park" else {"question": "Welke gang bedoel je?"}
    routed = office.rows(OutboxMessage, OutboxMessage.kind == "routed")[-1]
    assert routed.payload.items() >= {"apart": office.idea(first).reference, **note}.items()
    assert errors(office) == []


def test_a_person_s_no_stands_against_following_along(office: Office):
    first, second = office.send(PUMP, IDA), office.send(HEAT, JAN)
    third = office.send(HEAT, COOR)
    office.triage()
    no = suggest(office, third, first)
    with office.database.writing() as session:
        session.execute(update(DuplicateLink).where(DuplicateLink.id == no).values(state="rejected"))
    yes = suggest(office, second, first)
    before = office.links()
    with pytest.raises(UserError, match="maak die koppeling eerst los"):
        word(office, yes, "confirm", ANNA)
    assert office.links() == before
    assert office.status(second) == "assigned"


def test_a_link_is_never_confirmed_to_what_joined_another_or_was_answered(office: Office):
    first, second, third = office.send(PUMP, IDA), office.send(PUMP, JAN), office.send(HEAT, JAN)
    office.triage()
    with pytest.raises(UserError, match="volgt al een ander idee"):
        word(office, suggest(office, third, second), "confirm", COOR)
    link = suggest(office, third, first)
    with office.database.writing() as session:
        answer(
            session,
            idea_id=first,
            person_id=office.people[ANNA],
            kind=DecisionKind.DECLINE,
            reason="Nee, want vol.",
            now=office.clock(),
            settings=office.settings,
        )
    with pytest.raises(UserError, match="al beantwoord"):
        word(office, link, "confirm", COOR)
    assert office.status(third) == "assigned"


@pytest.mark.parametrize(
    ("kind", "day"), [("park", {"parked_until": date(2026, 9, 1)}), ("extend", {"due_on": date(2026, 7, 1)})]
)
def test_who_was_answered_before_joining_hears_the_same_of_the_original(office: Office, pair, kind, day):
    """Both ideas count their own decisions, and this one is the first of both."""
    idea, original, link = pair
    say(office, idea, kind, **day)
    word(office, link, "confirm")
    say(office, original, kind, **day)
    told = {"park": "parked", "extend": "extended"}[kind]
    assert office.messages(idea)[-3:] == [(told, "jan"), ("joined", "jan"), (told, "jan")]
    assert errors(office) == []


def test_what_was_answered_with_the_original_is_taken_back_and_answered_by_itself(office: Office, pair):
    idea, original, link = pair
    word(office, link, "confirm")
    office.clock.pass_seconds(60)
    say(office, original, "decline")
    office.clock.pass_seconds(60)
    disown(office, idea, JAN)
    assert office.status(idea) == "assigned"
    assert office.status(original) == "declined"
    # The no to the other idea hadn't left: nobody needs to hear it of this one.
    (message,) = office.rows(OutboxMessage, OutboxMessage.kind == "declined", OutboxMessage.idea_id == idea)
    assert message.status == "cancelled"
    (kept,) = office.rows(OutboxMessage, OutboxMessage.kind == "declined", OutboxMessage.idea_id == original)
    assert kept.status == "pending"
    say(office, idea, "decline")
    assert office.messages(idea)[-3:] == [("to_manager", "anna"), ("routed", "jan"), ("declined", "jan")]
    assert errors(office) == []


def test_who_may_speak_on_a_link(office: Office, pair):
    _, _, link = pair
    for person in (BRAM, IDA, JAN):
        with pytest.raises(UserError):
            word(office, link, "confirm", person)
    with pytest.raises(UserError, match="bestaat niet"):
        word(office, 999, "confirm")
    assert office.rows(Correction) == []


def test_of_two_words_at_once_one_is_kept(office: Office, pair):
    idea, original, link = pair

    def try_to(choice):
        try:
            word(office, link, *choice)
        except UserError:
            return None
        return choice[0]

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(try_to, [("confirm", ANNA), ("reject", COOR)]))
    (kept,) = [each for each in told if each]
    assert office.links() == [(idea, original, {"confirm": "confirmed", "reject": "rejected"}[kept])]
    assert len(office.rows(Correction)) == 1
    assert errors(office) == []
