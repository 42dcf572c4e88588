"""Gathers what routing must know."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from models import (
    Absence,
    Framework,
    FrameworkLimit,
    FrameworkManager,
    FrameworkVersion,
    Person,
    TextModelVersion,
    Unit,
)
from models.words import FrameworkState
from pipeline.core import FrameworkText, LimitText
from pipeline.routing import AbsenceCard, FrameworkCard, Organisation, PersonCard, who_acts


def load_organisation(
    session: Session, *, today: date, coordinator_days: int, also: Iterable[int] = ()
) -> Organisation:
    """Frameworks in force, and the people who may have to decide (and those in `also`); not all employees."""
    frameworks = load_frameworks(session)
    absences = _absences(session, Absence.last_day >= today)
    wanted = {each for card in frameworks.values() for each in card.managers.values()}
    wanted |= {each.deputy_id for cards in absences.values() for each in cards if each.deputy_id is not None}
    people = session.scalars(
        select(Person).where(or_(Person.is_coordinator, Person.id.in_({*wanted, *also}))).order_by(Person.id)
    ).all()
    return Organisation(
        people={each.id: _card(each, absences) for each in people},
        parents=dict(session.execute(select(Unit.id, Unit.parent_id)).all()),
        frameworks=frameworks,
        coordinators=tuple(each.id for each in people if each.is_coordinator),
        coordinator_days=coordinator_days,
    )


def awaits_first_framework(session: Session) -> bool:
    """Whether ideas wait because no framework was ever published: until then there is no text model to read them."""
    published = exists().where(FrameworkVersion.state == FrameworkState.PUBLISHED.value)
    return not session.scalar(select(or_(published, exists().where(TextModelVersion.id.is_not(None)))))


def stand_ins(
    session: Session, owners: Collection[int | None], *, today: date, submitter_id: int | None
) -> frozenset[int]:
    """Who decides today for those of the owners who are away: their deputy, or their deputy's deputy."""
    absences = _absences(session, Absence.first_day <= today, Absence.last_day >= today)
    away = absences.keys() & owners
    if not away:
        return frozenset()
    deputies = {each.deputy_id for cards in absences.values() for each in cards}
    people = {
        each.id: _card(each, absences)
        for each in session.scalars(select(Person).where(Person.id.in_({*absences, *deputies} - {None})))
    }
    acting = {who_acts(each, submitter_id=submitter_id, today=today, people=people) for each in away}
    return frozenset(each for each in acting if each is not None)


def owners_away(session: Session, person_id: int, *, today: date) -> frozenset[int]:
    """Those who are away today and for whom this person decides meanwhile."""
    away = session.scalars(
        select(Absence.person_id).where(Absence.first_day <= today, Absence.last_day >= today)
    ).all()
    return frozenset(
        each for each in away if person_id in stand_ins(session, [each], today=today, submitter_id=None)
    )


def _absences(session: Session, *conditions: ColumnElement[bool]) -> dict[int, list[AbsenceCard]]:
    found: dict[int, list[AbsenceCard]] = defaultdict(list)
    for absence in session.scalars(select(Absence).where(*conditions).order_by(Absence.id)):
        found[absence.person_id].append(AbsenceCard(absence.first_day, absence.last_day, absence.deputy_id))
    return dict(found)


def _card(person: Person, absences: Mapping[int, list[AbsenceCard]]) -> PersonCard:
    return PersonCard(person.id, person.name, person.is_active, tuple(absences.get(person.id, ())))


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
