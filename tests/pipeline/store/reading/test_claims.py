import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import update

from models import Idea, Lease
from pipeline.store.reading.claims import (
    ALONE_AFTER,
    claim_ideas,
    give_lease_back,
    kept_lease,
    seize_lease,
    take_lease,
)
from pipeline.store.reading.readings import read_claimed
from tests.pipeline.store.office import Office
from tests.services import wait_until


def claim(office: Office, owner="one", limit=100, seconds=60):
    return claim_ideas(office.database, owner=owner, now=office.clock(), limit=limit, lease_seconds=seconds)


def ids(claimed):
    return [each.id for each in claimed.ideas]


def set_attempts(office: Office, idea_id: int, attempts: int) -> None:
    with office.database.writing() as session:
        session.execute(update(Idea).where(Idea.id == idea_id).values(attempts=attempts))


def test_claims_take_the_earliest_and_never_share_until_the_lease_ends(office: Office):
    sent = [office.send(f"Een fietspomp bij fietsenstalling {number}") for number in range(5)]
    first, second, third = claim(office, limit=2), claim(office, "two", limit=2), claim(office, "three")
    assert (ids(first), ids(second), ids(third)) == (sent[:2], sent[2:4], sent[4:])
    assert len({first.token, second.token, third.token}) == 3
    assert claim(office, "four").ideas == ()
    held = office.idea(sent[0])
    assert (held.claim_owner, held.claim_token, held.attempts) == ("one", first.token, 1)
    office.clock.pass_seconds(59)
    assert claim(office, "four").ideas == ()
    office.clock.pass_seconds(2)
    assert ids(claim(office, "four")) == sent
    assert office.idea(sent[0]).attempts == 2


def test_claimers_at_the_same_moment_never_share(office: Office):
    sent = [office.send(f"Een fietspomp bij fietsenstalling {number}") for number in range(60)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda number: ids(claim(office, f"worker {number}", 12)), range(6)))
    taken = [idea for claimed in found for idea in claimed]
    assert len(taken) == len(set(taken))
    # On PostgreSQL a locked row is passed over, so a claim may be smaller; what is left can be claimed.
    assert sorted([*taken, *ids(claim(office))]) == sent


def test_what_was_read_or_settled_is_not_claimed(office: Office):
    office.send("Een fietspomp bij de ingang")
    assert office.read() == 1
    assert claim(office).ideas == ()
    office.settle()
    assert claim(office).ideas == ()


def test_an_idea_that_was_tried_twice_is_read_alone(office: Office):
    sent = [office.send(f"Een fietspomp bij fietsenstalling {number}") for number in range(4)]
    set_attempts(office, sent[1], ALONE_AFTER)
    assert ids(claim(office)) == [sent[0], *sent[2:]]
    alone = claim(office, "two")
    assert [(each.id, each.attempts) for each in alone.ideas] == [(sent[1], 3)]


def test_the_earliest_is_read_alone_when_it_was_tried_twice(office: Office):
    sent = [office.send(f"Een fietspomp bij fietsenstalling {number}") for number in range(3)]
    set_attempts(office, sent[0], ALONE_AFTER)
    assert ids(claim(office)) == sent[:1]
    assert ids(claim(office, "two")) == sent[1:]


def test_an_idea_that_stops_every_worker_is_kept_with_its_trouble(office: Office):
    sent = [office.send(f"Een fietspomp bij fietsenstalling {number}") for number in range(3)]
    # Each worker that has the first idea dies; its neighbours are lost with it as long as they go together.
    stopped = 0
    for _ in range(20):
        claimed = claim(office)
        if sent[0] in ids(claimed) and claimed.ideas[0].attempts <= office.settings.max_attempts:
            stopped += 1
        else:
            read_claimed(office.database, claimed, office.model, max_attempts=office.settings.max_attempts)
        office.clock.pass_seconds(61)
    assert stopped == office.settings.max_attempts
    assert office.settle() == 3
    statuses = [office.status(idea) for idea in sent]
    assert statuses == ["with_coordinator", "assigned", "assigned"]
    assert office.messages(sent[0])[-1] == ("to_coordinator", "coor")


def test_few_attempts_still_mean_that_neighbours_are_not_given_up(office: Office):
    office.settings = office.settings.model_copy(update={"max_attempts": 1})
    sent = [office.send(f"Een fietspomp bij fietsenstalling {number}") for number in range(3)]
    claim(office)  # and its worker dies
    office.clock.pass_seconds(61)
    office.read()
    assert office.settle() == 3
    assert {office.status(idea) for idea in sent} == {"assigned"}


def test_a_lease_is_held_by_one_until_it_ends_or_is_given_back(office: Office):
    def take(owner):
        return take_lease(office.database, "settle", owner=owner, now=office.clock(), seconds=60)

    first = take("one")
    assert first is not None
    assert take("two") is None
    office.clock.pass_seconds(61)
    second = take("two")
    assert second is not None
    assert second != first
    give_lease_back(office.database, "settle", first)  # too late: it has passed to another
    assert take("three") is None
    give_lease_back(office.database, "settle", second)
    assert take("three") is not None
    assert take_lease(office.database, "train", owner="one", now=office.clock(), seconds=60) is not None
    assert take_lease(office.database, "unheard of", owner="one", now=office.clock(), seconds=60) is None


def test_of_many_who_want_a_lease_one_gets_it(office: Office):
    with ThreadPoolExecutor(6) as pool:
        tokens = list(
            pool.map(
                lambda number: take_lease(
                    office.database, "settle", owner=f"{number}", now=office.clock(), seconds=60
                ),
                range(6),
            )
        )
    (token,) = [each for each in tokens if each is not None]
    with office.database.reading() as session:
        assert session.get_one(Lease, "settle").token == token


def test_a_kept_lease_lasts_as_long_as_the_work_and_no_longer(office: Office):
    def now():
        return datetime.now(UTC)

    def ends():
        with office.database.reading() as session:
            return session.get_one(Lease, "train").expires_at

    def take():
        return take_lease(office.database, "train", owner="two", now=now(), seconds=60)

    with kept_lease(office.database, "train", owner="one", clock=now, seconds=1.5) as token:
        assert token is not None
        first = ends()
        wait_until(lambda: now() > first, what="the end of the lease as it was taken")
        assert ends() > first
        assert take() is None
        with kept_lease(office.database, "train", owner="two", clock=now, seconds=1.5) as other:
            assert other is None
    assert [each.name for each in threading.enumerate() if "lease" in each.name] == []
    assert take() is not None


def test_a_lease_that_was_lost_is_not_kept_nor_given_back(office: Office):
    """As after a night in which the machine slept."""
    with kept_lease(office.database, "train", owner="one", clock=office.clock, seconds=0.3):
        taken = seize_lease(office.database, "train", owner="two", now=office.clock(), seconds=60)
        wait_until(lambda: not any("lease" in each.name for each in threading.enumerate()), what="its end")
    with office.database.reading() as session:
        lease = session.get_one(Lease, "train")
    assert (lease.owner, lease.token) == ("two", taken)
