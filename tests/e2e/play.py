"""The demo, played by the program itself, and what can be read afterwards."""

import email
import os
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import aliased

from kader.cli.demo.organisation import settings_for
from kader.demo.data import load_demo
from kader.demo.records import Demo
from kader.settings import Settings
from models import Assignment, DuplicateLink, Framework, Idea, IntakeRecord, Person
from models.session import Database, open_database
from models.words import IdeaStatus, IntakeOutcome, LinkState, Source

# -P, because the installed program doesn't look in the working directory either.
KADER = [sys.executable, "-P", "-c", "from kader.cli import main; main()"]
DEMO_ID = re.compile(r"\bD\d{3}\b")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one idea."""

    status: str
    framework: str | None
    owner: str | None
    due_on: str | None
    settled_on: str
    joined: str | None
    suggested: tuple[str, ...]


def outcomes_of(database: Database, zone: ZoneInfo) -> dict[str, Outcome]:
    """What became of all ideas, by reference."""
    later, earlier = aliased(Idea), aliased(Idea)
    with database.reading() as session:
        ideas = session.execute(
            select(
                Idea.reference,
                Idea.status,
                Framework.slug,
                Person.email,
                Assignment.due_on,
                Idea.settled_at,
            )
            .outerjoin(Framework, Framework.id == Idea.framework_id)
            .outerjoin(Assignment, (Assignment.idea_id == Idea.id) & Assignment.ended_at.is_(None))
            .outerjoin(Person, Person.id == Assignment.person_id)
            .order_by(Idea.id)
        ).all()
        links = session.execute(
            select(later.reference, earlier.reference, DuplicateLink.state)
            .join(later, later.id == DuplicateLink.duplicate_id)
            .join(earlier, earlier.id == DuplicateLink.original_id)
        ).all()
    joined = {duplicate: original for duplicate, original, state in links if state == LinkState.CONFIRMED}
    suggested: dict[str, list[str]] = {}
    for duplicate, original, state in links:
        if state == LinkState.SUGGESTED:
            suggested.setdefault(duplicate, []).append(original)
    return {
        reference: Outcome(
            status=status,
            framework=slug,
            owner=owner,
            due_on=due_on.isoformat() if due_on else None,
            settled_on=settled_at.astimezone(zone).date().isoformat() if settled_at else "",
            joined=joined.get(reference),
            suggested=tuple(sorted(suggested.get(reference, []))),
        )
        for reference, status, slug, owner, due_on, settled_at in ideas
    }


@dataclass(frozen=True)
class Played:
    """A demo that has run to its end; `lines` is what the program printed."""

    settings: Settings
    demo: Demo
    database: Database
    lines: str
    read_mails: dict[str, EmailMessage] = field(default_factory=dict)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """By reference: all ideas, those of the demo and what else came in as one."""
        return outcomes_of(self.database, self.settings.zone)

    @cached_property
    def references(self) -> dict[str, str]:
        """Demo id to the reference that the idea got at its door."""
        mails = {mail.file: mail for mail in self.demo.mails if mail.expect == "idea"}
        with self.database.reading() as session:
            rows = session.execute(
                select(IntakeRecord.source, IntakeRecord.origin, IntakeRecord.delivery_key, Idea.reference)
                .join(Idea, Idea.id == IntakeRecord.idea_id)
                .where(IntakeRecord.outcome == IntakeOutcome.IDEA)
                .order_by(Idea.id)
            ).all()
        found: dict[str, str] = {}
        for source, origin, key, reference in rows:
            if source != Source.EMAIL:
                found[DEMO_ID.findall(key)[0]] = reference
            elif origin in mails:
                found[str(mails[origin].idea)] = reference
        return found

    @cached_property
    def ids(self) -> dict[str, str]:
        """Reference to demo id."""
        return {reference: idea for idea, reference in self.references.items()}

    def mails(self) -> list[EmailMessage]:
        """All mails in the Maildir; a mail never changes, so each is read once."""
        for path in (self.settings.mailbox / "new").iterdir():
            if path.name not in self.read_mails:
                self.read_mails[path.name] = email.message_from_bytes(path.read_bytes(), policy=default)
        return list(self.read_mails.values())

    def with_a_manager(self) -> dict[str, Outcome]:
        """Demo id to outcome, of ideas that the machine routed to a manager by itself."""
        return {
            idea: self.outcomes[reference]
            for idea, reference in self.references.items()
            if self.outcomes[reference].status == IdeaStatus.ASSIGNED
        }

    def pairs(self) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Joined and suggested pairs of demo ids, the later idea first."""
        joined, suggested = set(), set()
        for reference, outcome in self.outcomes.items():
            if outcome.joined is not None:
                joined.add((self.ids.get(reference, ""), self.ids.get(outcome.joined, "")))
            suggested |= {(self.ids.get(reference, ""), self.ids.get(each, "")) for each in outcome.suggested}
        return joined, suggested


def recipient(mail: EmailMessage) -> str:
    return str(mail["To"].addresses[0].addr_spec)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def about(mail: EmailMessage) -> tuple[str, str, str]:
    """Reference of the idea, kind of message, and address of a mail."""
    kind = str(mail["Message-ID"]).split(".")[1]
    return str(mail["References"]).strip("<>").partition("@")[0], kind, recipient(mail)


def twice(values: Sequence[object]) -> list[object]:
    """What occurs more than once."""
    return [value for value, times in Counter(values).items() if times > 1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kader(settings: Settings, *arguments: str, timeout: float = 170) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder of its own, with nothing set but where and with how many processes."""
    settings.var.mkdir(parents=True, exist_ok=True)
    chosen = {
        "KADER_VAR": str(settings.var),
        "KADER_DATABASE_URL": settings.database_url,
        "KADER_PORT": str(settings.port),
        "KADER_PROCESSES": str(settings.processes),
    }
    return subprocess.run(
        [*KADER, *arguments],
        env={**os.environ, **chosen},
        cwd=settings.var,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def play(folder: Path, *, database_url: str = "", processes: int = 2) -> Played:
    """Run `kader demo --once` to its end."""
    demo = load_demo()
    settings = Settings(
        var=folder, database_url=database_url, port=free_port(), processes=processes, broker_url=""
    )
    run = kader(settings, "demo", "--once", "--pause", "0")
    assert run.returncode == 0, run.stdout + run.stderr
    settings = settings_for(demo, settings)
    played = Played(settings, demo, open_database(settings.database), run.stdout + run.stderr)
    # Now, before a test lets somebody decide.
    assert played.outcomes.keys() >= set(played.references.values())
    return played
