from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kader.errors import PermanentError, TransientError, UserError
from models import Event
from models.words import MessageKind, MessageStatus
from notifications.deliver import PAUSES, DeliveryReport, deliver
from notifications.errors import UncertainError, UnreachableError
from notifications.mailbox import list_mails, read_mail
from notifications.maildir import MaildirTransport
from notifications.outbox import Outcome, claim, record, release_expired
from notifications.trouble import count_troubled, dismiss, list_troubled, resend
from tests.notifications.samples import LINKS, SAMPLES, SETTINGS


class Postman:
    """A way for mail to leave that answers as told: a list of what to raise, then acceptance."""

    name = "postman"
    slowest = 10.0

    def __init__(self, *answers, is_idempotent=False, group=1):
        self.answers = list(answers)
        self.is_idempotent = is_idempotent
        self.group = group
        self.sent: list[tuple[str, EmailMessage]] = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return None

    def send(self, message, *, recipient):
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.sent.append((recipient, message))

    def settle(self):
        return None


@pytest.fixture
def mailbox(tmp_path):
    return MaildirTransport(tmp_path / "mail")


@pytest.fixture
def send(database, clock):
    def run(transport, **fields):
        return deliver(database, transport, LINKS, SETTINGS, now=clock, owner="test", **fields)

    return run


def take(database, clock, token, limit=10):
    with database.writing() as session:
        return claim(
            session,
            now=clock(),
            owner="dead",
            token=token,
            expires_at=clock() + timedelta(seconds=60),
            limit=limit,
        )


def test_due_messages_reach_the_mailbox_and_are_marked(post, clock, send, mailbox):
    person, idea = post.person(), post.idea()
    receipt = post.message(person, idea)
    post.message(person, idea, MessageKind.ROUTED, payload=SAMPLES["routed"][1])
    post.message(person, post.idea(43))
    later = post.message(post.person("anna"), idea, not_before=clock().replace(year=2027))
    assert send(mailbox) == DeliveryReport(sent=3)
    assert post.statuses() == [MessageStatus.SENT] * 3 + [MessageStatus.PENDING]
    row = post.row(receipt)
    assert (row.sent_at, row.attempts, row.trouble) == (clock(), 1, None)
    assert (row.claim_owner, row.claim_token, row.claim_expires_at) == (None, None, None)
    assert post.row(later).sent_at is None
    assert list_mails(mailbox.folder).total == 3
    assert send(mailbox) == DeliveryReport()


def test_a_limit_is_kept_and_groups_make_no_difference(post, send):
    person = post.person()
    for number in range(7):
        post.message(person, post.idea(number))
    postman = Postman(group=2)
    assert send(postman, limit=5) == DeliveryReport(sent=5)
    assert send(postman, limit=5) == DeliveryReport(sent=2)
    assert len({message["Message-ID"] for _, message in postman.sent}) == 7


@pytest.mark.parametrize("group", [1, 3])
def test_delivery_ends_between_two_groups_when_its_turn_is_over(post, clock, send, group):
    """Nothing is cut off in the middle, and nothing is left claimed."""
    person = post.person()
    for number in range(7):
        post.message(person, post.idea(number))
    ends = clock() + timedelta(seconds=1.5)

    class Slow(Postman):
        def settle(self):
            clock.forward(seconds=1)

    assert send(Slow(group=group), is_over=lambda: clock() >= ends) == DeliveryReport(sent=2 * group)
    assert post.statuses() == [MessageStatus.SENT] * 2 * group + [MessageStatus.PENDING] * (7 - 2 * group)
    # However late it is, something is done, or nothing would ever be.
    assert send(Slow(group=group), is_over=lambda: True) == DeliveryReport(sent=min(group, 7 - 2 * group))


def test_a_receipt_comes_before_the_route_also_after_a_delay(post, clock, send):
    person, idea = post.person(), post.idea()
    post.message(person, idea)
    post.message(person, idea, MessageKind.ROUTED, payload=SAMPLES["routed"][1])
    other = post.message(post.person("anna"), idea)
    for group in (1, 10):
        postman = Postman(TransientError("451 later"), group=group)
        report = send(postman)
        assert report.retried >= 1
        assert [recipient for recipient, _ in postman.sent if "youssef" in recipient] == []
        clock.forward(hours=1)
    postman = Postman()
    assert send(postman).sent == 2
    assert [message["Subject"].split(": ")[0] for _, message in postman.sent] == [
        "[K-2026-0042] We hebben je idee",
        "[K-2026-0042] Sanne de Boer beslist over je idee",
    ]
    assert post.row(other).status == MessageStatus.SENT


