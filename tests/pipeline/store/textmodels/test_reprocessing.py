from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.exc import DBAPIError

from kader.errors import UserError
from models import Assessment, Assignment, Event, Idea, OutboxMessage, ReprocessingItem, ReprocessingRun
from models.session import open_database
from pipeline.core import Candidate, Decision, Reading
from pipeline.store.checking import check
from pipeline.store.publishing import OrganisationPlan, publish
from pipeline.store.reading.claims import take_lease
from pipeline.store.search.mind import Mind
from pipeline.store.textmodels.reprocessing import work_on_runs
from pipeline.store.textmodels.runs import approve, cancel, progress, start_run
from pipeline.store.textmodels.standing import Selection
from pipeline.text.model import TextModel
from tests.pipeline.store.deciding.test_answers import decide, put
from tests.pipeline.store.models_for_tests import ChokingModel
from tests.pipeline.store.office import ANNA, COOR, FRAMEWORKS, HEAT, IDA, JAN, PUMP, SOUP, Office

ALL = Selection()


class ConvincedModel(TextModel):
    """Is sure that each idea belongs to one framework."""

    def __init__(self, model: TextModel, slug: str) -> None:
        super().__init__(model.parts)
        self.slug = slug

    def read(self, ideas) -> list[Reading]:
        sure = (Candidate(self.slug, 0.99),)
        return [
            replace(each, candidates=sure, decision=Decision.AUTO, probability_none=0.01)
            for each in super().read(ideas)
        ]


@dataclass(slots=True)
class Runs:
    """Reprocessing in an office, with a model that sends all to one framework."""

    office: Office
    mind: Mind

    def start(self, selection: Selection = ALL) -> int:
        with self.office.database.writing() as session:
            return start_run(session, selection, model_version="test", now=self.office.clock())

    def work(self) -> bool:
        return work_on_runs(
            self.office.database,
            self.mind,
            owner="one",
            clock=self.office.clock,
            settings=self.office.settings,
        )

    def finish(self) -> None:
        while self.work():
            pass

    def approve(self, run: int) -> None:
        with self.office.database.writing() as session:
            approve(session, run, now=self.office.clock())

    def cancel(self, run: int) -> None:
        with self.office.database.writing() as session:
            cancel(session, run, now=self.office.clock())

    def items(self, run: int) -> dict[int, tuple[str, str | None]]:
        with self.office.database.reading() as session:
            rows = session.query(ReprocessingItem).where(ReprocessingItem.run_id == run).all()
        return {each.idea_id: (each.status, each.note) for each in rows}

    def state(self, run: int):
        with self.office.database.reading() as session:
            seen = progress(session, run)
        return seen.status, seen.counts


@pytest.fixture
def runs(office: Office) -> Runs:
    return Runs(office, office.mind(ConvincedModel(office.model, "energie")))


@pytest.fixture
def ideas(office: Office) -> list[int]:
    """One with Anna (fietsen), one with Bram (energie) and one with the coordinator, an hour ago."""
    sent = [office.send(PUMP, IDA), office.send(HEAT, JAN), office.send(SOUP, IDA)]
    office.triage()
    office.clock.pass_seconds(3_600)
    return sent


def everything(office: Office):
    """All that people can see of ideas."""
    return [
        [(each.id, each.status, each.framework_id) for each in office.rows(Idea)],
        [(each.idea_id, each.person_id, each.ended_at) for each in office.rows(Assignment)],
        [len(office.rows(table)) for table in (Assessment, Event, OutboxMessage)],
    ]


def errors(office: Office) -> list[str]:
    with office.database.reading() as session:
        found = check(session, now=office.clock(), settings=office.settings)
    return [each.rule for each in found if each.is_error]


def test_a_dry_run_shows_the_difference_and_changes_nothing(office: Office, runs: Runs, ideas):
    before = everything(office)
    run = runs.start()
    runs.finish()
    assert everything(office) == before
    assert runs.state(run) == ("ready", {"changed": 2, "unchanged": 1})
    assert runs.items(run) == {
        ideas[0]: ("changed", None),
        ideas[1]: ("unchanged", None),
        ideas[2]: ("changed", None),
    }
    with office.database.reading() as session:
        item = session.get_one(ReprocessingItem, (run, ideas[0]))
    assert item.before == {"status": "assigned", "framework": "fietsen", "owner": "Anna Smit"}
    assert item.after["framework"] == "energie"
    assert item.after["owner"] == "Bram Vos"


