"""Each thing that must never be in the database is offered to it, and refused."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from models import (
    Absence,
    Assessment,
    Assignment,
    Correction,
    DecisionRecord,
    DuplicateLink,
    Framework,
    FrameworkLimit,
    FrameworkManager,
    FrameworkVersion,
    Idea,
    IdeaReading,
    IntakeRecord,
    OutboxMessage,
    Person,
    ReprocessingItem,
    ReprocessingRun,
    TextModelVersion,
    Unit,
)
from models.migrate import upgrade
from models.session import Database, open_database
from tests.factories import NOW, make_assignment, make_framework, make_idea, make_link, make_person, make_unit

DAY = date(2026, 6, 3)
# Columns of rows that are accepted; a case changes some of them. Ids: see `filled`.
GOOD = {
    Idea: {
        "reference": "K-2026-0099",
        "source": "form",
        "title": "T",
        "text": "T",
        "fingerprint": "f",
        "status": "received",
        "received_at": NOW,
    },
    IntakeRecord: {
        "source": "form",
        "delivery_key": "key",
        "outcome": "idea",
        "idea_id": 1,
        "content_type": "text/plain",
        "content": b"x",
        "received_at": NOW,
    },
    Person: {"name": "Bo", "email": "bo@veld.example", "language": "nl"},
    Absence: {"person_id": 1, "deputy_id": 2, "first_day": DAY, "last_day": DAY},
    FrameworkVersion: {
        "framework_id": 1,
        "number": 2,
        "state": "draft",
        "title": "T",
        "description": "D",
        "goal": "",
        "examples": [],
        "response_days": 10,
    },
    FrameworkLimit: {"framework_version_id": 1, "position": 9, "title": "T", "reason": "R"},
    FrameworkManager: {"framework_version_id": 2, "unit_id": None, "person_id": 1},
    Unit: {"slug": "tuin", "name": "Tuin"},
    Framework: {"slug": "tuin"},
    Assignment: {"idea_id": 2, "person_id": 1, "due_on": DAY, "promise": "P", "made_at": NOW},
    DuplicateLink: {
        "duplicate_id": 3,
        "original_id": 2,
        "state": "suggested",
        "score": 0.5,
        "evidence": {},
        "made_at": NOW,
    },
    DecisionRecord: {
        "idea_id": 1,
        "number": 1,
        "kind": "decline",
        "person_id": 1,
        "reason": "Omdat.",
        "made_at": NOW,
    },
    Correction: {"idea_id": 1, "kind": "framework", "person_id": 1, "made_at": NOW},
    Assessment: {
        "idea_id": 1,
        "number": 1,
        "made_at": NOW,
        "model_version": "m",
        "framework_versions": {},
        "decision": "ask",
        "probability_none": 0.0,
        "candidates": [],
        "limits": [],
        "duplicates": [],
        "route": {},
    },
    IdeaReading: {
        "idea_id": 1,
        "model_version": "m",
        "space": "s",
        "decision": "ask",
        "probability_none": 0.0,
        "candidates": [],
        "limits": [],
        "language": "nl",
    },
    TextModelVersion: {
        "version": "m",
        "space": "s",
        "dimensions": 2,
        "data_hash": "h",
        "framework_versions": {},
        "metrics": {},
        "trained_at": NOW,
    },
    OutboxMessage: {
        "idea_id": 1,
        "recipient_id": 1,
        "kind": "receipt",
        "payload": {},
        "message_id": "one@veld.example",
        "created_at": NOW,
        "not_before": NOW,
    },
    ReprocessingRun: {"status": "dry_run", "model_version": "m", "selection": {}, "started_at": NOW},
    ReprocessingItem: {"run_id": 1, "idea_id": 1, "status": "pending", "before": {}},
}
# Table, the columns that make it wrong, and a word of the constraint that must refuse it.
BAD = [
    (Idea, {"status": "lost"}, "ck_idea_status"),
    (Idea, {"source": "fax"}, "ck_idea_source"),
    (Idea, {"attempts": -1}, "ck_idea_attempts"),
    (Idea, {"is_anonymous": True, "submitter_id": 1}, "anonymous_has_no_submitter"),
    (Idea, {"submitter_id": 99}, "foreign key"),
    (Idea, {"text": None}, "null"),
    (IntakeRecord, {"source": "fax"}, "ck_intake_record_source"),
    (IntakeRecord, {"outcome": "lost", "idea_id": None}, "ck_intake_record_outcome"),
    (IntakeRecord, {"idea_id": None}, "idea_when_accepted"),
    (IntakeRecord, {"outcome": "automatic"}, "idea_when_accepted"),
    (IntakeRecord, {"outcome": "exception", "idea_id": None}, "exception_has_detail"),
    (Person, {"email": "Bo@veld.example"}, "email_lower"),
    (Absence, {"last_day": DAY - timedelta(days=1)}, "in_order"),
    (Absence, {"deputy_id": 1}, "deputy_is_another"),
    (FrameworkVersion, {"state": "lost"}, "ck_framework_version_state"),
    (FrameworkVersion, {"response_days": 0}, "response_days"),
    (FrameworkVersion, {"response_days": 261}, "response_days"),
    (FrameworkVersion, {"capacity": -1}, "capacity"),
    (FrameworkVersion, {"opens_on": DAY, "closes_on": DAY - timedelta(days=1)}, "window"),
    (FrameworkVersion, {"number": 1}, "framework_id"),
    (FrameworkVersion, {"state": "published"}, "framework_id"),
    (FrameworkLimit, {"position": 1}, "position"),
    (FrameworkManager, {"framework_version_id": 1}, "framework_version_id"),
    (FrameworkManager, {"framework_version_id": 1, "unit_id": 1}, "unit_id"),
    (Unit, {"slug": "keuken"}, "slug"),
    (Framework, {"slug": "groen"}, "slug"),
    (Assignment, {"idea_id": 1}, "idea_id"),
    (Assignment, {"ended_at": NOW - timedelta(days=1)}, "in_order"),
    (DuplicateLink, {"state": "lost"}, "ck_duplicate_link_state"),
    (DuplicateLink, {"duplicate_id": 2, "original_id": 3}, "to_the_earlier"),
    (DuplicateLink, {"duplicate_id": 2}, "to_the_earlier"),
    (DuplicateLink, {"score": 1.01}, "score"),
    (DuplicateLink, {"score": -0.01}, "score"),
    (DuplicateLink, {"original_id": 1}, "original_id"),
    (DuplicateLink, {"state": "confirmed"}, "duplicate_id"),
    (DecisionRecord, {"kind": "forget"}, "ck_decision_kind"),
    (DecisionRecord, {"reason": ""}, "has_reason"),
    (DecisionRecord, {"reason": "   "}, "has_reason"),
    (DecisionRecord, {"kind": "park"}, "park_has_date"),
    (DecisionRecord, {"parked_until": DAY}, "park_has_date"),
    (Correction, {"kind": "mood"}, "ck_correction_kind"),
    (OutboxMessage, {"kind": "gossip"}, "ck_outbox_message_kind"),
    (OutboxMessage, {"status": "lost"}, "ck_outbox_message_status"),
    (OutboxMessage, {"status": "sent"}, "sent_has_moment"),
    (OutboxMessage, {"status": "failed"}, "says_why"),
    (OutboxMessage, {"status": "uncertain"}, "says_why"),
    (OutboxMessage, {"status": "cancelled"}, "says_why"),
    (ReprocessingRun, {"status": "lost"}, "ck_reprocessing_run_status"),
    (ReprocessingItem, {"status": "lost"}, "ck_reprocessing_item_status"),
]
# Rows of which there may be one, and what may differ in a second one that is refused all the same.
ONCE = [
    (Idea, {"text": "Anders"}, "reference"),
    (IntakeRecord, {"content": b"y"}, "delivery_key"),
    (Person, {"name": "Ander"}, "email"),
    (DecisionRecord, {"kind": "adopt"}, "number"),
    (Assessment, {"model_version": "n"}, "number"),
    (IdeaReading, {"space": "t"}, "model_version"),
    (TextModelVersion, {"space": "t"}, "version"),
    (OutboxMessage, {"message_id": "two@veld.example"}, "idea_id"),
    (OutboxMessage, {"revision": 2}, "message_id"),
    (ReprocessingItem, {"status": "changed"}, "idea_id"),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request, tmp_path_factory) -> Iterator[Database]:
    """A database with ideas 1, 2 and 3, persons 1 and 2, unit 1, framework versions 1 and 2; shared, never changed."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('constraints') / 'kader.db'}"
        upgrade(url)
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.create(template=request.getfixturevalue("migrated_postgres"))
    database = open_database(url)
    with database.writing() as session:
        unit = make_unit(session, "keuken")
        anna, _ = make_person(session, "Anna Smit"), make_person(session, "Bram Vos")
        version = make_framework(
            session, "groen", limits=[("Geld", "Op.")], managers={None: anna, unit: anna}
        )
        make_framework(session, "rooster")
        ideas = [make_idea(session, f"Idee {number}") for number in range(3)]
        make_assignment(session, ideas[0], anna, framework=version)
        link = make_link(session, ideas[2], ideas[0])
        link.state = "confirmed"
        session.add(ReprocessingRun(**GOOD[ReprocessingRun]))
    yield database
    database.dispose()
    if request.param == "postgresql":
        server.drop(url)


