"""What a submitter sees of an idea: where it is, who decides, by when, and what was answered."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.words import DecisionKind, IdeaStatus
from pipeline.lifecycle import OBJECTABLE, Status
from pipeline.store.deciding.objecting import open_objections
from web.queries.frameworks import FrameworkView, framework_of_version
from web.queries.ideas import (
    DecisionView,
    EventView,
    IdeaView,
    PromiseView,
    decisions_of,
    events_of,
    find_idea,
    latest_promise,
    original_of,
)
from web.queries.machine import count_joined


@dataclass(frozen=True, slots=True)
class Journey:
    """One submitter's idea. `followed` is the idea that it joined, or the idea itself: the answer is given there.

    `objection` is what the submitter said is wrong with its place, until that is answered.
    """

    idea: IdeaView
    followed: IdeaView
    promise: PromiseView | None
    framework: FrameworkView | None
    decisions: tuple[DecisionView, ...]
    events: tuple[EventView, ...]
    companions: int
    objection: str | None

    @property
    def is_joined(self) -> bool:
        return self.followed.id != self.idea.id

    @property
    def may_object(self) -> bool:
        """Whether the submitter may say that the idea is in the wrong place."""
        return Status(self.idea.status) in OBJECTABLE and self.objection is None

    @property
    def question(self) -> DecisionView | None:
        """The question that waits for the submitter's answer."""
        if self.idea.status != IdeaStatus.WAITING_FOR_SUBMITTER:
            return None
        asked = [each for each in self.decisions if each.kind == DecisionKind.ASK]
        return asked[-1] if asked else None

    @property
    def answers(self) -> tuple[DecisionView, ...]:
        """Decisions that answer the idea, newest first."""
        return tuple(
            each
            for each in self.decisions[::-1]
            if each.kind not in {DecisionKind.ASK, DecisionKind.HAND_OVER}
        )


def journey_of(session: Session, idea: IdeaView) -> Journey:
    """Gather what the submitter of an idea may see."""
    followed = find_idea(session, original_of(session, idea.id)) or idea
    promise = latest_promise(session, followed.id)
    return Journey(
        idea=idea,
        followed=followed,
        promise=promise,
        framework=framework_of_version(session, promise.framework_version_id if promise else None),
        decisions=decisions_of(session, followed.id),
        events=events_of(session, idea.id),
        companions=count_joined(session, followed.id),
        objection=open_objections(session, [idea.id]).get(idea.id),
    )
