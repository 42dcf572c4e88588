import numpy as np
import pytest
from sqlalchemy import event, null, update

from models import Assessment, IdeaReading, OutboxMessage, Person
from models.session import open_database
from pipeline.core import FrameworkText, IdeaText, LabelledIdea
from pipeline.store.reading.claims import claim_ideas
from pipeline.store.reading.readings import read_claimed, read_texts, read_waiting
from pipeline.store.reading.ready import gather
from pipeline.text.training import train
from tests.pipeline.store.models_for_tests import ChokingModel
from tests.pipeline.store.office import HEAT, IDA, PLAN, PUMP, SOUP, Office


def test_a_reading_is_kept_as_it_was_made(office: Office):
    idea = office.send(PUMP, title="Pomp")
    assert office.read() == 1
    (row,) = office.rows(IdeaReading)
    made = office.model.read([IdeaText(str(idea), PUMP, "Pomp")])[0]
    with office.database.reading() as session:
        (ready,) = gather(session, model_version=office.model.version, limit=9)
    kept = ready.reading
    assert ready.trouble is None
    assert (row.idea_id, row.model_version, row.space) == (idea, office.model.version, office.model.space)
    assert np.array_equal(kept.vector, made.vector)
    assert (kept.decision, kept.language) == (made.decision, made.language)
    assert [each.framework for each in kept.candidates] == [each.framework for each in made.candidates]
    assert kept.candidates[0].probability == pytest.approx(made.candidates[0].probability, abs=1e-5)
    assert kept.candidates[0].reasons[0].expression == made.candidates[0].reasons[0].expression
    held = office.idea(idea)
    assert (held.is_read, held.claim_token, held.claim_expires_at, held.attempts) == (True, None, None, 0)


def test_reasons_quotes_limits_and_precedents_are_kept(office: Office):
    first = office.send(PUMP, title="Pomp")
    gone = LabelledIdea(
        IdeaText("987654", "Zet de verwarming in de gang om vijf uur lager, dat bespaart"), "energie"
    )
    known = [LabelledIdea(IdeaText(str(first), PUMP, "Pomp"), "fietsen"), gone]
    texts = [
        FrameworkText(each.slug, each.title, each.description, "", each.limits, each.examples)
        for each in PLAN.frameworks
    ]
    model = train(texts, known)
    second = office.send(
        "Een fietspomp bij de ingang van de stalling, en leaseauto's voor iedereen.", title="Lucht"
    )
    third = office.send(HEAT)
    office.read(model=model)
    with office.database.reading() as session:
        kept = {each.facts.id: each.reading for each in gather(session, model_version=model.version, limit=9)}
    assert [each.idea for each in kept[second].precedents] == [str(first)]
    assert kept[second].precedents[0].framework == "fietsen"
    assert kept[second].candidates[0].quote.sentence == "Een fietspomp bij de ingang"
    assert [each.limit for each in kept[second].limits] == ["Geen leaseauto's"]
    assert office.settle(office.mind(model)) == 3
    told = {
        each.idea_id: each.payload for each in office.rows(OutboxMessage) if each.kind == "to_coordinator"
    }
    (earlier,) = told[second]["earlier"]
    assert (earlier["reference"], earlier["title"]) == (office.idea(first).reference, "Pomp")
    assert earlier["framework"] == "Fietsend naar het werk"
    # It was learned from, and is there no more.
    assert [each.idea for each in kept[third].precedents] == ["987654"]
    assert told[third]["earlier"] == []
    (assessment,) = [each for each in office.rows(Assessment) if each.idea_id == second]
    assert assessment.precedents == [[str(first), "fietsen", kept[second].precedents[0].likeness]]


def test_a_reading_of_before_still_loads(office: Office):
    office.send(PUMP)
    office.read()
    with office.database.writing() as session:
        session.execute(
            update(IdeaReading).values(
                candidates=[["fietsen", 0.8, [["pomp", 0.2], ["ingang", -0.1]]], ["energie", 0.1, []]],
                limits=[["fietsen", "Geen leaseauto's", 0.7, "Leaseauto's graag."]],
                precedents=null(),
            )
        )
    with office.database.reading() as session:
        (ready,) = gather(session, model_version=office.model.version, limit=9)
    assert [len(each.reasons) for each in ready.reading.candidates] == [2, 0]
    assert ready.reading.candidates[0].quote is None
    assert ready.reading.precedents == ()
    assert office.settle() == 1


