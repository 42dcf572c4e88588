"""Sends ideas in at the door, each in a transaction of its own with its doorbells: a process that nobody kills.

`python -m tests.faults.sender NUMBER SEED`, with Kader's settings in the environment.
"""

import sys

from intake.accept import accept
from kader.cli.here import now
from kader.settings import read_settings
from models.session import open_database
from tests.faults.offers import offers
from workers.doorbell import ring


def main(number: int, seed: int) -> None:
    settings = read_settings()
    database = open_database(settings.database)
    for offer in offers(number, seed):
        with database.writing() as session:
            accept(session, offer, now=now(), settings=settings)
        ring("triage")
        ring("mail")
    database.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
