from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.exc import DBAPIError

from kader.errors import TransientError
from models import (
    Assessment,
    Assignment,
    DuplicateLink,
    Event,
    Idea,
    IdeaReading,
    IntakeRecord,
    OutboxMessage,
    Person,
)
from models.session import open_database
from models.words import DecisionKind
from pipeline.store.checking import check
from pipeline.store.deciding.answers import answer
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.deciding.recording import StaleFactsError, record
from pipeline.store.deciding.settling import _decide, settle_waiting
from pipeline.store.duplicates.known import load_ledger
from pipeline.store.duplicates.twins import NEIGHBOURS, compare, find_near, first_ids
from pipeline.store.reading.claims import take_lease
from pipeline.store.reading.ready import gather, ready_ids
from tests.pipeline.store.models_for_tests import BrokenPairs, ChokingPairs, OverconfidentPairs
from tests.pipeline.store.office import BRAM, COOR, HEAT, IDA, JAN, PUMP, SOUP, Office


def findings(office: Office) -> list[str]:
    with office.database.reading() as session:
        found = check(session, now=office.clock(), settings=office.settings)
    return [each.rule for each in found if each.is_error]


def test_one_batch_brings_each_idea_to_its_place_and_tells_everybody_once(office: Office):
    pump, heat, soup = office.send(PUMP), office.send(HEAT, JAN), office.send(SOUP, None)
    assert office.triage() == 3
    assert [office.status(idea) for idea in (pump, heat, soup)] == [
        "assigned",
        "assigned",
        "with_coordinator",
    ]
    assert office.messages(pump) == [("receipt", "ida"), ("routed", "ida"), ("to_manager", "anna")]
    assert office.messages(heat) == [("receipt", "jan"), ("routed", "jan"), ("to_manager", "bram")]
    assert office.messages(soup) == [("to_coordinator", "coor")]
    (assessment,) = office.rows(Assessment, Assessment.idea_id == pump)
    assert (assessment.number, assessment.run_id, assessment.decision) == (1, None, "auto")
    assert assessment.model_version == office.model.version
    assert assessment.framework_versions == {"energie": 1, "fietsen": 1}
    assert assessment.candidates[0][0] == "fietsen"
    assert assessment.route["kind"] == "assigned"
    (assignment,) = office.rows(Assignment, Assignment.idea_id == pump)
    assert assignment.promise == "Anna Smit antwoordt uiterlijk op 2026-06-17."
    assert [each.kind for each in office.rows(Event, Event.idea_id == pump)] == [
        "received",
        "triaged",
        "assigned",
    ]
    settled = office.idea(pump)
    assert (settled.language, settled.settled_at) == ("nl", office.clock())
    assert findings(office) == []
    before = office.messages()
    assert office.triage() == 0
    assert office.messages() == before


def test_nothing_is_settled_before_what_came_earlier_was_read(office: Office):
    first, second, third = office.send(PUMP), office.send(HEAT), office.send(SOUP)
    slow = office.clock()
    # The first is held by a worker that is still at it.
    with office.database.writing() as session:
        session.execute(
            update(Idea)
            .where(Idea.id == first)
            .values(claim_token="slow", claim_expires_at=slow.replace(hour=10))
        )
    assert office.read("two") == 2
    assert office.settle() == 0
    assert [office.status(idea) for idea in (first, second, third)] == ["received"] * 3
    office.clock.pass_seconds(3601)
    assert office.read("three") == 1
    assert office.settle() == 3


def test_what_came_in_while_looking_is_not_overtaken(office: Office):
    """On PostgreSQL each statement sees what was committed until then: looking must be one statement."""
    looking = open_database(office.settings.database)

    def arrive(*_):
        unread, read = office.send(PUMP), office.send(HEAT)
        with office.database.writing() as session:
            session.execute(update(Idea).where(Idea.id == read).values(is_read=True))
        assert unread < read

    with looking.reading() as session:
        session.connection()
        event.listen(looking.engine, "after_cursor_execute", arrive, once=True)
        assert ready_ids(session, limit=9) == []
    looking.dispose()
    assert len(office.rows(Idea)) == 2


