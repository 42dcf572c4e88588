"""A new vector space: when one is made, and no idea is missed as a twin on the way from the old one."""

from models import IdeaReading
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import train_and_activate
from pipeline.text.vectors.space import ENOUGH_DOCUMENTS
from tests.pipeline.store.office import COOR, HEAT, IDA, JAN, PUMP, SOUP, Office
from tests.pipeline.store.textmodels.schooling import change, load_after, train


def test_the_space_is_kept_until_a_new_one_is_asked_for(office: Office):
    office.model = load_after(office)
    ideas = [office.send(text, person) for text, person in [(PUMP, IDA), (HEAT, JAN), (SOUP, IDA)]]
    office.triage()
    change(office, title="Op de fiets")
    kept = load_after(office)
    assert kept.space == office.model.space
    assert {each.model_version for each in office.rows(IdeaReading)} == {office.model.version}
    told = []
    made = train(office, new_space=True, told=lambda *each: told.append(each))
    assert made.is_new
    new = load_mind(office.database, office.settings)
    assert new is not None
    assert new.model.space != kept.space
    # Every settled idea has its place in the new space, so none can be missed as a twin.
    placed = office.rows(IdeaReading, IdeaReading.space == new.model.space)
    assert [each.idea_id for each in placed] == ideas
    assert told == [(3, 3)]
    office.model = new.model
    twin = office.send(PUMP, JAN)
    office.triage(new)
    assert office.links() == [(twin, ideas[0], "confirmed")]


def test_an_organisation_that_grew_gets_a_space_of_its_own_ideas(office: Office):
    office.model = load_after(office)
    pump = office.send(PUMP, IDA)
    office.triage()
    for number in range(ENOUGH_DOCUMENTS - 1):
        office.send(f"Idee {number}: geef verdieping {number % 30} een eigen sleutel van kast {number}.", JAN)
    change(office, title="Op de fiets")
    train(office)
    grown = load_mind(office.database, office.settings)
    assert grown is not None
    assert grown.model.space != office.model.space
    assert [each.idea_id for each in office.rows(IdeaReading, IdeaReading.space == grown.model.space)] == [
        pump
    ]
    change(office, title="Met de fiets")
    assert load_after(office).space == grown.model.space


def test_another_encoder_is_trained_anew_and_no_idea_is_missed_as_a_twin(office: Office):
    def choose(encoder: str):
        office.settings = office.settings.model_copy(update={"encoder": encoder})

    choose("none")
    office.model = load_after(office)
    ideas = [office.send(text, person) for text, person in [(PUMP, IDA), (HEAT, JAN), (SOUP, IDA)]]
    office.triage()
    for encoder, begins in (("builtin", "builtin-"), ("none", "none")):
        before = office.model
        choose(encoder)
        # Until the next training the model in use goes on, with what it was trained with.
        kept = load_mind(office.database, office.settings)
        assert kept is not None
        assert kept.model.version == before.version
        office.model = load_after(office)
        assert office.model.version != before.version
        assert office.model.parts.encoder_name.startswith(begins)
        assert not train(office).is_new
        placed = {
            each.idea_id
            for each in office.rows(IdeaReading, IdeaReading.space == office.model.space)
            if each.vector
        }
        assert placed >= set(ideas)
        mind = load_mind(office.database, office.settings)
        twin = office.send(PUMP, JAN)
        office.triage(mind)
        assert (twin, ideas[0], "confirmed") in office.links()


def test_nothing_is_settled_in_the_old_space_while_a_new_one_is_put_in_use(office: Office):
    office.model = load_after(office)
    old = office.mind()
    sent = [office.send(PUMP, IDA)]
    office.triage(old)
    texts = [
        "Zuinige led lampen in de lange gang",
        "Een grotere fietsenstalling bij de achterste deur",
        "Isoleer het dak van het oude gebouw",
        "Iedere vrijdag verse soep in het restaurant",
    ]
    told = []

    def settle_another():
        if texts:
            sent.append(office.send(texts.pop(), JAN))
            office.read()
            told.append(office.settle(old, "two"))
        return office.clock()

    train_and_activate(office.database, office.settings, owner="one", clock=settle_another, new_space=True)
    # Some came in time to be placed, some too late to be settled with the old model.
    assert 0 in told
    texts.clear()
    new = load_mind(office.database, office.settings)
    assert new is not None
    assert new.model.space != old.model.space
    assert office.settle(old, "two") == 0
    office.model = new.model
    assert office.settle(new) == 0  # they must be read anew
    office.read()
    office.settle(new)
    assert "received" not in {office.status(idea) for idea in sent}
    placed = {each.idea_id for each in office.rows(IdeaReading, IdeaReading.space == new.model.space)}
    assert placed == set(sent)
    twins = [office.send(office.idea(idea).text, COOR) for idea in sent]
    office.triage(new)
    found = {duplicate: original for duplicate, original, state in office.links() if state == "confirmed"}
    assert found == dict(zip(twins, sent, strict=True))
