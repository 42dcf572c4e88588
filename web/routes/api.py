"""The JSON API, version 1."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from intake.accept import accept, hash_token
from intake.offer import Offer, cleaned
from kader.errors import UserError
from kader.links import Purpose
from models.words import IdeaStatus, Source
from notifications.asked import model_reason
from pipeline.asking import Asking
from web.finder import BusyError
from web.queries.deliveries import delivered
from web.queries.frameworks import published_frameworks, titles_by_slug
from web.queries.ideas import IdeaView, find_idea_by_reference, find_idea_by_token_hash
from web.queries.journey import journey_of
from web.queries.machine import latest_opinion
from web.queries.progress import oldest_waiting, progress
from web.same import same_as, same_token
from web.site import Here, Site
from web.texts import LANGUAGES
from web.trust import may_post
from workers.doorbell import ring

router = APIRouter(prefix="/api/v1")

LONGEST_KEY = 200
MOST_FAULTS = 5


class NewIdea(BaseModel):
    """An idea that a program sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1)
    title: str = Field(default="", max_length=200)
    submitter_email: str | None = Field(default=None, max_length=254)
    submitter_name: str | None = Field(default=None, max_length=200)
    anonymous: bool = False
    unit: str | None = Field(default=None, max_length=64)
    language: Literal["nl", "en"] | None = None
    same_as: str = Field(default="", max_length=200, description="of an idea from `similar`: it is the same")


class Draft(BaseModel):
    """What somebody is writing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=20_000)
    title: str = Field(default="", max_length=200)


class Similar(BaseModel):
    """An idea like a draft: what any employee may know of it."""

    reference: str
    title: str
    status: str
    supporters: int = Field(description="how many had it, as far as is known")
    may_join: bool = Field(description="whether its answer is still to come")
    same_as: str = Field(
        description="send it with the idea to say that it is the same; empty when it can't join"
    )


async def whole_body(request: Request) -> bytes:
    """Return the body byte for byte, as it is kept."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(
            415,
            "Stuur het idee als JSON, met 'Content-Type: application/json'. / "
            "Send the idea as JSON, with 'Content-Type: application/json'.",
        )
    return await request.body()


@router.post("/ideas", status_code=201, dependencies=[Depends(may_post)])
def post_idea(
    site: Here,
    raw: Annotated[bytes, Depends(whole_body)],
    idempotency_key: Annotated[str, Header()] = "",
) -> Response:
    """Accept an idea. 201 comes after it was kept; the same key with the same body gives the same answer, 200."""
    key = idempotency_key.strip()
    if not key or len(key) > LONGEST_KEY:
        raise HTTPException(
            400,
            f"Stuur een kopregel 'Idempotency-Key' van 1 tot {LONGEST_KEY} tekens, een nieuwe voor elk idee. / "
            f"Send an 'Idempotency-Key' header of 1 to {LONGEST_KEY} characters, a new one for each idea.",
        )
    idea = _read(raw)
    offer = _offer(idea, raw, key, same_as(site, idea.same_as))
    with site.database.writing() as session:
        accepted = accept(session, offer, now=site.clock(), settings=site.settings)
        kept = delivered(session, Source.API, key)
        # Of an idea without a name other bytes are kept than came in, so those are compared.
        if kept is None or kept[1] != cleaned(offer, longest_idea=site.settings.longest_idea).raw:
            raise HTTPException(
                409,
                "Deze Idempotency-Key is al gebruikt voor een ander idee: neem een nieuwe voor een nieuw idee. / "
                "This Idempotency-Key was used for another idea: use a new key for a new idea.",
            )
    ring("triage")
    ring("mail")
    token = accepted.follow_token or _status_signer(site).dumps(accepted.idea_id)
    answer = {
        "reference": accepted.reference,
        "status_url": f"{site.settings.pages}/api/v1/ideas/{accepted.reference}?token={token}",
        "follow_url": f"{site.settings.pages}/{Purpose.FOLLOW.value}/anoniem/{accepted.follow_token}"
        if accepted.follow_token
        else None,
    }
    return JSONResponse(answer, status_code=201 if accepted.is_new else 200)


@router.post("/similar", dependencies=[Depends(may_post)])
def post_similar(site: Here, draft: Draft) -> list[Similar]:
    """Return ideas like a draft, even one of three words, best first; nothing of the draft is kept."""
    try:
        found = site.finder.find(f"{draft.title}\n{draft.text}".strip())
    except BusyError:
        raise HTTPException(
            503,
            "Er wordt nu te veel gezocht: probeer het zo weer. / Too many are searching: try again in a moment.",
            headers={"Retry-After": "2"},
        ) from None
    return [
        Similar(
            reference=each.reference,
            title=each.title,
            status=each.status,
            supporters=each.supporters,
            may_join=each.may_join,
            same_as=same_token(site, each.id) if each.may_join else "",
        )
        for each in found
    ]


