"""The declarative base, naming of constraints, and the column types that both stores share."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite keeps no zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be kept: give an aware datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")

Moment = Annotated[datetime, mapped_column(UtcDateTime())]
Word = Annotated[str, mapped_column(String(64))]
Line = Annotated[str, mapped_column(String(500))]
LongText = Annotated[str, mapped_column(Text())]
JsonObject = Annotated[dict[str, Any], mapped_column(Json)]
JsonMaybe = Annotated[dict[str, Any] | None, mapped_column(Json)]
JsonList = Annotated[list[Any], mapped_column(Json)]


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


def one_of(column: str, values: type[Any]) -> str:
    """SQL condition: the column holds one of the values of an enumeration."""
    words = ", ".join(f"'{value.value}'" for value in values)
    return f"{column} IN ({words})"
