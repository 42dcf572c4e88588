from datetime import date, timedelta

import pytest
from sqlalchemy import text

from pipeline.store.checking import MOST_SHOWN, check, rules
from tests.pipeline.store.deciding.test_answers import decide, put
from tests.pipeline.store.office import HEAT, IDA, JAN, PUMP, SOUP, Office

# Each breaks one rule in a healthy database; :now is a day later, :then is long before.
BREAKS = {
    "every open idea has an owner and a promised date": "UPDATE assignment SET ended_at = :now WHERE idea_id = 1",
    "an open idea's owner is active": (
        "UPDATE person SET is_active = false WHERE id = (SELECT person_id FROM assignment WHERE idea_id = 1)"
    ),
    "what was received is triaged within 15 minutes": (
        "UPDATE idea SET status = 'received', received_at = :then WHERE id = 1"
    ),
    "nobody decides on their own idea": (
        "UPDATE assignment SET person_id = (SELECT submitter_id FROM idea WHERE id = 1) WHERE idea_id = 1"
    ),
    "the promised date has not passed": "UPDATE assignment SET due_on = '2026-06-02' WHERE idea_id = 1",
    "the submitter was told that the idea is received": (
        "UPDATE outbox_message SET status = 'cancelled', trouble = 'x' WHERE kind = 'receipt' AND idea_id = 6"
    ),
    "the submitter was told that the idea is assigned": (
        "DELETE FROM outbox_message WHERE kind = 'routed' AND idea_id = 1"
    ),
    "the submitter was told that the idea is with_coordinator": (
        "DELETE FROM outbox_message WHERE kind = 'with_coordinator'"
    ),
    "the submitter was told that the idea is joined": (
        "UPDATE outbox_message SET created_at = :then WHERE kind = 'joined'"
    ),
    "the submitter was told that the idea is adopted": "DELETE FROM outbox_message WHERE kind = 'adopted'",
    "who said that an idea is in the wrong place was told why it stays": (
        "INSERT INTO event (idea_id, kind, detail, at) VALUES (1, 'stays', '{}', :now)"
    ),
    "no message stays under way after its lease": (
        "UPDATE outbox_message SET status = 'sending', claim_expires_at = :then WHERE id = 1"
    ),
    "no message failed or is uncertain": (
        "UPDATE outbox_message SET status = 'uncertain', trouble = 'x' WHERE id = 1"
    ),
    "a confirmed link never points to a duplicate": (
        "INSERT INTO duplicate_link (duplicate_id, original_id, state, score, evidence, made_at)"
        " VALUES (5, 4, 'confirmed', 1, '{}', :now)"
    ),
    "a joined idea has a confirmed link": "UPDATE duplicate_link SET state = 'undone'",
    "an idea with a confirmed link is joined": "UPDATE idea SET status = 'in_review' WHERE id = 4",
    "every idea has its raw form": "DELETE FROM intake_record WHERE idea_id = 1",
    "every triaged idea has an assessment": "DELETE FROM assessment WHERE idea_id = 1",
    "no idea is triaged twice": (
        "INSERT INTO assessment (idea_id, number, made_at, model_version, framework_versions, decision,"
        " probability_none, candidates, limits, duplicates, route)"
        " VALUES (1, 2, :now, 'x', '{}', 'ask', 0, '[]', '[]', '[]', '{}')"
    ),
    "an idea that is adopted was decided on by a person": "DELETE FROM decision WHERE kind = 'adopt'",
    "an idea that is declined was decided on by a person": "UPDATE idea SET status = 'declined' WHERE id = 5",
    "an idea that is parked was decided on by a person": "UPDATE idea SET status = 'parked' WHERE id = 1",
    "an idea that is stopped was decided on by a person": "UPDATE idea SET status = 'stopped' WHERE id = 5",
    "no message or import row waits for a person": (
        "INSERT INTO intake_record (source, delivery_key, outcome, detail, content_type, content, received_at)"
        " VALUES ('email', 'k', 'exception', 'too large', 'message/rfc822', :bytes, :now)"
    ),
    **{
        f"the submitter was told that the idea is {status}": f"UPDATE idea SET status = '{status}' WHERE id = 1"
        for status in (
            "in_review",
            "waiting_for_submitter",
            "declined",
            "parked",
            "in_progress",
            "realised",
            "stopped",
        )
    },
}
WARNINGS = {
    "the promised date has not passed",
    "no message failed or is uncertain",
    "no message or import row waits for a person",
}


@pytest.fixture
def healthy(office: Office) -> Office:
    """1: with Anna, 2: with Bram, 3: with the coordinator, 4: joined 1, 5: adopted, 6: received."""
    for words, person in [(PUMP, IDA), (HEAT, JAN), (SOUP, IDA), (PUMP, JAN)]:
        office.send(words, person)
    fifth = office.send("Een deelfiets en een fietspomp bij de fietsenstalling", JAN)
    office.triage()
    assert [office.status(number) for number in range(1, 6)] == [
        "assigned",
        "assigned",
        "with_coordinator",
        "joined",
        "assigned",
    ]
    decide(office, fifth, "adopt")
    office.send("Nog niet gelezen", IDA)
    return office


