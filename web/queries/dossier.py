"""Everything that a manager needs to decide on one idea, on one page."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Attachment, DuplicateLink
from models.words import DecisionKind, LinkState
from pipeline.lifecycle import ARROWS, Status
from pipeline.store.deciding.organisation import stand_ins
from web.queries.frameworks import (
    FrameworkView,
    count_carried_out,
    framework_of_version,
    published_frameworks,
    titles_by_slug,
)
from web.queries.ideas import (
    AttachmentView,
    DecisionView,
    EventView,
    IdeaView,
    PromiseView,
    attachments_of,
    decisions_of,
    events_of,
    find_idea,
    latest_promise,
    original_of,
    remarks_of,
)
from web.queries.machine import OpinionView, TwinView, latest_opinion, twins_of
from web.queries.people import PersonView
from web.queries.work import UNDECIDED

LEADS_TO = {
    DecisionKind.ADOPT: Status.ADOPTED,
    DecisionKind.DECLINE: Status.DECLINED,
    DecisionKind.PARK: Status.PARKED,
    DecisionKind.ASK: Status.WAITING_FOR_SUBMITTER,
    DecisionKind.HAND_OVER: Status.ASSIGNED,
    DecisionKind.START: Status.IN_PROGRESS,
    DecisionKind.REALISE: Status.REALISED,
    DecisionKind.STOP: Status.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Dossier:
    """One idea with all that is known of it. `choices` are the other frameworks: slug and title.

    `titles` are the titles of all frameworks by slug; `stand_ins` decide today for who has the idea and is away;
    `places` are how many ideas of the framework are carried out, and how many can be.
    """

    idea: IdeaView
    original: IdeaView | None
    promise: PromiseView | None
    framework: FrameworkView | None
    opinion: OpinionView | None
    twins: tuple[TwinView, ...]
    decisions: tuple[DecisionView, ...]
    events: tuple[EventView, ...]
    attachments: tuple[AttachmentView, ...]
    remarks: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    titles: dict[str, str]
    stand_ins: frozenset[int]
    places: tuple[int, int] | None

    @property
    def last_number(self) -> int:
        """Number of the last decision, or 0: who decides must have seen it."""
        return self.decisions[-1].number if self.decisions else 0

    @property
    def companions(self) -> int:
        """How many other ideas will hear the answer."""
        return sum(each.state == LinkState.CONFIRMED and not each.is_original for each in self.twins)

    def may_answer(self, person: PersonView) -> bool:
        """Whether somebody may decide: the owner, who stands in or is deputised for, or a coordinator; never the submitter."""
        if person.id == self.idea.submitter_id:
            return False
        if person.is_coordinator or person.id in self.stand_ins:
            return True
        return self.promise is not None and person.id in {
            self.promise.person_id,
            self.promise.deputises_for_id,
        }

    def possible(self) -> tuple[DecisionKind, ...]:
        """Return what can be decided in the present state."""
        if self.original is not None:
            return ()
        arrows = ARROWS[Status(self.idea.status)]
        kinds = [kind for kind, status in LEADS_TO.items() if status in arrows]
        if self.idea.is_anonymous and DecisionKind.ASK in kinds:
            kinds.remove(DecisionKind.ASK)
        if not self.choices and DecisionKind.HAND_OVER in kinds:
            kinds.remove(DecisionKind.HAND_OVER)
        if self.idea.status in UNDECIDED:
            kinds.append(DecisionKind.EXTEND)
        return tuple(kinds)


def dossier_of(session: Session, idea: IdeaView, today: date) -> Dossier:
    """Gather all that is known of an idea."""
    promise = latest_promise(session, idea.id)
    titles = titles_by_slug(session)
    framework = framework_of_version(session, promise.framework_version_id if promise else None)
    original_id = original_of(session, idea.id)
    published = published_frameworks(session)
    owners = {promise.person_id, promise.deputises_for_id} - {None} if promise else set()
    return Dossier(
        idea=idea,
        original=find_idea(session, original_id) if original_id != idea.id else None,
        promise=promise,
        framework=framework,
        opinion=latest_opinion(session, idea.id, titles),
        twins=twins_of(session, idea.id),
        decisions=decisions_of(session, idea.id),
        events=events_of(session, idea.id),
        attachments=attachments_of(session, idea.id),
        remarks=remarks_of(session, [idea.id]).get(idea.id, ()),
        choices=tuple(
            (each.slug, each.title) for each in published if framework is None or each.slug != framework.slug
        ),
        titles=titles,
        stand_ins=stand_ins(session, owners, today=today, submitter_id=idea.submitter_id),
        places=_places(session, framework, published),
    )


def _places(
    session: Session, framework: FrameworkView | None, published: tuple[FrameworkView, ...]
) -> tuple[int, int] | None:
    """How many places of the framework are taken, and how many there are now, whatever version the promise is of."""
    if framework is None:
        return None
    capacity = next((each for each in published if each.slug == framework.slug), framework).capacity
    return None if capacity is None else (count_carried_out(session, framework.slug), capacity)


def link_is_of(session: Session, link_id: int, idea_id: int) -> bool:
    """Whether a duplicate link is about this idea."""
    found = session.scalar(
        select(DuplicateLink.id).where(
            DuplicateLink.id == link_id,
            or_(DuplicateLink.duplicate_id == idea_id, DuplicateLink.original_id == idea_id),
        )
    )
    return found is not None


def attachment_content(session: Session, attachment_id: int, idea_id: int) -> tuple[str, bytes] | None:
    """Return name and content of a file of this idea."""
    row = session.execute(
        select(Attachment.name, Attachment.content).where(
            Attachment.id == attachment_id, Attachment.idea_id == idea_id
        )
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None
