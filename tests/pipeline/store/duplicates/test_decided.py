from datetime import timedelta

from models import DuplicateLink, TextModelVersion
from pipeline.store.deciding.linking import not_mine
from pipeline.store.duplicates.decided import About, context_of, decided_pairs
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.pair_weights import kept_weights, learn_pairs
from pipeline.store.textmodels.training import train_and_activate
from pipeline.text.duplicates.pairs import shipped_weights
from tests.pipeline.store.office import COOR, HEAT, IDA, JAN, NOW, PUMP, SOUP, Office


def say(office: Office, word, **link):
    with office.database.reading() as session:
        found = session.query(DuplicateLink).filter_by(**link).one().id
    office.say(found, word)


def pairs(office: Office):
    with office.database.reading() as session:
        return [(int(each.later.id), int(each.earlier.id), each.same) for each in decided_pairs(session)]


def test_only_what_a_person_said_is_learned_from(office: Office):
    first, joined = office.send(PUMP, IDA), office.send(PUMP, JAN)
    near, far = office.send(f"{PUMP} Dank!", COOR), office.send(f"{PUMP} Bedankt!", JAN)
    office.triage()
    assert (joined, first, "confirmed") in office.links()
    # The machine's own links and suggestions say nothing.
    assert pairs(office) == []
    say(office, "confirm", duplicate_id=near, original_id=first)
    say(office, "reject", duplicate_id=far, original_id=first)
    with office.database.writing() as session:
        not_mine(
            session,
            idea_id=joined,
            person_id=office.people[JAN],
            now=office.clock(),
            settings=office.settings,
        )
    assert sorted(pairs(office)) == [(joined, first, False), (near, first, True), (far, first, False)]
    with office.database.reading() as session:
        about = {int(each.later.id): each.about for each in decided_pairs(session)}
    assert about[near][0].submitter_id == office.people[COOR]
    assert about[near][1].framework == "fietsen"


def test_what_moved_along_is_no_word_on_these_two(office: Office):
    earliest, first, follower = office.send(SOUP, COOR), office.send(PUMP, IDA), office.send(HEAT, JAN)
    office.triage()
    with office.database.writing() as session:
        session.add_all(
            DuplicateLink(
                duplicate_id=one, original_id=other, state="suggested", score=0.5, evidence={}, made_at=NOW
            )
            for one, other in ((follower, first), (first, earliest))
        )
    say(office, "confirm", duplicate_id=follower, original_id=first)
    say(office, "confirm", duplicate_id=first, original_id=earliest)
    assert (follower, earliest, "confirmed") in office.links()
    assert pairs(office) == [(first, earliest, True)]


def test_what_is_known_besides_the_words():
    one = About(1, "fietsen", NOW)
    assert context_of(one, About(1, "fietsen", NOW - timedelta(days=3))) == (1.0, 1.0, 3.0)
    assert context_of(one, About(2, "energie", NOW)) == (0.0, 0.0, 0.0)
    assert context_of(About(None, None, None), About(None, None, NOW)) == (0.0, 0.0, 0.0)


def test_training_learns_from_links_and_workers_take_it_over(office: Office):
    with office.database.writing() as session:
        session.query(TextModelVersion).delete()
    numbers = range(14)
    for number in numbers:
        office.send(f"{PUMP} Voor gebouw {number}.", IDA)
        office.send(f"Graag een fietspomp bij de ingang van de stalling van gebouw {number}", JAN)
    before = train_and_activate(office.database, office.settings, owner="test", clock=office.clock)
    mind = load_mind(office.database, office.settings)
    assert mind.pairs.version == shipped_weights().version
    with office.database.writing() as session:
        for number in numbers:
            for state, other in (("confirmed", 2 * number + 1), ("rejected", 2 * ((number + 7) % 14) + 1)):
                one = 2 * number + 2
                if other < one:
                    session.add(
                        DuplicateLink(
                            duplicate_id=one,
                            original_id=other,
                            state=state,
                            score=0.5,
                            evidence={},
                            made_at=NOW,
                            decided_at=NOW,
                            decided_by_id=office.people[COOR],
                        )
                    )
    with office.database.reading() as session:
        known = decided_pairs(session)
    learned = learn_pairs(mind.model, known, max_error=0.05)
    assert learned == learn_pairs(mind.model, known, max_error=0.05)
    assert learned.version != shipped_weights().version
    after = train_and_activate(office.database, office.settings, owner="test", clock=office.clock)
    assert (after.is_new, after.version) == (True, before.version)
    newer = load_mind(office.database, office.settings, mind)
    assert newer.pairs.version == learned.version
    assert newer.model is mind.model
    assert newer.comparer != mind.comparer
    assert load_mind(office.database, office.settings, newer) is newer
    assert office.rows(TextModelVersion)[0].metrics["decided_pairs"] == len(known)
    # Whoever still has the older one settles nothing with it.
    office.read(model=mind.model)
    assert office.settle(mind) == 0
    assert office.settle(newer) == 28


def test_weights_of_other_evidence_are_not_used():
    assert kept_weights(None) == shipped_weights()
    assert kept_weights({"weights": [1.0]}) == shipped_weights()
