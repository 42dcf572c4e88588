import pytest
from sqlalchemy import update

from kader.errors import TransientError
from models import DuplicateLink, Event, Idea, IdeaReading, TextModelVersion
from pipeline.core import IdeaText
from pipeline.store.deciding.linking import not_mine
from pipeline.store.duplicates.second_look import LEASE, note_tonight, tonight
from pipeline.store.reading.claims import take_lease
from pipeline.store.search.rare import keep_words
from pipeline.store.search.recall import measure_recall, note_recall
from tests.pipeline.store.office import COOR, IDA, JAN, PUMP, SOUP, Office

NEAR = f"{PUMP} Dank!"


@pytest.fixture
def missed(office: Office):
    """Two ideas that are much alike, and of which an older model didn't see it."""
    first, second = office.send(PUMP, IDA), office.send(SOUP, JAN)
    office.triage()
    with office.database.writing() as session:
        session.execute(update(Idea).where(Idea.id == second).values(text=NEAR, title=NEAR))
        session.execute(update(Idea).values(compared_by="older"))
        (reading,) = office.model.read([IdeaText("1", NEAR, NEAR)])
        session.execute(
            update(IdeaReading)
            .where(IdeaReading.idea_id == second)
            .values(vector=reading.vector.tobytes(), rare=reading.rare.astype("<i4").tobytes())
        )
    return first, second


def test_what_was_missed_is_suggested_and_never_linked(office: Office, missed):
    first, second = missed
    before = office.messages()
    looked = office.look()
    assert (looked.ideas, looked.suggestions, looked.waiting) == (2, 1, 0)
    assert office.links() == [(second, first, "suggested")]
    assert office.status(second) == "with_coordinator"
    assert office.messages() == before
    (told,) = office.rows(Event, Event.kind == "resembles")
    assert (told.idea_id, told.detail) == (second, {"original": office.idea(first).reference})
    assert office.look().ideas == 0


def test_what_was_compared_in_todays_way_is_left_alone(office: Office):
    office.send(PUMP, IDA)
    office.send(NEAR, JAN)
    office.triage()
    links = office.links()
    assert office.look().ideas == 0
    assert office.links() == links


def test_a_person_s_no_is_not_asked_again(office: Office, missed):
    first, second = missed
    office.look()
    (link,) = office.rows(DuplicateLink)
    office.say(link.id, "reject")
    with office.database.writing() as session:
        session.execute(update(Idea).values(compared_by=None))
    assert office.look().suggestions == 0
    assert office.links() == [(second, first, "rejected")]


def test_who_said_mine_is_different_is_not_asked_about_the_group_either(office: Office):
    """Second left first; first then joined an even earlier one: that group is different from second."""
    earliest = office.send(PUMP.replace("ingang", "uitgang"), COOR)
    first, second = office.send(PUMP, IDA), office.send(PUMP, JAN)
    office.triage()
    assert (second, first, "confirmed") in office.links()
    with office.database.writing() as session:
        not_mine(
            session,
            idea_id=second,
            person_id=office.people[JAN],
            now=office.clock(),
            settings=office.settings,
        )
        session.query(DuplicateLink).where(
            DuplicateLink.duplicate_id == second, DuplicateLink.original_id == earliest
        ).delete()
        link = session.query(DuplicateLink).where(DuplicateLink.duplicate_id == first).one().id
    office.say(link, "confirm")
    with office.database.writing() as session:
        session.execute(update(Idea).values(compared_by=None))
    assert office.status(first) == "joined"
    mind = office.mind()
    # Only what was compared directly is known to be different; of the earliest itself nobody said anything.
    office.look(mind)
    assert (second, first, "undone") in office.links()
    assert (second, first, "suggested") not in office.links()


def test_it_may_be_stopped_and_goes_on_where_it_was(office: Office, missed):
    office.settings = office.settings.model_copy(update={"batch_size": 1})
    looked = office.look(is_over=lambda: True)
    assert (looked.ideas, looked.waiting) == (1, 1)
    assert office.look(most=0).ideas == 0
    seen = []
    looked = office.look(progress=lambda done, total: seen.append((done, total)))
    assert (looked.ideas, looked.suggestions, seen) == (1, 1, [(1, 1)])


def test_answered_ideas_are_not_looked_at(office: Office, missed):
    first, _ = missed
    with office.database.writing() as session:
        session.execute(update(Idea).where(Idea.id == first).values(status="declined"))
    looked = office.look()
    assert (looked.ideas, looked.suggestions) == (1, 0)


def test_only_one_looks_at_a_time(office: Office, missed):
    take_lease(office.database, LEASE, owner="other", now=office.clock(), seconds=60)
    with pytest.raises(TransientError, match="already"):
        office.look()


def test_a_night_has_an_end(office: Office):
    office.settings = office.settings.model_copy(update={"second_look": 10})
    with office.database.writing() as session:
        assert tonight(session, office.settings, now=office.clock()) == 10
        note_tonight(session, office.settings, 4, now=office.clock())
        note_tonight(session, office.settings, 5, now=office.clock())
        assert tonight(session, office.settings, now=office.clock()) == 1
    office.clock.pass_seconds(24 * 3600)
    with office.database.writing() as session:
        assert tonight(session, office.settings, now=office.clock()) == 10


def test_what_was_read_before_words_were_kept_is_found_and_filled_in(office: Office):
    first = office.send(PUMP, IDA)
    office.triage()
    kept = office.rows(IdeaReading)[0].rare
    with office.database.writing() as session:
        session.execute(update(IdeaReading).values(rare=None))
    mind = office.mind()
    with office.database.reading() as session:
        mind.words.follow(session, up_to=first)
    assert len(mind.words.index) == 1
    assert keep_words(office.database, most=0) == 0
    assert keep_words(office.database, most=10) == 1
    assert office.rows(IdeaReading)[0].rare == kept
    assert keep_words(office.database, most=10) == 0


def test_recall_is_measured_and_kept_with_the_model(office: Office):
    for number in range(12):
        office.send(f"{PUMP} Voor gebouw {number}.", IDA)
    office.triage()
    mind = office.mind()
    found = measure_recall(office.database, mind, sample=5)
    assert (found.recall, found.ideas, found.is_exact) == (1.0, 12, True)
    assert found.sample >= 5
    with office.database.writing() as session:
        session.add(
            TextModelVersion(
                version=mind.model.version,
                space=mind.model.space,
                dimensions=mind.model.dimensions,
                data_hash="",
                framework_versions={},
                metrics={"labelled": 0},
                trained_at=office.clock(),
                is_active=True,
            )
        )
        session.flush()
        note_recall(session, mind, found, now=office.clock())
    (kept,) = office.rows(TextModelVersion)
    assert kept.metrics["labelled"] == 0
    assert kept.metrics["recall"]["at_10"] == 1.0


def test_an_index_that_misses_half_is_seen(office: Office):
    ids = [office.send(f"{PUMP} Voor gebouw {number}.", IDA) for number in range(30)]
    office.triage()
    mind = office.mind()
    with office.database.reading() as session:
        mind.index.follow(session, up_to=ids[-1])
    mind.index.forget(ids[::2])
    assert measure_recall(office.database, mind, sample=5).recall < 0.8
