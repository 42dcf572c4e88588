"""Writing many rows at once, the way that is quickest on each store.

On PostgreSQL all rows travel as one JSON parameter that the server unfolds (`json_populate_recordset`): a statement
with thousands of parameters costs more to prepare than to carry out. On SQLite the driver's `executemany` is best.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Table, bindparam, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from models.base import Base

Row = dict[str, Any]


def insert_many(
    session: Session, mapped: type[Base], rows: Sequence[Row], *, skip: Sequence[str] = ()
) -> None:
    """Insert rows that all name the same columns; a row that is there already by the columns `skip` is left out."""
    if not rows:
        return
    table = _table(mapped)
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(table.c[name].name for name in rows[0])
        conflict = (
            f" ON CONFLICT ({', '.join(table.c[name].name for name in skip)}) DO NOTHING" if skip else ""
        )
        # Only names of columns and tables of our own models are put in the statement.
        session.execute(
            text(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {_unfolded(table)}{conflict}"),  # noqa: S608
            {"rows": _folded(rows)},
        )
        return
    statement = sqlite.insert(table)
    if skip:
        statement = statement.on_conflict_do_nothing(index_elements=list(skip))
    session.connection().execute(statement, list(rows))


def update_many(session: Session, mapped: type[Base], rows: Sequence[Row], *, where: Row) -> None:
    """Set columns of many rows, each known by its `id`; all rows name the same columns.

    A row that doesn't have the values `where` stays as it is.
    """
    if not rows:
        return
    table = _table(mapped)
    names = [table.c[name].name for name in rows[0] if name != "id"]
    if session.get_bind().dialect.name == "postgresql":
        changes = ", ".join(f"{name} = changed.{name}" for name in names)
        conditions = "".join(f" AND {table.name}.{table.c[name].name} = :{name}" for name in where)
        session.execute(
            text(
                f"UPDATE {table.name} SET {changes} FROM {_unfolded(table)} AS changed "  # noqa: S608  # as above
                f"WHERE {table.name}.id = changed.id{conditions}"
            ),
            {"rows": _folded(rows), **where},
        )
        return
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"), *(table.c[name] == value for name, value in where.items()))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    session.connection().execute(
        statement, [{"row_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
    )


def _unfolded(table: Table) -> str:
    return f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"


def _folded(rows: Sequence[Row]) -> str:
    return orjson.dumps(rows, default=_as_text).decode()


def _as_text(value: object) -> str:
    """What JSON has no form for, as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} can't be written")


def _table(mapped: type[Base]) -> Table:
    table = mapped.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{mapped.__name__} isn't mapped to a table")
    return table