def test_twins_within_one_batch_find_each_other_and_the_earliest_is_the_original(office: Office):
    first = office.send(PUMP, IDA)
    second = office.send(PUMP.upper(), JAN)
    third = office.send(PUMP.replace(" ", "   "), COOR)
    assert office.triage() == 3
    assert office.links() == [(second, first, "confirmed"), (third, first, "confirmed")]
    assert [office.status(idea) for idea in (first, second, third)] == ["assigned", "joined", "joined"]
    assert office.messages(second) == [("receipt", "jan"), ("joined", "jan")]
    assert office.messages(first)[-2:] == [("twin_joined", "anna")] * 2
    assert office.idea(second).framework_id == office.idea(first).framework_id
    assert findings(office) == []


def test_twins_in_different_batches_and_processes_find_each_other(office: Office):
    first = office.send(PUMP, IDA)
    office.triage(office.mind())
    second = office.send(PUMP, JAN)
    office.triage(office.mind())
    assert office.links() == [(second, first, "confirmed")]


def test_what_is_maybe_the_same_is_suggested(office: Office):
    first, second = office.send(PUMP, IDA), office.send(f"{PUMP} Dank!", JAN)
    office.triage()
    assert office.links() == [(second, first, "suggested")]
    assert office.status(second) == "assigned"


def test_words_without_a_vector_find_their_twin(office: Office):
    first, second = office.send("🙂🙂", IDA), office.send("🙂🙂", JAN)
    office.triage()
    assert [(duplicate, original) for duplicate, original, _ in office.links()] == [(second, first)]


@pytest.mark.parametrize(
    ("text", "files", "others", "state"),
    [
        ("Zie bijlage", [b"een"], [b"twee"], "suggested"),
        ("Zie bijlage", [b"een"], [b"een"], "suggested"),
        ("Idee", [], [], "suggested"),
        ("Idee\n\nZie de bijlage.", [], [], "suggested"),
        (PUMP, [b"een"], [b"twee"], "suggested"),
        (PUMP, [b"een"], [], "suggested"),
        (PUMP, [b"een", b"twee"], [b"twee", b"een"], "confirmed"),
        (PUMP, [], [], "confirmed"),
    ],
)
def test_words_that_say_nothing_or_other_files_join_nobody(office: Office, text, files, others, state):
    first, second = office.send(text, IDA, files=files), office.send(text, JAN, files=others)
    office.triage()
    assert office.links() == [(second, first, state)]
    assert (office.status(second) == "joined") is (state == "confirmed")


def test_one_of_two_with_other_files_does_not_hide_the_one_with_the_same(office: Office):
    first, second = office.send(PUMP, IDA, files=[b"een"]), office.send(PUMP, JAN)
    third = office.send(PUMP, COOR)
    office.triage()
    assert sorted(office.links()) == [(second, first, "suggested"), (third, second, "confirmed")]


@pytest.mark.parametrize("workers", [2])
def test_two_workers_come_to_the_same_as_one(office: Office, workers):
    texts = [PUMP, HEAT, SOUP, f"{PUMP} Dank!", "Een fietspomp", "Led lampen in de hal"]
    people = [IDA, JAN, COOR, None]
    office.settings = office.settings.model_copy(update={"batch_size": 5})
    sent = [
        office.send(texts[number * 7 % 6] + "!" * (number % 3), people[number // 2 % 4])
        for number in range(48)
    ]

    def outcome():
        links = [
            (each.duplicate_id, each.original_id, each.state, round(each.score, 4))
            for each in office.rows(DuplicateLink)
        ]
        ideas = [(each.id, each.status, each.framework_id) for each in office.rows(Idea)]
        assignments = [
            (each.idea_id, each.person_id, each.due_on, each.promise) for each in office.rows(Assignment)
        ]
        told = [
            (each.idea_id, each.kind, each.recipient_id, each.revision) for each in office.rows(OutboxMessage)
        ]
        return sorted(links), ideas, sorted(assignments), sorted(told)

    def work(number):
        mind, owner, settled = office.mind(), f"worker {number}", 0
        while any(not idea.is_read for idea in office.rows(Idea)) or office.settle(mind, owner):
            office.read(owner, limit=3)
            settled += office.settle(mind, owner)
        return settled

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work, number) for number in range(workers)]:
            done.result()
    together = outcome()
    assert len(together[1]) == len(set(sent))
    assert {status for _, status, _ in together[1]} == {"assigned", "joined", "with_coordinator"}
    assert findings(office) == []
    # Once more from the start, by one worker in one batch.
    with office.database.writing() as session:
        for table in (OutboxMessage, DuplicateLink, Assignment, Assessment):
            rows = session.query(table)
            if table is OutboxMessage:
                rows = rows.where(OutboxMessage.kind != "receipt")
            rows.delete()
        session.execute(
            update(Idea).values(status="received", framework_id=None, settled_at=None, language=None)
        )
    office.settings = office.settings.model_copy(update={"batch_size": 256})
    assert office.settle() == len(together[1])
    assert outcome() == together


