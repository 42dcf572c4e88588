"""The submitter's page: where the idea is, and what the submitter may still say."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy.orm import Session

from intake.accept import hash_token
from kader.links import Purpose
from models.words import IdeaStatus
from pipeline.answering import LONGEST_REASON
from pipeline.store.deciding.linking import not_mine
from pipeline.store.deciding.objecting import object_to_place
from pipeline.store.deciding.organisation import awaits_first_framework
from pipeline.store.deciding.replying import reply
from web.changing import refused
from web.forms import Faults, Typed, with_blanks
from web.queries.frameworks import titles_by_slug
from web.queries.ideas import IdeaView, find_idea, find_idea_by_token_hash
from web.queries.journey import journey_of
from web.queries.people import PersonView, find_person
from web.routes.pages import form, page, see
from web.site import Here, Site
from web.trust import holder_of
from workers.doorbell import ring

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Visitor:
    """The submitter who looks at an idea; `person` is None for an anonymous idea."""

    idea: IdeaView
    person: PersonView | None
    path: str


@page(router, "/volg/anoniem/{follow_token}")
def follow_anonymous(request: Request, site: Here, follow_token: str) -> Response:
    return _page(request, site, _anonymous(site, follow_token))


@page(router, "/volg/{token}")
def follow(request: Request, site: Here, token: str) -> Response:
    return _page(request, site, _known(site, token))


@form(router, "/volg/anoniem/{follow_token}/antwoord")
def reply_anonymous(request: Request, site: Here, follow_token: str, typed: Typed) -> Response:
    return _reply(request, site, _anonymous(site, follow_token), typed)


@form(router, "/volg/{token}/antwoord")
def reply_known(request: Request, site: Here, token: str, typed: Typed) -> Response:
    return _reply(request, site, _known(site, token), typed)


@form(router, "/volg/anoniem/{follow_token}/anders")
def differs_anonymous(request: Request, site: Here, follow_token: str) -> Response:
    return _differs(request, site, _anonymous(site, follow_token))


@form(router, "/volg/{token}/anders")
def differs_known(request: Request, site: Here, token: str) -> Response:
    return _differs(request, site, _known(site, token))


@form(router, "/volg/anoniem/{follow_token}/klopt-niet")
def object_anonymous(request: Request, site: Here, follow_token: str, typed: Typed) -> Response:
    return _object(request, site, _anonymous(site, follow_token), typed)


@form(router, "/volg/{token}/klopt-niet")
def object_known(request: Request, site: Here, token: str, typed: Typed) -> Response:
    return _object(request, site, _known(site, token), typed)


def _anonymous(site: Site, follow_token: str) -> Visitor:
    token_hash = hash_token(follow_token)
    with site.database.reading() as session:
        idea = find_idea_by_token_hash(session, token_hash)
    if idea is None:
        raise HTTPException(410)
    return Visitor(idea, None, f"/{Purpose.FOLLOW.value}/anoniem/{follow_token}")


def _known(site: Site, token: str) -> Visitor:
    holder = holder_of(site, Purpose.FOLLOW, token)
    with site.database.reading() as session:
        idea = find_idea(session, holder.idea_id)
        person = find_person(session, holder.person_id)
    if idea is None or person is None or idea.submitter_id != person.id:
        raise HTTPException(410)
    return Visitor(idea, person, f"/{Purpose.FOLLOW.value}/{token}")


def _reply(request: Request, site: Site, visitor: Visitor, typed: dict[str, str]) -> Response:
    faults = Faults()
    text = typed.get("text", "").strip()
    language = visitor.person.language if visitor.person else None
    if not text:
        faults.add("text", site.renderer.texts(request, language).say("follow.reply_missing"))
        return _page(request, site, visitor, typed, faults)
    person_id = visitor.person.id if visitor.person else None

    def change(session: Session) -> None:
        reply(
            session,
            idea_id=visitor.idea.id,
            person_id=person_id,
            text=text,
            now=site.clock(),
            settings=site.settings,
            from_button=True,
        )

    return _say(request, site, visitor, change, typed=typed, done="antwoord")


def _object(request: Request, site: Site, visitor: Visitor, typed: dict[str, str]) -> Response:
    faults = Faults()
    text = typed.get("objection", "").strip()
    texts = site.renderer.texts(request, visitor.person.language if visitor.person else None)
    if not text:
        faults.add("objection", texts.say("follow.objection_missing"))
    elif len(text) > LONGEST_REASON:
        faults.add("objection", texts.say("follow.objection_too_long", longest=LONGEST_REASON))
    if faults:
        return _page(request, site, visitor, typed, faults)
    person_id = visitor.person.id if visitor.person else None

    def change(session: Session) -> None:
        object_to_place(
            session,
            idea_id=visitor.idea.id,
            person_id=person_id,
            text=text,
            now=site.clock(),
            settings=site.settings,
        )

    return _say(request, site, visitor, change, typed=typed, done="klopt-niet")


def _differs(request: Request, site: Site, visitor: Visitor) -> Response:
    person_id = visitor.person.id if visitor.person else None

    def change(session: Session) -> None:
        not_mine(
            session, idea_id=visitor.idea.id, person_id=person_id, now=site.clock(), settings=site.settings
        )

    return _say(request, site, visitor, change, typed={}, done="anders")


def _say(
    request: Request,
    site: Site,
    visitor: Visitor,
    change: Callable[[Session], None],
    *,
    typed: dict[str, str],
    done: str,
) -> Response:
    language = visitor.person.language if visitor.person else None
    if faults := refused(request, site, language, change):
        return _page(request, site, visitor, typed, faults)
    ring("triage")
    ring("mail")
    return see(f"{visitor.path}?gedaan={done}")


def _page(
    request: Request,
    site: Site,
    visitor: Visitor,
    typed: dict[str, str] | None = None,
    faults: Faults | None = None,
) -> Response:
    with site.database.reading() as session:
        journey = journey_of(session, visitor.idea)
        titles = titles_by_slug(session)
        waits = visitor.idea.status == IdeaStatus.RECEIVED and awaits_first_framework(session)
    values = {
        "journey": journey,
        "titles": titles,
        "awaits_framework": waits,
        "path": visitor.path,
        "typed": with_blanks(typed),
        "faults": faults.sentences if faults else {},
        "done": request.query_params.get("gedaan", ""),
        "today": site.today,
    }
    return site.renderer.page(
        request,
        "follow.html",
        values,
        status=422 if faults else 200,
        person_language=visitor.person.language if visitor.person else None,
        home_path=visitor.path,
    )
