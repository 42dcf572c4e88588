import csv
import io
import json
import re

import pytest
from click.testing import CliRunner

from kader.cli.classify import command

FRAMEWORKS = (
    "slug,title,description,limits\n"
    'fiets,Fietsen,"Stallingen, fietspaden en laadpunten voor fietsen","Geen leaseauto\nGeen snorfiets"\n'
    "energie,Energie,Verlichting en verwarming zuiniger maken,\n"
)
IDEAS = "id,text\n1,Een grotere stalling voor fietsen\n=2,Verlichting eerder uit\n3,zzxq wvvk\n"


@pytest.fixture
def run(tmp_path):
    def running(frameworks=FRAMEWORKS, ideas=IDEAS, labelled=None, *more):
        files = {"frameworks": frameworks, "ideas": ideas, "labelled": labelled}
        arguments = ["--out", str(tmp_path / "out.csv"), *more]
        for name, content in files.items():
            if content is not None:
                path = tmp_path / f"{name}.csv"
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
                arguments += [f"--{name}", str(path)]
        told = CliRunner().invoke(command, arguments)
        written = tmp_path / "out.csv"
        rows = (
            list(csv.DictReader(io.StringIO(written.read_text(encoding="utf-8")))) if written.exists() else []
        )
        return told, rows

    return running


def test_every_idea_gets_a_row(run):
    told, rows = run()
    assert told.exit_code == 0, told.output
    assert list(rows[0]) == ["id", "framework", "confidence", "decision", "runner_up", "reasons"]
    assert [row["id"] for row in rows] == ["1", "=2", "3"]
    assert [row["framework"] for row in rows[:2]] == ["fiets", "energie"]
    assert rows[0]["runner_up"] == "energie"
    assert {row["decision"] for row in rows} <= {"ask", "none"}
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows)
    assert "fietsen" in rows[0]["reasons"]


def test_semicolons_bom_capitals_and_line_breaks(run):
    told, rows = run(
        '\ufeffSlug;Title;Description\r\nfiets;Fietsen;"Stallingen;\r\nfietspaden"\r\nenergie;Energie;Verlichting\r\n',
        '\ufeffID;Title;Text\r\n1;Stalling;"Graag\r\nmeer fietsen"\r\n',
    )
    assert told.exit_code == 0, told.output
    assert rows[0]["framework"] == "fiets"


def test_labels_count_and_may_say_none(run):
    labelled = "id,text,framework\n" + "".join(
        f"a{n},Kapotte stoep in straat {n},energie\nb{n},Hond gevonden in park {n},\n" for n in range(15)
    )
    told, rows = run(
        FRAMEWORKS, "id,text\n1,Kapotte stoep in straat 99\n2,Hond gevonden in park 99\n", labelled
    )
    assert told.exit_code == 0, told.output
    assert rows[0]["framework"] == "energie"
    assert [row["decision"] for row in rows][1] == "none"
    assert rows[1]["framework"]


def test_the_reasons_say_why(run):
    labelled = "id,text,framework\nL1,Een kleinere stalling voor fietsen,fiets\nL2,Lampen uit,energie\n"
    ideas = "id,text\n1,Een grotere stalling voor fietsen. En voor iedereen een leaseauto.\n"
    told, rows = run(FRAMEWORKS, ideas, labelled)
    assert told.exit_code == 0, told.output
    parts = rows[0]["reasons"].split("; ")
    # Words and, since Kader comes with an encoder, the meaning of the whole.
    reasons = [each for each in parts if not each.startswith("the meaning as a whole (+0.")]
    assert len(reasons) == len(parts) - 1
    assert re.fullmatch(r"(fietsen|stalling) \(\+0\.\d{3}\)", reasons[0])
    assert any(
        re.fullmatch(r"text: Stallingen, fietspaden en laadpunten voor fietsen \(0\.\d\d\)", each)
        for each in parts
    )
    assert any(re.fullmatch(r"like L1: fiets \(0\.\d\d\)", each) for each in parts)
    assert any(re.fullmatch(r"limit: Geen leaseauto \(0\.\d\d\)", each) for each in parts)
    assert parts[-1] == "asks: 2 labelled ideas show too little to promise anything"
    assert parts == [
        each
        for each in parts
        if each.startswith(("text: ", "like ", "limit: ", "instead ", "asks: ")) or re.search(r"\([+-]", each)
    ]


def test_each_row_says_why_a_person_is_asked(run):
    told, rows = run(FRAMEWORKS, IDEAS, None, "--json")
    for row in rows:
        why = {"ask": "nobody has labelled an idea yet", "none": "it seems to fit none of the frameworks"}
        assert row["reasons"].endswith(f"asks: {why[row['decision']]}")
    summary = json.loads(told.stdout)
    assert sum(summary["asks"].values()) == 3
    assert summary["asks"]["no_labels"] == summary["ask"]


