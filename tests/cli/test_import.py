import csv
import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kader.cli import cli
from kader.embedded.broker import broker_client
from kader.embedded.environment import environment
from kader.settings import Settings
from models import Idea
from workers.doorbell import ENOUGH


def bring(path, *arguments):
    return CliRunner().invoke(cli, ["import", str(path), *arguments])


def titles(database):
    with database.reading() as session:
        return session.scalars(select(Idea.title).order_by(Idea.id)).all()


def test_rows_become_ideas_and_each_is_reported(here, tmp_path):
    path = tmp_path / "ideas.csv"
    path.write_text(
        "\ufeffTitle;Text;Email\n"
        'Pomp;"Zet een fietspomp\nbij de deur";ida@veld.example\n'
        ";;\n"
        "Leeg;;\n"  # its title is the idea
        "Lamp;Een lamp;geen adres\n"
        "Bank;Een bank;jan@veld.example;te veel\n"
        ';"=SOM(A1)";\n',
        encoding="utf-8",
    )
    report = tmp_path / "report.csv"
    told = bring(path, "--report", str(report), "--json")
    assert told.exit_code == 1  # some rows were bad
    assert json.loads(told.stdout) == {"read": 5, "ideas": 3, "repeats": 0, "errors": 2}
    assert titles(here) == ["Pomp", "Leeg", "=SOM(A1)"]
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["outcome"], bool(row["reference"])) for row in rows] == [
        ("2", "idea", True),
        ("4", "idea", True),
        ("5", "error", False),
        ("6", "error", False),
        ("7", "idea", True),
    ]
    # One sentence, in the language of the command line.
    assert rows[2]["message"].startswith("The e-mail address is not valid: ")
    assert "4 cells where the header has 3" in rows[3]["message"]
    shown = [line for line in told.stderr.splitlines() if line.startswith("row ")]
    assert [line.split(":")[0] for line in shown] == ["row 5", "row 6"]

    again = bring(path)
    assert again.exit_code == 1
    assert again.stdout == "5 rows read: 0 ideas, 3 repeats, 2 not accepted.\n"


