"""One way to number rows, in every command: as a spreadsheet shows them, the header being 1."""

import csv

import pytest
from click.testing import CliRunner

from kader.cli import cli

# Rows 2 and 4 are quoted over several lines; row 3 is blank.
BEGIN = 'id,text\n1,"een\n\ntwee"\n\n2,"drie\nvier"\n'


def run(tmp_path, name, content):
    path = tmp_path / "ideas.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    arguments = ["import", str(path)]
    if name != "import":
        arguments = [name, "--ideas", str(path), "--out", str(tmp_path / "out.csv")]
    if name == "classify":
        frameworks = tmp_path / "frameworks.csv"
        frameworks.write_text("slug,title,description\na,Fiets,Fietsen\nb,Lamp,Lampen\n")
        arguments += ["--frameworks", str(frameworks)]
    return CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize("name", ["classify", "duplicates", "import"])
@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (b"3,vijf,zes\n", "row 5: 3 cells where the header has 2"),
        (b"3,caf\xe9\n", "row 5: this isn't UTF-8"),
        (b'3,"zes\ncaf\xe9"\n', "row 5: this isn't UTF-8"),
        (b"\xe9,zes\n", "row 5: this isn't UTF-8"),
        (b"3,a\x00b\n", "row 5: there is a NUL character"),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_bad_row_is_named_by_its_number(here, tmp_path, name, row, sentence, mark, end):
    content = (BEGIN.encode() + row).replace(b"\n", end.encode())
    told = run(tmp_path, name, mark + content)
    named = [line for line in told.stderr.splitlines() if "row " in line]
    assert len(named) == 1
    assert sentence in named[0]


@pytest.mark.parametrize("name", ["classify", "duplicates"])
@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2,vijf\n", "row 5: the id '2' was used on row 4 already"),
        (",vijf\n", "row 5: the id is empty"),
        ('3,"vijf\nzes\n', "row 5: this isn't valid CSV"),
    ],
)
def test_a_row_that_only_these_refuse(tmp_path, name, row, sentence):
    told = run(tmp_path, name, BEGIN + row)
    assert told.exit_code == 2
    assert sentence in told.stderr


def test_the_report_of_an_import_has_the_same_numbers(here, tmp_path):
    report = tmp_path / "report.csv"
    (tmp_path / "ideas.csv").write_text(BEGIN + "3,vijf\n")
    told = CliRunner().invoke(cli, ["import", str(tmp_path / "ideas.csv"), "--report", str(report)])
    assert told.exit_code == 0, told.stderr
    with report.open(encoding="utf-8", newline="") as file:
        assert [row["row"] for row in csv.DictReader(file)] == ["2", "4", "5"]


def test_an_overlong_cell_costs_one_row(here, tmp_path):
    told = run(tmp_path, "import", BEGIN + '3,"' + "woord \n" * 30_000 + '"\n4,zes,zeven\n')
    lines = [line for line in told.stderr.splitlines() if line.startswith("row ")]
    assert [line.split(":")[0] for line in lines] == ["row 5", "row 6"]
    assert "The idea is too long" in lines[0]
