"""Puts the demo organisation in the database, with days that count from today."""

from datetime import date, timedelta
from secrets import token_urlsafe

from sqlalchemy import select

from kader.cli.here import now
from kader.demo.records import Demo
from kader.errors import UserError
from kader.settings import Settings
from models import Unit
from models.session import Database, open_database
from pipeline.core import LimitText
from pipeline.store.publishing import (
    AbsencePlan,
    FrameworkPlan,
    OrganisationPlan,
    PersonPlan,
    UnitPlan,
    publish,
)
from pipeline.store.textmodels.training import train_and_activate

# On definitions alone the machine is often unsure. A real organisation lets it ask a person at first; the demo lets
# it route from this probability on, so that there is something to see: about one in three of these routes is wrong.
AUTO_WITHOUT_LABELS = 0.25


def settings_for(demo: Demo, settings: Settings) -> Settings:
    """The settings, with the demo organisation's own where nothing was set, and without any mailbox."""
    own = {
        "organisation": demo.name,
        "mail_from": f"ideeen@{demo.domain}",
        "auto_without_labels": AUTO_WITHOUT_LABELS,
    }
    if not settings.is_local:
        # Nobody is taken to be at this machine then, the demo's own feeder neither.
        own["api_key"] = token_urlsafe(24)
    plain = {name: value for name, value in own.items() if name not in settings.model_fields_set}
    # What real colleagues mailed would be marked as read and end in an invented organisation.
    return settings.model_copy(update={**plain, "imap_url": ""})


def prepare(demo: Demo, settings: Settings) -> None:
    """Publish the organisation and train the first text model from its frameworks.

    Raises UserError when the database holds another organisation.
    """
    database = open_database(settings.database)
    try:
        _refuse_others(database, demo)
        moment = now()
        with database.writing() as session:
            publish(session, plan_of(demo, moment.astimezone(settings.zone).date()), now=moment)
        train_and_activate(database, settings, owner="demo", clock=now)
    finally:
        database.dispose()


def plan_of(demo: Demo, today: date) -> OrganisationPlan:
    """The demo organisation as it is on a day."""
    email = {person.slug: person.email for person in demo.people}
    return OrganisationPlan(
        units=tuple(UnitPlan(unit.slug, unit.name, unit.parent) for unit in demo.units),
        people=tuple(
            PersonPlan(
                each.email, each.name, each.language, each.unit, is_coordinator=each.role == "coordinator"
            )
            for each in demo.people
        ),
        absences=tuple(
            AbsencePlan(
                email[each.person],
                today + timedelta(days=each.from_days),
                today + timedelta(days=each.to_days),
                email[each.deputy],
            )
            for each in demo.absences
        ),
        frameworks=tuple(
            FrameworkPlan(
                slug=each.slug,
                title=each.title,
                description=each.description,
                goal=each.goal,
                limits=tuple(LimitText(limit.title, limit.reason) for limit in each.limits),
                examples=each.examples,
                opens_on=today + timedelta(days=each.opens_days),
                closes_on=None if each.closes_days is None else today + timedelta(days=each.closes_days),
                response_days=each.response_days,
                capacity=each.capacity,
                managers=tuple(
                    (responsible.unit, email[responsible.manager]) for responsible in each.managers
                ),
            )
            for each in demo.frameworks
        ),
    )


def _refuse_others(database: Database, demo: Demo) -> None:
    with database.reading() as session:
        units = set(session.scalars(select(Unit.slug)))
    if units and not units <= {unit.slug for unit in demo.units}:
        raise UserError(
            "This database holds another organisation: set KADER_VAR to an empty folder for the demo."
        )