def facts(office: Office, mind):
    """All that `settle_waiting` gathers and decides, without recording it."""
    with office.database.reading() as session:
        batch = gather(session, model_version=mind.model.version, limit=100)
        organisation = load_organisation(session, today=office.clock().date(), coordinator_days=5)
        mind.index.follow(session, up_to=batch[-1].facts.id)
        near = find_near(session, batch, mind)
        ledger = load_ledger(session, first_ids(near))
    compared, today = compare(batch, near, ledger, mind), office.clock().date()
    pairs = _decide(batch, compared, ledger, organisation, today, mind.model.autonomy)
    return pairs, organisation


def write(office: Office, pairs, organisation, token):
    with office.database.writing() as session:
        record(
            session,
            pairs,
            token=token,
            now=office.clock(),
            organisation=organisation,
            model_version=office.model.version,
            settings=office.settings,
        )


def counts(office: Office):
    return [
        len(office.rows(table)) for table in (Assessment, Assignment, DuplicateLink, Event, OutboxMessage)
    ]


def test_who_lost_the_lease_records_nothing(office: Office):
    office.send(PUMP)
    office.send(PUMP, JAN)
    office.read()
    slow = take_lease(office.database, "settle", owner="slow", now=office.clock(), seconds=60)
    pairs, organisation = facts(office, office.mind())
    before = counts(office)
    office.clock.pass_seconds(61)
    fast = take_lease(office.database, "settle", owner="fast", now=office.clock(), seconds=60)
    with pytest.raises(TransientError, match="taken over"):
        write(office, pairs, organisation, slow)
    assert counts(office) == before
    assert {idea.status for idea in office.rows(Idea)} == {"received"}
    write(office, pairs, organisation, fast)
    assert {idea.status for idea in office.rows(Idea)} == {"assigned", "joined"}


def test_an_original_that_was_answered_meanwhile_is_not_joined(office: Office):
    first = office.send(PUMP, IDA)
    office.triage()
    second = office.send(PUMP, JAN)
    office.read()
    token = take_lease(office.database, "settle", owner="one", now=office.clock(), seconds=60)
    pairs, organisation = facts(office, office.mind())
    with office.database.writing() as session:
        answer(
            session,
            idea_id=first,
            person_id=office.people[COOR],
            kind=DecisionKind.DECLINE,
            reason="Er staat er al een.",
            now=office.clock(),
            settings=office.settings,
        )
    before = counts(office)
    with pytest.raises(StaleFactsError):
        write(office, pairs, organisation, token)
    assert counts(office) == before
    office.clock.pass_seconds(61)
    assert office.settle() == 1
    assert office.status(second) == "assigned"
    assert office.links() == [(second, first, "suggested")]
    assert findings(office) == []


def test_an_idea_that_can_not_be_recorded_or_decided_stays_alone(office: Office, caplog):
    caplog.set_level("DEBUG")
    first = office.send(PUMP, IDA)
    poison = office.send(f"{PUMP} onmogelijk", IDA)
    after = [office.send(HEAT, IDA), office.send(PUMP, JAN)]
    mind = office.mind(pairs=OverconfidentPairs(office.model.parts.vectoriser))
    assert office.triage(mind) == 4
    assert office.status(first) == "assigned"
    assert [office.status(idea) for idea in after] == ["assigned", "joined"]
    assert office.status(poison) == "with_coordinator"
    assert office.messages(poison)[-1] == ("to_coordinator", "coor")
    (triaged,) = office.rows(Event, Event.idea_id == poison, Event.kind == "triaged")
    assert "IntegrityError" in triaged.detail["trouble"]
    assert findings(office) == []

    undecidable = office.send(f"{PUMP} onbeslisbaar", IDA)
    mind = office.mind(pairs=BrokenPairs(office.model.parts.vectoriser))
    last = office.send("Led lampen in de hal besparen stroom", IDA)
    assert office.triage(mind) == 2
    assert office.status(undecidable) == "with_coordinator"
    assert office.status(last) != "received"
    assert_no_words_in(caplog, poison)


