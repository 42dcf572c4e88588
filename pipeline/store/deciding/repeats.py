"""What somebody decides rests on what the page showed: a second press decides nothing twice, an old page nothing anew."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.errors import UserError
from models import DecisionRecord, Event
from models.words import DecisionKind


@dataclass(frozen=True, slots=True)
class Said:
    """A decision as somebody gives it, with what belongs to its kind. `framework`: a slug, None for a coordinator."""

    person_id: int
    kind: DecisionKind
    reason: str
    framework: str | None = None
    parked_until: date | None = None
    due_on: date | None = None

    @property
    def detail(self) -> dict[str, str | None]:
        """What the event of such a decision tells beside the reason."""
        match self.kind:
            case DecisionKind.HAND_OVER:
                return {"framework": self.framework}
            case DecisionKind.PARK:
                return {"parked_until": self.parked_until.isoformat() if self.parked_until else None}
            case DecisionKind.EXTEND:
                return {"due_on": self.due_on.isoformat() if self.due_on else None}
            case _:
                return {}


def was_given(session: Session, idea_id: int, said: Said, seen: int) -> bool:
    """Whether this very decision is the one after the last that was `seen` (its number): a button pressed twice."""
    made = session.scalar(
        select(DecisionRecord).where(DecisionRecord.idea_id == idea_id, DecisionRecord.number == seen + 1)
    )
    if made is None or (made.person_id, made.kind, made.reason) != (
        said.person_id,
        said.kind.value,
        said.reason.strip(),
    ):
        return False
    # The event of a decision is written with it, at the same moment.
    told = session.scalars(
        select(Event.detail).where(
            Event.idea_id == idea_id, Event.kind == made.kind, Event.at == made.made_at
        )
    )
    return any(all(detail.get(name) == value for name, value in said.detail.items()) for detail in told)


def is_repeat(session: Session, idea_id: int, said: Said, *, seen: int | None, last: int) -> bool:
    """Whether nothing is left to do; `last` is the number of the last decision, `seen` None when no page showed any.

    The caller holds the idea's lock. Raises UserError when something else was decided since.
    """
    if seen is None or seen == last:
        return False
    if was_given(session, idea_id, said, seen):
        return True
    raise UserError(
        "Iemand heeft intussen iets over dit idee besloten: lees dat eerst. / "
        "Somebody decided something about this idea in the meantime: read that first."
    )


def next_number(session: Session, idea_id: int) -> int:
    """The number of the next decision on an idea."""
    last = session.scalar(select(func.max(DecisionRecord.number)).where(DecisionRecord.idea_id == idea_id))
    return (last or 0) + 1
