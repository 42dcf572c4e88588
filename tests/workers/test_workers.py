"""Real workers: two at once, a text model that is replaced, and log lines without people in them."""

import os
import shutil
import signal
from collections import Counter

import pytest
from sqlalchemy import delete, select

from kader.demo.data import load_demo
from kader.errors import PermanentError
from models import Assessment, Idea, OutboxMessage, TextModelVersion
from models.words import IdeaStatus, MessageStatus
from pipeline.store.textmodels import training
from pipeline.store.textmodels.loading import load_mind
from pipeline.text import artifact
from tests.services import descendants, running_role, running_worker, wait_until
from tests.workers.bells import rung
from tests.workers.conftest import Office

PEOPLE = 12


def model_versions(office: Office) -> dict[str, str]:
    """Reference to the version of the text model that read it."""
    with office.database.reading() as session:
        rows = session.execute(
            select(Idea.reference, Assessment.model_version).join(Idea, Idea.id == Assessment.idea_id)
        ).all()
    return dict(rows)


def is_quiet(office: Office) -> bool:
    """Whether nothing waits any more."""
    with office.database.reading() as session:
        received = session.scalar(select(Idea.id).where(Idea.status == IdeaStatus.RECEIVED).limit(1))
        unsent = session.scalar(
            select(OutboxMessage.id).where(OutboxMessage.status != MessageStatus.SENT).limit(1)
        )
    return received is None and unsent is None


def test_two_workers_do_everything_once_and_log_nobody(office: Office) -> None:
    """With all people of the demo, at the log level that tells most."""
    demo = load_demo()
    people = {person.slug: person for person in demo.people}
    with (
        running_role("beat", office.settings),
        running_worker(office.settings),
        running_worker(office.settings),
    ):
        for idea in demo.ideas[: PEOPLE * 10]:
            person = people.get(idea.submitter or "")
            office.accept(
                idea.text, email=person.email if person else None, name=person.name if person else ""
            )
        wait_until(lambda: is_quiet(office), 60, "all ideas triaged and all mails sent")
    with office.database.reading() as session:
        ideas = list(session.scalars(select(Idea.id)))
        assessed = list(session.scalars(select(Assessment.idea_id)))
    assert Counter(assessed) == Counter(ideas)
    lines = logs(office)
    # The worker said something at all, and so did its children.
    assert "worker" in lines
    assert_nobody_in(lines, office.offered)


def logs(office: Office) -> str:
    """All log lines of the processes that ran."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (office.settings.var / "log").iterdir())


def assert_nobody_in(lines: str, texts: list[str]) -> None:
    demo = load_demo()
    personal = {part for person in demo.people for part in (person.name, person.email)}
    # A line of an idea, or its beginning, is as telling as the whole.
    personal |= {line[:25] for text in texts for line in text.splitlines() if len(line) >= 25}
    assert {each for each in personal if each.casefold() in lines.casefold()} == set()


def test_an_error_that_nobody_foresaw_is_logged_without_words(office: Office) -> None:
    """The database refuses what the worker writes, and its error quotes the row."""
    text = "Laat Marieke van de nachtdienst zelf haar rooster maken."
    office.accept(text)
    refuse = (
        f"CREATE TRIGGER refuse BEFORE UPDATE OF is_read ON idea BEGIN SELECT RAISE(ABORT, '{text}'); END"
        if office.database.is_sqlite
        # Its error says "Failing row contains", and then the whole idea.
        else "ALTER TABLE idea ADD CONSTRAINT refuse CHECK (NOT is_read)"
    )
    with office.database.writing() as session:
        session.connection().exec_driver_sql(refuse)
    with running_worker(office.settings):
        assert rung(office.settings, "triage")[0][0]
        wait_until(lambda: "failed" in logs(office), what="a line about the failure")
    assert "Marieke" not in logs(office)
    assert "nachtdienst" not in logs(office)
    assert "triage_task failed" in logs(office)


def test_the_first_model_is_trained_by_a_worker(office: Office) -> None:
    with office.database.writing() as session:
        session.execute(delete(TextModelVersion))
    shutil.rmtree(office.settings.models)
    with running_worker(office.settings):
        reference = office.accept("Geef iedereen dertig minuten pauze op een vast moment.")
        # Nothing but this bell: who finds no model rings for the training, and that rings when it is done.
        assert rung(office.settings, "triage")[0][0]
        wait_until(lambda: reference in model_versions(office), what="the first idea's triage")


def test_after_an_update_that_reads_no_older_files_a_worker_trains_by_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.writing() as session:
        session.execute(delete(TextModelVersion))
    shutil.rmtree(office.settings.models)
    with monkeypatch.context() as before_update:
        for module in (artifact, training):
            before_update.setattr(module, "FORMAT", artifact.FORMAT - 1)
        office.train()
    assert not is_readable(office)
    with running_worker(office.settings), running_role("beat", office.settings):
        # Nobody has to send an idea for it.
        wait_until(lambda: is_readable(office), 60, "another text model")
        reference = office.accept("Geef iedereen dertig minuten pauze op een vast moment.")
        wait_until(lambda: reference in model_versions(office), what="an idea's triage")
    assert "ideas wait until a worker has trained a new one" in logs(office)


def is_readable(office: Office) -> bool:
    """Whether this version of Kader can read the text model in use."""
    try:
        return load_mind(office.database, office.settings) is not None
    except PermanentError:
        return False


def test_a_replaced_model_is_picked_up_by_a_running_worker(office: Office) -> None:
    with running_worker(office.settings), running_role("beat", office.settings):
        first = office.accept("Geef iedereen dertig minuten pauze op een vast moment.")
        wait_until(lambda: first in model_versions(office), what="the first idea's triage")
        office.add_framework("veilig", "Veilig werken", "Vallen, snijden en tillen: hoe blijven we heel?")
        trained = office.train()
        assert trained.is_new
        second = office.accept("Leg antislip op de vloer van de spoelkeuken.")
        wait_until(lambda: second in model_versions(office), what="the second idea's triage")
    found = model_versions(office)
    assert found[second] == trained.version
    assert found[first] != trained.version


def test_each_process_says_where_it_is_and_goes_on(office: Office) -> None:
    with running_role("beat", office.settings), running_worker(office.settings):
        office.accept("Zet de printer in de gang uit.")
        wait_until(lambda: is_quiet(office), what="a worker whose processes have all begun")
        asked = descendants(office.settings.var)
        assert len(asked) >= 3
        for process_id in asked:
            os.kill(process_id, signal.SIGUSR2)
        wait_until(
            lambda: logs(office).count("kader/embedded/roles.py") >= len(asked), what="places in the code"
        )
        assert descendants(office.settings.var) == asked
