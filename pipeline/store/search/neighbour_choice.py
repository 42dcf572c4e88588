"""Decides where neighbours are searched: in the process or by PostgreSQL."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.settings import Settings
from models import Idea, TextModelVersion, pgvector
from models.session import Database
from pipeline.store.search.graph import graph_of
from pipeline.store.search.neighbours import FollowingIndex, Neighbours
from pipeline.store.search.pgvector import MOST_DIMENSIONS, DatabaseIndex

# A worker builds the index of so many ideas well within the time that Celery gives a task.
MOST_TO_BUILD = 100_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Where neighbours are searched, why, and what somebody may do about it (empty when nothing)."""

    in_database: bool
    reason: str
    advice: str = ""


def choose(
    session: Session,
    settings: Settings,
    *,
    space: str | None = None,
    dimensions: int = 0,
    most_to_build: int = MOST_TO_BUILD,
) -> Choice:
    """Where neighbours are searched, for a space when there is one already.

    An index that isn't there yet is waited for when it is that of at most `most_to_build` ideas.
    Raises UserError when the settings ask for the database and it can't.
    """
    wish = settings.neighbours
    if wish == "process":
        return Choice(False, "as KADER_NEIGHBOURS says")
    obstacle = _obstacle(session, dimensions)
    if wish == "database":
        if obstacle is not None:
            raise UserError(
                f"KADER_NEIGHBOURS is database, but {obstacle.reason}. "
                f"{obstacle.advice or 'Use PostgreSQL with pgvector'} Or set KADER_NEIGHBOURS to auto."
            )
        return Choice(True, f"{_version(session)}, as KADER_NEIGHBOURS says")
    if obstacle is not None:
        return obstacle
    ideas = session.scalar(select(func.count()).select_from(Idea)) or 0
    most = settings.exact_up_to
    if ideas <= most:
        return Choice(False, f"exact up to {most} ideas, there are {ideas}; {_version(session)} is ready")
    if space is not None and ideas > most_to_build and graph_of(session, space) is None:
        return Choice(
            False,
            f"the index of {_version(session)} isn't built yet",
            "Run `kader migrate`, which builds it, and start the workers again.",
        )
    return Choice(True, f"{_version(session)}, because there are {ideas} ideas, more than {most}")


def open_index(
    database: Database, settings: Settings, *, space: str, dimensions: int, previous: Neighbours | None = None
) -> Neighbours:
    """The index to use for this space; `previous` is kept when it still is the one.

    Raises UserError when the settings ask for the database and it can't.
    """
    with database.reading() as session:
        choice = choose(session, settings, space=space, dimensions=dimensions)
    kind = DatabaseIndex if choice.in_database else FollowingIndex
    if previous is not None and previous.space == space and isinstance(previous, kind):
        return previous
    if not choice.in_database:
        return FollowingIndex(space, dimensions, settings.signs_from)
    index = DatabaseIndex(database, space, dimensions)
    # Here and not in settling: the first time takes longer than the lease to settle lasts.
    index.prepare()
    return index


def build_index(database: Database, settings: Settings, tell: Callable[[str], None]) -> None:
    """Build the database's index for the text model in use, however long that takes, when it is to be used.

    Raises UserError when the settings ask for the database and it can't.
    """
    with database.reading() as session:
        active = session.scalar(select(TextModelVersion).where(TextModelVersion.is_active))
        if active is None:
            return
        choice = choose(
            session, settings, space=active.space, dimensions=active.dimensions, most_to_build=sys.maxsize
        )
        if not choice.in_database:
            return
        if graph_of(session, active.space) is None:
            tell("Building the index of neighbours; with hundreds of thousands of ideas this takes minutes.")
    DatabaseIndex(database, active.space, active.dimensions).prepare()


def _obstacle(session: Session, dimensions: int) -> Choice | None:
    """Why this database can't search, if it can't."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return Choice(False, "SQLite has no index of vectors")
    found = pgvector.versions(connection)
    if found is None:
        return Choice(False, "this server has no pgvector", "Install pgvector, then run `kader migrate`.")
    available, installed = found
    if not pgvector.is_new_enough(installed or available):
        return Choice(
            False,
            f"pgvector {installed or available} is too old",
            "Update pgvector to 0.6 or newer, then run `kader migrate`.",
        )
    if not pgvector.is_there(connection):
        return Choice(
            False,
            f"pgvector {available} is there but not switched on",
            "Let the database's owner run: CREATE EXTENSION vector; then run `kader migrate`.",
        )
    if dimensions > MOST_DIMENSIONS:
        return Choice(False, f"pgvector can't index vectors of {dimensions} dimensions")
    return None


def _version(session: Session) -> str:
    found = pgvector.versions(session.connection())
    return f"pgvector {found[1] or found[0]}" if found else "pgvector"
