"""Runs all rules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.settings import Settings
from pipeline.store.checking.ideas import links, owners, records
from pipeline.store.checking.rule import Rule
from pipeline.store.checking.told import told

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that is broken, by how many rows, with some of their references."""

    rule: str
    is_error: bool
    count: int
    examples: tuple[str, ...]


def check(session: Session, *, now: datetime, settings: Settings) -> list[Finding]:
    """Run all rules; returns only those that are broken."""
    findings = []
    for rule in rules(now, settings):
        count = session.scalar(select(func.count()).select_from(rule.query.order_by(None).subquery())) or 0
        if count:
            shown = session.scalars(rule.query.limit(MOST_SHOWN))
            findings.append(Finding(rule.name, rule.is_error, count, tuple(str(each) for each in shown)))
    return findings


def rules(now: datetime, settings: Settings) -> list[Rule]:
    """All rules, most important first."""
    today = now.astimezone(settings.zone).date()
    made: list[Callable[[], list[Rule]]] = [
        lambda: owners(now, today),
        lambda: told(now),
        links,
        records,
    ]
    return [rule for each in made for rule in each()]
