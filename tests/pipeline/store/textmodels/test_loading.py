"""Models whose files or encoder are gone, were changed, or come from another version of Kader."""

import shutil
from dataclasses import replace

import pytest

from kader.errors import PermanentError, UserError
from models import IdeaReading
from pipeline.store.textmodels import training
from pipeline.store.textmodels.loading import load_mind
from pipeline.text import artifact
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.model import TextModel
from tests.pipeline.store.office import HEAT, IDA, JAN, PUMP, Office
from tests.pipeline.store.textmodels.schooling import load_after, train


def test_a_model_of_an_encoder_that_is_gone_is_refused_with_a_sentence(office: Office):
    office.settings = office.settings.model_copy(update={"encoder": "builtin"})
    model = load_after(office)
    older = replace(model.parts, encoder_name="builtin-0-of-an-earlier-kader")
    with pytest.raises(UserError, match=r"builtin-0-of-an-earlier-kader.*train it again"):
        TextModel(older, load_encoder("builtin"))


def test_lost_files_are_told_and_can_be_made_again(office: Office):
    first = train(office)
    shutil.rmtree(office.settings.models / first.version)
    with pytest.raises(PermanentError):
        load_mind(office.database, office.settings)
    again = train(office, new_space=True)
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    assert mind.model.version == again.version


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
