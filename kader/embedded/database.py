"""The state of the database's schema, with errors that say what to do."""

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from kader.errors import UserError
from kader.settings import Settings
from models import migrate


def missing_revisions(settings: Settings) -> list[str]:
    """Revisions that the configured database still lacks, oldest first. Raises UserError."""
    try:
        return migrate.pending(settings.database)
    except DBAPIError as error:
        raise _no_answer(settings, error) from error


def applied_revision(settings: Settings) -> str | None:
    """The revision of the configured database; None when it's away or not Kader's. Raises UserError."""
    try:
        revision = migrate.applied(settings.database)
    except DBAPIError as error:
        raise _no_answer(settings, error) from error
    return revision if revision in migrate.revisions() else None


def already_there(settings: Settings) -> None:
    """Make sure that there is a database of Kader's with the newest tables, for a command that only looks.

    Makes and changes nothing. Raises UserError.
    """
    if applied_revision(settings) is None:
        if settings.database_url:
            raise UserError(
                "The database lacks the newest tables, all of them: "
                f"check {where_set(settings)}, or run `kader migrate`."
            )
        raise UserError(
            f"There is no Kader in {settings.var}: check {where_set(settings)}, or start one with `kader up`."
        )
    missing = missing_revisions(settings)
    if missing:
        raise _behind(missing)


def where_set(settings: Settings) -> str:
    """The setting that says which database is used."""
    return "KADER_DATABASE_URL" if settings.database_url else "KADER_VAR"


def apply_revisions(settings: Settings) -> list[str]:
    """Bring the configured database to the newest schema; returns what was applied. Raises UserError."""
    try:
        return migrate.upgrade(settings.database)
    except CommandError as error:
        raise UserError(
            f"This database was made by another version of Kader ({error}): install that version or a newer one."
        ) from error
    except DBAPIError as error:
        raise _no_answer(settings, error) from error


def up_to_date(settings: Settings, *, apply: bool) -> list[str]:
    """Make sure that the schema is the newest.

    Kader's own SQLite file is always brought up to date; another database only when `apply`, because its
    keeper may want a backup first. Returns the applied revisions; raises UserError when some are missing.
    """
    missing = missing_revisions(settings)
    if not missing:
        return []
    if apply or not settings.database_url:
        return apply_revisions(settings)
    raise _behind(missing)


def _behind(missing: list[str]) -> UserError:
    return UserError(
        f"The database lacks the newest tables ({len(missing)} to go): run `kader migrate` or `kader up --migrate`."
    )


def _no_answer(settings: Settings, error: DBAPIError) -> UserError:
    told = str(error.orig).strip().splitlines()
    return UserError(
        f"The database can't be used ({told[0] if told else type(error.orig).__name__}): "
        f"check {where_set(settings)}."
    )