def test_a_short_idea_is_taken_for_the_language_of_who_sent_it(office: Office):
    with office.database.writing() as session:
        session.execute(update(Person).where(Person.email == IDA).values(language="en"))
    ideas = [
        office.send("Printer", IDA),
        office.send("Wifi", None),
        office.send("De verwarming mag lager", IDA),
    ]
    claim = claim_ideas(office.database, owner="one", now=office.clock(), limit=9, lease_seconds=60)
    read_claimed(office.database, claim, office.model, max_attempts=4, language="de")
    languages = {each.idea_id: each.language for each in office.rows(IdeaReading)}
    assert [languages[idea] for idea in ideas] == ["en", "de", "nl"]


def test_as_many_are_read_at_a_time_as_the_settings_say(office: Office):
    settings = office.settings.model_copy(update={"batch_size": 2, "language": "de"})
    ideas = [office.send(text, None) for text in ("Printer", PUMP, SOUP)]
    read = []
    while read_waiting(office.database, office.model, owner="one", now=office.clock(), settings=settings):
        read.append(len(office.rows(IdeaReading)))
    assert read == [2, 3]
    # Nobody knows the language of who sent it: then it is that of the organisation.
    assert office.rows(IdeaReading, IdeaReading.idea_id == ideas[0])[0].language == "de"


def test_poison_stays_alone(office: Office):
    model = ChokingModel(office.model, "soep")
    texts = [PUMP, SOUP, HEAT]
    ideas = [office.send(text) for text in texts]
    assert office.read(model=model) == 3
    assert model.batches == [3, 1, 1, 1]
    readings = {each.idea_id: each for each in office.rows(IdeaReading)}
    poison = readings[ideas[1]]
    assert poison.trouble == "The text model can't read this idea (RecursionError)."
    assert (poison.vector, poison.candidates, poison.decision) == (None, [], "ask")
    assert [readings[idea].trouble for idea in (ideas[0], ideas[2])] == [None, None]
    # The trouble is for a person, so it holds nothing of what was written.
    assert "soep" not in poison.trouble
    assert office.settle(office.mind(model)) == 3
    assert [office.status(idea) for idea in ideas] == ["assigned", "with_coordinator", "assigned"]


def test_reading_many_and_reading_alone_come_to_the_same(office: Office):
    texts = [IdeaText(str(number), text) for number, text in enumerate([PUMP, HEAT, SOUP])]
    together = read_texts(texts, office.model)
    assert together == [read_texts([text], office.model)[0] for text in texts]
    assert read_texts([], office.model) == []


def test_who_lost_the_lease_writes_nothing(office: Office):
    idea = office.send(PUMP)

    def claim(owner):
        return claim_ideas(office.database, owner=owner, now=office.clock(), limit=9, lease_seconds=60)

    slow = claim("slow")
    office.clock.pass_seconds(61)
    fast = claim("fast")
    assert read_claimed(office.database, slow, office.model, max_attempts=4) == 0
    assert office.rows(IdeaReading) == []
    assert not office.idea(idea).is_read
    assert read_claimed(office.database, fast, office.model, max_attempts=4) == 1
    assert read_claimed(office.database, fast, office.model, max_attempts=4) == 0
    assert len(office.rows(IdeaReading)) == 1


def test_nobody_takes_over_while_a_reading_is_being_kept(postgres_url, office_at):
    """Its lease ended, yet nobody has taken over: whoever keeps holds the rows. SQLite has one writer anyway."""
    office = office_at(postgres_url)
    idea = office.send(PUMP)
    slow = claim_ideas(office.database, owner="slow", now=office.clock(), limit=9, lease_seconds=60)
    office.clock.pass_seconds(61)
    taken = []

    def take(connection, cursor, statement, *rest):
        if "idea" in statement and not taken:
            taken.append(None)
            other = open_database(postgres_url)
            taken[0] = claim_ideas(other, owner="fast", now=office.clock(), limit=9, lease_seconds=60)
            other.dispose()

    event.listen(office.database.engine, "after_cursor_execute", take)
    assert read_claimed(office.database, slow, office.model, max_attempts=4) == 1
    assert taken[0].ideas == ()
    assert office.idea(idea).is_read
