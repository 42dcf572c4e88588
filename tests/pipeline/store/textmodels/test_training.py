import shutil

import pytest
from sqlalchemy import delete, select

from kader.errors import TransientError, UserError
from models import Framework, FrameworkLimit, FrameworkManager, FrameworkVersion, TextModelVersion
from pipeline.core import IdeaText
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import gather_training
from tests.pipeline.store.deciding.test_answers import put
from tests.pipeline.store.office import IDA, SOUP, Office
from tests.pipeline.store.textmodels.schooling import change, load_after, train


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


def damage(office: Office, version: str) -> None:
    file = office.settings.models / version / "model.json"
    file.write_bytes(file.read_bytes() + b" ")


@pytest.mark.parametrize("lost", [True, False])
def test_lost_or_damaged_files_of_the_model_in_use_are_told_and_made_anew_on_demand(office: Office, lost):
    first = train(office)
    if lost:
        shutil.rmtree(office.settings.models / first.version)
    else:
        damage(office, first.version)
    with pytest.raises(UserError, match="kader train --new-space"):
        train(office)
    assert train(office, new_space=True).version == first.version
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    assert mind.model.version == first.version
    assert not train(office).is_new
    assert [each.name for each in office.settings.models.iterdir()] == [first.version]


def test_damaged_files_of_an_older_model_are_written_anew_when_it_is_needed_again(office: Office):
    first = train(office)
    change(office, title="Op de fiets")
    assert train(office).version != first.version
    damage(office, first.version)
    change(office)
    assert load_after(office).version == first.version


def test_a_disk_that_takes_no_model_is_a_sentence_and_nothing_is_put_in_use(office: Office):
    office.settings.models.parent.mkdir(parents=True, exist_ok=True)
    office.settings.models.write_text("")  # a file where the folder should be: root may write anywhere else
    with pytest.raises(TransientError, match="can't be written"):
        train(office)
    assert office.rows(TextModelVersion) == []
    office.settings.models.unlink()
    assert train(office).is_new


def test_without_a_framework_there_is_nothing_to_learn(office: Office):
    with office.database.writing() as session:
        for table in (FrameworkLimit, FrameworkManager, FrameworkVersion, Framework):
            session.execute(delete(table))
    with pytest.raises(UserError, match="no published framework"):
        train(office)
    with office.database.reading() as session:
        assert session.scalar(select(TextModelVersion)) is None
