"""A Dutch idea and its English double in triage: suggested on both stores, whatever came first, and left to a person."""

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from models import DuplicateLink, Idea, IdeaReading, IntakeRecord
from models.base import Base
from models.migrate import upgrade
from pipeline.store.duplicates.decided import decided_pairs
from pipeline.store.duplicates.similar import similar_to
from pipeline.store.search.elsewhere import elsewhere_before
from pipeline.store.search.meanings import keep_meanings
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.model import TextModel
from pipeline.text.training import train
from tests.pipeline.store.office import HEAT, IDA, JAN, PUMP, SOUP, Office, framework_texts

PAIRS = (
    (
        "Zet bij de receptie een kast met paraplu's die iedereen mag lenen als het regent.",
        "Put a cupboard with umbrellas at the reception that everybody may borrow when it rains.",
    ),
    (
        "Stuur burgers een bericht zodra hun aanvraag voor een vergunning is behandeld.",
        "Send citizens a message as soon as their application for a permit has been dealt with.",
    ),
)
UMBRELLA_NL, UMBRELLA_EN = PAIRS[0]
OTHERS = (
    PUMP,
    SOUP,
    "Print the expiry date in bigger letters on the labels of samples.",
    "Plan the deliveries outside rush hour so that our trucks don't stand in traffic.",
    "Lend tools such as drills and ladders to colleagues for use at home in the weekend.",
)


@pytest.fixture(scope="module")
def bilingual() -> TextModel:
    """Trained with the encoder that comes with Kader, which is the default."""
    return train(
        framework_texts(), corpus=[PUMP, HEAT, SOUP], auto_without_labels=0.5, encoder=load_encoder("builtin")
    )


@pytest.fixture
def office(office: Office, bilingual: TextModel) -> Office:
    office.model = bilingual
    return office


def triaged(office: Office, texts) -> list[int]:
    ids = [office.send(text, (IDA, JAN)[number % 2]) for number, text in enumerate(texts)]
    office.triage()
    return ids


def links(office: Office):
    return office.rows(DuplicateLink)


@pytest.mark.parametrize("turned", [False, True], ids=["Dutch first", "English first"])
def test_a_double_in_the_other_language_is_suggested_and_not_joined(office: Office, turned):
    pairs = [pair[::-1] if turned else pair for pair in PAIRS]
    ids = triaged(office, [*(first for first, _ in pairs), *OTHERS, *(second for _, second in pairs)])
    firsts, seconds = ids[: len(PAIRS)], ids[-len(PAIRS) :]
    assert office.links() == [
        (second, first, "suggested") for first, second in zip(firsts, seconds, strict=True)
    ]
    for link in office.rows(DuplicateLink):
        assert 0.25 <= link.score < 0.9
        assert link.evidence["reason"].startswith("translated")
        assert "differs" not in link.evidence["reason"]


def test_any_number_of_processes_finds_the_same(office_at, bilingual, tmp_path):
    """One idea after the other, each in a process with an index of its own that has to catch up; and all by one."""
    texts = [UMBRELLA_EN, *OTHERS, UMBRELLA_NL, "Een kast met paraplu's voor als het regent", UMBRELLA_EN]
    outcomes = []
    for name, at_once in (("one", True), ("many", False)):
        url = f"sqlite:///{tmp_path}/{name}.db"
        upgrade(url)
        office = office_at(url)
        office.model = bilingual
        for number, text in enumerate(texts):
            office.send(text, (IDA, JAN)[number % 2])
            if not at_once:
                office.triage(office.mind())
        office.triage()
        outcomes.append(
            [(*each, link.score) for each, link in zip(office.links(), links(office), strict=True)]
        )
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) >= 2


def test_what_is_told_of_an_idea_depends_on_those_before_it_alone(office: Office):
    texts = [UMBRELLA_NL, *OTHERS, UMBRELLA_EN, UMBRELLA_NL.replace("receptie", "ingang"), *PAIRS[1]]
    ids = triaged(office, texts)
    vectors = office.model.vectors([UMBRELLA_EN])
    told = []
    for up_to in (ids[-1], ids[len(OTHERS) + 1] - 1):
        mind = office.mind()
        with office.database.reading() as session:
            mind.follow(session, up_to=up_to)
            given = (session, mind.meanings, mind.index, [ids[len(OTHERS) + 1]], ["en"], vectors)
            told.append(elsewhere_before(*given))
    assert told[0] == told[1]
    assert [each.key for each in told[0][0]] == [ids[0]]


