"""Who decides, and by when: framework and unit to manager, deputy, or coordinator."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kader.errors import PermanentError
from pipeline.core import FrameworkText
from pipeline.workdays import add_workdays


class Why(StrEnum):
    """Why an idea is with the coordinator instead of with a manager."""

    UNSURE = "unsure"
    FITS_NONE = "fits_none"
    NO_MANAGER = "no_manager"
    CLOSED = "closed"
    UNREADABLE = "unreadable"


# The doubt of the text model itself.
DOUBTS = frozenset({Why.UNSURE, Why.FITS_NONE})


@dataclass(frozen=True, slots=True)
class AbsenceCard:
    """Days, both included, on which a person is away."""

    first_day: date
    last_day: date
    deputy_id: int | None

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody who may have to decide."""

    id: int
    name: str
    is_active: bool = True
    absences: tuple[AbsenceCard, ...] = ()

    def absence(self, day: date) -> AbsenceCard | None:
        return next((absence for absence in self.absences if absence.covers(day)), None)

    def away_until(self, day: date, *, country: str = "NL") -> date | None:
        """The last day of the absence that covers `day`, with what follows on the next working day; None when present."""
        last = None
        while (absence := self.absence(day)) is not None:
            last = absence.last_day
            day = add_workdays(last, 1, country=country)
        return last


@dataclass(frozen=True, slots=True)
class FrameworkCard:
    """A framework version in force, with who decides in it: unit id (None: all other units) to person id."""

    id: int
    version_id: int
    text: FrameworkText
    response_days: int
    managers: Mapping[int | None, int]
    opens_on: date | None = None
    closes_on: date | None = None

    def is_open(self, day: date) -> bool:
        return (self.opens_on is None or self.opens_on <= day) and (
            self.closes_on is None or day <= self.closes_on
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    """What routing must know. `parents` maps a unit to the unit above it."""

    people: Mapping[int, PersonCard]
    parents: Mapping[int, int | None]
    frameworks: Mapping[str, FrameworkCard]
    coordinators: tuple[int, ...]
    coordinator_days: int = 5
    country: str = "NL"


@dataclass(frozen=True, slots=True)
class Route:
    """Where an idea goes. `why` is set when that is a coordinator."""

    person_id: int
    due_on: date
    framework: FrameworkCard | None = None
    deputises_for_id: int | None = None
    why: Why | None = None


def route_to_manager(
    slug: str,
    *,
    idea_id: int,
    unit_id: int | None,
    submitter_id: int | None,
    today: date,
    organisation: Organisation,
    is_placed: bool = False,
) -> Route:
    """Route an idea to the manager of a framework for a unit; to a coordinator when nobody can decide.

    A framework that closes takes no new ideas. What is in it already (`is_placed`) is still decided there.
    """
    card = organisation.frameworks.get(slug)
    if card is None or not (is_placed or card.is_open(today)):
        return route_to_coordinator(
            Why.CLOSED, idea_id=idea_id, submitter_id=submitter_id, today=today, organisation=organisation
        )
    for manager_id in _managers_up(card, unit_id, organisation.parents):
        person_id = who_acts(manager_id, submitter_id=submitter_id, today=today, people=organisation.people)
        if person_id is not None:
            return Route(
                person_id=person_id,
                due_on=add_workdays(today, card.response_days, country=organisation.country),
                framework=card,
                deputises_for_id=manager_id if person_id != manager_id else None,
            )
    return route_to_coordinator(
        Why.NO_MANAGER, idea_id=idea_id, submitter_id=submitter_id, today=today, organisation=organisation
    )


def route_to_coordinator(
    why: Why, *, idea_id: int, submitter_id: int | None, today: date, organisation: Organisation
) -> Route:
    """Route an idea to one of the coordinators, in turn, preferring one who is at work.

    Raises PermanentError when there is nobody but the submitter.
    """
    coordinators = [
        person_id
        for person_id in organisation.coordinators
        if person_id != submitter_id and organisation.people[person_id].is_active
    ]
    present = [each for each in coordinators if organisation.people[each].absence(today) is None]
    # An absent coordinator is still better than nobody; a manager is better than the submitter.
    choices = present or coordinators or _other_managers(organisation, submitter_id)
    if not choices:
        raise PermanentError("Nobody can take this idea: give at least one person the role of coordinator.")
    return Route(
        person_id=choices[idea_id % len(choices)],
        due_on=add_workdays(today, organisation.coordinator_days, country=organisation.country),
        why=why,
    )


def _other_managers(organisation: Organisation, submitter_id: int | None) -> list[int]:
    managers = {each for card in organisation.frameworks.values() for each in card.managers.values()}
    return [each for each in sorted(managers) if each != submitter_id and organisation.people[each].is_active]


def _managers_up(
    card: FrameworkCard, unit_id: int | None, parents: Mapping[int, int | None]
) -> Iterator[int]:
    """Managers to try: of the unit, of the units above it, then of all other units."""
    seen: set[int] = set()
    while unit_id is not None and unit_id not in seen:
        seen.add(unit_id)
        if unit_id in card.managers:
            yield card.managers[unit_id]
        unit_id = parents.get(unit_id)
    if None in card.managers:
        yield card.managers[None]


def who_acts(
    manager_id: int, *, submitter_id: int | None, today: date, people: Mapping[int, PersonCard]
) -> int | None:
    """The manager, or else the deputy, or the deputy's deputy; never the submitter, never somebody away."""
    seen: set[int] = set()
    person_id: int | None = manager_id
    while person_id is not None and person_id not in seen:
        seen.add(person_id)
        person = people.get(person_id)
        if person is None:
            return None
        absence = person.absence(today)
        if person.is_active and absence is None and person_id != submitter_id:
            return person_id
        person_id = absence.deputy_id if absence else None
    return None
