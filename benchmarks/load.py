"""Real texts to measure on, and an organisation that they are sent to."""

import csv
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select

from intake.fingerprint import fingerprint
from kader.cli.demo.organisation import prepare
from kader.demo.data import load_demo
from kader.embedded.database import up_to_date
from kader.embedded.folders import prepare_folders
from kader.settings import Settings
from models import Event, Idea, IntakeRecord, Person
from models.session import Database, open_database

SUBMITTERS = 2_000


def data_folder() -> Path:
    """The folder with real data; ends the program with a sentence when it is missing."""
    folder = Path(os.environ.get("KADER_DATA", "../shared/data"))
    if not folder.is_dir():
        sys.exit(f"There is no folder {folder}: set KADER_DATA to the folder with the data sets.")
    return folder


def real_texts(number: int) -> list[str]:
    """The first `number` subject lines of Dutch parliamentary questions, repeats included."""
    path = data_folder() / "kamervragen_nl" / "questions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        texts = [row["subject"].strip() for row in csv.DictReader(file) if row["subject"].strip()]
    if len(texts) < number:
        sys.exit(f"{path} has only {len(texts)} texts.")
    return texts[:number]


def english_texts() -> list[str]:
    """Titles of British petitions, each once."""
    path = data_folder() / "us_petitions" / "uk_petition_titles.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(
            dict.fromkeys(row["title"].strip() for row in csv.DictReader(file) if row["title"].strip())
        )


def open_organisation(settings: Settings) -> Database:
    """A fresh database with the demo organisation, a text model and people who send ideas."""
    prepare_folders(settings)
    up_to_date(settings, apply=True)
    prepare(load_demo(), settings)
    database = open_database(settings.database)
    with database.writing() as session:
        session.execute(
            insert(Person),
            [
                {"name": f"Person {number}", "email": f"p{number}@elzenmeer.example", "language": "nl"}
                for number in range(SUBMITTERS)
            ],
        )
    return database


def put_received(database: Database, texts: Sequence[str], *, first: int = 1) -> None:
    """Put ideas in the queue as the doors leave them: with raw form and event, not yet triaged; ids from `first` on."""
    now = datetime.now(UTC)
    with database.reading() as session:
        people = session.scalars(select(Person.id).where(Person.email.like("p%@elzenmeer.example"))).all()
    with database.writing() as session:
        session.execute(
            insert(Idea),
            [
                {
                    "id": number,
                    "reference": f"K-{now.year}-{number:05d}",
                    "source": "import",
                    "submitter_id": people[number % len(people)],
                    "is_anonymous": False,
                    "is_quiet": False,
                    "title": text[:200],
                    "text": text,
                    "fingerprint": fingerprint("", text),
                    "status": "received",
                    "received_at": now,
                    "is_read": False,
                    "attempts": 0,
                }
                for number, text in enumerate(texts, start=first)
            ],
        )
        session.execute(
            insert(IntakeRecord),
            [
                {
                    "source": "import",
                    "delivery_key": f"bench {number}",
                    "outcome": "idea",
                    "idea_id": number,
                    "content_type": "text/plain",
                    "content": text.encode(),
                    "received_at": now,
                }
                for number, text in enumerate(texts, start=first)
            ],
        )
        session.execute(
            insert(Event),
            [
                {"idea_id": number, "kind": "received", "at": now, "detail": {"source": "import"}}
                for number in range(first, first + len(texts))
            ],
        )
