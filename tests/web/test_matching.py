"""What two ideas have in common, shown to who decides: in words and marked in the texts."""

import pytest
from sqlalchemy import update

from kader.links import Purpose
from models import DuplicateLink
from models.words import IdeaStatus, LinkState
from tests.factories import NOW, make_assignment, make_idea
from web.queries.matching import common_words, is_translated, marked

EVIDENCE = {
    "reason": "shared: fietspomp, ingang; differs: hal / –",
    "passages": [[0, 3, 4, 6], [5, 9, 8, 11]],
}


@pytest.mark.parametrize(
    ("reason", "shared", "differs"),
    [
        ("shared: pomp, fiets; differs: hal / –", "pomp, fiets", "hal / –"),
        ("shared: pomp", "pomp", ""),
        ("differs: pomp / –", "", "pomp / –"),
        ("", "", ""),
    ],
)
def test_a_reason_in_parts(reason, shared, differs):
    assert common_words(reason) == (shared, differs)
    assert not is_translated(reason)


def test_a_reason_of_two_languages():
    assert is_translated("translated")
    assert is_translated("translated; shared: P-104")
    assert common_words("translated; shared: P-104") == ("P-104", "")


def test_passages_run_over_title_and_text():
    evidence = {"passages": [[1, 3, 0, 0], [6, 9, 0, 0], [8, 10, 0, 0], [40, 50, 0, 0]], "compared": 7}
    title, text = marked("abcd", "efghij", evidence, idea_id=9, is_later=True)
    assert title == (("a", False), ("bc", True), ("d", False))
    assert text == (("e", False), ("fgh", True), ("i", True), ("j", False))
    assert marked("", "abc", {"passages": [[0, 2, 1, 2]]}, idea_id=9, is_later=True) == (
        (),
        (("ab", True), ("c", False)),
    )


def test_what_was_compared_with_another_idea_of_the_group_is_not_marked():
    evidence = {"passages": [[0, 0, 1, 2]], "compared": 7}
    assert marked("", "abc", evidence, idea_id=8, is_later=False) == ((), (("abc", False),))
    assert marked("", "abc", evidence, idea_id=7, is_later=False)[1][1] == ("b", True)
    assert marked("", "abc", {}, idea_id=7, is_later=False) == ((), (("abc", False),))


@pytest.fixture
def pair(town):
    """An idea at the coordinator's desk that resembles an earlier one."""
    with town.database.writing() as session:
        earlier = make_idea(session, "<b>Een pomp</b>", title="Pomp", status=IdeaStatus.WITH_COORDINATOR)
        later = make_idea(
            session, "Een pomp graag", title="", submitter=town.submitter, status=IdeaStatus.WITH_COORDINATOR
        )
        for idea in (earlier, later):
            make_assignment(session, idea, town.coordinator)
        session.add(
            DuplicateLink(
                duplicate_id=later.id,
                original_id=earlier.id,
                state=LinkState.SUGGESTED.value,
                score=0.6,
                evidence={
                    "reason": "shared: pomp; differs: graag / –",
                    "passages": [[0, 8, 8, 16]],
                    "compared": earlier.id,
                },
                made_at=NOW,
            )
        )
    return earlier.id, later.id


def test_the_page_of_who_decides_marks_what_both_have(client, town, pair):
    earlier, later = pair
    page = client.get(town.path(Purpose.ANSWER, town.coordinator, later)).text
    assert "&lt;b&gt;<mark>Een pomp</mark>&lt;/b&gt;" in page
    assert "Beide gaan over: pomp." in page
    assert "Maar één van de twee noemt: graag / –." in page
    assert (
        "<mark>Een pomp</mark> graag" in client.get(town.path(Purpose.ANSWER, town.coordinator, earlier)).text
    )


def test_what_says_the_same_in_another_language_is_said_so(client, town, pair):
    with town.database.writing() as session:
        session.execute(update(DuplicateLink).values(evidence={"reason": "translated; shared: P-104"}))
    page = client.get(town.path(Purpose.ANSWER, town.coordinator, pair[1])).text
    assert "Dit idee staat in een andere taal, maar zegt waarschijnlijk hetzelfde." in page
    assert "Beide gaan over: P-104." in page
    assert "noemt" not in page


def test_the_desk_shows_what_was_suggested(client, town, pair):
    desk = client.get(town.path(Purpose.DESK, town.coordinator)).text
    assert "Lijkt op K-2026-0001 (60 % kans dat het hetzelfde is)" in desk
    assert "&lt;b&gt;<mark>Een pomp</mark>&lt;/b&gt;" in desk
    assert desk.count("<mark>") == 1
