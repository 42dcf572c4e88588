"""Reads an organisation from YAML and checks it, with a sentence for each mistake."""

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kader.cli.organisation_clashes import clashes, repeated_names
from kader.cli.organisation_mistakes import EMAIL, FILLED, LANGUAGE, SLUG, placed, told
from kader.errors import UserError
from pipeline.core import LimitText
from pipeline.store.publishing import AbsencePlan, FrameworkPlan, OrganisationPlan, PersonPlan, UnitPlan

Slug = Annotated[str, Field(pattern=SLUG)]
Email = Annotated[str, Field(pattern=EMAIL, max_length=254)]
Title = Annotated[str, Field(min_length=1, max_length=500, pattern=FILLED)]
Text = Annotated[str, Field(min_length=1, pattern=FILLED)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Unit(_Strict):
    slug: Slug
    name: Title
    parent: Slug | None = None


class _Person(_Strict):
    email: Email
    name: Title
    language: Annotated[str, Field(pattern=LANGUAGE)] = "nl"
    unit: Slug | None = None
    coordinator: bool = False
    active: bool = True


class _Absence(_Strict):
    person: Email
    first_day: date
    last_day: date
    deputy: Email | None = None


class _Limit(_Strict):
    title: Title
    reason: Text


class _Manager(_Strict):
    person: Email
    unit: Slug | None = None


class _Framework(_Strict):
    slug: Slug
    title: Title
    description: Text
    goal: str = ""
    limits: tuple[_Limit, ...] = ()
    examples: tuple[str, ...] = ()
    opens_on: date | None = None
    closes_on: date | None = None
    response_days: Annotated[int, Field(ge=1, le=260)] = 10
    capacity: Annotated[int, Field(ge=0)] | None = None
    managers: Annotated[tuple[_Manager, ...], Field(min_length=1)]


class _Organisation(_Strict):
    units: tuple[_Unit, ...] = ()
    people: tuple[_Person, ...] = ()
    absences: tuple[_Absence, ...] = ()
    back: tuple[Email, ...] = ()
    frameworks: tuple[_Framework, ...] = ()


_INSIDE: dict[str, type[_Strict]] = {
    "units": _Unit,
    "people": _Person,
    "absences": _Absence,
    "frameworks": _Framework,
    "limits": _Limit,
    "managers": _Manager,
}


class _Loader(yaml.SafeLoader):
    """Leaves days as they were written: one that doesn't exist is a mistake in its place, told like the others."""


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_organisation(path: Path) -> OrganisationPlan:
    """The plan in a YAML file. Raises UserError that names the place and the mistake."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        root = loader.get_single_node()
        content = None if root is None else loader.construct_document(root)
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} isn't UTF-8: save it as UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise UserError(f"{path}{where}: this isn't valid YAML.") from error
    for line, name in repeated_names(root):
        raise UserError(f"{path}, line {line}: {name}: this name stands here twice, put both under one.")
    try:
        read = _Organisation.model_validate({} if content is None else content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        around = [step for step in first["loc"] if step in _INSIDE]
        known = list((_INSIDE[str(around[-1])] if around else _Organisation).model_fields)
        raise UserError(f"{path}, {told(first, root, known)}.") from error
    plan = _plan(read)
    for place, words in clashes(plan):
        raise UserError(f"{path}, {placed(root, place, words)}.")
    return plan


def _plan(read: _Organisation) -> OrganisationPlan:
    return OrganisationPlan(
        units=tuple(UnitPlan(each.slug, each.name, each.parent) for each in read.units),
        people=tuple(
            PersonPlan(
                each.email,
                each.name,
                each.language,
                each.unit,
                is_coordinator=each.coordinator,
                is_active=each.active,
            )
            for each in read.people
        ),
        absences=tuple(
            AbsencePlan(each.person, each.first_day, each.last_day, each.deputy) for each in read.absences
        ),
        back=read.back,
        frameworks=tuple(_framework_plan(each) for each in read.frameworks),
    )


def _framework_plan(framework: _Framework) -> FrameworkPlan:
    return FrameworkPlan(
        slug=framework.slug,
        title=framework.title,
        description=framework.description,
        goal=framework.goal,
        limits=tuple(LimitText(limit.title, limit.reason) for limit in framework.limits),
        examples=framework.examples,
        opens_on=framework.opens_on,
        closes_on=framework.closes_on,
        response_days=framework.response_days,
        capacity=framework.capacity,
        managers=tuple((manager.unit, manager.person) for manager in framework.managers),
    )
