import os
from pathlib import Path

import pytest

from intake.mail.sources import iter_messages
from kader.errors import UserError

MAIL = b"From: noor@werk.example\nSubject: Idee\n\nMinder papier.\n"


def names(messages: list, root: Path) -> list[str]:
    return [str(Path(message.origin).relative_to(root)) for message in messages]


def test_a_file_and_a_folder(tmp_path: Path):
    (tmp_path / "diep" / "dieper").mkdir(parents=True)
    for name in ("b.eml", "a.EML", "diep/dieper/c.eml", "lees.txt", ".verborgen.eml"):
        (tmp_path / name).write_bytes(MAIL)
    found = list(iter_messages([tmp_path]))
    assert names(found, tmp_path) == ["a.EML", "b.eml", "diep/dieper/c.eml"]
    assert all(message.raw == MAIL and message.error is None for message in found)
    # A file that is named by the user is read whatever its name.
    assert [message.raw for message in iter_messages([str(tmp_path / "lees.txt")])] == [MAIL]


def test_a_maildir(tmp_path: Path):
    for folder in ("new", "cur", "tmp", ".Archief/new", ".Archief/cur"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("new/1.host", "cur/2.host:2,S", "tmp/3.host", ".Archief/cur/4.host:2,"):
        (tmp_path / name).write_bytes(MAIL)
    assert names(list(iter_messages([tmp_path])), tmp_path) == [
        ".Archief/cur/4.host:2,",
        "cur/2.host:2,S",
        "new/1.host",
    ]


def test_an_mbox(tmp_path: Path):
    path = tmp_path / "post.mbox"
    path.write_bytes(
        b"From noor@werk.example Mon May  3 10:11:12 2021\n" + MAIL + b"\n"
        b"From jan@werk.example Mon May  3 10:11:13 2021\n" + MAIL + b"\nFrom hier verder lopen.\n"
        b">From hier ook.\n>>From x\n\nFrom - Mon May  3 10:11:14 2021\nkapot"
    )
    found = list(iter_messages([path]))
    assert [message.origin for message in found] == [f"{path}#1", f"{path}#2", f"{path}#3"]
    assert found[0].raw == MAIL + b"\n"
    assert found[1].raw.endswith(b"\nFrom hier verder lopen.\nFrom hier ook.\n>From x\n\n")
    assert found[2].raw == b"kapot"


@pytest.mark.parametrize("name", ["post.mbox", "post.mbx", "Postvak"])
def test_an_mbox_that_begins_with_empty_lines(tmp_path: Path, name: str):
    start = b"From noor@werk.example Mon May  3 10:11:12 2021\n"
    (tmp_path / name).write_bytes(b"\n\r\n" + start + MAIL + b"\n" + start + b"twee\n")
    found = list(iter_messages([tmp_path / name]))
    assert [message.raw for message in found] == [MAIL + b"\n", b"twee\n"]


def test_an_mbox_without_envelope_lines_is_told_and_kept(tmp_path: Path):
    (tmp_path / "post.mbox").write_bytes(MAIL + b"\n" + MAIL)
    (tmp_path / "leeg.mbox").write_bytes(b"\n")
    (found,) = iter_messages([tmp_path])
    assert "mbox" in str(found.error)
    assert found.raw == MAIL + b"\n" + MAIL
    (large,) = iter_messages([tmp_path], largest=10)
    assert (large.raw, large.error is None) == (b"", False)


def test_too_large_mails_are_told_and_the_others_flow_on(tmp_path: Path):
    start = b"From noor@werk.example Mon May  3 10:11:12 2021\n"
    (tmp_path / "a.mbox").write_bytes(start + b"x" * 500 + b"\n\n" + start + b"klein\n")
    (tmp_path / "b.eml").write_bytes(b"x" * 101)
    (tmp_path / "c.eml").write_bytes(b"x" * 100)
    found = list(iter_messages([tmp_path], largest=100))
    assert [message.error is not None for message in found] == [True, False, True, False]
    assert [len(message.raw) for message in found] == [0, 6, 0, 100]


def test_what_cannot_be_read_is_told(tmp_path: Path):
    (tmp_path / "a.msg").write_bytes(b"\xd0\xcf\x11\xe0rest")
    (tmp_path / "b.eml").symlink_to(tmp_path / "weg")
    os.mkfifo(tmp_path / "c.eml")
    (tmp_path / "d.eml").write_bytes(MAIL)
    found = list(iter_messages([tmp_path]))
    assert [message.error is None for message in found] == [False, False, False, True]
    assert "Outlook" in str(found[0].error)


def test_an_empty_file_is_an_item(tmp_path: Path):
    (tmp_path / "leeg.eml").touch()
    assert [message.raw for message in iter_messages([tmp_path])] == [b""]


def test_a_path_that_is_not_there(tmp_path: Path):
    with pytest.raises(UserError, match="nergens"):
        iter_messages([tmp_path, tmp_path / "nergens"])


def test_an_eml_with_an_envelope_line_is_one_mail(tmp_path: Path) -> None:
    body = b"Subject: een\r\n\r\nEerst.\r\n\r\nFrom anna Mon Nov 23 10:00:00 2026\r\nSubject: twee\r\n\r\nDaarna.\r\n"
    (tmp_path / "een.eml").write_bytes(b"From anna Mon Nov 23 09:00:00 2026\r\n" + body)
    (found,) = iter_messages([tmp_path / "een.eml"])
    assert found.raw == body
