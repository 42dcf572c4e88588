import json

from click.testing import CliRunner
from sqlalchemy import select

from kader.cli import cli
from models import Idea

MAIL = b"From: ida@veld.example\r\nSubject: Een fietspomp\r\nMessage-ID: <een@veld.example>\r\n\r\nZet er een bij de deur.\r\n"
AWAY = MAIL.replace(b"<een@", b"<twee@").replace(b"\r\n\r\n", b"\r\nAuto-Submitted: auto-replied\r\n\r\n", 1)


def bring(*arguments):
    return CliRunner().invoke(cli, ["mail", "import", *map(str, arguments)])


def test_the_object_at_the_end_adds_up(here, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "cur").mkdir()
    (tmp_path / "new" / "1.host").write_bytes(MAIL)
    (tmp_path / "cur" / "2.host:2,S").write_bytes(AWAY)
    (tmp_path / "leeg.eml").write_bytes(b"")
    box = tmp_path / "post.mbox"
    box.write_bytes(b"From ida@veld.example Wed Jun  3 09:00:00 2026\n" + MAIL.replace(b"\r\n", b"\n"))
    told = bring(tmp_path, "--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout.splitlines()[-1])
    assert set(found) == {"read", "ideas", "repeats", "automatic", "kept_exceptions"}
    assert found["read"] == sum(number for name, number in found.items() if name != "read") == 4
    assert found == {"read": 4, "ideas": 1, "repeats": 1, "automatic": 1, "kept_exceptions": 1}
    with here.reading() as session:
        assert session.scalars(select(Idea.title)).all() == ["Een fietspomp"]
    again = bring(tmp_path, box)
    assert again.stdout == (
        "5 messages read: 0 ideas, 5 repeats, 0 automatic, 0 kept for a person to look at.\n"
    )


def test_a_path_that_is_not_there_is_one_sentence(here, tmp_path):
    told = bring(tmp_path / "weg")
    assert told.exit_code == 2
    assert "There is no file or folder" in told.stderr
    assert told.stderr.count("\n") == 1


def test_without_a_path_the_use_is_told(here):
    assert bring().exit_code == 2