def test_applying_moves_what_was_shown_tells_nobody_and_is_done_once(office: Office, runs: Runs, ideas):
    run = runs.start()
    runs.finish()
    mails = office.messages()
    runs.approve(run)
    runs.finish()
    assert runs.state(run) == ("applied", {"applied": 2, "unchanged": 1})
    assert {office.owner(idea) for idea in ideas} == {office.people["bram@veld.example"]}
    assert [office.status(idea) for idea in ideas] == ["assigned"] * 3
    assert office.messages() == mails
    found = office.rows(Assessment, Assessment.idea_id == ideas[0])
    assert [(each.number, each.run_id) for each in found] == [(1, None), (2, run)]
    assert [each.kind for each in office.rows(Event, Event.idea_id == ideas[0])][-1] == "reprocessed"
    # The silence is on purpose, so it breaks no promise.
    assert errors(office) == []
    after = everything(office)
    runs.approve(run)
    runs.finish()
    assert everything(office) == after
    again = runs.start()
    runs.finish()
    assert runs.state(again) == ("ready", {"unchanged": 3})


def test_the_day_that_submitters_know_stands_also_when_it_is_over(office: Office, runs: Runs, ideas):
    def promised():
        (row,) = office.rows(Assignment, Assignment.idea_id == ideas[0], Assignment.ended_at.is_(None))
        return row.due_on, row.promise

    day, _ = promised()
    office.clock.pass_seconds(60 * 86_400)
    run = runs.start()
    runs.finish()
    runs.approve(run)
    runs.finish()
    assert runs.items(run)[ideas[0]] == ("applied", None)
    assert promised()[0] == day
    assert "Bram Vos" in promised()[1]
    assert day.isoformat() in promised()[1]


def test_what_a_person_decided_is_left_alone(office: Office, runs: Runs, ideas):
    decide(office, ideas[0], "ask")
    put(office, ideas[2], "fietsen")
    joined = office.send(HEAT, IDA)
    office.triage()
    run = runs.start()
    runs.finish()
    assert runs.items(run) == {
        ideas[0]: ("skipped", "a person decided on it"),
        ideas[1]: ("unchanged", None),
        ideas[2]: ("skipped", "a person decided on it"),
        joined: ("skipped", "its status is joined"),
    }


def test_a_person_who_comes_between_dry_run_and_apply_wins(office: Office, runs: Runs, ideas):
    run = runs.start()
    runs.finish()
    decide(office, ideas[0], "adopt", ANNA)
    put(office, ideas[2], "fietsen")
    before = everything(office)
    runs.approve(run)
    runs.finish()
    assert everything(office) == before
    assert runs.state(run) == ("applied", {"skipped": 2, "unchanged": 1})


def test_only_what_was_shown_is_applied(office: Office, runs: Runs, ideas):
    """Another framework or another manager than the dry run showed was never approved."""
    run = runs.start()
    runs.finish()
    runs.approve(run)
    with office.database.writing() as session:
        other = replace(FRAMEWORKS[1], managers=((None, COOR),))
        publish(session, OrganisationPlan(frameworks=(other,)), now=office.clock())
    before = everything(office)
    runs.finish()
    assert everything(office) == before
    assert runs.items(run)[ideas[0]] == ("skipped", "it changed after the dry run")

    second = runs.start()
    runs.finish()
    runs.approve(second)
    runs.mind = office.mind(ConvincedModel(office.model, "fietsen"))
    runs.finish()
    assert runs.items(second)[ideas[2]] == ("skipped", "it changed after the dry run")
    assert everything(office) == before


