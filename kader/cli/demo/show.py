"""Live progress of the demo, and where to look."""

import threading

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table
from sqlalchemy import func, select

from kader.demo.records import Demo
from kader.links import Links, Purpose
from kader.secret import secret_key
from kader.settings import Settings
from models import Assessment, Assignment, Idea, OutboxMessage, Person
from models.session import Database
from models.words import IdeaStatus, MessageStatus

WORDS = {
    IdeaStatus.RECEIVED: "received, waiting for the worker",
    IdeaStatus.ASSIGNED: "with a manager",
    IdeaStatus.WITH_COORDINATOR: "with a coordinator: the machine asks",
    IdeaStatus.JOINED: "joined to a colleague's idea",
}
# Seconds between two looks, and between two lines when nobody watches.
LOOK = 0.5
QUIET_LOOK = 5.0


def show_progress(
    database: Database, settings: Settings, demo: Demo, feeder: threading.Thread, stopping: threading.Event
) -> None:
    """Show counts until all ideas are triaged and all mails written, or until stopping begins."""
    console = Console()
    if not console.is_terminal:
        _show_lines(database, demo, feeder, stopping)
        return
    with Live(_table({}, {}, demo, settings), console=console, refresh_per_second=4) as live:
        while not stopping.wait(LOOK):
            ideas, mails = _counts(database)
            live.update(_table(ideas, mails, demo, settings))
            if not feeder.is_alive() and _is_quiet(ideas, mails):
                return


def came_in(number: int, expected: int) -> str:
    """How many ideas there are, beside how many the demo brings; visitors may add their own."""
    return f"{number} of {expected} ideas" if number <= expected else f"{number} ideas"


def where_to_look(database: Database, settings: Settings) -> None:
    """Print the pages that are worth opening, with signed links for three of the people."""
    links = Links(secret_key(settings), settings.pages, settings.link_days)
    with database.reading() as session:
        assigned = session.execute(
            select(
                Assignment.person_id, Assignment.idea_id, Person.name, Idea.reference, Assessment.candidates
            )
            .join(Person, Person.id == Assignment.person_id)
            .join(Idea, Idea.id == Assignment.idea_id)
            .join(Assessment, Assessment.idea_id == Idea.id)
            .where(Assignment.ended_at.is_(None), Idea.status == IdeaStatus.ASSIGNED)
            .order_by(Assignment.id)
        ).all()
        # The clearest case first: candidates are (framework, probability, reasons), best first.
        clearest = max(assigned, key=lambda row: row[4][0][1] if row[4] else 0.0, default=None)
        coordinator = session.scalar(select(Person).where(Person.is_coordinator).order_by(Person.id).limit(1))
    lines = [
        ("what people see", settings.pages),
        ("progress", f"{settings.pages}/stand"),
        ("all mails that Kader sent", f"{settings.pages}/mail"),
    ]
    if coordinator is not None:
        desk = links.make(Purpose.DESK, person_id=coordinator.id)
        lines.append((f"the desk of coordinator {coordinator.name}", desk))
    if clearest is not None:
        person_id, idea_id, name, reference, _ = clearest
        page = links.make(Purpose.ANSWER, person_id=person_id, idea_id=idea_id)
        lines.append((f"idea {reference}, for {name} to decide", page))
    click.echo("\nWhere to look:")
    for what, address in lines:
        click.echo(f"  {what:<45} {address}")
    click.echo("\nCtrl-C stops Kader; everything is kept for the next time.")


def _show_lines(database: Database, demo: Demo, feeder: threading.Thread, stopping: threading.Event) -> None:
    while True:
        stopped = stopping.wait(LOOK if not feeder.is_alive() else QUIET_LOOK)
        ideas, mails = _counts(database)
        triaged = sum(ideas.values()) - ideas.get(IdeaStatus.RECEIVED, 0)
        sent = mails.get(MessageStatus.SENT, 0)
        click.echo(
            f"{came_in(sum(ideas.values()), len(demo.ideas))} in, {triaged} triaged, {sent} mails sent"
        )
        if stopped or (not feeder.is_alive() and _is_quiet(ideas, mails)):
            return


def _counts(database: Database) -> tuple[dict[str, int], dict[str, int]]:
    with database.reading() as session:
        ideas = session.execute(select(Idea.status, func.count()).group_by(Idea.status)).all()
        mails = session.execute(
            select(OutboxMessage.status, func.count()).group_by(OutboxMessage.status)
        ).all()
    return dict(ideas), dict(mails)


def _is_quiet(ideas: dict[str, int], mails: dict[str, int]) -> bool:
    return not (
        ideas.get(IdeaStatus.RECEIVED) or mails.get(MessageStatus.PENDING) or mails.get(MessageStatus.SENDING)
    )


def _table(ideas: dict[str, int], mails: dict[str, int], demo: Demo, settings: Settings) -> Table:
    table = Table(title=f"{settings.organisation}: {came_in(sum(ideas.values()), len(demo.ideas))} came in")
    table.add_column("ideas")
    table.add_column("number", justify="right")
    table.add_column("", width=40)
    for status in [*WORDS, *(each for each in IdeaStatus if each not in WORDS and ideas.get(each))]:
        number = ideas.get(status, 0)
        table.add_row(
            WORDS.get(status, status.value), str(number), "█" * round(40 * number / max(len(demo.ideas), 1))
        )
    table.add_section()
    table.add_row("mails sent", str(mails.get(MessageStatus.SENT, 0)), "")
    waiting = mails.get(MessageStatus.PENDING, 0) + mails.get(MessageStatus.SENDING, 0)
    table.add_row("mails under way", str(waiting), "")
    return table