def assert_no_words_in(caplog, idea_id: int) -> None:
    """The log tells of the idea by its number, and quotes neither its words nor anybody's name."""
    told = caplog.text.lower()
    assert f"idea {idea_id} " in told
    for word in ("fietspomp", "onmogelijk", "onvergelijkbaar", "ida bos", "failing row", "veld.example"):
        assert word not in told


def test_an_idea_that_can_not_be_compared_stays_alone(office: Office, caplog):
    caplog.set_level("DEBUG")
    first = office.send(PUMP, IDA)
    office.triage()
    before = [office.send(HEAT, IDA), office.send(PUMP, JAN)]
    poison = office.send(f"{PUMP} onvergelijkbaar", JAN)
    after = [office.send(PUMP, COOR), office.send("Led lampen in de hal besparen stroom", IDA)]
    assert office.triage(office.mind(pairs=ChokingPairs(office.model.parts.vectoriser))) == 5
    assert office.status(poison) == "with_coordinator"
    (triaged,) = office.rows(Event, Event.idea_id == poison, Event.kind == "triaged")
    assert "RuntimeError" in triaged.detail["trouble"]
    confirmed = [
        (duplicate, original) for duplicate, original, state in office.links() if state == "confirmed"
    ]
    assert confirmed == [(before[1], first), (after[0], first)]
    assert office.status(after[1]) == "assigned"
    assert findings(office) == []
    assert_no_words_in(caplog, poison)


@pytest.mark.parametrize(
    "broken",
    [{"decision": "nonsense"}, {"candidates": [["fietsen"]]}, {"vector": b"\0\0\0\0"}],
    ids=["decision", "candidates", "vector"],
)
def test_a_reading_that_can_not_be_used_stays_alone(office: Office, broken):
    office.settings = office.settings.model_copy(update={"batch_size": 3})
    ideas = [office.send(text, IDA) for text in (HEAT, PUMP, "Led lampen in de hal besparen stroom")]
    office.read()
    with office.database.writing() as session:
        session.execute(update(IdeaReading).where(IdeaReading.idea_id == ideas[1]).values(**broken))
    mind = office.mind()
    assert office.settle(mind) == 3
    assert [office.status(idea) for idea in ideas] == ["assigned", "with_coordinator", "assigned"]
    # What it left behind harms nobody later either, in this process or another.
    for number, each in enumerate((mind, office.mind())):
        twin = office.send(HEAT, [JAN, COOR][number])
        assert office.triage(each) == 1
        assert (twin, ideas[0], "confirmed") in office.links()


def test_what_is_no_idea_s_fault_sets_no_idea_aside(office: Office):
    """A table that isn't there, as while somebody migrates."""
    ideas = [office.send(PUMP), office.send(HEAT)]
    office.read()
    with office.database.writing() as session:
        session.execute(text("ALTER TABLE absence RENAME TO elsewhere"))
    with pytest.raises(DBAPIError):
        office.settle()
    assert {office.status(idea) for idea in ideas} == {"received"}
    with office.database.writing() as session:
        session.execute(text("ALTER TABLE elsewhere RENAME TO absence"))
    assert office.settle() == 2
    assert {office.status(idea) for idea in ideas} == {"assigned"}


def delete(office: Office, *ideas: int) -> None:
    """Delete ideas with all that hangs on them, as somebody does whose right it is to be forgotten."""
    with office.database.writing() as session:
        for table in (IntakeRecord, OutboxMessage, Event, Assessment, Assignment, IdeaReading, Idea):
            column = table.id if table is Idea else table.idea_id
            session.query(table).where(column.in_(ideas)).delete()


