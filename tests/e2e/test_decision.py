"""A decision through the real page reaches the submitter and the submitters of linked ideas."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from kader.embedded.valkey import EmbeddedValkey
from kader.settings import Settings
from models import DecisionRecord, DuplicateLink, Event, Idea
from models.words import IdeaStatus, MessageKind
from tests.e2e.play import Played, about, kader, text_of
from tests.services import running_role, running_worker, wait_until

REASON = "Dit past niet bij wat we dit jaar kunnen doen, en dat ligt niet aan jullie."
PLACED = "Dit hoort bij de collega die hierover gaat."


@contextmanager
def kader_at_work(settings: Settings) -> Iterator[None]:
    broker = EmbeddedValkey(settings)
    broker.start()
    try:
        with running_worker(settings), running_role("web", settings):
            yield
    finally:
        broker.stop()


def link_in(played: Played, reference: str, kind: MessageKind, page: str) -> str:
    """The signed link in the mail of this kind about an idea."""

    def found() -> str:
        for mail in played.mails():
            if about(mail)[:2] == (reference, kind.value):
                link = re.search(rf"http://\S+/{page}/\S+", text_of(mail))
                return link.group() if link else ""
        return ""

    return wait_until(found, what=f"a link in the mail about {reference}")


def twins(played: Played) -> tuple[str, str]:
    """Demo ids of two ideas of different people that are the same; the machine joined or suggested them."""
    submitters = {idea.id: idea.submitter for idea in played.demo.ideas}
    root = {idea.id: idea.duplicate_of or idea.id for idea in played.demo.ideas}
    joined, suggested = played.pairs()
    return next(
        (later, earlier)
        for later, earlier in [*sorted(joined), *sorted(suggested)]
        if later in root and earlier in root and root[later] == root[earlier]
        if submitters[later] and submitters[earlier] and submitters[later] != submitters[earlier]
    )


def link_number(played: Played, later: str, earlier: str) -> int:
    """Number of the link between two ideas, by their references."""
    duplicate, original = aliased(Idea), aliased(Idea)
    with played.database.reading() as session:
        number = session.scalar(
            select(DuplicateLink.id)
            .join(duplicate, duplicate.id == DuplicateLink.duplicate_id)
            .join(original, original.id == DuplicateLink.original_id)
            .where(duplicate.reference == later, original.reference == earlier)
        )
    assert number is not None
    return number


def state(played: Played, reference: str) -> tuple[str, int, int]:
    """Status, number of decisions and number of events of an idea."""
    with played.database.reading() as session:
        idea_id, status = session.execute(
            select(Idea.id, Idea.status).where(Idea.reference == reference)
        ).one()
        decisions = session.scalar(select(func.count()).where(DecisionRecord.idea_id == idea_id))
        events = session.scalar(select(func.count()).where(Event.idea_id == idea_id))
    return status, decisions or 0, events or 0


def test_a_decision_reaches_everybody(played: Played) -> None:
    later, earlier = twins(played)
    ideas = {idea.id: idea for idea in played.demo.ideas}
    people = {person.slug: person for person in played.demo.people}
    reference = played.references[earlier]
    origin = {"Origin": played.settings.pages, "Sec-Fetch-Site": "same-origin"}
    with kader_at_work(played.settings), httpx2.Client(headers=origin) as browser:
        if played.outcomes[reference].status == IdeaStatus.WITH_COORDINATOR:
            desk = link_in(played, reference, MessageKind.TO_COORDINATOR, "bureau")
            with played.database.reading() as session:
                number = session.scalar(select(Idea.id).where(Idea.reference == reference))
            typed = {"idea": str(number), "framework": ideas[earlier].framework or "", "reason": PLACED}
            assert browser.post(f"{desk}/plaats", data=typed).status_code == httpx2.codes.SEE_OTHER
        link = link_in(played, reference, MessageKind.TO_MANAGER, "besluit")
        if played.outcomes[played.references[later]].status != IdeaStatus.JOINED:
            number = link_number(played, played.references[later], reference)
            typed = {"link": str(number), "word": "confirm"}
            assert browser.post(f"{link}/koppeling", data=typed).status_code == httpx2.codes.SEE_OTHER
            assert state(played, played.references[later])[0] == IdeaStatus.JOINED
        before = state(played, reference)
        page = browser.get(link)
        assert page.status_code == httpx2.codes.OK
        assert reference in page.text
        assert browser.head(link).status_code == httpx2.codes.OK
        assert state(played, reference) == before

        seen = re.search(r'name="seen" value="(\d+)"', page.text)
        assert seen
        typed = {"action": "decline", "reason": REASON, "seen": seen.group(1)}
        assert browser.post(link, data=typed).status_code == httpx2.codes.SEE_OTHER
        # A second click is the same click.
        assert browser.post(link, data=typed).status_code == httpx2.codes.SEE_OTHER
        assert state(played, reference)[:2] == (IdeaStatus.DECLINED, before[1] + 1)

        told = {
            (played.references[idea], MessageKind.DECLINED.value, people[str(ideas[idea].submitter)].email)
            for idea in (later, earlier)
        }
        wait_until(lambda: told <= {about(mail) for mail in played.mails()}, what="the answer by mail")
    answers = [mail for mail in played.mails() if about(mail) in told]
    assert len(answers) == len(told)
    assert all(REASON in " ".join(text_of(mail).replace("> ", "").split()) for mail in answers)
    check = kader(played.settings, "check")
    assert (check.returncode, check.stderr) == (0, "")
    assert ": 0 broken, 0 warnings" in check.stdout
