"""People of a small office, who say whatever they like of ideas and links, and what must hold whatever they say."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kader.errors import UserError
from models import Correction, DuplicateLink, Event, Idea, OutboxMessage
from models.words import DecisionKind, LinkState, MessageStatus
from pipeline.answering import EXTENDABLE
from pipeline.core import Sameness
from pipeline.lifecycle import ARROWS, JOINABLE, Status
from pipeline.store.checking import check
from pipeline.store.deciding.answers import answer, place
from pipeline.store.deciding.linking import Word, link_word, not_mine
from pipeline.store.deciding.parking import bring_back_parked
from pipeline.store.deciding.replying import reply
from pipeline.store.duplicates.second_look import look_again
from pipeline.store.duplicates.similar import similar_to
from pipeline.text.duplicates.pairs import PairModel
from tests.factories import make_link
from tests.pipeline.store.office import COOR, HEAT, IDA, JAN, PUMP, SOUP, Office
from tests.pipeline.store.textmodels.test_reprocessing import ConvincedModel, Runs
from web.queries.dossier import LEADS_TO

TEXTS = (PUMP, f"{PUMP} Dank!", HEAT, SOUP)
# The messages that say what was decided; each reason is given once.
ANSWERED = ("adopted", "declined", "parked", "extended", "progress")


def possible(idea: Idea) -> list[DecisionKind]:
    """What can be decided on an idea that follows no other."""
    status = Status(idea.status)
    if status is Status.JOINED:
        return []
    kinds = [kind for kind, then in LEADS_TO.items() if then in ARROWS[status]]
    kinds += [DecisionKind.EXTEND] if status in EXTENDABLE else []
    # Mostly what leaves it open, so that it may still join another or leave one.
    open_still = [kind for kind in kinds if kind in {DecisionKind.PARK, DecisionKind.EXTEND}]
    return [kind for kind in kinds if kind is not DecisionKind.HAND_OVER] + 2 * open_still


class EagerPairs(PairModel):
    """Takes any two ideas for maybe the same, so that only what people said keeps it from suggesting them."""

    def compare(self, *given):
        verdicts = super().compare(*given)
        return [replace(each, probability=0.9, sameness=Sameness.MAYBE) for each in verdicts]


class AnyLinks:
    """People of a small office, who say whatever they like of ideas and links. Numbers choose among what there is."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.mind = office.mind()
        self.different: set[tuple[int, int]] = set()
        self.heard: dict[str, Counter[int]] = {}
        self.words = 0
        for text, email in zip(TEXTS, (IDA, JAN, IDA, JAN), strict=True):
            office.send(text, email)
        office.triage(self.mind)

    # What happens.

    def send(self, which: int, who: int) -> None:
        self.tick()
        self.office.send(TEXTS[which % len(TEXTS)], (IDA, JAN, None)[who % 3], quiet=who % 5 == 0)
        self.office.triage(self.mind)

    def suggest(self, one: int, other: int) -> None:
        """As triage does while both are open, whatever becomes of the two afterwards; mostly a person says yes."""
        ideas = self.office.rows(Idea, Idea.status.in_(JOINABLE))
        if len(ideas) < 2:
            return
        later, earlier = ideas[one % len(ideas)], ideas[other % len(ideas)]
        known = {each[:2] for each in self.office.links()}
        if later.id <= earlier.id or (later.id, earlier.id) in known:
            return
        with self.office.database.writing() as session:
            link = make_link(session, session.get_one(Idea, later.id), session.get_one(Idea, earlier.id))
        if (one + other) % 4:
            self.say(link, "confirm")

    def say_of_a_link(self, which: int, what: int) -> None:
        words: tuple[Word, ...] = ("confirm", "reject", "undo", "again")
        links = self.office.rows(DuplicateLink)
        if links:
            self.say(links[which % len(links)], words[what % 4])

    def undo(self, which: int, _: int) -> None:
        links = self.links(LinkState.CONFIRMED)
        if links:
            # Whatever became of its original.
            assert self.say(links[which % len(links)], "undo")

    def mine_is_different(self, which: int, _: int) -> None:
        links = self.links(LinkState.CONFIRMED)
        if not links:
            return
        link = links[which % len(links)]
        submitter = self.office.idea(link.duplicate_id).submitter_id
        before = self.written()
        assert self.did(
            lambda session: not_mine(session, idea_id=link.duplicate_id, person_id=submitter, **self.now())
        )
        self.spoke(link, "undo", before, is_named=submitter is not None)

    def decide(self, which: int, what: int) -> None:
        ideas = [(each, kinds) for each in self.office.rows(Idea) if (kinds := possible(each))]
        if not ideas:
            return
        idea, kinds = ideas[which % len(ideas)]
        kind = kinds[what % len(kinds)]
        self.words += 1
        reason = f"Besluit {self.words}."
        who = [each.id for each in self.star(idea.id) if each.submitter_id is not None]
        today = self.office.clock().date()

        def change(session: Session) -> None:
            answer(
                session,
                idea_id=idea.id,
                person_id=self.person(COOR),
                kind=kind,
                reason=reason,
                parked_until=today + timedelta(days=9) if kind is DecisionKind.PARK else None,
                due_on=today + timedelta(days=60 + self.words) if kind is DecisionKind.EXTEND else None,
                **self.now(),
            )

        assert self.did(change) or (kind is DecisionKind.ASK and idea.submitter_id is None)
        if kind is not DecisionKind.ASK:
            self.heard[reason] = Counter(who)

    def put(self, which: int, where: int) -> None:
        ideas = self.office.rows(Idea)
        idea = ideas[which % len(ideas)]

        def change(session) -> None:
            place(
                session,
                idea_id=idea.id,
                person_id=self.person(COOR),
                framework_slug=("fietsen", "energie", None)[where % 3],
                reason="Dat past hier.",
                **self.now(),
            )

        self.did(change)

    def reply(self, *_: int) -> None:
        for idea in self.office.rows(Idea, Idea.status == "waiting_for_submitter"):

            def change(session, idea=idea) -> None:
                reply(session, idea_id=idea.id, person_id=idea.submitter_id, text="De voorste.", **self.now())

            assert self.did(change)

    def deliver(self, how: int, _: int) -> None:
        status = MessageStatus.FAILED if how % 4 == 0 else MessageStatus.SENT
        with self.office.database.writing() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.status == MessageStatus.PENDING)
                .values(status=status, sent_at=self.office.clock(), trouble="onbekend adres")
            )

    def days_go_by(self, *_: int) -> None:
        self.office.clock.pass_seconds(10 * 86_400)
        self.deliver(1, 0)
        with self.office.database.writing() as session:
            bring_back_parked(session, **self.now())

    def look_again(self, *_: int) -> None:
        """With a pair model that takes anything for a twin."""
        with self.office.database.writing() as session:
            session.execute(update(Idea).values(compared_by=None))
        before = self.state()
        look_again(
            self.office.database,
            self.office.mind(pairs=EagerPairs(self.office.model.parts.vectoriser)),
            owner="night",
            clock=self.office.clock,
            settings=self.office.settings,
            most=1_000,
        )
        assert self.state() == before

    def reprocess(self, which: int, _: int) -> None:
        """With a text model that is sure of one framework; what it may move it moves, and nobody hears of it."""
        slug = ("fietsen", "energie")[which % 2]
        runs = Runs(self.office, self.office.mind(ConvincedModel(self.office.model, slug)))
        before = self.office.links(), len(self.office.rows(OutboxMessage))
        self.tick()
        run = runs.start()
        runs.finish()
        runs.approve(run)
        runs.finish()
        assert (self.office.links(), len(self.office.rows(OutboxMessage))) == before

    # What always holds.

    def links_make_stars(self) -> None:
        confirmed = {each.duplicate_id: each.original_id for each in self.links(LinkState.CONFIRMED)}
        assert all(original < duplicate for duplicate, original in confirmed.items())
        assert not confirmed.keys() & set(confirmed.values())
        assert {each.id for each in self.office.rows(Idea, Idea.status == "joined")} == confirmed.keys()

    def what_people_called_different_stays_so(self) -> None:
        ended = {
            (each.duplicate_id, each.original_id) for each in self.links(LinkState.UNDONE, LinkState.REJECTED)
        }
        assert self.different <= ended

    def supporters_add_up(self) -> None:
        with self.office.database.reading() as session:
            for text in (PUMP, HEAT):
                for found in similar_to(session, self.mind, text, most=20):
                    assert found.supporters == len(self.star(found.id))

    def everybody_hears_each_answer_once(self) -> None:
        told: dict[str, Counter[int]] = {reason: Counter() for reason in self.heard}
        for each in self.office.rows(OutboxMessage, OutboxMessage.kind.in_(ANSWERED)):
            told[each.payload["reason"]][each.idea_id] += 1
        assert told == self.heard

    def nothing_is_wrong(self) -> None:
        with self.office.database.reading() as session:
            found = check(session, now=self.office.clock(), settings=self.office.settings)
        assert [each for each in found if each.is_error] == []

    def see(self) -> None:
        self.links_make_stars()
        self.what_people_called_different_stays_so()
        self.everybody_hears_each_answer_once()
        self.nothing_is_wrong()

    # What these need.

    def person(self, email: str) -> int:
        return self.office.people[email]

    def now(self):
        return {"now": self.office.clock(), "settings": self.office.settings}

    def tick(self) -> None:
        self.office.clock.pass_seconds(60)

    def did(self, change) -> bool:
        """Whether it could be done; what is refused changes nothing, and says so to a person."""
        self.tick()
        before = self.state()
        try:
            with self.office.database.writing() as session:
                change(session)
        except UserError:
            assert self.state() == before
            return False
        return True

    def say(self, link: DuplicateLink, said: Word) -> bool:
        """A coordinator's word on a link; whether it was taken."""
        before = self.written()
        taken = self.did(
            lambda session: link_word(
                session, link_id=link.id, person_id=self.person(COOR), word=said, **self.now()
            )
        )
        if taken:
            self.spoke(link, said, before)
        return taken

    def spoke(self, link: DuplicateLink, said: Word, before: Counter[str], *, is_named: bool = True) -> None:
        """A word on a link is kept twice: in the history of the idea, and for the pair model to learn from."""
        kind = {"confirm": "joined", "again": "joined", "reject": "link_rejected", "undo": "link_undone"}[
            said
        ]
        added = self.written() - before
        assert added[kind] >= 1
        assert added["correction"] == int(is_named)
        pair = (link.duplicate_id, link.original_id)
        if said in {"confirm", "again"}:
            self.different.discard(pair)
        else:
            self.different.add(pair)

    def written(self) -> Counter[str]:
        with self.office.database.reading() as session:
            kinds = dict(session.execute(select(Event.kind, func.count()).group_by(Event.kind)).all())
            said = session.scalar(select(func.count()).select_from(Correction)) or 0
        return Counter(kinds) + Counter(correction=said)

    def links(self, *states: LinkState):
        return self.office.rows(DuplicateLink, DuplicateLink.state.in_(states))

    def star(self, idea_id: int) -> list[Idea]:
        """The idea and those that joined it."""
        joined = [
            each.duplicate_id for each in self.links(LinkState.CONFIRMED) if each.original_id == idea_id
        ]
        return self.office.rows(Idea, Idea.id.in_([idea_id, *joined]))

    def state(self):
        ideas = [(each.id, each.status, each.framework_id) for each in self.office.rows(Idea)]
        links = [each for each in self.office.links() if each[2] != LinkState.SUGGESTED]
        return ideas, links, len(self.office.rows(OutboxMessage))


# What people do most stands here most often.
STEPS: tuple[Callable[[AnyLinks, int, int], None], ...] = (
    *(AnyLinks.suggest, AnyLinks.decide) * 4,
    *(AnyLinks.send, AnyLinks.say_of_a_link, AnyLinks.undo, AnyLinks.mine_is_different) * 2,
    *(AnyLinks.put, AnyLinks.reply, AnyLinks.deliver, AnyLinks.days_go_by),
    *(AnyLinks.look_again, AnyLinks.reprocess),
)
