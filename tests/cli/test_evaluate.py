import json

import pytest
from click.testing import CliRunner

from kader.cli import cli
from kader.settings import Settings
from models import Correction
from models.words import CorrectionKind
from tests.factories import NOW, make_framework, make_idea, make_person

FRAMEWORKS = (
    "slug,title,description\n"
    "fiets,Fietsen,Stallingen en fietspaden en laadpunten voor fietsen\n"
    "energie,Energie,Verlichting en verwarming zuiniger maken\n"
)
WORDS = {"fiets": "Een betere stalling voor fietsen", "energie": "Zuiniger lampen en verwarming"}


def rows(each=4, none=0):
    made = [f"{slug}{n},{words} in straat {n},{slug}\n" for n in range(each) for slug, words in WORDS.items()]
    return "id,text,framework\n" + "".join(made) + "".join(f"n{n},Hond {n} gevonden,\n" for n in range(none))


@pytest.fixture
def run(tmp_path):
    def running(*arguments, frameworks=FRAMEWORKS, labelled=None):
        paths = []
        for name, content in (("frameworks", frameworks), ("labelled", labelled or rows())):
            (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
            paths += [f"--{name}", str(tmp_path / f"{name}.csv")]
        return CliRunner().invoke(cli, ["evaluate", *paths, *arguments])

    return running


def test_it_tells_what_came_out_in_words(run):
    told = run()
    assert told.exit_code == 0, told.output
    text = " ".join(told.stdout.split())
    assert (
        "8 ideas on which people decided, each answered by a model that had learned from the others" in text
    )
    assert "8 of 8 (100%; with 95% certainty between 63.1% and 100%)" in text
    assert "Nothing would be decided alone: too little is known to promise at most 5% wrong" in text
    for slug in WORDS:
        assert f"{slug} │ 4 │ 4 (100%) │ 0" in text


def test_json_has_all_figures(run):
    told = run("--json", "--max-error", "0.2", "--folds", "2", labelled=rows(3, none=2))
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["labelled"], found["ideas"], found["folds"], found["max_error"]) == (8, 8, 2, 0.2)
    assert found["accuracy"]["out_of"] == 6
    assert found["promise"] == "untried"
    assert found["wrong_alone"] == {"number": 0, "out_of": 0, "share": None, "low": None, "high": None}
    assert found["fits_none"]["ideas"] == 2
    assert [(each["framework"], each["title"], each["ideas"]) for each in found["frameworks"]] == [
        ("fiets", "Fietsen", 3),
        ("energie", "Energie", 3),
    ]
    assert found["encoder"] == "builtin"
    assert found["compared"] == {}


def test_the_newest_are_answered_by_the_earlier_ones(run):
    told = run("--newest", "0.25")
    assert "The newest 2 of 8 ideas on which people decided" in told.stdout
    found = json.loads(run("--newest", "0.25", "--json").stdout)
    assert (found["labelled"], found["ideas"], found["newest"]) == (8, 2, 0.25)


def test_encoders_side_by_side(run):
    told = run("--compare-encoders")
    assert told.exit_code == 0, told.output
    assert "By encoder:" in told.stdout
    found = json.loads(run("--compare-encoders", "--json").stdout)
    assert set(found["compared"]) == {"none"}
    assert found["compared"]["none"]["ideas"] == 8
    other = json.loads(run("--compare-encoders", "--json", "--encoder", "none").stdout)
    assert (other["encoder"], set(other["compared"])) == ("none", {"builtin"})
    assert other["accuracy"] == found["compared"]["none"]["accuracy"]


def test_a_broken_promise_is_told_and_ends_with_one(run):
    # Many ideas that can't be told apart, but for words that each part of the file has for itself.
    sure = "".join(
        f"a{n},Een stalling voor fietsen in straat {n},fiets\nb{n},Lampen in blok {n},energie\n"
        for n in range(120)
    )
    turned = "".join(f"c{n},Een stalling voor fietsen in laan {n},energie\n" for n in range(60))
    labelled = f"id,text,framework\n{sure}{turned}"
    told = run("--newest", "0.2", "--max-error", "0.1", labelled=labelled)
    assert told.exit_code == 1, told.output
    assert "was not kept, by more than chance" in told.stdout
    assert (
        json.loads(run("--newest", "0.2", "--max-error", "0.1", "--json", labelled=labelled).stdout)[
            "promise"
        ]
        == "broken"
    )
    kept = run("--json", "--max-error", "0.1", labelled=f"id,text,framework\n{sure}")
    assert (kept.exit_code, json.loads(kept.stdout)["promise"]) == (0, "kept")


