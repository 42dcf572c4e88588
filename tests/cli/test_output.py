"""Whatever a command writes, it destroys nothing: not its input, not a link, not a device."""

import csv
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from kader.cli import cli
from models import Idea, ReprocessingRun
from tests.services import wait_until

FRAMEWORKS = (
    "slug,title,description\nfiets,Fietsen,Stallingen en fietspaden\nenergie,Energie,Verlichting zuiniger\n"
)
IDEAS = "id,text\n1,Een grotere stalling voor fietsen\n2,Een nog grotere stalling voor fietsen\n"
LABELLED = "id,text,framework\n1,Een stalling,fiets\n2,Een lamp,energie\n"
HEADER = b"id,duplicate_of,score,decision\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in (("frameworks", FRAMEWORKS), ("ideas", IDEAS), ("labelled", LABELLED)):
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments])


def duplicates(out):
    return run("duplicates", "--ideas", "ideas.csv", "--out", out)


def size(path):
    """Bytes in a file that may be gone already."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def program(*arguments, **options):
    """The command as a program, with real standard streams."""
    command = [sys.executable, "-c", "from kader.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, check=False, timeout=120, **options)


CLASSIFY = (
    *("classify", "--frameworks", "frameworks.csv", "--ideas", "ideas.csv", "--labelled", "labelled.csv"),
    "--out",
)


@pytest.mark.parametrize("name", ["frameworks.csv", "ideas.csv", "labelled.csv"])
@pytest.mark.parametrize("alias", ["itself", "symbolic link", "hard link", "roundabout"])
def test_an_input_is_never_the_output(files, name, alias):
    given = files / "other.csv"
    if alias == "symbolic link":
        given.symlink_to(name)
    elif alias == "hard link":
        given.hardlink_to(files / name)
    else:
        given = files / name if alias == "itself" else files / ".." / files.name / name
    before = {each.name: each.read_bytes() for each in files.iterdir()}
    told = run(*CLASSIFY, given)
    assert told.exit_code == 2, told.output
    assert told.stderr.startswith(f"kader: {given} is a file that this command reads")
    assert told.stderr.count("\n") == 1
    assert {each.name: each.read_bytes() for each in files.iterdir()} == before


def test_duplicates_keeps_its_input(files):
    assert duplicates("ideas.csv").exit_code == 2
    assert (files / "ideas.csv").read_text() == IDEAS


def test_import_keeps_its_input_and_brings_nothing_in(here, files):
    told = run("import", "ideas.csv", "--report", "ideas.csv")
    assert told.exit_code == 2
    assert (files / "ideas.csv").read_text() == IDEAS
    with here.reading() as session:
        assert session.scalar(select(func.count()).select_from(Idea)) == 0


def test_a_place_that_cannot_be_written_is_told_before_the_work(here, files):
    told = run("import", "ideas.csv", "--report", "nowhere/report.csv")
    assert (told.exit_code, told.stderr) == (
        2,
        "kader: nowhere/report.csv can't be written: No such file or directory.\n",
    )
    told = run("reprocess", "--csv", "nowhere/difference.csv")
    assert (told.exit_code, told.stderr) == (
        2,
        "kader: nowhere/difference.csv can't be written: No such file or directory.\n",
    )
    with here.reading() as session:
        assert session.scalar(select(func.count()).select_from(Idea)) == 0
        assert session.scalar(select(func.count()).select_from(ReprocessingRun)) == 0
    # Before the reading, too: this file isn't valid.
    (files / "ideas.csv").write_text("no table")
    assert "nowhere" in duplicates("nowhere/out.csv").stderr


def test_a_link_stays_a_link_and_its_file_keeps_its_mode(files):
    (files / "real").mkdir()
    real = files / "real" / "pairs.csv"
    real.write_text("earlier")
    real.chmod(0o640)
    (files / "out.csv").symlink_to("real/pairs.csv")
    told = duplicates("out.csv")
    assert told.exit_code == 0, told.output
    assert (files / "out.csv").is_symlink()
    assert real.read_bytes().startswith(HEADER)
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [each.name for each in (files / "real").iterdir()] == ["pairs.csv"]


def test_a_link_to_what_is_not_there_yet_makes_that_file(files):
    (files / "out.csv").symlink_to("pairs.csv")
    assert duplicates("out.csv").exit_code == 0
    assert (files / "out.csv").is_symlink()
    assert (files / "pairs.csv").read_bytes().startswith(HEADER)


def test_a_new_file_gets_the_mode_that_the_user_gives_new_files(files):
    earlier = os.umask(0o077)
    try:
        assert duplicates("out.csv").exit_code == 0
    finally:
        os.umask(earlier)
    assert stat.S_IMODE((files / "out.csv").stat().st_mode) == 0o600


def test_what_is_not_a_regular_file_is_written_through(files):
    os.mkfifo(files / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((files / "pipe").read_bytes()), daemon=True)
    reader.start()
    told = duplicates("pipe")
    assert stat.S_ISFIFO((files / "pipe").stat().st_mode)
    assert told.exit_code == 0, told.output
    reader.join(30)
    assert read[0].startswith(HEADER)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_device_is_a_sentence_and_stays_a_device(files):
    (files / "full").symlink_to("/dev/full")
    told = duplicates("full")
    assert (files / "full").is_symlink()
    assert (told.exit_code, told.stderr) == (2, "kader: full can't be written: No space left on device.\n")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


@pytest.mark.parametrize("stdout", ["pipe", "file"])
def test_standard_output_gets_the_rows_and_nothing_else(files, stdout):
    # As /dev/stdout is; the real one isn't a test's to break.
    (files / "stdout").symlink_to("/dev/fd/1")
    arguments = ("duplicates", "--ideas", "ideas.csv", "--out", "stdout")
    if stdout == "pipe":
        told = program(*arguments, capture_output=True)
        written = told.stdout
    else:
        (files / "all.csv").write_bytes(b"earlier\n")
        with (files / "all.csv").open("ab") as file:
            told = program(*arguments, stdout=file, stderr=subprocess.PIPE)
        earlier, _, written = (files / "all.csv").read_bytes().partition(b"\n")
        assert earlier == b"earlier"
    assert told.returncode == 0, told.stderr
    rows = list(csv.reader(written.decode().splitlines()))
    assert (files / "stdout").is_symlink()
    assert written.startswith(HEADER)
    assert {len(row) for row in rows} == {4}
    assert b"Written to stdout." in told.stderr


def test_a_dash_is_standard_output(files):
    told = program("duplicates", "--ideas", "ideas.csv", "--out", "-", capture_output=True)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[0].startswith(b"id,duplicate_of,")
    assert b"Written to" in told.stderr
    assert not (files / "-").exists()


def test_an_import_reports_to_standard_output(here, files):
    (files / "stdout").symlink_to("/dev/fd/1")
    told = program("import", "ideas.csv", "--report", "stdout", "--json", capture_output=True)
    assert told.returncode == 0, told.stderr
    rows = list(csv.DictReader(told.stdout.decode().splitlines()))
    assert [(row["row"], row["outcome"]) for row in rows] == [("2", "idea"), ("3", "idea")]
    assert b'{"read": 2, "ideas": 2, "repeats": 0, "errors": 0}' in told.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_stopped_while_writing_leaves_nothing_behind(files, number):
    """`timeout` and `kill` as well as Ctrl-C."""
    many = "".join(
        f"{each},idee {each} over stalling {each % 97} bij gebouw {each % 89}\n" for each in range(4_000)
    )
    (files / "ideas.csv").write_text(f"id,text\n{many}")
    (files / "out.csv").write_text("van gisteren")
    before = sorted(each.name for each in files.iterdir())
    # Who runs the tests in the background of a shell gives them a SIGINT that is ignored.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heard}; from kader.cli import main; main()"]
    process = subprocess.Popen(
        [*command, "duplicates", "--ideas", "ideas.csv", "--out", "out.csv", "--top", "100"]
    )
    try:
        # Rows are in it: at the start a command only sees whether it can write there.
        wait_until(lambda: process.poll() is not None or any(map(size, files.glob(".kader-*"))))
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    finally:
        process.kill()
    assert sorted(each.name for each in files.iterdir()) == before
    assert (files / "out.csv").read_text() == "van gisteren"
