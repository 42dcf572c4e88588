"""What in an organisation file can't be true together: every part is well formed, and the whole makes no sense."""

from collections.abc import Iterator, Sequence

import yaml

from kader.address import is_address
from pipeline.store.publishing import AbsencePlan, FrameworkPlan, OrganisationPlan

# Where it stands in the file, and what is wrong with it.
Clash = tuple[tuple[int | str, ...], str]


def clashes(plan: OrganisationPlan) -> Iterator[Clash]:
    """Everything that would be refused or lost without a word when it is published."""
    yield from _repeated("units", "slug", [each.slug for each in plan.units])
    yield from _repeated("people", "email", [each.email for each in plan.people])
    for place, person in enumerate(plan.people):
        if not is_address(person.email):
            yield ("people", place, "email"), "no mail server takes this address"
    for place, absence in enumerate(plan.absences):
        yield from _of_absence(("absences", place), absence)
    away = {absence.email.lower() for absence in plan.absences}
    for place, email in enumerate(plan.back):
        if email.lower() in away:
            yield ("back", place), f"{email} is away as well, by 'absences'"
    yield from _repeated("frameworks", "slug", [each.slug for each in plan.frameworks])
    for place, framework in enumerate(plan.frameworks):
        yield from _of_framework(("frameworks", place), framework)


def repeated_names(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Names that stand twice in one place of a YAML file, with their line: the last would silently replace the first."""
    waiting = [node]
    met: set[int] = set()  # an alias may lead back to what it stands in
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in met:
            continue
        met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            names = [key.value for key in keys]
            for place, key in enumerate(keys):
                if key.value in names[:place]:
                    yield key.start_mark.line + 1, key.value
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _repeated(what: str, name: str, values: Sequence[str]) -> Iterator[Clash]:
    seen: set[str] = set()
    for place, value in enumerate(values):
        if value.lower() in seen:
            yield (what, place, name), f"'{value}' stands here twice"
        seen.add(value.lower())


def _of_absence(place: tuple[int | str, ...], absence: AbsencePlan) -> Iterator[Clash]:
    if absence.last_day < absence.first_day:
        yield (*place, "last_day"), "this day is before first_day"
    if absence.deputy_email is not None and absence.deputy_email.lower() == absence.email.lower():
        yield (*place, "deputy"), "who is away can't be the deputy as well"


def _of_framework(place: tuple[int | str, ...], framework: FrameworkPlan) -> Iterator[Clash]:
    opens, closes = framework.opens_on, framework.closes_on
    if opens is not None and closes is not None and closes < opens:
        yield (*place, "closes_on"), "this day is before opens_on"
    taken: set[str | None] = set()
    for number, (unit, _) in enumerate(framework.managers):
        if unit in taken:
            whose = "all units" if unit is None else f"unit '{unit}'"
            yield (*place, "managers", number), f"a manager for {whose} stands above already, and one decides"
        taken.add(unit)