@pytest.fixture
def session(filled: Database) -> Iterator[Session]:
    """A transaction that is taken back."""
    with filled.writing() as session:
        yield session
        session.rollback()


def add(session: Session, table, **changed) -> None:
    session.add(table(**{**GOOD[table], **changed}))
    session.flush()


@pytest.mark.parametrize("table", GOOD, ids=lambda table: table.__tablename__)
def test_a_good_row_is_accepted(session, table):
    add(session, table)
    assert session.scalar(text(f"SELECT count(*) FROM {table.__tablename__}")) >= 1


@pytest.mark.parametrize(
    ("table", "changed", "word"),
    BAD,
    ids=[f"{row[0].__tablename__}-{row[2]}-{n}" for n, row in enumerate(BAD)],
)
def test_a_bad_row_is_refused(session, table, changed, word):
    with pytest.raises(IntegrityError) as refused:
        add(session, table, **changed)
    assert word in str(refused.value.orig).lower()


@pytest.mark.parametrize(
    ("table", "changed", "word"), ONCE, ids=[f"{row[0].__tablename__}-{row[2]}" for row in ONCE]
)
def test_a_second_one_is_refused(session, table, changed, word):
    add(session, table)
    with pytest.raises(IntegrityError) as refused:
        add(session, table, **changed)
    told = str(refused.value.orig).lower()
    assert "unique" in told
    assert word in told


