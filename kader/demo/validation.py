"""Checks that everything the demo files point to exists, so that a slip shows when loading and not halfway."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from kader.demo.records import Demo, DemoFramework, DemoIdea, DemoMail
from kader.errors import PermanentError

ROLES = frozenset({"manager", "coordinator", "employee"})
LANGUAGES = frozenset({"nl", "en"})
CHANNELS = frozenset({"email", "form", "api", "import"})
EXPECTATIONS = frozenset({"idea", "automatic", "repeat"})


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise PermanentError(f"The demo organisation is not right: {message}.")


def _unique(kind: str, keys: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    for key in keys:
        _require(key not in seen, f"{kind} {key!r} occurs twice")
        seen.add(key)
    return frozenset(seen)


def _check_organisation(demo: Demo) -> None:
    try:
        ZoneInfo(demo.time_zone)
    except (KeyError, ValueError) as error:
        raise PermanentError(
            f"The demo organisation is not right: unknown time zone {demo.time_zone!r}."
        ) from error
    _require(demo.domain.endswith(".example"), f"the domain {demo.domain!r} does not end in .example")
    units = _unique("unit", (unit.slug for unit in demo.units))
    for unit in demo.units:
        _require(
            unit.parent is None or (unit.parent in units and unit.parent != unit.slug),
            f"unit {unit.slug!r} has an unknown parent",
        )
    people = _unique("person", (person.slug for person in demo.people))
    _unique("e-mail address", (person.email for person in demo.people))
    for person in demo.people:
        _require(person.unit in units, f"person {person.slug!r} has an unknown unit")
        _require(person.role in ROLES, f"person {person.slug!r} has an unknown role")
        _require(person.language in LANGUAGES, f"person {person.slug!r} has an unknown language")
        _require(
            person.email.endswith(f"@{demo.domain}"),
            f"person {person.slug!r} has an address outside {demo.domain}",
        )
    for absence in demo.absences:
        _require(
            absence.person in people and absence.deputy in people and absence.person != absence.deputy,
            f"the absence of {absence.person!r} names an unknown person",
        )
        _require(
            absence.from_days <= absence.to_days, f"the absence of {absence.person!r} ends before it starts"
        )


def _check_framework(framework: DemoFramework, units: frozenset[str], managers: frozenset[str]) -> None:
    where = f"framework {framework.slug!r}"
    _unique(f"{where}: limit", (limit.title for limit in framework.limits))
    _unique(f"{where}: unit", (entry.unit or "every unit" for entry in framework.managers))
    _require(
        any(entry.unit is None for entry in framework.managers),
        f"{where} has no manager for the remaining units",
    )
    for entry in framework.managers:
        _require(entry.unit is None or entry.unit in units, f"{where} names the unknown unit {entry.unit!r}")
        _require(entry.manager in managers, f"{where} names {entry.manager!r}, who is not a manager")
    _require(framework.response_days > 0 and framework.capacity > 0, f"{where} promises nothing")
    _require(
        framework.closes_days is None or framework.opens_days < framework.closes_days,
        f"{where} closes before it opens",
    )


def _check_idea(
    idea: DemoIdea, demo: Demo, limits: Mapping[str, frozenset[str]], earlier: Mapping[str, DemoIdea]
) -> None:
    where = f"idea {idea.id!r}"
    people = {person.slug: person for person in demo.people}
    _require(bool(idea.title and idea.text), f"{where} has no words")
    _require(idea.submitter is None or idea.submitter in people, f"{where} has an unknown submitter")
    _require(
        idea.unit is None or idea.unit in {unit.slug for unit in demo.units}, f"{where} has an unknown unit"
    )
    _require(
        idea.submitter is None or people[idea.submitter].unit == idea.unit,
        f"{where} has another unit than its submitter",
    )
    _require(idea.language in LANGUAGES, f"{where} has an unknown language")
    _require(idea.channel in CHANNELS, f"{where} has an unknown channel")
    _require(idea.framework is None or idea.framework in limits, f"{where} has an unknown framework")
    _require(
        idea.limit is None or (idea.framework is not None and idea.limit in limits[idea.framework]),
        f"{where} touches a limit that its framework does not have",
    )
    if idea.duplicate_of is not None:
        original = earlier.get(idea.duplicate_of)
        _require(original is not None, f"{where} is a duplicate of something that did not come earlier")
        _require(
            original is not None and original.duplicate_of is None and original.framework == idea.framework,
            f"{where} points to a duplicate or to an idea of another framework",
        )
    _require(
        (idea.channel == "email") == (idea.mail is not None), f"{where}: only an idea by e-mail has a mail"
    )
    _require(idea.mail is None or idea.submitter is not None, f"{where} came by e-mail from nobody")


def _check_mail(mail: DemoMail, ideas: Mapping[str, DemoIdea]) -> None:
    where = f"mail {mail.file!r}"
    _require(mail.expect in EXPECTATIONS, f"{where} expects something unknown")
    if mail.expect == "automatic":
        _require(mail.idea is None, f"{where} is automatic and can't carry an idea")
        return
    _require(mail.idea is not None and mail.idea in ideas, f"{where} belongs to an unknown idea")
    if mail.expect == "idea" and mail.idea is not None:
        _require(ideas[mail.idea].mail == mail.file, f"{where} and its idea disagree")


def validate(demo: Demo) -> None:
    """Raises PermanentError, naming the row, when a reference, a role, a channel or a window does not fit."""
    _check_organisation(demo)
    units = frozenset(unit.slug for unit in demo.units)
    managers = frozenset(person.slug for person in demo.people if person.role == "manager")
    _unique("framework", (framework.slug for framework in demo.frameworks))
    for framework in demo.frameworks:
        _check_framework(framework, units, managers)
    limits = {
        framework.slug: frozenset(limit.title for limit in framework.limits) for framework in demo.frameworks
    }
    earlier: dict[str, DemoIdea] = {}
    for idea in demo.ideas:
        _require(idea.id not in earlier, f"idea {idea.id!r} occurs twice")
        _check_idea(idea, demo, limits, earlier)
        earlier[idea.id] = idea
    for idea in demo.ideas:
        _require(
            idea.near_miss_of is None or (idea.near_miss_of in earlier and idea.near_miss_of != idea.id),
            f"idea {idea.id!r} resembles an unknown idea",
        )
    files = _unique("mail", (mail.file for mail in demo.mails))
    for idea in demo.ideas:
        _require(idea.mail is None or idea.mail in files, f"the mail of idea {idea.id!r} is not in the list")
    for mail in demo.mails:
        _check_mail(mail, earlier)
