from dataclasses import replace
from datetime import date

import pytest

from kader.errors import UserError
from models import Absence, FrameworkLimit, FrameworkVersion, Person, Unit
from pipeline.core import LimitText
from pipeline.store.deciding.organisation import load_frameworks, load_organisation
from pipeline.store.publishing import (
    AbsencePlan,
    FrameworkPlan,
    OrganisationPlan,
    PersonPlan,
    UnitPlan,
    publish,
)
from tests.pipeline.store.office import ANNA, BRAM, FRAMEWORKS, IDA, NOW, PLAN, Office


def bring(office: Office, plan: OrganisationPlan):
    with office.database.writing() as session:
        return publish(session, plan, now=NOW)


def versions(office: Office):
    with office.database.reading() as session:
        cards = load_frameworks(session)
    return {slug: card.text.version for slug, card in cards.items()}


def test_publishing_twice_changes_nothing(office: Office):
    before = [len(office.rows(table)) for table in (Unit, Person, FrameworkVersion, FrameworkLimit)]
    again = bring(office, PLAN)
    assert (again.frameworks, again.unchanged) == ((), ("fietsen", "energie"))
    assert [len(office.rows(table)) for table in (Unit, Person, FrameworkVersion, FrameworkLimit)] == before
    assert versions(office) == {"energie": 1, "fietsen": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Op de fiets"},
        {"description": "Anders"},
        {"goal": "Minder auto's"},
        {"limits": (LimitText("Geen leaseauto's", "Anders."),)},
        {"limits": ()},
        {"examples": ()},
        {"opens_on": date(2026, 1, 1)},
        {"closes_on": date(2027, 1, 1)},
        {"response_days": 5},
        {"capacity": 0},
        {"managers": ((None, BRAM),)},
        {"managers": ((None, ANNA), ("keuken", BRAM))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_change_is_a_new_version_and_the_old_one_stays(office: Office, change):
    plan = replace(FRAMEWORKS[0], **change)
    result = bring(office, OrganisationPlan(frameworks=(plan,)))
    assert (result.frameworks, result.unchanged) == (("fietsen",), ())
    assert versions(office) == {"energie": 1, "fietsen": 2}
    states = [
        (each.number, each.state, each.title)
        for each in office.rows(FrameworkVersion)
        if each.framework_id == office.rows(FrameworkVersion)[0].framework_id
    ]
    assert states == [(1, "replaced", FRAMEWORKS[0].title), (2, "published", plan.title)]
    assert bring(office, OrganisationPlan(frameworks=(plan,))).frameworks == ()


def test_what_is_loaded_is_what_was_published(office: Office):
    with office.database.reading() as session:
        found = load_organisation(session, today=NOW.date(), coordinator_days=7)
    card = found.frameworks["fietsen"]
    assert list(found.frameworks) == ["energie", "fietsen"]
    assert card.managers == {None: office.people[ANNA]}
    assert card.text.limits == FRAMEWORKS[0].limits
    assert card.text.examples == FRAMEWORKS[0].examples
    assert found.coordinators == (office.people["coor@veld.example"],)
    assert found.coordinator_days == 7
    units = {unit.slug: unit.id for unit in office.rows(Unit)}
    assert found.parents == {units["hof"]: None, units["keuken"]: units["hof"]}
    assert office.people[IDA] not in found.people  # only who may have to decide


def test_people_change_and_come_back(office: Office):
    bring(office, OrganisationPlan(people=(PersonPlan(" ANNA@veld.example", "Anna de Wit", "en"),)))
    (anna,) = office.rows(Person, Person.email == ANNA)
    assert (anna.name, anna.language, anna.is_coordinator, anna.is_active) == (
        "Anna de Wit",
        "en",
        False,
        True,
    )


def test_absences_of_the_named_people_are_replaced(office: Office):
    june = AbsencePlan(ANNA, date(2026, 6, 1), date(2026, 6, 9), BRAM)
    bram = AbsencePlan(BRAM, date(2026, 6, 1), date(2026, 6, 2))
    bring(office, OrganisationPlan(absences=(june, bram)))
    bring(office, OrganisationPlan(absences=(replace(june, last_day=date(2026, 6, 5)),)))
    found = [(each.person_id, each.last_day, each.deputy_id) for each in office.rows(Absence)]
    people = office.people
    assert sorted(found, key=str) == sorted(
        [(people[BRAM], date(2026, 6, 2), None), (people[ANNA], date(2026, 6, 5), people[BRAM])], key=str
    )


def test_who_is_back_early_is_no_longer_away(office: Office):
    june = AbsencePlan(ANNA, date(2026, 6, 1), date(2026, 6, 9), BRAM)
    bram = AbsencePlan(BRAM, date(2026, 6, 1), date(2026, 6, 2))
    bring(office, OrganisationPlan(absences=(june, bram)))
    bring(office, OrganisationPlan(back=(ANNA.upper(),)))
    assert [each.person_id for each in office.rows(Absence)] == [office.people[BRAM]]


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (OrganisationPlan(units=(UnitPlan("a", "A", "weg"),)), "'weg'"),
        (OrganisationPlan(people=(PersonPlan("x@veld.example", "X", unit="weg"),)), "'weg'"),
        (OrganisationPlan(absences=(AbsencePlan("x@veld.example", NOW.date(), NOW.date()),)), "as absent"),
        (OrganisationPlan(back=("x@veld.example",)), "as back"),
        (
            OrganisationPlan(absences=(AbsencePlan(ANNA, NOW.date(), NOW.date(), "x@veld.example"),)),
            "as deputy",
        ),
        (
            OrganisationPlan(frameworks=(FrameworkPlan("a", "A", "B", managers=(("weg", ANNA),)),)),
            "'weg'",
        ),
        (
            OrganisationPlan(frameworks=(FrameworkPlan("a", "A", "B", managers=((None, "x@y.example"),)),)),
            "manager of 'a'",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_a_sentence_and_nothing_is_kept(office: Office, plan, sentence):
    with pytest.raises(UserError, match=sentence):
        bring(office, plan)
    assert versions(office) == {"energie": 1, "fietsen": 1}
    assert len(office.rows(Unit)) == 2
