"""Asking for many rows by their keys, in one parameter."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import ColumnElement, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session


def among(
    session: Session, column: InstrumentedAttribute[Any], keys: Collection[int] | Collection[str]
) -> ColumnElement[bool]:
    """Whether a column holds one of `keys`.

    As `column.in_(keys)`, but all keys travel as one parameter: a statement with a parameter for each of a thousand
    takes longer to put together and to read than to carry out, and can't be prepared once for all.
    """
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(bindparam(None, list(keys), type_=ARRAY(column.type)))
    values = func.json_each(literal(orjson.dumps(list(keys)).decode())).table_valued("value")
    return column.in_(select(values.c.value))