def test_it_goes_on_after_an_exception_in_the_middle(office: Office, runs: Runs, ideas):
    run = runs.start()
    office.settings = office.settings.model_copy(update={"batch_size": 1})
    assert runs.work()
    runs.finish()
    runs.approve(run)
    office.settings = office.settings.model_copy(update={"batch_size": 256})

    class Stopping(ConvincedModel):
        def read(self, found):
            return super().read(found)[:1]  # the wrong number: stops the process before anything is written

    sound = runs.mind
    runs.mind = office.mind(Stopping(office.model, "energie"))
    with pytest.raises(ValueError, match="zip"):
        runs.work()
    runs.mind = sound
    office.settings = office.settings.model_copy(update={"batch_size": 1})
    assert runs.work()
    assert runs.state(run)[1]["applied"] == 1
    runs.finish()
    assert runs.state(run) == ("applied", {"applied": 2, "unchanged": 1})
    assert [len(office.rows(Assessment, Assessment.idea_id == idea)) for idea in ideas] == [2, 1, 2]


def test_a_text_that_can_not_be_read_stays_alone(office: Office, runs: Runs, ideas):
    runs.mind = office.mind(ChokingModel(office.model, "soep"))
    run = runs.start()
    runs.finish()
    status, note = runs.items(run)[ideas[2]]
    assert status == "skipped"
    assert note is not None
    assert "RecursionError" in note
    assert runs.state(run) == ("ready", {"skipped": 1, "unchanged": 2})


def test_ideas_are_chosen_by_framework_status_reference_and_day(office: Office, runs: Runs, ideas):
    waiting = office.send("Nog niet gelezen", JAN)
    new = office.send("Zet een laadpunt voor fietsen bij de deur", JAN)
    reference = office.idea(ideas[1]).reference
    yesterday = office.clock() - timedelta(days=1)
    for selection, chosen in [
        (Selection(frameworks=("fietsen",)), ideas[:1]),
        (Selection(statuses=("with_coordinator",)), ideas[2:]),
        (Selection(references=(reference,)), ideas[1:2]),
        (Selection(since=yesterday), ideas),
        (Selection(frameworks=("energie",), statuses=("assigned",)), ideas[1:2]),
    ]:
        assert list(runs.items(runs.start(selection))) == chosen
    assert {office.status(waiting), office.status(new)} == {"received"}
    with pytest.raises(UserError, match=r"nothing to reprocess, as there is no framework .verzonnen."):
        runs.start(Selection(frameworks=("verzonnen",)))


def test_runs_wait_for_each_other_and_can_be_cancelled(office: Office, runs: Runs, ideas):
    run = runs.start()
    with pytest.raises(UserError, match="its status is dry_run"):
        runs.approve(run)
    runs.finish()
    runs.approve(run)
    with pytest.raises(UserError, match="is being applied"):
        runs.start()
    with pytest.raises(UserError, match="can't be cancelled"):
        runs.cancel(run)
    runs.finish()
    other = runs.start()
    runs.cancel(other)
    assert runs.state(other)[0] == "cancelled"
    runs.finish()
    with pytest.raises(UserError, match="cancelled"):
        runs.approve(other)
    for missing in (runs.approve, runs.cancel, runs.state):
        with pytest.raises(UserError, match="99"):
            missing(99)


def test_one_process_works_at_a_time(office: Office, runs: Runs, ideas):
    run = runs.start()
    assert take_lease(office.database, "reprocess", owner="two", now=office.clock(), seconds=60)
    assert not runs.work()
    assert runs.state(run)[0] == "dry_run"
    office.clock.pass_seconds(61)
    runs.finish()
    assert runs.state(run)[0] == "ready"
    assert office.rows(ReprocessingRun)[0].finished_at is None


def test_an_idea_that_changed_by_another_way_is_skipped(office: Office, runs: Runs, ideas):
    run = runs.start()
    runs.finish()
    with office.database.writing() as session:
        session.execute(update(Idea).where(Idea.id == ideas[0]).values(framework_id=None))
    runs.approve(run)
    runs.finish()
    assert runs.items(run)[ideas[0]] == ("skipped", "it changed after the dry run")


class Unreadable(ConvincedModel):
    """Reads one idea in a way that nothing can be made of."""

    def read(self, found) -> list[Reading]:
        return [
            replace(reading, candidates=(None,)) if "fietspomp" in idea.text else reading
            for idea, reading in zip(found, super().read(found), strict=True)
        ]


