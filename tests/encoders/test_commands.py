"""Encoders end to end: the command line, the hub, training in the organisation, and the doctor."""

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kader.cli.doctor import examine
from kader.embedded.health import State
from kader.errors import UserError
from kader.settings import Settings
from models.session import Database, open_database
from pipeline.store.publishing import publish
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import train_and_activate
from pipeline.text.encoders.cache import FILE, VectorCache
from tests.pipeline.store.office import NOW, PLAN

pytestmark = pytest.mark.encoders

FRAMEWORKS = (
    "slug,title,description\n"
    "bikes,Cycling,Places to park and charge bicycles\n"
    "energy,Energy,Using less electricity and heat in our buildings\n"
)
IDEAS = "id,text\n1,We could do with a bigger shed for two-wheelers\n2,Let the thermostat go down at five o'clock\n"


@pytest.fixture
def nobody_there():
    """Address of a hub that doesn't answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def kader(tmp_path, nobody_there):
    """Run a command in a process of its own, whose hub doesn't answer and whose store of fetched models is empty."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "KADER_"))
    }
    environment |= {
        "HF_ENDPOINT": nobody_there,
        "HF_HOME": str(tmp_path / "hf"),
        "KADER_VAR": str(tmp_path / "var"),
    }

    def running(*arguments, **more):
        return subprocess.run(
            [Path(sys.executable).with_name("kader"), *arguments],
            env=environment | more,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )

    return running


@pytest.fixture
def classify(kader, tmp_path):
    (tmp_path / "frameworks.csv").write_text(FRAMEWORKS)
    (tmp_path / "ideas.csv").write_text(IDEAS)

    def running(*arguments):
        told = kader(
            "classify",
            "--frameworks",
            "frameworks.csv",
            "--ideas",
            "ideas.csv",
            "--out",
            "out.csv",
            *arguments,
        )
        written = tmp_path / "out.csv"
        rows = list(csv.DictReader(written.read_text().splitlines())) if written.exists() else []
        return told, rows

    return running


@pytest.fixture
def fetched(minilm_folder, tmp_path):
    """MiniLM in the store of fetched models, as a download leaves it."""
    place = tmp_path / "hf" / "hub" / "models--sentence-transformers--all-MiniLM-L6-v2"
    commit = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
    shutil.copytree(minilm_folder, place / "snapshots" / commit)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(commit)


def test_ideas_are_classified_by_what_they_mean(classify, minilm, minilm_folder, tmp_path):
    told, rows = classify("--encoder", str(minilm_folder), "--cache", "vectors", "--json")
    assert told.returncode == 0, told.stderr
    assert [row["framework"] for row in rows] == [
        "bikes",
        "energy",
    ]  # they share no word with their framework
    assert json.loads(told.stdout)["encoder"] == minilm.name
    assert "Traceback" not in told.stderr
    kept = VectorCache(tmp_path / "vectors")
    assert len(kept) == 6  # two ideas, and the title and description of two frameworks
    before = kept.path.stat().st_mtime_ns
    _, again = classify("--encoder", str(minilm_folder), "--cache", "vectors")
    assert again == rows
    assert kept.path.stat().st_mtime_ns == before  # nothing was encoded, so nothing was written


def test_without_a_cache_nothing_stays(classify, static_folder, tmp_path):
    told, rows = classify("--encoder", str(static_folder))
    assert (told.returncode, len(rows)) == (0, 2), told.stderr
    assert not list(tmp_path.rglob(FILE))


def test_an_unreachable_hub_gets_one_clear_line(classify):
    told, rows = classify("--encoder", "some-organisation/some-encoder")
    assert (told.returncode, rows) == (2, [])
    assert told.stderr.count("\n") == 1, told.stderr
    assert "There is no folder 'some-organisation/some-encoder'" in told.stderr
    assert "can't be fetched from the Hugging Face hub" in told.stderr
    assert "--encoder none" in told.stderr


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize(
    "name", ["all-MiniLM-L6-v2", "sentence-transformers:sentence-transformers/all-MiniLM-L6-v2"]
)
def test_a_name_that_was_fetched_before_needs_no_hub(classify, minilm, name):
    told, rows = classify("--encoder", name, "--json")
    assert told.returncode == 0, told.stderr
    assert [row["framework"] for row in rows] == ["bikes", "energy"]
    assert json.loads(told.stdout)["encoder"] == minilm.name


def encoder_found(settings):
    (found,) = [each for each in examine(settings, datetime.now(UTC)) if each.name == "encoder"]
    return found


def test_the_doctor_says_which_encoder_loads(minilm, minilm_folder, tmp_path):
    found = encoder_found(Settings(var=tmp_path, encoder=str(minilm_folder)))
    assert found.state is State.OK
    assert minilm.name in found.found
    assert "384 dimensions" in found.found
    found = encoder_found(Settings(var=tmp_path, encoder=str(tmp_path)))
    assert found.state is State.BAD
    assert "Name another folder" in found.advice
    assert not (tmp_path / "vectors").exists()


def test_the_doctor_fetches_nothing(kader):
    told = kader("doctor", "--json", KADER_ENCODER="some-organisation/some-encoder")
    (found,) = [each for each in json.loads(told.stdout)["checks"] if each["name"] == "encoder"]
    assert found["state"] == "note"
    assert "happens at its first use" in found["advice"]


@pytest.fixture
def office(sqlite_url):
    database = open_database(sqlite_url)
    with database.writing() as session:
        publish(session, PLAN, now=NOW)
    yield database
    database.dispose()


def test_another_encoder_is_trained_anew_and_has_a_space_of_its_own(
    office: Database, tmp_path: Path, static_folder: Path, other_static_folder: Path
):
    def settings(encoder: object) -> Settings:
        return Settings(var=tmp_path, database_url=str(office.engine.url), encoder=str(encoder))

    def train(encoder: object):
        return train_and_activate(office, settings(encoder), owner="one", clock=lambda: NOW)

    without = train("none")
    spaces = [load_mind(office, settings("none")).model.space]
    # What needs no encoder of other people's making goes on until the next training.
    assert load_mind(office, settings(static_folder)).model.version == without.version

    folder = shutil.copytree(static_folder, tmp_path / "encoder")
    first = train(folder)
    assert first.is_new
    assert first.version != without.version
    assert not train(folder).is_new
    assert not train(shutil.copytree(folder, tmp_path / "moved")).is_new  # the same weights elsewhere
    spaces.append(load_mind(office, settings(folder)).model.space)
    assert len(VectorCache(settings(folder).vectors)) > 0

    shutil.copytree(other_static_folder, folder, dirs_exist_ok=True)
    with pytest.raises(UserError, match="trained with the encoder 'model2vec-"):
        load_mind(office, settings(folder))
    assert train(folder).is_new
    spaces.append(load_mind(office, settings(folder)).model.space)
    assert len(set(spaces)) == 3
