"""What Alembic runs for each command; the URL comes from `models.migrate`."""

from alembic import context

from models import Base, pgvector
from models.session import open_database


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Leave the table of vectors out of comparisons.

    It is there on some databases only, and its column type is pgvector's: `alembic check` must find the schema
    complete with it and without it.
    """
    del parents
    return not (kind == "table" and name == pgvector.TABLE)


def _run() -> None:
    connection = context.config.attributes.get("connection")
    database = None
    if connection is None:
        database = open_database(context.config.get_main_option("sqlalchemy.url") or "")
        connection = database.engine.connect().execution_options(kader_writes=True)
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            include_name=_is_ours,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        if database is not None:
            connection.close()
            database.dispose()


_run()