def assert_set_aside(runs: Runs, run: int, idea: int) -> None:
    status, note = runs.items(run)[idea]
    assert status == "skipped"
    assert note is not None
    assert note.startswith("Kader can't assess it anew")
    assert "fietspomp" not in note


def test_an_idea_that_can_not_be_compared_stops_no_dry_run(office: Office, runs: Runs, ideas, caplog):
    runs.mind = office.mind(Unreadable(office.model, "energie"))
    run = runs.start()
    runs.finish()
    assert runs.state(run) == ("ready", {"changed": 1, "skipped": 1, "unchanged": 1})
    assert_set_aside(runs, run, ideas[0])
    assert "fietspomp" not in caplog.text
    assert f"idea {ideas[0]} " in caplog.text


@pytest.mark.parametrize("step", ["deciding", "recording"])
def test_an_idea_that_can_not_be_moved_stops_no_run(office: Office, runs: Runs, ideas, caplog, step):
    run = runs.start()
    runs.finish()
    runs.approve(run)
    if step == "deciding":
        runs.mind = office.mind(Unreadable(office.model, "energie"))
    else:
        refuse(office, ideas[0])
    before = everything(office)[1][0]
    runs.finish()
    assert runs.state(run) == ("applied", {"applied": 1, "skipped": 1, "unchanged": 1})
    assert_set_aside(runs, run, ideas[0])
    # It stays as it was, whole.
    assert everything(office)[1][0] == before
    assert [each.kind for each in office.rows(Event, Event.idea_id == ideas[0])][-1] != "reprocessed"
    assert "fietspomp" not in caplog.text.lower()
    assert f"idea {ideas[0]} " in caplog.text
    assert errors(office) == []


def refuse(office: Office, idea: int) -> None:
    """Let the database refuse a second assessment of one idea."""
    statement = (
        f"CREATE TRIGGER refuse BEFORE INSERT ON assessment WHEN NEW.number > 1 AND NEW.idea_id = {idea} "
        "BEGIN SELECT RAISE(ABORT, 'Zet een fietspomp'); END"
        if office.database.is_sqlite
        else f"ALTER TABLE assessment ADD CONSTRAINT refuse CHECK (number = 1 OR idea_id <> {idea})"
    )
    with office.database.writing() as session:
        session.connection().exec_driver_sql(statement)


def test_what_is_no_idea_s_fault_stops_the_run_until_it_is_mended(office: Office, runs: Runs, ideas):
    run = runs.start()
    runs.finish()
    runs.approve(run)
    with office.database.writing() as session:
        session.execute(text("ALTER TABLE absence RENAME TO elsewhere"))
    with pytest.raises(DBAPIError):
        runs.work()
    assert runs.state(run) == ("applying", {"changed": 2, "unchanged": 1})
    with office.database.writing() as session:
        session.execute(text("ALTER TABLE elsewhere RENAME TO absence"))
    runs.finish()
    assert runs.state(run) == ("applied", {"applied": 2, "unchanged": 1})


def test_who_is_late_finishes_no_stage_of_which_something_is_left(office: Office, runs: Runs, ideas):
    """It saw that the dry run was done; before it said so another did, and a person approved."""
    run = runs.start()
    runs.work()
    assert runs.state(run) == ("dry_run", {"changed": 2, "unchanged": 1})
    other = open_database(office.settings.database)
    mine, office.database = office.database, other
    looked = []

    def overtake(connection, cursor, statement, *rest):
        # The last thing that is asked for before the stage is finished.
        if "FROM reprocessing_item" in statement and not looked:
            looked.append(statement)
            office.clock.pass_seconds(61)
            runs.finish()
            runs.approve(run)

    event.listen(mine.engine, "after_cursor_execute", overtake)
    work_on_runs(mine, runs.mind, owner="late", clock=office.clock, settings=office.settings)
    event.remove(mine.engine, "after_cursor_execute", overtake)
    assert looked
    assert runs.state(run) == ("applying", {"changed": 2, "unchanged": 1})
    runs.finish()
    assert runs.state(run) == ("applied", {"applied": 2, "unchanged": 1})
    other.dispose()
    office.database = mine