@pytest.mark.parametrize(
    ("arguments", "labelled", "sentence"),
    [
        ((), "id,text,framework\n", "has no labelled ideas: add rows"),
        (
            (),
            "id,text,framework\n1,Iets,onbekend\n",
            "row 2: the framework 'onbekend' isn't in the frameworks file",
        ),
        ((), "id,text,framework,placed_by\n1,Iets,fiets,machine\n", "only ideas that a person placed count"),
        ((), "id,text\n1,Iets\n", "the column framework is missing"),
        (("--folds", "3", "--newest", "0.2"), None, "either --folds or --newest"),
        (("--encoder", "/nergens"), None, "/nergens"),
    ],
)
def test_what_can_not_be_measured_gets_one_line(run, arguments, labelled, sentence):
    told = run(*arguments, labelled=labelled)
    assert told.exit_code == 2
    assert told.stderr.count("\n") == 1
    assert sentence in told.stderr
    assert not told.stdout


def test_one_file_is_not_enough(tmp_path):
    told = CliRunner().invoke(cli, ["evaluate", "--frameworks", str(tmp_path / "f.csv")])
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert "Give both --frameworks and --labelled" in told.stderr


def evaluate(*arguments):
    return CliRunner().invoke(cli, ["evaluate", *arguments])


def test_on_the_decisions_in_the_database(here, tmp_path):
    told = evaluate()
    assert told.exit_code == 2
    assert "There is no published framework yet" in told.stderr
    with here.writing() as session:
        person = make_person(session, "Anna Smit")
        make_framework(session, "fiets", managers={None: person}, description="Stallingen voor fietsen")
        make_framework(session, "energie", managers={None: person}, description="Lampen en verwarming")
        make_idea(session, text="Een idee waar nog niemand iets van zei", title="")
    told = evaluate()
    assert told.exit_code == 2
    assert "Nobody has decided on an idea yet" in told.stderr
    with here.writing() as session:
        for number in range(4):
            for slug, words in WORDS.items():
                idea = make_idea(session, text=f"{words} in straat {number}", title="")
                for said in (None, slug):  # the last word counts
                    session.add(
                        Correction(
                            idea_id=idea.id, kind=CorrectionKind.FRAMEWORK.value, machine_value=None, person_value=said,
                            person_id=person.id, made_at=NOW,
                        )
                    )  # fmt: skip
                session.flush()
    before = sorted(tmp_path.rglob("*"))
    told = evaluate("--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["labelled"], found["accuracy"]["number"], found["max_error"]) == (
        8,
        8,
        Settings().max_error,
    )
    assert found["fits_none"]["ideas"] == 0
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before] == []


def test_settings_count_unless_the_command_says_otherwise(here, monkeypatch):
    monkeypatch.setenv("KADER_MAX_ERROR", "0.12")
    monkeypatch.setenv("KADER_ENCODER", "none")
    with here.writing() as session:
        person = make_person(session, "Anna Smit")
        make_framework(session, "fiets", managers={None: person})
        idea = make_idea(session)
        session.add(
            Correction(
                idea_id=idea.id, kind=CorrectionKind.FRAMEWORK.value, machine_value=None, person_value="fiets",
                person_id=person.id, made_at=NOW,
            )
        )  # fmt: skip
    found = json.loads(evaluate("--json").stdout)
    assert (found["max_error"], found["encoder"], found["ideas"]) == (0.12, "none", 1)
    found = json.loads(evaluate("--json", "--max-error", "0.3", "--encoder", "builtin").stdout)
    assert (found["max_error"], found["encoder"]) == (0.3, "builtin")
