import os

import pytest

from kader.errors import UserError
from notifications.compose import compose
from notifications.errors import UnreachableError
from notifications.letter import Recipient
from notifications.mailbox import list_mails, read_mail
from notifications.maildir import MaildirTransport
from notifications.smtp import SmtpTransport
from notifications.transport import transport_for
from tests.notifications.samples import CREATED, LINKS, SETTINGS, letter

YOUSSEF = "youssef@waterland.example"


def put(folder, *letters):
    with MaildirTransport(folder) as transport:
        for one in letters:
            transport.send(compose(one, LINKS, SETTINGS), recipient=one.recipient.email)
        transport.settle()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_delivered_twice_leaves_one(tmp_path):
    put(tmp_path, letter("routed"))
    before = names(tmp_path / "new")
    put(tmp_path, letter("routed"), letter("routed"))
    assert names(tmp_path / "new") == before
    assert names(tmp_path / "tmp") == []
    assert len(before) == 1


def test_delivered_again_after_it_was_read_leaves_one(tmp_path):
    put(tmp_path, letter("routed"))
    name = names(tmp_path / "new")[0]
    (tmp_path / "new" / name).rename(tmp_path / "cur" / f"{name}:2,S")
    put(tmp_path, letter("routed"))
    assert names(tmp_path / "new") == []
    assert list_mails(tmp_path).total == 1
    assert read_mail(tmp_path, name).text.startswith("Dag Youssef Amrani,")


def test_a_half_written_mail_is_not_seen_and_is_written_again(tmp_path):
    put(tmp_path, letter("routed"))
    name = names(tmp_path / "new")[0]
    (tmp_path / "new" / name).unlink()
    (tmp_path / "tmp" / f"{name}.{os.getpid()}").write_bytes(b"half")
    assert list_mails(tmp_path).total == 0
    put(tmp_path, letter("routed"))
    assert read_mail(tmp_path, name).summary.recipient == YOUSSEF


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with MaildirTransport(tmp_path) as transport:
        (tmp_path / "tmp").rmdir()
        with pytest.raises(UnreachableError, match="can't be written"):
            transport.send(compose(letter(), LINKS, SETTINGS), recipient=YOUSSEF)


def test_what_was_not_settled_was_not_sent(tmp_path):
    with MaildirTransport(tmp_path) as transport:
        transport.send(compose(letter(), LINKS, SETTINGS), recipient=YOUSSEF)
        assert list_mails(tmp_path).total == 0
    assert names(tmp_path / "tmp") == names(tmp_path / "new") == []


def test_list_is_newest_first_in_pages_and_per_person(tmp_path):
    letters = [
        letter("routed", message_id=f"m{number}", created_at=CREATED.replace(minute=number))
        for number in range(5)
    ]
    put(tmp_path, *letters, letter("to_manager", created_at=CREATED.replace(minute=50)))
    everything = list_mails(tmp_path, size=4)
    assert (everything.total, everything.pages, len(everything.mails)) == (6, 2, 4)
    assert [mail.sent_at.minute for mail in everything.mails] == [50, 4, 3, 2]
    assert [mail.sent_at.minute for mail in list_mails(tmp_path, size=4, page=2).mails] == [1, 0]
    assert list_mails(tmp_path, size=4, page=99).page == 2
    mine = list_mails(tmp_path, recipient="Sanne@Waterland.example")
    assert [(mail.recipient, mail.recipient_name) for mail in mine.mails] == [
        ("sanne@waterland.example", "Sanne de Boer")
    ]
    assert list_mails(tmp_path, recipient="niemand@waterland.example").total == 0
    assert list_mails(tmp_path / "nothing").mails == ()


def test_mails_of_one_second_keep_their_order(tmp_path):
    put(tmp_path, letter("receipt"), letter("routed"))
    assert [mail.subject.split()[1] for mail in list_mails(tmp_path).mails] == ["Sanne", "We"]


def test_a_whole_mail_can_be_read(tmp_path):
    put(tmp_path, letter("declined", recipient=Recipient(9, "Zoë 'Ö' Ünal", YOUSSEF, "nl")))
    view = read_mail(tmp_path, list_mails(tmp_path).mails[0].key)
    assert view.summary.recipient_name == "Zoë 'Ö' Ünal"
    assert view.sender == "Gemeente Waterland <ideeen@waterland.example>"
    assert ("Auto-Submitted", "auto-generated") in view.headers
    assert "> We beginnen met twee." in view.text
    assert "<blockquote" in view.html


@pytest.mark.parametrize(
    "key", ["../kader.db", "", "0000000000.x.y.kader", f"{1:010d}.{'0' * 16}.{'0' * 32}.kader"]
)
def test_other_files_cannot_be_read(tmp_path, key):
    with pytest.raises(UserError):
        read_mail(tmp_path, key)


def test_mail_stays_here_unless_a_server_is_set(tmp_path):
    assert transport_for(SETTINGS).name == "maildir"
    with_server = SETTINGS.model_copy(update={"smtp_url": "smtp://mail.waterland.example"})
    assert isinstance(transport_for(with_server), SmtpTransport)
