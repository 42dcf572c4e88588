import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from kader.embedded.environment import environment
from kader.errors import PermanentError, TransientError, UserError
from models import (
    Framework,
    FrameworkLimit,
    FrameworkManager,
    FrameworkVersion,
    IdeaReading,
    Lease,
    TextModelVersion,
)
from pipeline.core import IdeaText
from pipeline.store.deciding.recording import OutdatedModelError
from pipeline.store.publishing import OrganisationPlan, publish
from pipeline.store.reading.claims import LeaseLostError, give_lease_back, take_lease
from pipeline.store.textmodels import training
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import gather_training, train_and_activate
from pipeline.text import artifact
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.model import TextModel
from pipeline.text.vectors.space import ENOUGH_DOCUMENTS
from tests.pipeline.store.deciding.test_answers import put
from tests.pipeline.store.deciding.test_settling import facts, write
from tests.pipeline.store.office import COOR, FRAMEWORKS, HEAT, IDA, JAN, PUMP, SOUP, Office


def train(office: Office, *, new_space: bool = False, told=None):
    return train_and_activate(
        office.database,
        office.settings,
        owner="one",
        clock=office.clock,
        new_space=new_space,
        progress=told,
    )


def change(office: Office, **what):
    plan = replace(FRAMEWORKS[0], **what)
    with office.database.writing() as session:
        publish(session, OrganisationPlan(frameworks=(plan,)), now=office.clock())


def test_training_is_skipped_until_something_changed(office: Office):
    assert load_mind(office.database, office.settings) is None
    first = train(office)
    assert (first.is_new, first.frameworks, first.labelled) == (True, 2, 0)
    again = train(office)
    assert (again.is_new, again.version) == (False, first.version)
    change(office, title="Op de fiets")
    second = train(office)
    assert second.is_new
    assert second.version != first.version
    rows = office.rows(TextModelVersion)
    assert [(each.version, each.is_active) for each in rows] == [
        (first.version, False),
        (second.version, True),
    ]
    assert rows[1].framework_versions == {"energie": 1, "fietsen": 2}
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    assert mind.model.version == second.version
    assert load_mind(office.database, office.settings, mind) is mind


def test_a_person_s_last_word_is_what_is_learned(office: Office):
    office.model = load_after(office)
    soup = office.send(SOUP, IDA)
    office.triage()
    put(office, soup, "fietsen")
    put(office, soup, "energie")
    with office.database.reading() as session:
        data = gather_training(session)
    (label,) = data.labelled
    assert (label.idea.text, label.framework) == (SOUP, "energie")
    assert SOUP in data.corpus[0]
    before = office.model.read([IdeaText("1", SOUP)])[0]
    trained = train(office)
    assert (trained.is_new, trained.labelled) == (True, 1)
    after = load_after(office).read([IdeaText("1", SOUP)])[0]

    def energy(reading):
        return next(each.probability for each in reading.candidates if each.framework == "energie")

    assert energy(after) > energy(before)
    put(office, soup, None)  # fits none after all
    with office.database.reading() as session:
        assert gather_training(session).labelled[0].framework is None
    assert train(office).is_new


def load_after(office: Office):
    train(office)
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    return mind.model


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


def test_a_model_of_an_encoder_that_is_gone_is_refused_with_a_sentence(office: Office):
    office.settings = office.settings.model_copy(update={"encoder": "builtin"})
    model = load_after(office)
    older = replace(model.parts, encoder_name="builtin-0-of-an-earlier-kader")
    with pytest.raises(UserError, match=r"builtin-0-of-an-earlier-kader.*train it again"):
        TextModel(older, load_encoder("builtin"))


def test_a_model_that_was_trained_before_is_put_in_use_again(office: Office):
    first = train(office)
    # As after a stop between saving and putting in use.
    with office.database.writing() as session:
        session.execute(delete(TextModelVersion))
    assert train(office).version == first.version
    # And a new space that comes out the same is the same model.
    assert train(office, new_space=True).version == first.version
    (row,) = office.rows(TextModelVersion)
    assert row.is_active


def test_lost_files_are_told_and_can_be_made_again(office: Office):
    first = train(office)
    shutil.rmtree(office.settings.models / first.version)
    with pytest.raises(PermanentError):
        load_mind(office.database, office.settings)
    again = train(office, new_space=True)
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    assert mind.model.version == again.version


