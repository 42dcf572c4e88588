"""A rule and the query that finds what breaks it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select

# Longer than this, and what was received isn't being worked on.
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Rule:
    """`query` finds what breaks it. A warning is visible to people but breaks no promise."""

    name: str
    query: Select[str]
    is_error: bool = True