def test_a_good_file_ends_with_0(here, tmp_path):
    path = tmp_path / "ideas.csv"
    path.write_text("text,anonymous\nEen fietspomp,ja\n")
    told = bring(path)
    assert (told.exit_code, told.stdout) == (0, "1 row read: 1 idea, 0 repeats, 0 not accepted.\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"title,email\nPomp,\n", "the column text is missing"),
        (b"", "the column text is missing"),
        (b"text\nEen \xff pomp\n", "row 2: this isn't UTF-8"),
        (b"text\nEen \x00 pomp\n", "row 2: there is a NUL"),
        (None, "can't be read: No such file"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(here, tmp_path, content, sentence):
    path = tmp_path / "ideas.csv"
    if content is not None:
        path.write_bytes(content)
    told = bring(path)
    assert told.exit_code == 2
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
    assert titles(here) == []


def test_a_file_that_is_too_large_is_not_read(here, tmp_path, monkeypatch):
    monkeypatch.setenv("KADER_LARGEST_IMPORT", "1000")
    path = tmp_path / "ideas.csv"
    path.write_text("text\n" + "woord " * 1000)
    told = bring(path)
    assert told.exit_code == 2
    assert "larger than 1000 bytes" in told.stderr


def test_a_report_never_replaces_the_table(here, tmp_path):
    path = tmp_path / "ideas.csv"
    path.write_text("text\nEen fietspomp\n")
    (tmp_path / "zelfde.csv").hardlink_to(path)
    (tmp_path / "wijst.csv").symlink_to(path)
    for name in ("ideas.csv", "zelfde.csv", "wijst.csv"):
        told = bring(path, "--report", str(tmp_path / name))
        assert told.exit_code == 2
        assert told.stderr.count("\n") == 1
        assert "another file" in told.stderr
    assert path.read_text() == "text\nEen fietspomp\n"
    assert titles(here) == []


def test_a_report_that_cannot_be_written_is_told_before_anything_comes_in(here, tmp_path):
    path = tmp_path / "ideas.csv"
    path.write_text("text\nEen fietspomp\n")
    told = bring(path, "--report", str(tmp_path / "nergens" / "report.csv"))
    assert told.exit_code == 2
    assert "report.csv can't be written" in told.stderr
    assert titles(here) == []


def test_a_report_follows_a_link_and_keeps_the_rights_of_its_file(here, tmp_path):
    path, report, link = (tmp_path / name for name in ("ideas.csv", "report.csv", "link.csv"))
    path.write_text("text\nEen fietspomp\n")
    report.write_text("oud")
    report.chmod(0o600)
    link.symlink_to(report)
    assert bring(path, "--report", str(link)).exit_code == 0
    assert link.is_symlink()
    assert report.read_text().startswith("row,outcome")
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_report_may_go_to_a_pipe(here, tmp_path):
    path, pipe = tmp_path / "ideas.csv", tmp_path / "pijp"
    path.write_text("text\nEen fietspomp\n")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert bring(path, "--report", str(pipe)).exit_code == 0
        assert pipe.is_fifo()
        assert os.read(reader, 1000).startswith(b"row,outcome")
    finally:
        os.close(reader)


@pytest.mark.parametrize("rows", [1, 5, 700])
def test_a_doorbell_for_each_batch(sqlite_url, broker_url, tmp_path, rows):
    """So that all processes set to work; no more than are enough, and none for what came in before."""
    settings = Settings(var=tmp_path, database_url=sqlite_url, broker_url=broker_url, batch_size=2)
    path = tmp_path / "ideas.csv"
    path.write_text(
        "text\n" + "".join(f"Zet bank {row} in de tuin\n" for row in range(rows)), encoding="utf-8"
    )
    command = [sys.executable, "-c", "from kader.cli import main; main()", "import", str(path)]
    with broker_client(settings, seconds=2.0) as client:
        for _ in range(2):
            subprocess.run(command, check=True, timeout=60, env=environment(settings), capture_output=True)
            assert client.llen("triage") == min((rows + 1) // 2, ENOUGH["triage"])
            assert client.llen("mail") == 1


@pytest.mark.parametrize(
    "content",
    [
        'email,text\nbob@veld.example,Een boom\nida@veld.example,"Een pomp\njan@veld.example,Een lamp\n',
        # What another row's text begins with seems to close it.
        'email,text\nbob@veld.example,Een boom\nida@veld.example,"Een pomp\njan@veld.example,"Een lamp"\n',
    ],
)
def test_a_quotation_mark_that_is_not_closed_makes_no_idea_of_several_people_s_rows(here, tmp_path, content):
    path = tmp_path / "ideas.csv"
    path.write_text(content)
    told = bring(path)
    assert told.exit_code == 1
    assert told.stdout == "2 rows read: 1 idea, 0 repeats, 1 not accepted.\n"
    assert "row 3: this isn't valid CSV (its quotation marks, up to line 4" in told.stderr
    assert titles(here) == ["Een boom"]


def test_quotation_marks_within_one_line_or_doubled_are_words(here, tmp_path):
    path = tmp_path / "ideas.csv"
    path.write_text('text,title\nhij zei "ja",Ja\n"een"twee,Een\n"zeg ""nee""\nen meer",Nee\n')
    assert bring(path).exit_code == 0
    with here.reading() as session:
        texts = session.scalars(select(Idea.text).order_by(Idea.id)).all()
    assert texts == ['hij zei "ja"', "eentwee", 'zeg "nee"\nen meer']


def test_a_header_that_is_no_csv_is_one_sentence(here, tmp_path):
    path = tmp_path / "ideas.csv"
    path.write_text('"text,email\nEen pomp,ida@veld.example\n')
    told = bring(path)
    assert told.exit_code == 2
    assert "row 1: this isn't valid CSV" in told.stderr