def found(office: Office):
    with office.database.reading() as session:
        return check(session, now=office.clock(), settings=office.settings)


def test_every_rule_has_a_row_that_breaks_it(healthy: Office):
    """Broken one after the other, each in a transaction that is taken back."""
    office = healthy
    assert found(office) == []
    assert {rule.name for rule in rules(office.clock(), office.settings)} == set(BREAKS)
    later = office.clock() + timedelta(minutes=10)
    values = {"now": later, "then": office.clock() - timedelta(days=3), "bytes": b"x"}
    if office.database.is_sqlite:
        values = {
            name: value.strftime("%Y-%m-%d %H:%M:%S.%f") if name != "bytes" else value
            for name, value in values.items()
        }
    for name, statement in BREAKS.items():
        with office.database.writing() as session:
            used = {key: value for key, value in values.items() if f":{key}" in statement}
            assert session.execute(text(statement), used).rowcount >= 1, name
            broken = {each.rule: each for each in check(session, now=later, settings=office.settings)}
            session.rollback()
        assert name in broken, name
        assert broken[name].is_error is (name not in WARNINGS), name
        assert broken[name].count >= 1
        assert broken[name].examples
    assert found(office) == []


# What happened last, what tells of it, and the status that it leads to.
NEWS = {
    "parked": [("park", "parked")],
    "waiting_for_submitter": [("ask", "question")],
    "assigned": [("extend", "extended")],
    "adopted": [("adopt", "adopted")],
    "in_progress": [("adopt", "adopted"), ("start", "progress")],
    "realised": [("adopt", "adopted"), ("start", "progress"), ("realise", "progress")],
    "stopped": [("adopt", "adopted"), ("start", "progress"), ("stop", "progress")],
}


@pytest.mark.parametrize("status", list(NEWS))
def test_an_older_message_of_the_same_kind_tells_nothing_of_what_happened_since(healthy: Office, status):
    steps = NEWS[status]
    until = date(2026, 9, 1)
    if len(steps) == 1 and status != "adopted":
        # Twice: the first message is of the same kind, and is no news any more.
        steps = steps * 2
    for number, (kind, _) in enumerate(steps):
        healthy.clock.pass_seconds(60)
        due = until + timedelta(days=number) if kind == "extend" else None
        decide(healthy, 1, kind, until=until if kind == "park" else None, due=due)
    assert healthy.status(1) == status
    assert found(healthy) == []
    with healthy.database.writing() as session:
        last = session.scalar(
            text("SELECT max(id) FROM outbox_message WHERE idea_id = 1 AND kind = :kind"),
            {"kind": steps[-1][1]},
        )
        session.execute(text("DELETE FROM outbox_message WHERE id = :id"), {"id": last})
    assert [each.rule for each in found(healthy)] == [f"the submitter was told that the idea is {status}"]


def test_what_was_told_before_a_change_of_place_is_no_news_of_it(healthy: Office):
    for slug in (None, "energie", None):
        healthy.clock.pass_seconds(60)
        put(healthy, 1, slug)
        assert found(healthy) == []
    with healthy.database.writing() as session:
        session.execute(
            text(
                "DELETE FROM outbox_message WHERE id = (SELECT max(id) FROM outbox_message WHERE kind = 'handed_over' AND idea_id = 1)"
            )
        )
    assert [each.rule for each in found(healthy)] == [
        "the submitter was told that the idea is with_coordinator"
    ]


def test_a_finding_counts_all_and_names_the_first(healthy: Office):
    with healthy.database.writing() as session:
        session.execute(text("DELETE FROM intake_record"))
    (finding,) = found(healthy)
    references = [f"K-2026-000{number}" for number in range(1, 7)]
    assert (finding.count, finding.examples) == (6, tuple(references))
    assert MOST_SHOWN >= 6


def test_what_is_under_way_for_a_day_is_silence(healthy: Office):
    decide(healthy, 1, "park", until=date(2026, 9, 1))
    healthy.clock.pass_seconds(25 * 3600)
    rules_broken = {each.rule for each in found(healthy)}
    assert "the submitter was told that the idea is parked" in rules_broken
    with healthy.database.writing() as session:
        session.execute(text("UPDATE outbox_message SET status = 'sent', sent_at = created_at"))
    told = {each.rule for each in found(healthy) if "told" in each.rule}
    assert told == set()


def test_a_known_reason_for_silence_is_a_warning_only(healthy: Office):
    with healthy.database.writing() as session:
        session.execute(text("UPDATE outbox_message SET status = 'failed', trouble = 'no such address'"))
    assert [each.rule for each in found(healthy)] == ["no message failed or is uncertain"]
