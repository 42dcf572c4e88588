import json

from click.testing import CliRunner

from kader.cli import cli
from tests.factories import make_framework, make_person


def run(*arguments):
    return CliRunner().invoke(cli, list(arguments))


def test_without_a_text_model_it_says_what_to_do(here):
    told = run("second-look")
    assert told.exit_code == 2
    assert told.stderr.endswith("kader: There is no text model yet: run 'kader train' first.\n")


def test_it_says_what_it_did_and_doctor_knows_the_recall(here):
    with here.writing() as session:
        make_framework(session, "fietsen", managers={None: make_person(session, "Anna Smit")})
    assert run("train").exit_code == 0
    found = run("second-look", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout) == {
        "ideas": 0,
        "suggestions": 0,
        "waiting": 0,
        "recall": {"recall": 1.0, "sample": 0, "ideas": 0, "is_exact": True},
    }
    assert run("second-look", "--most", "5").stdout.startswith(
        "0 ideas compared again, 0 suggestions made, 0 ideas left.\nNeighbours are searched exactly"
    )
    assert "recall at 10 was 1.000 for 0 ideas" in run("doctor", "--json").stdout
