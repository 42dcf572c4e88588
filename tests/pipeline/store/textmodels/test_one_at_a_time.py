"""One process trains at a time, and what an older model decided isn't recorded."""

import signal
import subprocess
import sys

import pytest

from kader.embedded.environment import environment
from kader.errors import TransientError
from models import Lease, TextModelVersion
from pipeline.store.deciding.recording import OutdatedModelError
from pipeline.store.reading.claims import LeaseLostError, give_lease_back, take_lease
from pipeline.store.textmodels.training import train_and_activate
from tests.pipeline.store.deciding.test_settling import facts, write
from tests.pipeline.store.office import IDA, PUMP, Office
from tests.pipeline.store.textmodels.schooling import change, load_after, train


def test_one_trains_at_a_time(office: Office):
    token = take_lease(office.database, "train", owner="two", now=office.clock(), seconds=3600)
    assert token is not None
    with pytest.raises(TransientError, match="Another process"):
        train(office)
    office.clock.pass_seconds(3601)
    assert train(office).is_new
    assert not train(office).is_new  # the lease was given back


DYING = """
import os, signal, sys
from datetime import datetime
from kader.settings import read_settings
from models.session import open_database
from pipeline.store.textmodels.training import train_and_activate

moments = [datetime.fromisoformat(sys.argv[1])]

def clock():
    # The first time is for the lease.
    return moments.pop() if moments else os.kill(os.getpid(), signal.SIGKILL)

settings = read_settings()
train_and_activate(open_database(settings.database), settings, owner="dying", clock=clock)
"""


def test_a_killed_training_is_taken_over_within_minutes(office: Office):
    died = subprocess.run(
        [sys.executable, "-c", DYING, office.clock().isoformat()],
        env=environment(office.settings),
        timeout=60,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    with pytest.raises(TransientError, match="Another process"):
        train(office)
    office.clock.pass_seconds(180)
    assert train(office).is_new


def test_who_lost_the_right_to_train_puts_nothing_in_use(office: Office):
    """As after a night in which the machine slept: by then another may have trained on newer words."""
    taken = []

    def clock():
        if moments and not taken:
            office.clock.pass_seconds(3_600)
            with office.database.reading() as session:
                ends = session.get_one(Lease, "train").expires_at
            assert ends < office.clock()
            taken.append(take_lease(office.database, "train", owner="two", now=office.clock(), seconds=3_600))
        moments.append(office.clock())
        return office.clock()

    moments = []
    with pytest.raises(LeaseLostError, match="taken over"):
        train_and_activate(office.database, office.settings, owner="one", clock=clock)
    assert taken != [None]
    assert office.rows(TextModelVersion) == []


def test_what_an_older_model_decided_is_not_recorded(office: Office):
    office.model = load_after(office)
    old = office.mind()
    idea = office.send(PUMP, IDA)
    office.read()
    token = take_lease(office.database, "settle", owner="one", now=office.clock(), seconds=60)
    pairs, organisation = facts(office, old)
    give_lease_back(office.database, "settle", token)
    change(office, title="Op de fiets")
    train(office)
    token = take_lease(office.database, "settle", owner="one", now=office.clock(), seconds=60)
    with pytest.raises(OutdatedModelError):
        write(office, pairs, organisation, token)
    assert office.status(idea) == "received"
