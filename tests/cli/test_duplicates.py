import csv
import io
import json

import pytest
from click.testing import CliRunner

from kader.cli.duplicates import command

IDEAS = (
    "id,text\n"
    "+1,Maak de fietsenstalling bij de hoofdingang groter want hij is altijd vol\n"
    "b,Vervang de lampen in de loods door led dat scheelt stroom\n"
    "c,Hallo maak de fietsenstalling bij de hoofdingang groter want hij is altijd vol\n"
    "d,Kortere vergaderingen van drie kwartier\n"
)


@pytest.fixture
def run(tmp_path):
    def running(ideas=IDEAS, *more):
        (tmp_path / "ideas.csv").write_text(ideas, encoding="utf-8")
        out = tmp_path / "out.csv"
        told = CliRunner().invoke(command, ["--ideas", str(tmp_path / "ideas.csv"), "--out", str(out), *more])
        return told, list(
            csv.DictReader(io.StringIO(out.read_text(encoding="utf-8")))
        ) if out.exists() else []

    return running


def test_twins_come_first_in_both_directions(run):
    told, rows = run()
    assert told.exit_code == 0, told.output
    assert list(rows[0]) == ["id", "duplicate_of", "score", "decision"]
    first = {}
    for row in rows:
        first.setdefault(row["id"], row)
    assert first["+1"]["duplicate_of"] == "c"
    assert first["c"]["duplicate_of"] == "+1"
    assert first["c"]["decision"] == "same"
    assert float(first["c"]["score"]) > 0.9
    assert all(row["decision"] == "maybe" for row in rows if row["id"] in {"b", "d"})


def test_no_more_than_top_rows_an_idea(run):
    told, rows = run(IDEAS, "--top", "1", "--json")
    summary = json.loads(told.stdout)
    assert summary["pairs"] == len(rows)
    assert len({row["id"] for row in rows}) == len(rows)


def test_exact_repeats_are_the_same(run):
    _, rows = run("id,title,text\n1,Dak,Groen dak\n2,Dak,groen DAK\n3,Lamp,Ledlampen\n")
    assert (rows[0]["id"], rows[0]["duplicate_of"], rows[0]["decision"]) == ("1", "2", "same")
    assert float(rows[0]["score"]) == 1


@pytest.mark.parametrize("ideas", ["id,text\n", "id,text\n1,alleen\n", "id,text\n1,\n2,\n"])
def test_nothing_to_compare_gives_no_rows(run, ideas):
    told, rows = run(ideas)
    assert (told.exit_code, rows) == (0, [])


def test_a_bad_file_gets_one_clear_line(run):
    told, _ = run("id\n1\n")
    assert told.exit_code == 2
    assert "ideas.csv, row 1: the column text is missing" in told.stderr
    told, _ = run(IDEAS, "--encoder", "some-model")
    assert told.exit_code == 2
    assert "some-model" in told.stderr


def test_the_pairs_never_replace_what_is_read(run, tmp_path):
    told, _ = run(IDEAS, "--out", str(tmp_path / "ideas.csv"))
    assert told.exit_code == 2
    assert "another file" in told.stderr
    assert (tmp_path / "ideas.csv").read_text() == IDEAS


def test_clusters_name_the_first_in_the_file_as_the_original(run, tmp_path):
    ideas = "id,text\n7,Een groen dak\n3,Ledlampen in de loods\n5,een groen DAK\n9,Een groen  dak\n"
    told, _ = run(ideas, "--clusters", str(tmp_path / "clusters.csv"), "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["clusters"] == 1
    written = (tmp_path / "clusters.csv").read_text(encoding="utf-8")
    assert written == "cluster,id,earliest\n1,7,7\n1,5,7\n1,9,7\n"


def test_clusters_and_pairs_need_two_files(run, tmp_path):
    told, rows = run(IDEAS, "--clusters", str(tmp_path / "out.csv"))
    assert told.exit_code == 2
    assert "two files" in told.stderr
    assert rows == []
