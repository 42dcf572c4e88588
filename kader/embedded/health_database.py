"""What the database says of itself: reachable, migrated, neighbours, text model, and what waits."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from intake.mail.fetched import last_fetched, silent_since
from kader.embedded.database import applied_revision, missing_revisions, where_set
from kader.embedded.health import PATIENCE, Finding, State, within
from kader.errors import PermanentError, UserError
from kader.settings import Settings
from models import Correction, Idea, TextModelVersion
from models.session import Database, open_database
from models.words import IdeaStatus
from pipeline.store.search.neighbour_choice import choose
from pipeline.text.artifact import verify
from pipeline.text.packing import OtherFormatError

OLDEST_POSTGRESQL = 15
# An idea is normally triaged within seconds.
LEAST_RECALL = 0.95
LONG_WAIT = timedelta(minutes=10)


def look_at_database(settings: Settings, now: datetime) -> list[Finding]:
    """Findings on the database in use; what depends on a failing one is left out."""
    url = make_url(settings.database)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return [
            Finding("database", State.BAD, f"SQLite, {url.database}: not made yet", "Run `kader migrate`.")
        ]
    try:
        if within(PATIENCE, lambda: applied_revision(settings)) is None:
            return [
                Finding(
                    "database",
                    State.BAD,
                    f"{shown}: none of Kader's tables in it",
                    f"Check {where_set(settings)}, or run `kader migrate`.",
                )
            ]
        missing = within(PATIENCE, lambda: missing_revisions(settings))
        database = open_database(settings.database)
        try:
            findings = within(PATIENCE, lambda: _facts(database, settings, now, migrated=not missing))
        finally:
            database.dispose()
    except (TimeoutError, UserError, SQLAlchemyError, OSError) as error:
        advice = (
            "Start that server, or correct KADER_DATABASE_URL."
            if settings.database_url
            else f"Check {where_set(settings)}."
        )
        told = " ".join(str(error).split())
        return [Finding("database", State.BAD, f"{shown}: {told}", advice)]
    if missing:
        findings.append(
            Finding("tables", State.BAD, f"{len(missing)} revision(s) missing", "Run `kader migrate`.")
        )
    else:
        findings.append(Finding("tables", State.OK, "up to date"))
    return findings


def _facts(database: Database, settings: Settings, now: datetime, *, migrated: bool) -> list[Finding]:
    findings = [_sqlite(database) if database.is_sqlite else _postgresql(database)]
    if migrated:
        findings += [
            _neighbours(database, settings),
            _text_model(database, settings),
            _waiting(database, now),
        ]
        if settings.imap is not None:
            findings.append(_fetched(database, settings, now))
    return findings


def _sqlite(database: Database) -> Finding:
    with database.reading() as session:
        version = session.scalar(text("SELECT sqlite_version()"))
    return Finding("database", State.OK, f"SQLite {version}, {database.engine.url.database}")


def _postgresql(database: Database) -> Finding:
    with database.reading() as session:
        number = int(session.scalar(text("SELECT current_setting('server_version_num')")) or 0)
        version = session.scalar(text("SELECT current_setting('server_version')"))
    found = f"PostgreSQL {version}, {database.engine.url.render_as_string(hide_password=True)}"
    old = number // 10_000 < OLDEST_POSTGRESQL
    advice = f"Use PostgreSQL {OLDEST_POSTGRESQL} or newer." if old else ""
    return Finding("database", State.BAD if old else State.OK, found, advice)


def _neighbours(database: Database, settings: Settings) -> Finding:
    try:
        with database.reading() as session:
            active = session.scalar(select(TextModelVersion).where(TextModelVersion.is_active))
            choice = (
                choose(session, settings)
                if active is None
                else choose(session, settings, space=active.space, dimensions=active.dimensions)
            )
    except UserError as error:
        return Finding("neighbours", State.BAD, "can't be searched as the settings say", str(error))
    place = "by the database" if choice.in_database else "in the process"
    recall = active.metrics.get("recall") if active is not None else None
    found = f"searched {place}: {choice.reason}"
    advice = choice.advice
    if recall:
        found += (
            f"; recall at 10 was {recall['at_10']:.3f} for {recall['sample']} ideas on {recall['at'][:10]}"
        )
        if recall["at_10"] < LEAST_RECALL and not advice:
            advice = (
                "Too many near ideas are missed: set KADER_NEIGHBOURS to process, or build the index anew."
            )
    return Finding("neighbours", State.NOTE if advice else State.OK, found, advice)


def _text_model(database: Database, settings: Settings) -> Finding:
    with database.reading() as session:
        active = session.scalar(select(TextModelVersion).where(TextModelVersion.is_active))
        said = select(func.count(Correction.id))
        since = active and session.scalar(said.where(Correction.made_at > active.trained_at))
    if active is None:
        return Finding(
            "text model",
            State.NOTE,
            "none yet",
            "Publish a framework (`kader frameworks import FILE`) and run `kader train`; until then ideas wait.",
        )
    if (trouble := _trouble_with(settings, active.version)) is not None:
        return trouble
    found = f"{active.version}, trained on {active.trained_at.date()}"
    if not since:
        return Finding("text model", State.OK, found)
    found += f"; people's words since on where an idea belongs or whether two are the same: {since}"
    if settings.learns_at_night:
        return Finding("text model", State.OK, f"{found}; it learns from them tonight")
    return Finding("text model", State.NOTE, found, "Run `kader train`, and let it run each night.")


def _trouble_with(settings: Settings, version: str) -> Finding | None:
    """Why the files of a text model can't be read, if they can't."""
    if not (settings.models / version).exists():
        return Finding(
            "text model",
            State.BAD,
            f"{version}, but its files are not in {settings.models}",
            "Copy that folder from where the model was trained, or run `kader train --new-space`.",
        )
    try:
        verify(settings.models / version)
    except OtherFormatError:
        return Finding(
            "text model",
            State.NOTE,
            f"{version} was made by another version of Kader, which this one can't read; ideas wait",
            "A worker trains a new one by itself (`kader up`); `kader train` does it at once.",
        )
    except PermanentError as error:
        return Finding(
            "text model",
            State.BAD,
            f"{version} can't be read: {error}",
            "Copy its folder from where the model was trained, or run `kader train --new-space`.",
        )
    return None


def _waiting(database: Database, now: datetime) -> Finding:
    with database.reading() as session:
        count, earliest = session.execute(
            select(func.count(Idea.id), func.min(Idea.received_at)).where(Idea.status == IdeaStatus.RECEIVED)
        ).one()
    oldest: datetime | None = earliest
    if oldest is None:
        return Finding("waiting ideas", State.OK, "none")
    waited = now - oldest.astimezone(UTC)
    found = f"{count}, the oldest for {_spoken(waited)}"
    if waited > LONG_WAIT:
        return Finding("waiting ideas", State.BAD, found, "See that a worker is running: `kader up`.")
    return Finding("waiting ideas", State.OK, found)


def _fetched(database: Database, settings: Settings, now: datetime) -> Finding:
    with database.reading() as session:
        last = last_fetched(session)
        silent = silent_since(session, settings, now=now)
    if last is None:
        return Finding(
            "fetched mail",
            State.NOTE,
            "never yet",
            "A worker does it by itself (`kader up`); `kader mail fetch` at once.",
        )
    found = f"{_spoken(now - last)} ago"
    if silent is not None:
        advice = "See what is said of the mailbox, that beat and a worker are running, and their logs."
        return Finding("fetched mail", State.BAD, f"not since {found}", advice)
    return Finding("fetched mail", State.OK, found)


def _spoken(duration: timedelta) -> str:
    minutes = int(duration.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