@router.get("/ideas/{reference}")
def get_idea(site: Here, reference: str, token: str = "") -> dict[str, object]:
    """Return where an idea stands, to who has its token."""
    with site.database.reading() as session:
        idea = find_idea_by_reference(session, reference)
        if idea is None or not _opens(session, site, token, idea):
            raise HTTPException(
                404,
                "Er is geen idee met dit nummer en dit token. / "
                "There is no idea with this reference and this token.",
            )
        journey = journey_of(session, idea)
        # Once a person has said where it belongs, nobody asks why the machine didn't.
        opinion = (
            latest_opinion(session, idea.id, titles_by_slug(session))
            if idea.status == IdeaStatus.WITH_COORDINATOR
            else None
        )
    last = journey.answers[0] if journey.answers else None
    return {
        "reference": idea.reference,
        "status": idea.status,
        "received_at": idea.received_at.isoformat(),
        "joined": journey.followed.reference if journey.is_joined else None,
        "framework": journey.framework.slug if journey.framework else None,
        "decides": journey.promise.person if journey.promise else None,
        "asks": _asks(opinion.asks) if opinion and opinion.asks else None,
        "due_on": _iso(journey.promise.due_on if journey.promise else None),
        "answer": {"kind": last.kind, "reason": last.reason, "made_at": last.made_at.isoformat()}
        if last
        else None,
    }


@router.get("/frameworks")
def get_frameworks(site: Here) -> list[dict[str, object]]:
    """Return the frameworks in force."""
    with site.database.reading() as session:
        frameworks = published_frameworks(session)
    return [
        {
            "slug": each.slug,
            "title": each.title,
            "description": each.description,
            "goal": each.goal,
            "limits": [{"title": limit.title, "reason": limit.reason} for limit in each.limits],
            "response_days": each.response_days,
            "opens_on": _iso(each.opens_on),
            "closes_on": _iso(each.closes_on),
            "is_open": each.is_open(site.today),
        }
        for each in frameworks
    ]


@router.get("/status")
def get_status(site: Here) -> dict[str, object]:
    """Return counts: nothing about anybody."""
    with site.database.reading() as session:
        found = progress(session, site.clock())
    return {
        "ideas": found.ideas,
        "total": found.total,
        "waiting": found.waiting,
        "triaged_last_minute": found.triaged_last_minute,
        "oldest_waiting_seconds": found.oldest_waiting,
        "messages": found.messages,
        "exceptions": found.exceptions,
    }


@router.get("/health")
def get_health(site: Here) -> dict[str, object]:
    """Answer when the database does; the age of what waits longest says whether work is being done."""
    with site.database.reading() as session:
        return {"status": "ok", "oldest_waiting_seconds": oldest_waiting(session, site.clock())}


def _read(raw: bytes) -> NewIdea:
    try:
        idea = NewIdea.model_validate_json(raw)
    except ValidationError as error:
        told = [
            f"{'.'.join(str(part) for part in each['loc']) or 'body'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise HTTPException(422, "; ".join(told[:MOST_FAULTS]) + ".") from None
    if idea.anonymous and (idea.submitter_email or idea.submitter_name):
        raise HTTPException(
            422,
            "Een idee zonder naam heeft geen indiener: laat naam en adres weg bij anonymous. / "
            "An anonymous idea has no submitter: leave out the name and the address.",
        )
    if not idea.anonymous and not idea.submitter_email:
        raise HTTPException(
            422,
            "Geef submitter_email, of zet anonymous op true. / Give submitter_email, or set anonymous to true.",
        )
    return idea


def _offer(idea: NewIdea, raw: bytes, key: str, same_as_id: int | None) -> Offer:
    return Offer(
        source=Source.API,
        title=idea.title,
        text=idea.text,
        submitter_email=idea.submitter_email,
        submitter_name=idea.submitter_name,
        anonymous=idea.anonymous,
        unit_slug=idea.unit,
        language=idea.language,
        delivery_key=key,
        raw=raw,
        content_type="application/json",
        origin=None,
        same_as_id=same_as_id,
    )


def _opens(session: Session, site: Site, token: str, idea: IdeaView) -> bool:
    """Whether a token opens an idea: that of the answer to a POST, or that of the submitter's own page."""
    if idea.is_anonymous:
        found = find_idea_by_token_hash(session, hash_token(token))
        return found is not None and found.id == idea.id
    try:
        if _status_signer(site).loads(token) == idea.id:
            return True
    except BadData:
        pass
    try:
        return site.links.read(Purpose.FOLLOW, token).idea_id == idea.id
    except UserError:
        return False


def _status_signer(site: Site) -> URLSafeSerializer:
    # Without a moment in it, so that a repeated request gets the very same answer.
    return URLSafeSerializer(site.links.secret, salt="kader.status")


def _asks(asks: Asking) -> dict[str, object]:
    """Why the machine asks a coordinator. `sure` and `needed` are per cent."""
    return {
        "why": asks.why.value,
        "framework": asks.framework,
        "sure": asks.sure,
        "needed": asks.needed,
        **{language: model_reason("page", language, asks.told()) for language in LANGUAGES},
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
