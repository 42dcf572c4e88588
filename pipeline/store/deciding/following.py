"""What had joined an idea goes along when that joins another, and back when the link is undone: a star, never a chain."""

from datetime import datetime

from sqlalchemy.orm import Session

from kader.errors import UserError
from models import DuplicateLink, Idea
from models.words import LinkState
from pipeline.store.deciding.assigning import locked_idea
from pipeline.store.duplicates.links import BEFORE, MADE_BY, MOVED_BY, REVERSED, WAS, links_to


def move_followers(
    session: Session, link: DuplicateLink, idea: Idea, original: Idea, *, person_id: int, now: datetime
) -> list[Idea]:
    """What had joined `idea` now follows the earliest as well: a star, never a chain. Returns those ideas, locked.

    No link is rewritten: each ends, and another says the same of the earliest, so that both can be given back.
    Raises UserError when a person said of one of them that it is not the same as the earliest.
    """
    moved = links_to(session, idea, LinkState.CONFIRMED)
    direct = {each.duplicate_id: each for each in links_to(session, original)}
    followers = []
    for each in moved:
        follower = locked_idea(session, each.duplicate_id)
        known = direct.get(follower.id)
        if known is not None and known.state != LinkState.SUGGESTED and REVERSED not in known.evidence:
            raise UserError(
                f"{follower.reference} volgt dit idee, en een collega zei dat dat niet hetzelfde is als "
                f"{original.reference}: maak die koppeling eerst los. / {follower.reference} follows this idea, and a "
                f"colleague said that it isn't the same as {original.reference}: undo that link first."
            )
        each.state = LinkState.UNDONE.value
        each.evidence = {**each.evidence, MOVED_BY: link.id}
        session.flush()
        marks = {name: each.evidence[name] for name in (BEFORE,) if name in each.evidence}
        marks[MADE_BY] = link.id
        if known is None:
            known = DuplicateLink(
                duplicate_id=follower.id,
                original_id=original.id,
                score=each.score,
                evidence={"reason": each.evidence.get("reason", ""), **marks},
                made_at=now,
            )
            session.add(known)
        else:
            known.evidence = {**known.evidence, **marks, WAS: known.state}
        known.state, known.decided_at, known.decided_by_id = LinkState.CONFIRMED.value, now, person_id
        session.flush()
        followers.append(follower)
    return followers


def give_back_followers(
    session: Session, link: DuplicateLink, idea: Idea, original: Idea, *, person_id: int | None, now: datetime
) -> list[Idea]:
    """What followed the earliest only because `idea` did, follows `idea` again. Returns those ideas, locked.

    Not what somebody has said of one of them since: that stands.
    """
    direct = {each.duplicate_id: each for each in links_to(session, original, LinkState.CONFIRMED)}
    followers = []
    for each in links_to(session, idea, LinkState.UNDONE):
        known = direct.get(each.duplicate_id)
        if MOVED_BY not in each.evidence or known is None or MADE_BY not in known.evidence:
            continue
        follower = locked_idea(session, each.duplicate_id)
        kept = {name: said for name, said in known.evidence.items() if name not in {MADE_BY, WAS, BEFORE}}
        if known.evidence.get(WAS) == LinkState.SUGGESTED:
            known.state, known.decided_at, known.decided_by_id = LinkState.SUGGESTED.value, None, None
            known.evidence = kept
        else:
            known.state, known.decided_at, known.decided_by_id = LinkState.UNDONE.value, now, person_id
            known.evidence = {**kept, REVERSED: link.id}
        session.flush()
        each.state = LinkState.CONFIRMED.value
        each.evidence = {name: said for name, said in each.evidence.items() if name != MOVED_BY}
        session.flush()
        followers.append(follower)
    return followers