def test_another_process_on_its_way_holds_back_the_next_message(post, clock, send, database):
    person, idea = post.person(), post.idea()
    receipt = post.message(person, idea)
    assert [one.id for one in take(database, clock, "t1")] == [receipt]
    routed = post.message(person, idea, MessageKind.ROUTED, payload=SAMPLES["routed"][1])
    assert send(Postman()) == DeliveryReport()
    with database.writing() as session:
        assert release_expired(session, now=clock(), is_idempotent=True) == 0
    clock.forward(seconds=61)
    with database.writing() as session:
        assert release_expired(session, now=clock(), is_idempotent=True) == 1
    postman = Postman()
    assert send(postman).sent == 2
    assert post.row(receipt).sent_at == post.row(routed).sent_at
    assert "We hebben" in postman.sent[0][1]["Subject"]


def test_a_message_put_off_comes_back_with_growing_pauses_and_then_fails(post, clock, send):
    key = post.message(post.person(), post.idea())
    for attempt, minutes in enumerate(PAUSES, start=1):
        assert send(Postman(TransientError("451 mailbox busy"))) == DeliveryReport(retried=1)
        row = post.row(key)
        pause = (row.not_before - clock()).total_seconds() / 60
        assert minutes <= pause <= minutes * 1.25
        assert (row.attempts, row.status, row.trouble) == (attempt, MessageStatus.PENDING, "451 mailbox busy")
        assert send(Postman()) == DeliveryReport()
        clock.forward(minutes=minutes * 1.25 + 0.1)
    assert send(Postman(TransientError("451 mailbox busy"))) == DeliveryReport(failed=1)
    assert "451 mailbox busy" in (post.row(key).trouble or "")
    assert post.row(key).status == MessageStatus.FAILED


@pytest.mark.parametrize("group", [1, 50])
def test_when_the_service_is_away_all_wait_and_nobody_loses_a_try(post, clock, send, group):
    person = post.person()
    keys = [post.message(person, post.idea(number)) for number in range(4)]
    postman = Postman(None, UnreachableError("no server"), group=group)
    report = send(postman)
    assert report.sent == 1
    assert len(postman.sent) == 1
    assert [post.row(key).attempts for key in keys] == [1, 0, 0, 0]
    clock.forward(minutes=2)
    assert send(Postman(group=group)).sent == 3
    assert post.row(keys[-1]).trouble is None


def test_refused_and_unknown_are_shown_to_a_person_who_may_send_again(post, clock, send, database):
    person = post.person()
    refused, unknown, fine = (post.message(person, post.idea(number)) for number in range(3))
    postman = Postman(PermanentError("550 no such user"), UncertainError("no answer"))
    assert send(postman) == DeliveryReport(sent=1, failed=1, uncertain=1)
    with database.reading() as session:
        troubled = list_troubled(session)
    assert [(one.id, one.status, one.trouble, one.reference) for one in troubled] == [
        (refused, MessageStatus.FAILED, "550 no such user", "K-2026-0000"),
        (unknown, MessageStatus.UNCERTAIN, "no answer", "K-2026-0001"),
    ]
    clock.forward(days=30)
    assert send(Postman()) == DeliveryReport()
    with database.writing() as session:
        resend(session, unknown, clock(), person_id=person)
    again = Postman()
    assert send(again).sent == 1
    assert again.sent[0][1]["Message-ID"] == f"<{post.row(unknown).message_id}>"
    for key in (fine, 999):
        with database.writing() as session, pytest.raises(UserError):
            resend(session, key, clock(), person_id=person)


def test_a_message_that_is_left_is_shown_no_more_and_stays_what_it_was(post, clock, send, database):
    person, idea = post.person(), post.idea()
    refused = post.message(person, idea)
    send(Postman(PermanentError("550 no such user")))
    with database.writing() as session:
        dismiss(session, refused, clock(), person_id=person)
    row = post.row(refused)
    assert (row.status, row.trouble, row.dismissed_at) == (MessageStatus.FAILED, "550 no such user", clock())
    with database.reading() as session:
        assert (list_troubled(session), count_troubled(session)) == ([], 0)
        (event,) = session.scalars(select(Event))
    assert (event.idea_id, event.kind, event.person_id) == (idea, "message_left", person)
    for again in (dismiss, resend):
        with database.writing() as session, pytest.raises(UserError):
            again(session, refused, clock(), person_id=person)


def test_one_message_that_cannot_be_written_does_not_stop_the_others(post, send, mailbox, database):
    person = post.person()
    broken = post.message(person, post.idea(1), MessageKind.ROUTED, payload={"framework": None})
    gone = post.message(post.person("vertrokken", is_active=False), post.idea(2))
    nowhere = post.message(post.person("nergens", email="geen adres"), post.idea(3))
    fine = post.message(person, post.idea(4))
    assert send(mailbox) == DeliveryReport(sent=1, failed=3)
    assert post.row(fine).status == MessageStatus.SENT
    assert "can't be written" in (post.row(broken).trouble or "")
    assert "no longer active" in (post.row(gone).trouble or "")
    assert "no e-mail address" in (post.row(nowhere).trouble or "")
    with database.reading() as session:
        assert len(list_troubled(session)) == 3


