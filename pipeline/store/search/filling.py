"""Fills in what readings lack that were made before it was kept."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import Counter, IdeaReading
from models.bulk import update_many
from models.session import Database


def fill_in(
    database: Database,
    column: InstrumentedAttribute[bytes | None],
    source: InstrumentedAttribute[Any],
    make: Callable[[Session, Sequence[tuple[int, Any]]], Sequence[bytes]],
    *,
    counter: str,
    at_once: int,
    most: int,
    only: Sequence[ColumnElement[bool]] = (),
) -> int:
    """Fill `column` of up to `most` readings that lack it, of those that are `only`; returns how many it were.

    `make` gives the value of each reading, by its id and what it has in `source`. `counter` keeps how far the readings
    were looked through: all readings of today have the column, so what was looked through needs no second time.
    """
    with database.reading() as session:
        seen = session.scalar(select(Counter.value).where(Counter.name == counter)) or 0
    done = 0
    while done < most:
        with database.writing() as session:
            found = session.execute(
                select(IdeaReading.id, source)
                .where(IdeaReading.id > seen, column.is_(None), *only)
                .order_by(IdeaReading.id)
                .limit(min(at_once, most - done))
            )
            rows = [(row[0], row[1]) for row in found]
            last = rows[-1][0] if rows else session.scalar(select(func.max(IdeaReading.id))) or 0
            values = make(session, rows)
            update_many(
                session,
                IdeaReading,
                [{"id": row[0], column.key: value} for row, value in zip(rows, values, strict=True)],
                where={},
            )
            session.merge(Counter(name=counter, value=last))
        if not rows:
            break
        seen, done = last, done + len(rows)
    return done
