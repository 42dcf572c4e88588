"""What the demo organisation consists of: plain values, read from the files beside this module.

Days (`from_days`, `opens_days`, ...) count from the day on which the demo is loaded, so that its windows and
absences are always current.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoUnit:
    slug: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`role` is one of manager, coordinator, employee; `language` one of nl, en; `unit` a slug."""

    slug: str
    name: str
    email: str
    language: str
    unit: str
    role: str


@dataclass(frozen=True, slots=True)
class DemoAbsence:
    """A manager who is away from `from_days` up to and including `to_days`, and who takes over."""

    person: str
    from_days: int
    to_days: int
    deputy: str


@dataclass(frozen=True, slots=True)
class DemoLimit:
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class DemoResponsibility:
    """Who decides for which unit; `unit` is None for every unit that has no entry of its own."""

    manager: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class DemoFramework:
    """`closes_days` is None when the framework stays open; `response_days` are working days."""

    slug: str
    title: str
    description: str
    goal: str
    limits: tuple[DemoLimit, ...]
    examples: tuple[str, ...]
    opens_days: int
    closes_days: int | None
    response_days: int
    capacity: int
    managers: tuple[DemoResponsibility, ...]


@dataclass(frozen=True, slots=True)
class DemoIdea:
    """An idea with the right answers beside it.

    `submitter` is None when anonymous; `framework` is None when it fits none; `duplicate_of` is the id of the
    earliest idea that says the same; `near_miss_of` the id of an idea that looks the same and isn't; `limit`
    the title of a limit of the framework that it touches; `mail` the file that carries it; `note` why it is hard.
    The order of the ideas is the order in which they arrived.
    """

    id: str
    title: str
    text: str
    submitter: str | None
    unit: str | None
    language: str
    channel: str
    framework: str | None
    duplicate_of: str | None
    near_miss_of: str | None
    limit: str | None
    mail: str | None
    note: str


@dataclass(frozen=True, slots=True)
class DemoMail:
    """A raw message. `expect` is what has to become of it: idea, automatic (no idea) or repeat (known already)."""

    file: str
    idea: str | None
    expect: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Demo:
    name: str
    domain: str
    locale: str
    time_zone: str
    units: tuple[DemoUnit, ...]
    people: tuple[DemoPerson, ...]
    absences: tuple[DemoAbsence, ...]
    frameworks: tuple[DemoFramework, ...]
    ideas: tuple[DemoIdea, ...]
    mails: tuple[DemoMail, ...]
