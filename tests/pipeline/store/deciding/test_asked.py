"""Messages say why the text model asked, when an idea is first brought to a person and when it comes to another."""

from dataclasses import replace

import pytest

from models import OutboxMessage, TextModelVersion
from pipeline.asking import Asks
from pipeline.routing import Why
from pipeline.store.deciding.asked import asked_about
from pipeline.store.deciding.organisation import load_organisation
from pipeline.store.publishing import PersonPlan
from tests.pipeline.store.deciding.test_answers import put
from tests.pipeline.store.deciding.test_handing_over import sweep
from tests.pipeline.store.deciding.test_linking import disown
from tests.pipeline.store.deciding.test_parking import change
from tests.pipeline.store.office import BRAM, COOR, HEAT, IDA, JAN, NOW, SOUP, Office


@pytest.fixture
def trained(office: Office) -> Office:
    """With what `kader train` keeps of its model."""
    model = office.model
    with office.database.writing() as session:
        session.add(
            TextModelVersion(
                version=model.version,
                space=model.space,
                dimensions=model.dimensions,
                data_hash="",
                framework_versions={},
                metrics={"autonomy": model.autonomy.kept()},
                pair_weights=None,
                pairs_version=None,
                trained_at=NOW,
                is_active=True,
            )
        )
    return office


def told(office: Office, idea_id: int, kind: str) -> list[object]:
    return [
        each.payload.get("asks")
        for each in office.rows(OutboxMessage, OutboxMessage.idea_id == idea_id, OutboxMessage.kind == kind)
    ]


def test_the_first_message_and_one_after_the_coordinator_left_say_the_same(trained: Office):
    idea = trained.send(SOUP, IDA)
    trained.triage()
    (asks,) = told(trained, idea, "to_coordinator")
    assert asks["why"] in set(Asks)
    assert told(trained, idea, "with_coordinator") == [asks["why"]]
    assert asks["framework"] in {"Fietsend naar het werk", "Zuinig met energie"}
    change(
        trained,
        people=(
            PersonPlan(COOR, "Coor Oord", is_coordinator=True, is_active=False),
            PersonPlan(BRAM, "Bram Vos", is_coordinator=True),
        ),
    )
    assert sweep(trained, 4) == 1
    assert told(trained, idea, "to_coordinator") == [asks, asks]


def test_what_joined_another_was_never_asked_about(trained: Office):
    trained.send(SOUP, IDA)
    idea = trained.send(SOUP, JAN)
    trained.triage()
    disown(trained, idea, JAN)
    assert told(trained, idea, "to_coordinator") == told(trained, idea, "with_coordinator") == [None]


def test_nothing_is_told_of_what_a_person_placed_or_the_model_chose(trained: Office):
    soup, heat = trained.send(SOUP, IDA), trained.send(HEAT, IDA)
    trained.triage()

    def asked(idea_id):
        with trained.database.reading() as session:
            office = load_organisation(session, today=NOW.date(), coordinator_days=5)
            return asked_about(session, idea_id, Why.UNSURE, office), asked_about(
                session, idea_id, Why.UNSURE, replace(office, frameworks={})
            )

    found, without = asked(soup)
    assert found is not None
    assert without is None  # a framework that isn't in force any more has no title
    assert asked(heat) == (None, None)
    put(trained, soup, None)
    assert asked(soup) == (None, None)
