"""Gathers what routing must know."""

from collections import defaultdict
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Absence, Framework, FrameworkLimit, FrameworkManager, FrameworkVersion, Person, Unit
from models.words import FrameworkState
from pipeline.core import FrameworkText, LimitText
from pipeline.routing import AbsenceCard, FrameworkCard, Organisation, PersonCard


def load_organisation(session: Session, *, today: date, coordinator_days: int) -> Organisation:
    """Frameworks in force, and the people who may have to decide; not all employees."""
    frameworks = load_frameworks(session)
    absences = defaultdict(list)
    for absence in session.scalars(select(Absence).where(Absence.last_day >= today).order_by(Absence.id)):
        absences[absence.person_id].append(
            AbsenceCard(absence.first_day, absence.last_day, absence.deputy_id)
        )
    wanted = {each for card in frameworks.values() for each in card.managers.values()}
    wanted |= {each.deputy_id for cards in absences.values() for each in cards if each.deputy_id is not None}
    people = session.scalars(
        select(Person).where(or_(Person.is_coordinator, Person.id.in_(wanted))).order_by(Person.id)
    ).all()
    return Organisation(
        people={
            each.id: PersonCard(each.id, each.name, each.is_active, tuple(absences[each.id]))
            for each in people
        },
        parents=dict(session.execute(select(Unit.id, Unit.parent_id)).all()),
        frameworks=frameworks,
        coordinators=tuple(each.id for each in people if each.is_coordinator),
        coordinator_days=coordinator_days,
    )


def load_frameworks(session: Session) -> dict[str, FrameworkCard]:
    """Published framework versions by slug, in the order of their slugs."""
    limits = defaultdict(list)
    managers: dict[int, dict[int | None, int]] = defaultdict(dict)
    for limit in session.scalars(select(FrameworkLimit).order_by(FrameworkLimit.position)):
        limits[limit.framework_version_id].append(LimitText(limit.title, limit.reason))
    for manager in session.scalars(select(FrameworkManager)):
        managers[manager.framework_version_id][manager.unit_id] = manager.person_id
    rows = session.execute(
        select(Framework.slug, FrameworkVersion)
        .join(Framework, Framework.id == FrameworkVersion.framework_id)
        .where(FrameworkVersion.state == FrameworkState.PUBLISHED)
        .order_by(Framework.slug)
    )
    return {
        slug: FrameworkCard(
            id=version.framework_id,
            version_id=version.id,
            text=FrameworkText(
                slug=slug,
                title=version.title,
                description=version.description,
                goal=version.goal,
                limits=tuple(limits[version.id]),
                examples=tuple(version.examples),
                version=version.number,
            ),
            response_days=version.response_days,
            managers=managers[version.id],
            opens_on=version.opens_on,
            closes_on=version.closes_on,
        )
        for slug, version in rows
    }
