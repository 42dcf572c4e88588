"""Trains text models of the office in tests, and changes what it asks."""

from dataclasses import replace

from pipeline.store.publishing import OrganisationPlan, publish
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import train_and_activate
from tests.pipeline.store.office import FRAMEWORKS, Office


def train(office: Office, *, new_space: bool = False, told=None):
    return train_and_activate(
        office.database,
        office.settings,
        owner="one",
        clock=office.clock,
        new_space=new_space,
        progress=told,
    )


def change(office: Office, **what):
    plan = replace(FRAMEWORKS[0], **what)
    with office.database.writing() as session:
        publish(session, OrganisationPlan(frameworks=(plan,)), now=office.clock())


def load_after(office: Office):
    train(office)
    mind = load_mind(office.database, office.settings)
    assert mind is not None
    return mind.model