def test_a_deleted_idea_is_missed_by_nobody_and_hides_nobody(office: Office):
    """The process that settles still has its vector."""
    mind = office.mind()
    gone = [office.send(f"{PUMP} {'Graag. ' * number}", IDA) for number in range(NEIGHBOURS + 2)]
    kept = office.send(f"{PUMP} {'Graag. ' * 9}", IDA)
    office.triage(mind)
    delete(office, *gone)
    new, other = office.send(f"{PUMP} {'Graag. ' * 3}", JAN), office.send(HEAT, IDA)
    assert office.triage(mind) == 2
    assert office.status(other) == "assigned"
    found = [(duplicate, original) for duplicate, original, _ in office.links() if duplicate == new]
    assert found == [(new, kept)]


def test_an_idea_that_nobody_can_take_waits_and_the_others_flow_on(office: Office):
    with office.database.writing() as session:
        session.execute(update(Person).where(Person.id != office.people[COOR]).values(is_active=False))
    own = office.send(SOUP, COOR)
    other = office.send("Elke dag taart in de kantine", IDA)
    assert office.triage() == 1
    assert (office.status(own), office.status(other)) == ("received", "with_coordinator")
    office.clock.pass_seconds(16 * 60)
    assert findings(office) == ["what was received is triaged within 15 minutes"]
    with office.database.writing() as session:
        session.execute(
            update(Person).where(Person.id == office.people[BRAM]).values(is_active=True, is_coordinator=True)
        )
    assert office.triage() == 1
    assert office.owner(own) == office.people[BRAM]


def test_ideas_that_nobody_can_take_block_nobody_however_many(office: Office, caplog):
    office.settings = office.settings.model_copy(update={"batch_size": 3})
    with office.database.writing() as session:
        session.execute(update(Person).where(Person.id != office.people[COOR]).values(is_active=False))
    own = [office.send(f"{SOUP} {number} nummer {number * 7}", COOR) for number in range(7)]
    poison = office.send(f"{SOUP} onvergelijkbaar", COOR)
    other = office.send("Elke dag taart in de kantine", IDA)
    mind = office.mind(pairs=ChokingPairs(office.model.parts.vectoriser))
    office.read()
    assert office.settle(mind) == 1
    assert office.status(other) == "with_coordinator"
    assert {office.status(idea) for idea in (*own, poison)} == {"received"}
    assert "give at least one person the role of coordinator" in caplog.text
    assert office.settle(mind) == 0
    with office.database.writing() as session:
        session.execute(update(Person).values(is_active=True, is_coordinator=True))
    assert office.settle(mind) == 8


def test_settling_ends_between_two_batches_when_its_turn_is_over(office: Office):
    office.settings = office.settings.model_copy(update={"batch_size": 2})
    ideas = [office.send(f"Een fietspomp bij fietsenstalling {number}") for number in range(5)]
    office.read()

    def turn(seconds: float) -> int:
        ends = office.clock() + timedelta(seconds=seconds)

        def is_over() -> bool:
            office.clock.pass_seconds(1)
            return office.clock() >= ends

        return settle_waiting(
            office.database,
            office.mind(),
            owner="one",
            clock=office.clock,
            settings=office.settings,
            is_over=is_over,
        )

    # However late it is, something is done, or nothing would ever be.
    assert turn(0) == 2
    assert [office.status(idea) for idea in ideas[2:]] == ["received"] * 3
    assert turn(60) == 3


def test_a_quiet_submitter_hears_nothing_of_the_machine(office: Office):
    idea = office.send(PUMP, quiet=True)
    office.triage()
    assert office.messages(idea) == [("to_manager", "anna")]
    assert findings(office) == []


def test_what_only_another_model_read_is_read_again(office: Office, model):
    from pipeline.text.training import train

    office.send(PUMP)
    office.read()
    other = train(_texts(), corpus=[SOUP], auto_without_labels=0.5)
    assert other.version != model.version
    assert office.settle(office.mind(other)) == 0
    with office.database.reading() as session:
        assert ready_ids(session, limit=9) == []
    assert office.read(model=other) == 1
    assert office.settle(office.mind(other)) == 1


def _texts():
    from pipeline.core import FrameworkText

    return [FrameworkText("fietsen", "Fietsen", "Fietspompen en de fietsenstalling", version=2)]
