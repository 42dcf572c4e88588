"""Makes rows for tests: each function adds one thing to a session and gives it back, flushed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.fingerprint import fingerprint
from models import (
    Assessment,
    Assignment,
    DuplicateLink,
    Event,
    Framework,
    FrameworkLimit,
    FrameworkManager,
    FrameworkVersion,
    Idea,
    Person,
    TextModelVersion,
    Unit,
)
from models.words import FrameworkState, IdeaStatus, LinkState, Source

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


def make_unit(session: Session, slug: str, *, name: str = "", parent: Unit | None = None) -> Unit:
    unit = Unit(slug=slug, name=name or slug.capitalize(), parent_id=parent.id if parent else None)
    return _added(session, unit)


def make_person(
    session: Session,
    name: str,
    *,
    unit: Unit | None = None,
    language: str = "nl",
    is_coordinator: bool = False,
    is_active: bool = True,
) -> Person:
    """A person whose address is made of the name: `Anna Smit` is `anna.smit@veld.example`."""
    return _added(
        session,
        Person(
            name=name,
            email=f"{name.lower().replace(' ', '.')}@veld.example",
            language=language,
            unit_id=unit.id if unit else None,
            is_coordinator=is_coordinator,
            is_active=is_active,
        ),
    )


def make_framework(
    session: Session,
    slug: str,
    *,
    managers: dict[Unit | None, Person] | None = None,
    title: str = "",
    description: str = "",
    goal: str = "",
    limits: Sequence[tuple[str, str]] = (),
    response_days: int = 10,
    opens_on: date | None = None,
    closes_on: date | None = None,
    state: FrameworkState = FrameworkState.PUBLISHED,
) -> FrameworkVersion:
    """A framework with one version; `managers` maps a unit (None: all other units) to who decides."""
    framework = _added(session, Framework(slug=slug))
    version = _added(
        session,
        FrameworkVersion(
            framework_id=framework.id,
            number=1,
            state=state.value,
            title=title or slug.capitalize(),
            description=description or f"Ideeën over {slug}.",
            goal=goal,
            examples=[],
            opens_on=opens_on,
            closes_on=closes_on,
            response_days=response_days,
            published_at=NOW,
        ),
    )
    session.add_all(
        FrameworkLimit(framework_version_id=version.id, position=position, title=name, reason=reason)
        for position, (name, reason) in enumerate(limits, 1)
    )
    session.add_all(
        FrameworkManager(
            framework_version_id=version.id, unit_id=unit.id if unit else None, person_id=person.id
        )
        for unit, person in (managers or {}).items()
    )
    session.flush()
    return version


def make_idea(
    session: Session,
    text: str = "Zet een fietspomp bij de ingang.",
    *,
    title: str = "Een fietspomp",
    submitter: Person | None = None,
    unit: Unit | None = None,
    status: IdeaStatus = IdeaStatus.RECEIVED,
    framework: FrameworkVersion | None = None,
    source: Source = Source.FORM,
    follow_token_hash: str | None = None,
    received_at: datetime = NOW,
) -> Idea:
    """An idea; without a submitter it is anonymous."""
    number = (session.scalar(select(func.max(Idea.id))) or 0) + 1
    idea = _added(
        session,
        Idea(
            reference=f"K-{received_at.year}-{number:04d}",
            source=source.value,
            submitter_id=submitter.id if submitter else None,
            is_anonymous=submitter is None,
            follow_token_hash=follow_token_hash,
            unit_id=unit.id if unit else None,
            title=title,
            text=text,
            language="nl",
            fingerprint=fingerprint(title, text),
            status=status.value,
            framework_id=framework.framework_id if framework else None,
            received_at=received_at,
            settled_at=None if status is IdeaStatus.RECEIVED else received_at,
            is_read=status is not IdeaStatus.RECEIVED,
        ),
    )
    make_event(session, idea, "received", detail={"source": source.value})
    return idea


def make_assignment(
    session: Session,
    idea: Idea,
    person: Person,
    *,
    framework: FrameworkVersion | None = None,
    due_on: date = date(2026, 6, 17),
    deputises_for: Person | None = None,
) -> Assignment:
    return _added(
        session,
        Assignment(
            idea_id=idea.id,
            person_id=person.id,
            deputises_for_id=deputises_for.id if deputises_for else None,
            framework_version_id=framework.id if framework else None,
            due_on=due_on,
            promise=f"{person.name} antwoordt uiterlijk op {due_on}.",
            made_at=NOW,
        ),
    )


def make_assigned_idea(
    session: Session,
    framework: FrameworkVersion,
    manager: Person,
    *,
    text: str = "Zet een fietspomp bij de ingang.",
    title: str = "Een fietspomp",
    submitter: Person | None = None,
    due_on: date = date(2026, 6, 17),
) -> Idea:
    """An idea that is with a manager, with all that belongs to it."""
    idea = make_idea(
        session, text, title=title, submitter=submitter, status=IdeaStatus.ASSIGNED, framework=framework
    )
    make_assignment(session, idea, manager, framework=framework, due_on=due_on)
    return idea


def make_assessment(
    session: Session,
    idea: Idea,
    candidates: Sequence[tuple[str, float, Sequence[str]]],
    *,
    decision: str = "auto",
    touched: Sequence[tuple[str, str, str]] = (),
    against: Sequence[str] = (),
    quote: str | None = None,
    precedents: Sequence[tuple[Idea, str | None]] = (),
    route: dict[str, str] | None = None,
    model: str = "test",
) -> Assessment:
    """What the machine thought: (slug, probability, expressions), and touched (slug, limit, sentence).

    `against` and `quote` are of the first candidate; `precedents` are earlier ideas with what a person said of them.
    """
    number = session.scalar(select(func.count()).where(Assessment.idea_id == idea.id)) or 0
    return _added(
        session,
        Assessment(
            idea_id=idea.id,
            number=number + 1,
            made_at=NOW,
            model_version=model,
            framework_versions={},
            decision=decision,
            probability_none=0.1,
            candidates=[
                [
                    slug,
                    probability,
                    [[word, 1.0] for word in words] + [[word, -0.5] for word in ([] if place else against)],
                    None if place or quote is None else [quote, 0.4],
                ]
                for place, (slug, probability, words) in enumerate(candidates)
            ],
            limits=[[slug, limit, 0.9, sentence] for slug, limit, sentence in touched],
            precedents=[[str(earlier.id), slug, 0.71] for earlier, slug in precedents],
            duplicates=[],
            route=route or {},
        ),
    )


def make_text_model(session: Session, version: str, metrics: dict[str, object]) -> TextModelVersion:
    """A text model that was trained once, without its files."""
    return _added(
        session,
        TextModelVersion(
            version=version,
            space="test",
            dimensions=2,
            data_hash="",
            framework_versions={},
            metrics=metrics,
            trained_at=NOW,
        ),
    )


def make_link(
    session: Session,
    duplicate: Idea,
    original: Idea,
    *,
    state: LinkState = LinkState.SUGGESTED,
    score: float = 0.8,
) -> DuplicateLink:
    return _added(
        session,
        DuplicateLink(
            duplicate_id=duplicate.id,
            original_id=original.id,
            state=state.value,
            score=score,
            evidence={"reason": "bijna dezelfde woorden"},
            made_at=NOW,
        ),
    )


def make_event(session: Session, idea: Idea, kind: str, *, detail: dict[str, str] | None = None) -> Event:
    return _added(session, Event(idea_id=idea.id, kind=kind, at=NOW, detail=detail or {}))


def _added(session: Session, row):
    session.add(row)
    session.flush()
    return row