def test_what_is_decided_alone_asks_nothing_and_of_a_new_framework_a_person(run):
    subjects = ("stalling voor fietsen", "laadpunt bij het fietspad", "fietspad", "pomp voor fietsen")
    warm = ("verlichting in de gang", "verwarming op zolder", "lampen in de kelder", "licht in de hal")
    labelled = "id,text,framework\n" + "".join(
        f"f{n}{word},Een betere {word} in straat {n},fiets\ne{n}{other},Zuiniger {other} van blok {n},energie\n"
        for n in range(60)
        for word, other in zip(subjects, warm, strict=True)
    )
    frameworks = FRAMEWORKS + "zorg,Zorg,Meer tijd aan het bed voor verpleegkundigen,\n"
    ideas = "id,text\n1,Een betere stalling voor fietsen in straat 70\n2,Meer tijd aan het bed voor verpleegkundigen\n"
    told, rows = run(frameworks, ideas, labelled, "--max-error", "0.1")
    assert told.exit_code == 0, told.output
    assert (rows[0]["framework"], rows[0]["decision"]) == ("fiets", "auto")
    assert "asks: " not in rows[0]["reasons"]
    assert rows[1]["framework"] == "zorg"
    why = {"ask": "no idea is labelled zorg yet", "none": "it seems to fit none of the frameworks"}
    assert rows[1]["reasons"].endswith(f"asks: {why[rows[1]['decision']]}")


def test_reasons_are_never_a_formula(run):
    _, rows = run()
    assert not any(row["reasons"].startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)


def test_a_summary_as_json(run):
    told, _ = run(FRAMEWORKS, IDEAS, None, "--json")
    summary = json.loads(told.stdout)
    assert summary["ideas"] == 3
    assert summary["auto"] + summary["ask"] + summary["none"] == 3


def test_it_says_when_too_little_is_known_to_decide_alone(run):
    told, _ = run(FRAMEWORKS, IDEAS, None, "--max-error", "0.1")
    assert "Too little is known to decide alone with at most 10% wrong" in told.stdout


def test_frameworks_with_labels_enough_are_promised_by_themselves(run):
    labelled = "id,text,framework\n" + "".join(
        f"a{n},Lamp {n % 7} van gang {n % 11} uit om {n % 13} uur,energie\nb{n},Fiets {n % 7} op plek {n % 11},fiets\n"
        for n in range(150)
    )
    ideas = "id,text\n" + "".join(f"{n},Lamp {n % 5} van gang {n % 3} uit\n" for n in range(40))
    told, rows = run(FRAMEWORKS, ideas, labelled, "--max-error", "0.2", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["promised_by_themselves"] == ["fiets", "energie"]
    assert {(row["framework"], row["decision"]) for row in rows} == {("energie", "auto")}
    fewer = "".join(labelled.splitlines(keepends=True)[:121])
    told, _ = run(FRAMEWORKS, ideas, fewer, "--max-error", "0.2", "--json")
    assert json.loads(told.stdout)["promised_by_themselves"] == []
    assert json.loads(told.stdout)["decided_alone"] == 2


def test_no_ideas_give_an_empty_file(run, tmp_path):
    told, rows = run(ideas="id,text\n")
    assert (told.exit_code, rows) == (0, [])
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("id,framework,")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"ideas": ""}, "ideas.csv is empty"),
        ({"ideas": "id,tekst\n1,a\n"}, "ideas.csv, row 1: the column text is missing"),
        ({"ideas": "id,text\n1,a\n1,b\n"}, "ideas.csv, row 3: the id '1' was used on row 2 already"),
        ({"ideas": "id,text\n,a\n"}, "ideas.csv, row 2: the id is empty"),
        ({"ideas": "id,text\n1,a\n2,b,c\n"}, "ideas.csv, row 3: 3 cells where the header has 2"),
        ({"ideas": b"id,text\n1,caf\xe9\n"}, "ideas.csv, row 2: this isn't UTF-8"),
        ({"ideas": "id,text\n1,a\n2,b\0c\n"}, "ideas.csv, row 3: there is a NUL character"),
        ({"ideas": 'id,text\n1,"a\n2,b\n'}, "this isn't valid CSV"),
        ({"ideas": "id,text,Text\n1,a,b\n"}, "the column text occurs more than once"),
        ({"frameworks": "slug,title,description\n"}, "frameworks.csv has no frameworks"),
        (
            {"frameworks": "slug,title,description\na,,\n"},
            "frameworks.csv, row 2: the framework has no title",
        ),
        (
            {"labelled": "id,text,framework\n1,x,fiets\n2,y,vliegen\n"},
            "labelled.csv, row 3: the framework 'vliegen' isn't in the frameworks file",
        ),
    ],
)
def test_a_bad_file_gets_one_clear_line(run, files, sentence):
    told, rows = run(**files)
    assert told.exit_code == 2
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
    assert not rows


def test_a_missing_file_and_encoder_are_named(run, tmp_path):
    told, _ = run(FRAMEWORKS, None, None, "--ideas", str(tmp_path / "nowhere.csv"))
    assert told.exit_code == 2
    assert "nowhere.csv can't be read" in told.stderr
    told, _ = run(FRAMEWORKS, IDEAS, None, "--encoder", "no such")
    assert told.exit_code == 2
    assert "--encoder none" in told.stderr
    told, _ = run(FRAMEWORKS, IDEAS, None, "--out", str(tmp_path / "no-folder" / "out.csv"))
    assert told.exit_code == 2
    assert "can't be written" in told.stderr


def test_the_help_shows_examples():
    told = CliRunner().invoke(command, ["--help"])
    assert "kader classify --frameworks frameworks.csv --ideas ideas.csv" in told.output


@pytest.mark.parametrize("name", ["frameworks.csv", "ideas.csv", "labelled.csv"])
def test_the_predictions_never_replace_what_is_read(run, tmp_path, name):
    told, _ = run(FRAMEWORKS, IDEAS, "id,text,framework\n1,fiets,fiets\n", "--out", str(tmp_path / name))
    assert told.exit_code == 2
    assert told.stderr.count("\n") == 1
    assert "another file" in told.stderr
    assert (tmp_path / "ideas.csv").read_text() == IDEAS
