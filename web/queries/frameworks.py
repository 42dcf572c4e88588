"""Frameworks as people see them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Framework, FrameworkLimit, FrameworkManager, FrameworkVersion, Idea, Person
from models.words import FrameworkState, IdeaStatus
from pipeline.core import LimitText

# These take one of the places that a framework has.
CARRIED_OUT = (IdeaStatus.ADOPTED, IdeaStatus.IN_PROGRESS, IdeaStatus.REALISED)


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """One framework version. `deciders` are the names of its managers, those for all units first."""

    slug: str
    title: str
    description: str
    goal: str
    limits: tuple[LimitText, ...]
    examples: tuple[str, ...]
    deciders: tuple[str, ...]
    response_days: int
    opens_on: date | None
    closes_on: date | None
    capacity: int | None

    def is_open(self, today: date) -> bool:
        return (self.opens_on is None or self.opens_on <= today) and (
            self.closes_on is None or today <= self.closes_on
        )


def published_frameworks(session: Session) -> tuple[FrameworkView, ...]:
    """Return the versions in force; what closes first stands first, what never closes last."""
    rows = session.execute(
        select(Framework.slug, FrameworkVersion)
        .join(Framework, Framework.id == FrameworkVersion.framework_id)
        .where(FrameworkVersion.state == FrameworkState.PUBLISHED)
    )
    views = _views(session, list(rows))
    return tuple(sorted(views, key=lambda each: (each.closes_on or date.max, each.title)))


def framework_of_version(session: Session, version_id: int | None) -> FrameworkView | None:
    """Return the version that a promise was made under, which may have been replaced since."""
    if version_id is None:
        return None
    rows = session.execute(
        select(Framework.slug, FrameworkVersion)
        .join(Framework, Framework.id == FrameworkVersion.framework_id)
        .where(FrameworkVersion.id == version_id)
    )
    return next(iter(_views(session, list(rows))), None)


def count_carried_out(session: Session, slug: str) -> int:
    """Return how many ideas of a framework were adopted and not stopped since."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Idea)
            .join(Framework, Framework.id == Idea.framework_id)
            .where(Framework.slug == slug, Idea.status.in_(CARRIED_OUT))
        )
        or 0
    )


def titles_by_slug(session: Session) -> dict[str, str]:
    """Return for each framework the title of its newest version."""
    rows = session.execute(
        select(Framework.slug, FrameworkVersion.title)
        .join(Framework, Framework.id == FrameworkVersion.framework_id)
        .order_by(FrameworkVersion.number)
    )
    return dict(rows.all())


def _views(session: Session, rows: Collection[tuple[str, FrameworkVersion]]) -> list[FrameworkView]:
    ids = [version.id for _, version in rows]
    limits: dict[int, list[LimitText]] = defaultdict(list)
    for limit in session.scalars(
        select(FrameworkLimit)
        .where(FrameworkLimit.framework_version_id.in_(ids))
        .order_by(FrameworkLimit.position)
    ):
        limits[limit.framework_version_id].append(LimitText(limit.title, limit.reason))
    deciders: dict[int, dict[str, None]] = defaultdict(dict)
    managers = session.execute(
        select(FrameworkManager.framework_version_id, Person.name)
        .join(Person, Person.id == FrameworkManager.person_id)
        .where(FrameworkManager.framework_version_id.in_(ids), Person.is_active)
        .order_by(FrameworkManager.unit_id.is_not(None), Person.name)
    )
    for version_id, name in managers:
        deciders[version_id].setdefault(name)
    return [
        FrameworkView(
            slug=slug,
            title=version.title,
            description=version.description,
            goal=version.goal,
            limits=tuple(limits[version.id]),
            examples=tuple(version.examples),
            deciders=tuple(deciders[version.id]),
            response_days=version.response_days,
            opens_on=version.opens_on,
            closes_on=version.closes_on,
            capacity=version.capacity,
        )
        for slug, version in rows
    ]