def test_copies_in_the_one_language_dont_hide_the_double_in_the_other(office: Office):
    words = ("Alvast bedankt!", "Groeten!", "Graag.", "Dank je wel.", "Tot ziens!", "Hoor ik dat nog?")
    ids = triaged(office, [UMBRELLA_NL, *(f"{UMBRELLA_NL} {word}" for word in words), UMBRELLA_EN])
    assert (ids[-1], ids[0], "suggested") in office.links()


def test_an_idea_that_could_not_be_read_at_first_is_found_once_it_was(office: Office):
    first = triaged(office, [UMBRELLA_NL])[0]
    with office.database.writing() as session:
        reading = session.scalars(select(IdeaReading)).one()
        kept = {"language": "nl", "meaning": reading.meaning, "vector": reading.vector}
        session.execute(update(IdeaReading).values(language="", meaning=b"", vector=None))
        columns = {
            name: getattr(reading, name) for name in set(IdeaReading.__table__.columns.keys()) - {"id"}
        }
        session.add(IdeaReading(**columns | kept | {"model_version": "newer"}))
    second = office.send(UMBRELLA_EN, JAN)
    office.triage()
    assert office.links() == [(second, first, "suggested")]


def test_in_a_third_language_nothing_is_looked_for(office: Office):
    german = "Vergrößern Sie bitte den Schrank mit Regenschirmen am Empfang, wenn es regnet."
    triaged(office, [UMBRELLA_EN, german])
    assert [each.language for each in office.rows(Idea)] == ["en", "de"]
    assert office.links() == []


class Wider:
    """Kader's own encoder in more dimensions than there are signs for it."""

    name, dimensions = "wider", 384

    def encode(self, texts):
        return np.pad(load_encoder("builtin").encode(texts), ((0, 0), (0, 128)))


def test_an_encoder_of_other_dimensions_has_as_many_signs_as_it_needs(office: Office):
    office.model = train(
        framework_texts(), corpus=[PUMP, HEAT, SOUP], auto_without_labels=0.5, encoder=Wider()
    )
    first, *_, second = triaged(office, [UMBRELLA_NL, *OTHERS, UMBRELLA_EN])
    assert len(office.rows(IdeaReading)[0].meaning) == 64
    assert office.links() == [(second, first, "suggested")]


def test_both_in_one_batch_find_each_other(office: Office):
    first, second = triaged(office, [UMBRELLA_NL, UMBRELLA_EN])
    assert office.links() == [(second, first, "suggested")]


def test_what_is_near_by_its_signs_alone_is_left_out(office: Office):
    """Of one subject, but another idea: near enough to be measured, not to be compared."""
    triaged(office, ["Let visitors borrow a bicycle at the reception when the sun shines."])
    mind = office.mind()
    vectors = office.model.vectors([UMBRELLA_NL])
    with office.database.reading() as session:
        mind.follow(session, up_to=1)
        code = np.frombuffer(office.model.parts.space.signs(vectors)[0], dtype=np.uint64)
        ids, differing = mind.meanings.index["en"].search(code, 5, before=2, within=104)
        assert ids.tolist() == [1]
        assert differing[0] > 60
        assert elsewhere_before(session, mind.meanings, mind.index, [2], ["nl"], vectors) == [[]]


def test_what_is_nearest_to_each_of_the_two_is_told_and_nothing_later(office: Office):
    """A text that lies near to nearly all is nobody's double, whichever of the two it is."""
    dutch = [
        f"Zet een rek voor paraplu's bij de receptie van gebouw {name}." for name in ("Oost", "West", "Zuid")
    ]
    english, last = "An umbrella stand at the reception of each building", len(dutch) + 2
    triaged(office, [*dutch, english, UMBRELLA_NL, dutch[0].replace("Oost", "Noord")])
    mind = office.mind()
    with office.database.reading() as session:
        mind.follow(session, up_to=last + 1)
        given = (session, mind.meanings, mind.index, [last], ["nl"], office.model.vectors([UMBRELLA_NL]))
        ((found,),) = elsewhere_before(*given)
    assert found.key == len(dutch) + 1
    assert found.ours == ()
    assert len(found.theirs) == len(dutch)
    assert min(found.theirs) > found.cosine - 0.2