def test_after_an_upgrade_with_another_format_training_makes_a_model_by_itself(office: Office, monkeypatch):
    with monkeypatch.context() as before_upgrade:
        for module in (artifact, training):
            before_upgrade.setattr(module, "FORMAT", artifact.FORMAT - 1)
        old = train(office)
        office.model = load_after(office)
        ideas = [office.send(text, person) for text, person in [(PUMP, IDA), (HEAT, JAN)]]
        office.triage()
        assert not train(office).is_new
    with pytest.raises(PermanentError, match=r"another version of Kader .*: run 'kader train' once"):
        load_mind(office.database, office.settings)
    new = train(office)
    assert new.is_new
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    assert mind.model.version == new.version != old.version
    # Nothing of the old files is needed: settled ideas can be found again in the new space.
    placed = office.rows(IdeaReading, IdeaReading.space == mind.model.space)
    assert [each.idea_id for each in placed] == ideas


def test_after_an_upgrade_the_same_model_is_written_anew(office: Office, monkeypatch):
    """Nobody said anything since, so what is learned is what there was."""
    with monkeypatch.context() as before_upgrade:
        for module in (artifact, training):
            before_upgrade.setattr(module, "FORMAT", artifact.FORMAT - 1)
        old = train(office)
    new = train(office)
    assert new.is_new
    assert new.version == old.version
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    assert mind.model.version == new.version
    assert [path.name for path in office.settings.models.iterdir()] == [new.version]


def test_changed_files_are_never_loaded(office: Office):
    version = train(office).version
    description = office.settings.models / version / "model.json"
    description.write_bytes(description.read_bytes() + b" ")
    with pytest.raises(PermanentError):
        load_mind(office.database, office.settings)


def test_one_trains_at_a_time(office: Office):
    token = take_lease(office.database, "train", owner="two", now=office.clock(), seconds=3600)
    assert token is not None
    with pytest.raises(TransientError, match="Another process"):
        train(office)
    office.clock.pass_seconds(3601)
    assert train(office).is_new
    assert not train(office).is_new  # the lease was given back


DYING = """
import os, signal, sys
from datetime import datetime
from kader.settings import read_settings
from models.session import open_database
from pipeline.store.textmodels.training import train_and_activate

moments = [datetime.fromisoformat(sys.argv[1])]

def clock():
    # The first time is for the lease.
    return moments.pop() if moments else os.kill(os.getpid(), signal.SIGKILL)

settings = read_settings()
train_and_activate(open_database(settings.database), settings, owner="dying", clock=clock)
"""


def test_a_killed_training_is_taken_over_within_minutes(office: Office):
    died = subprocess.run(
        [sys.executable, "-c", DYING, office.clock().isoformat()],
        env=environment(office.settings),
        timeout=60,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    with pytest.raises(TransientError, match="Another process"):
        train(office)
    office.clock.pass_seconds(180)
    assert train(office).is_new


def test_who_lost_the_right_to_train_puts_nothing_in_use(office: Office):
    """As after a night in which the machine slept: by then another may have trained on newer words."""
    taken = []

    def clock():
        if moments and not taken:
            office.clock.pass_seconds(3_600)
            with office.database.reading() as session:
                ends = session.get_one(Lease, "train").expires_at
            assert ends < office.clock()
            taken.append(take_lease(office.database, "train", owner="two", now=office.clock(), seconds=3_600))
        moments.append(office.clock())
        return office.clock()

    moments = []
    with pytest.raises(LeaseLostError, match="taken over"):
        train_and_activate(office.database, office.settings, owner="one", clock=clock)
    assert taken != [None]
    assert office.rows(TextModelVersion) == []


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


def test_what_an_older_model_decided_is_not_recorded(office: Office):
    office.model = load_after(office)
    old = office.mind()
    idea = office.send(PUMP, IDA)
    office.read()
    token = take_lease(office.database, "settle", owner="one", now=office.clock(), seconds=60)
    pairs, organisation = facts(office, old)
    give_lease_back(office.database, "settle", token)
    change(office, title="Op de fiets")
    train(office)
    token = take_lease(office.database, "settle", owner="one", now=office.clock(), seconds=60)
    with pytest.raises(OutdatedModelError):
        write(office, pairs, organisation, token)
    assert office.status(idea) == "received"


def test_without_a_framework_there_is_nothing_to_learn(office: Office):
    with office.database.writing() as session:
        for table in (FrameworkLimit, FrameworkManager, FrameworkVersion, Framework):
            session.execute(delete(table))
    with pytest.raises(UserError, match="no published framework"):
        train(office)
    with office.database.reading() as session:
        assert session.scalar(select(TextModelVersion)) is None