def test_nothing_personal_is_logged(post, send, mailbox, caplog):
    caplog.set_level("DEBUG")
    person = post.person()
    post.message(person, post.idea(1), MessageKind.ROUTED, payload={"framework": "youssef@waterland.example"})
    post.message(person, post.idea(2))
    send(mailbox)
    send(Postman(PermanentError("550 youssef@waterland.example")))
    assert "can't be written" in caplog.text
    assert "youssef" not in caplog.text.lower()
    assert "Zet er twee" not in caplog.text


def test_crash_between_delivery_and_mark_leaves_one_mail_in_the_mailbox(post, clock, send, mailbox, database):
    post.message(post.person(), post.idea())

    class Dies(MaildirTransport):
        def settle(self):
            super().settle()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(Dies(mailbox.folder))
    assert post.statuses() == [MessageStatus.SENDING]
    assert list_mails(mailbox.folder).total == 1
    clock.forward(minutes=5)
    with database.writing() as session:
        assert release_expired(session, now=clock(), is_idempotent=mailbox.is_idempotent) == 1
    assert send(mailbox) == DeliveryReport(sent=1)
    assert list_mails(mailbox.folder).total == 1


def test_crash_between_delivery_and_mark_is_uncertain_where_a_repeat_does_harm(post, clock, send, database):
    person = post.person()
    keys = [post.message(person, post.idea(number)) for number in range(3)]
    with pytest.raises(KeyboardInterrupt):
        send(Postman(KeyboardInterrupt()))
    clock.forward(hours=1)
    with database.writing() as session:
        assert release_expired(session, now=clock(), is_idempotent=False) == 1
    # Only the one that was in the hands of the dead process is in doubt; the others never left.
    assert post.statuses() == [MessageStatus.UNCERTAIN, MessageStatus.PENDING, MessageStatus.PENDING]
    assert "Ask the recipient" in (post.row(keys[0]).trouble or "")
    assert send(Postman()) == DeliveryReport(sent=2)
    assert post.row(keys[0]).status == MessageStatus.UNCERTAIN


def test_who_lost_the_lease_changes_nothing(post, clock, database):
    post.message(post.person(), post.idea())
    take(database, clock, "slow")
    clock.forward(minutes=5)
    with database.writing() as session:
        release_expired(session, now=clock(), is_idempotent=True)
    claimed = take(database, clock, "quick")
    late = Outcome(claimed[0].id, MessageStatus.FAILED, 1, "too late", clock(), None)
    with database.writing() as session:
        assert record(session, [late], token="slow") == 0
    assert post.statuses() == [MessageStatus.SENDING]


def test_two_claims_share_nothing(post, clock, database):
    person = post.person()
    for number in range(6):
        post.message(person, post.idea(number))
    first, second = take(database, clock, "t1", 4), take(database, clock, "t2", 4)
    assert (len(first), len(second)) == (4, 2)
    assert not {one.id for one in first} & {one.id for one in second}


@pytest.mark.parametrize("group", [1, 7])
def test_several_processes_at_once_send_each_message_once_and_in_order(post, send, group):
    people = [post.person(f"collega{number}") for number in range(3)]
    for number in range(8):
        idea = post.idea(number)
        for person in people:
            post.message(person, idea)
            post.message(person, idea, MessageKind.HANDED_OVER, payload=SAMPLES["handed_over"][1])
    together = Postman(group=group)
    with ThreadPoolExecutor(4) as pool:
        while sum(report.sent for report in pool.map(lambda _: send(together), range(4))):
            pass
    seen = [
        (recipient, message["Subject"][:13], message["Message-ID"]) for recipient, message in together.sent
    ]
    assert len(seen) == len(set(seen)) == 48
    for pair in {one[:2] for one in seen}:
        kinds = [message_id.split(".")[0] for *both, message_id in seen if tuple(both) == pair]
        assert kinds == ["<receipt", "<handed_over"]


def test_nobody_is_told_twice(post):
    person, idea = post.person(), post.idea()
    post.message(person, idea)
    with pytest.raises(IntegrityError):
        post.message(person, idea, message_id="other@waterland.example")
    with pytest.raises(IntegrityError):
        post.message(
            person, idea, MessageKind.ROUTED, message_id=f"receipt.{person}.{idea}.1@waterland.example"
        )
    post.message(person, idea, revision=2)


def test_a_full_disk_keeps_the_messages_waiting(post, clock, send, tmp_path):
    key = post.message(post.person(), post.idea())

    class Full(MaildirTransport):
        def settle(self):
            raise UnreachableError("The mailbox folder can't be written: No space left on device.")

    assert send(Full(tmp_path / "mail")) == DeliveryReport(retried=1)
    assert "No space left" in (post.row(key).trouble or "")
    clock.forward(minutes=2)
    assert send(MaildirTransport(tmp_path / "mail")) == DeliveryReport(sent=1)
    mail = list_mails(tmp_path / "mail").mails[0]
    assert "Zet er twee neer." in read_mail(tmp_path / "mail", mail.key).text