def test_without_an_encoder_nothing_is_followed_or_found(office: Office, model: TextModel):
    office.model = model
    mind = office.mind()
    triaged(office, [UMBRELLA_NL, UMBRELLA_EN])
    with office.database.reading() as session:
        mind.meanings.follow(session, up_to=2)
    assert office.links() == []
    assert (mind.meanings.between, mind.meanings.index) == (None, {})
    assert [each.meaning for each in office.rows(IdeaReading)] == [b"", b""]
    assert keep_meanings(office.database, mind.meanings, most=10) == 0


def test_a_person_joins_them_and_a_no_is_kept(office: Office):
    ids = triaged(office, [*(dutch for dutch, _ in PAIRS), *(english for _, english in PAIRS)])
    one, other = office.rows(DuplicateLink)
    office.say(one.id, "confirm")
    office.say(other.id, "reject")
    assert office.links() == [(ids[2], ids[0], "confirmed"), (ids[3], ids[1], "rejected")]
    assert office.look().suggestions == 0


def test_the_second_look_suggests_what_an_older_kader_missed(office: Office):
    first, second = triaged(office, [UMBRELLA_NL, UMBRELLA_EN])
    with office.database.writing() as session:
        session.execute(delete(DuplicateLink))
        session.execute(update(Idea).values(compared_by="older"))
        session.execute(update(IdeaReading).values(meaning=None))
    assert office.look().suggestions == 1
    assert office.links() == [(second, first, "suggested")]


def test_what_was_read_before_meanings_were_kept_is_found_and_filled_in(office: Office):
    triaged(office, [UMBRELLA_NL, UMBRELLA_EN])
    kept = [each.meaning for each in office.rows(IdeaReading)]
    assert [len(each) for each in kept] == [32, 32]
    with office.database.writing() as session:
        session.execute(update(IdeaReading).values(meaning=None))
    mind = office.mind()
    with office.database.reading() as session:
        mind.meanings.follow(session, up_to=2)
    assert {language: len(index) for language, index in mind.meanings.index.items()} == {"nl": 1, "en": 1}
    assert [keep_meanings(office.database, mind.meanings, most=most) for most in (0, 1, 10, 10)] == [
        0,
        1,
        1,
        0,
    ]
    assert [each.meaning for each in office.rows(IdeaReading)] == kept


def test_a_damaged_vector_or_sign_stops_nobody(office: Office):
    triaged(office, [UMBRELLA_NL, *OTHERS])
    with office.database.writing() as session:
        session.execute(update(IdeaReading).where(IdeaReading.idea_id == 1).values(meaning=b"short"))
        session.execute(update(IdeaReading).where(IdeaReading.idea_id == 2).values(vector=b"x", meaning=None))
    second = office.send(UMBRELLA_EN, JAN)
    office.triage()
    assert office.status(second) != "received"
    assert office.links() == []


def test_a_deleted_idea_is_found_no_more_and_hides_nobody(office: Office):
    first, again = triaged(office, [UMBRELLA_NL, UMBRELLA_NL.replace("Zet", "Plaats")])
    mind = office.mind()
    office.triage(mind)
    with office.database.reading() as session:
        mind.follow(session, up_to=again)
    with office.database.writing() as session:
        session.execute(delete(DuplicateLink).where(DuplicateLink.original_id == first))
        for table in reversed(Base.metadata.sorted_tables):
            if "idea_id" in table.c:
                session.execute(delete(table).where(table.c.idea_id == first))
        session.execute(delete(Idea).where(Idea.id == first))
        session.execute(update(IntakeRecord).values(delivery_key="before"))
    second = office.send(UMBRELLA_EN, JAN)
    office.triage(mind)
    assert office.links() == [(second, again, "suggested")]


def test_somebody_who_types_sees_what_exists_in_the_other_language(office: Office):
    first = triaged(office, [UMBRELLA_EN, *OTHERS])[0]
    with office.database.reading() as session:
        found = similar_to(session, office.mind(), "paraplu's lenen bij de receptie als het regent", most=5)
    assert [(each.id, each.language) for each in found] == [(first, "en")]


def test_words_of_people_on_two_languages_teach_the_model_of_words_nothing(office: Office):
    triaged(office, [UMBRELLA_NL, UMBRELLA_EN])
    office.say(office.rows(DuplicateLink)[0].id, "confirm")
    with office.database.writing() as session:
        assert decided_pairs(session) == ()
        session.execute(update(Idea).values(language="nl"))
        assert len(decided_pairs(session)) == 1
