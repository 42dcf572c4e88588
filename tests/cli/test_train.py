import json

from click.testing import CliRunner

from kader.cli import cli
from models import FrameworkVersion
from tests.factories import make_framework, make_person


def train(*arguments):
    return CliRunner().invoke(cli, ["train", *arguments])


def test_training_is_told_and_skipped_when_nothing_changed(here, tmp_path):
    with here.writing() as session:
        make_framework(session, "fietsen", managers={None: make_person(session, "Anna Smit")})
        make_framework(session, "energie")
    first = train("--json")
    assert first.exit_code == 0, first.output
    found = json.loads(first.stdout)
    assert (found["new"], found["frameworks"], found["labelled"]) == (True, 2, 0)
    assert (tmp_path / "var" / "models" / found["version"]).is_dir()
    again = train()
    assert again.exit_code == 0
    assert again.stdout == (
        f"Text model {found['version']} is still in use, nothing changed: "
        "2 frameworks, 0 ideas on which a person spoke.\n"
    )
    with here.writing() as session:
        session.get_one(FrameworkVersion, 1).title = "Op de fiets"
    changed = train()
    assert "is in use: 2 frameworks" in changed.stdout
    assert found["version"] not in changed.stdout
    assert train("--new-space").exit_code == 0


def test_without_frameworks_it_says_what_to_do(here):
    told = train()
    assert told.exit_code == 2
    assert told.stderr.startswith("kader: There is no published framework yet")
    assert "kader frameworks import FILE" in told.stderr
    assert told.stderr.count("\n") == 1
