"""Puts an organisation in the database: units, people, absences and frameworks, the last ones versioned."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kader.errors import UserError
from models import Absence, Framework, FrameworkLimit, FrameworkManager, FrameworkVersion, Person, Unit
from models.words import FrameworkState
from pipeline.core import LimitText


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit; `parent` is the slug of the unit above it."""

    slug: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """A person, known by e-mail address. Who isn't active has left: decides on nothing and opens no pages."""

    email: str
    name: str
    language: str = "nl"
    unit: str | None = None
    is_coordinator: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class AbsencePlan:
    """Days, both included, on which a person is away."""

    email: str
    first_day: date
    last_day: date
    deputy_email: str | None = None


@dataclass(frozen=True, slots=True)
class FrameworkPlan:
    """A framework as it must be in force; `managers` are (unit slug or None for all others, e-mail address)."""

    slug: str
    title: str
    description: str
    goal: str = ""
    limits: tuple[LimitText, ...] = ()
    examples: tuple[str, ...] = ()
    opens_on: date | None = None
    closes_on: date | None = None
    response_days: int = 10
    capacity: int | None = None
    managers: tuple[tuple[str | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OrganisationPlan:
    """All of it. What isn't named stays as it is. `back`: e-mail addresses of people who aren't away after all."""

    units: tuple[UnitPlan, ...] = ()
    people: tuple[PersonPlan, ...] = ()
    absences: tuple[AbsencePlan, ...] = ()
    back: tuple[str, ...] = ()
    frameworks: tuple[FrameworkPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What changed: `frameworks` got a new version, `unchanged` were in force as they are."""

    units: int = 0
    people: int = 0
    frameworks: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


def publish(session: Session, plan: OrganisationPlan, *, now: datetime) -> Published:
    """Bring units, people and frameworks to the plan; a changed framework becomes a new version.

    Doing it twice changes nothing more. Raises UserError for a name that doesn't resolve. The caller commits.
    """
    units = _units(session, plan.units)
    people = _people(session, plan.people, units)
    _absences(session, plan, people)
    result = Published(units=len(plan.units), people=len(plan.people))
    for framework in plan.frameworks:
        if _framework(session, framework, units, people, now):
            result = replace(result, frameworks=(*result.frameworks, framework.slug))
        else:
            result = replace(result, unchanged=(*result.unchanged, framework.slug))
    return result


def _units(session: Session, plans: tuple[UnitPlan, ...]) -> dict[str, int]:
    known = {unit.slug: unit for unit in session.scalars(select(Unit))}
    for plan in plans:
        unit = known.setdefault(plan.slug, Unit(slug=plan.slug, name=plan.name))
        unit.name = plan.name
        session.add(unit)
    session.flush()
    for plan in plans:
        if plan.parent is not None:
            parent = known.get(plan.parent)
            if parent is None:
                raise UserError(f"Unit '{plan.slug}' lies under '{plan.parent}', which doesn't exist.")
            known[plan.slug].parent_id = parent.id
    session.flush()
    return {slug: unit.id for slug, unit in known.items()}


def _people(session: Session, plans: tuple[PersonPlan, ...], units: dict[str, int]) -> dict[str, int]:
    known = {person.email: person for person in session.scalars(select(Person))}
    for plan in plans:
        email = plan.email.strip().lower()
        if plan.unit is not None and plan.unit not in units:
            raise UserError(f"{email} works in unit '{plan.unit}', which doesn't exist.")
        person = known.setdefault(email, Person(email=email, name=plan.name, language=plan.language))
        person.name, person.language = plan.name, plan.language
        person.unit_id = units[plan.unit] if plan.unit else None
        person.is_coordinator = plan.is_coordinator
        person.is_active = plan.is_active
        session.add(person)
    session.flush()
    return {email: person.id for email, person in known.items()}


def _person(people: dict[str, int], email: str, role: str) -> int:
    try:
        return people[email.strip().lower()]
    except KeyError:
        raise UserError(f"{email} is named as {role} but isn't among the people.") from None


def _absences(session: Session, plan: OrganisationPlan, people: dict[str, int]) -> None:
    # What is planned replaces what was known of these people: absences move.
    away = {_person(people, absence.email, "absent") for absence in plan.absences}
    back = {_person(people, email, "back") for email in plan.back}
    session.execute(delete(Absence).where(Absence.person_id.in_(away | back)))
    session.add_all(
        Absence(
            person_id=_person(people, absence.email, "absent"),
            deputy_id=_person(people, absence.deputy_email, "deputy") if absence.deputy_email else None,
            first_day=absence.first_day,
            last_day=absence.last_day,
        )
        for absence in plan.absences
    )
    session.flush()


def _framework(
    session: Session, plan: FrameworkPlan, units: dict[str, int], people: dict[str, int], now: datetime
) -> bool:
    framework = session.scalar(select(Framework).where(Framework.slug == plan.slug).with_for_update())
    if framework is None:
        framework = Framework(slug=plan.slug)
        session.add(framework)
        session.flush()
    unknown = [unit for unit, _ in plan.managers if unit is not None and unit not in units]
    if unknown:
        raise UserError(f"Framework '{plan.slug}' names unit '{unknown[0]}', which doesn't exist.")
    managers = {
        units[unit] if unit is not None else None: _person(people, email, f"manager of '{plan.slug}'")
        for unit, email in plan.managers
    }
    present = session.scalar(
        select(FrameworkVersion).where(
            FrameworkVersion.framework_id == framework.id,
            FrameworkVersion.state == FrameworkState.PUBLISHED.value,
        )
    )
    if present is not None:
        if _in_force(session, present, plan, managers):
            return False
        present.state = FrameworkState.REPLACED.value
        session.flush()
    last = session.scalar(
        select(func.max(FrameworkVersion.number)).where(FrameworkVersion.framework_id == framework.id)
    )
    version = FrameworkVersion(
        framework_id=framework.id,
        number=(last or 0) + 1,
        state=FrameworkState.PUBLISHED.value,
        title=plan.title,
        description=plan.description,
        goal=plan.goal,
        examples=list(plan.examples),
        opens_on=plan.opens_on,
        closes_on=plan.closes_on,
        response_days=plan.response_days,
        capacity=plan.capacity,
        published_at=now,
        limits=[
            FrameworkLimit(position=position, title=limit.title, reason=limit.reason)
            for position, limit in enumerate(plan.limits, start=1)
        ],
        managers=[
            FrameworkManager(unit_id=unit_id, person_id=person_id) for unit_id, person_id in managers.items()
        ],
    )
    session.add(version)
    session.flush()
    return True


def _in_force(
    session: Session, version: FrameworkVersion, plan: FrameworkPlan, managers: dict[int | None, int]
) -> bool:
    limits = session.execute(
        select(FrameworkLimit.title, FrameworkLimit.reason)
        .where(FrameworkLimit.framework_version_id == version.id)
        .order_by(FrameworkLimit.position)
    )
    responsible = session.execute(
        select(FrameworkManager.unit_id, FrameworkManager.person_id).where(
            FrameworkManager.framework_version_id == version.id
        )
    )
    return (
        FrameworkPlan(
            slug=plan.slug,
            title=version.title,
            description=version.description,
            goal=version.goal,
            limits=tuple(LimitText(*limit) for limit in limits),
            examples=tuple(version.examples),
            opens_on=version.opens_on,
            closes_on=version.closes_on,
            response_days=version.response_days,
            capacity=version.capacity,
            managers=plan.managers,
        )
        == plan
        and dict(responsible.all()) == managers
    )