def test_one_model_is_in_use(session):
    add(session, TextModelVersion, is_active=True)
    add(session, TextModelVersion, version="n", is_active=False)
    with pytest.raises(IntegrityError):
        add(session, TextModelVersion, version="o", is_active=True)


def test_an_idea_has_one_owner_at_a_time_and_a_second_after_the_first(session):
    session.execute(text("UPDATE assignment SET ended_at = made_at WHERE idea_id = 1"))
    add(session, Assignment, idea_id=1)
    with pytest.raises(IntegrityError):
        add(session, Assignment, idea_id=1)


def test_a_parked_decision_has_its_date_and_a_deputy_may_be_missing(session):
    add(session, DecisionRecord, kind="park", parked_until=DAY)
    add(session, Absence, deputy_id=None)


def test_ids_are_never_used_again(session):
    add(session, Idea)
    highest = session.scalar(text("SELECT max(id) FROM idea"))
    session.execute(text(f"DELETE FROM idea WHERE id = {highest}"))
    session.expunge_all()
    add(session, Idea)
    assert session.scalar(text("SELECT max(id) FROM idea")) > highest


def test_a_line_that_is_too_long_is_refused_where_lengths_are_kept(session, filled):
    if filled.is_sqlite:
        add(session, Unit, slug="x" * 65)  # SQLite keeps no lengths: the doors do
        return
    with pytest.raises(DBAPIError, match="too long"):
        add(session, Unit, slug="x" * 65)
