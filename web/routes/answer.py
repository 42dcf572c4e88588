"""The manager's page of one idea, and the answer that is given there."""

from datetime import timedelta
from typing import get_args
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.links import Purpose
from models.ids import id_in
from models.words import DecisionKind
from pipeline.store.deciding.answers import answer, place
from pipeline.store.deciding.linking import Word, link_word
from pipeline.store.deciding.repeats import was_given
from web.answers import Answer, check, read_answer
from web.changing import refused
from web.forms import Faults, Typed, told, with_blanks
from web.queries.dossier import Dossier, attachment_content, dossier_of, link_is_of
from web.queries.ideas import IdeaView, find_idea
from web.queries.people import PersonView, find_person
from web.routes.pages import form, page, see
from web.site import Here, Site
from web.trust import holder_of
from workers.doorbell import ring

router = APIRouter()

WORDS: dict[str, Word] = {word: word for word in get_args(Word)}


@page(router, "/besluit/{token}")
def dossier_page(request: Request, site: Here, token: str) -> Response:
    with site.database.reading() as session:
        person, idea = _open(session, site, token)
        dossier = dossier_of(session, idea, site.today)
    return _page(request, site, token, person, dossier)


@form(router, "/besluit/{token}")
def give_answer(request: Request, site: Here, token: str, typed: Typed) -> Response:
    with site.database.reading() as session:
        person, idea = _open(session, site, token)
        dossier = dossier_of(session, idea, site.today)
        given = read_answer(typed)
        is_repeat = given is not None and was_given(session, idea.id, given.said_by(person.id), given.seen)
    if is_repeat:
        return see(_done(token))
    texts = site.renderer.texts(request, person.language)
    faults = check(typed, given, dossier, person, texts, site.today)
    if faults or given is None:
        return _page(request, site, token, person, dossier, typed, faults)
    try:
        with site.database.writing() as session:
            _record(session, site, given, idea.id, person.id)
    except UserError as error:
        with site.database.reading() as session:
            dossier = dossier_of(session, find_idea(session, idea.id) or idea, site.today)
        faults.add("page", told(error, texts))
        return _page(request, site, token, person, dossier, typed, faults)
    ring("mail")
    return see(_done(token))


@form(router, "/besluit/{token}/koppeling")
def say_of_link(request: Request, site: Here, token: str, typed: Typed) -> Response:
    word, number = typed.get("word", ""), id_in(typed.get("link", ""))
    with site.database.reading() as session:
        person, idea = _open(session, site, token)
        dossier = dossier_of(session, idea, site.today)
        known = number is not None and link_is_of(session, number, idea.id)
    if number is None or not known or word not in WORDS or not dossier.may_answer(person):
        raise HTTPException(403)

    def change(session: Session) -> None:
        link_word(
            session,
            link_id=number,
            person_id=person.id,
            word=WORDS[word],
            now=site.clock(),
            settings=site.settings,
        )

    if faults := refused(request, site, person.language, change):
        return _page(request, site, token, person, dossier, {}, faults)
    ring("triage")
    ring("mail")
    return see(f"/{Purpose.ANSWER.value}/{token}?gedaan=koppeling#koppelingen")


@page(router, "/besluit/{token}/bijlage/{attachment_id}")
def attachment(site: Here, token: str, attachment_id: int) -> Response:
    with site.database.reading() as session:
        _, idea = _open(session, site, token)
        found = attachment_content(session, attachment_id, idea.id)
    if found is None:
        raise HTTPException(404)
    name, content = found
    return download(content, name)


def download(content: bytes, name: str) -> Response:
    """Give a file that a stranger made: the browser saves it and never shows it (RFC 6266)."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )


def _open(session: Session, site: Site, token: str) -> tuple[PersonView, IdeaView]:
    holder = holder_of(site, Purpose.ANSWER, token)
    person = find_person(session, holder.person_id)
    idea = find_idea(session, holder.idea_id)
    if person is None or idea is None:
        raise HTTPException(410)
    return person, idea


def _record(session: Session, site: Site, given: Answer, idea_id: int, person_id: int) -> None:
    moment = site.clock()
    if given.kind is DecisionKind.HAND_OVER:
        place(
            session,
            idea_id=idea_id,
            person_id=person_id,
            framework_slug=given.framework,
            reason=given.reason,
            now=moment,
            settings=site.settings,
            seen=given.seen,
        )
        return
    answer(
        session,
        idea_id=idea_id,
        person_id=person_id,
        kind=given.kind,
        reason=given.reason,
        parked_until=given.parked_until,
        due_on=given.due_on,
        now=moment,
        settings=site.settings,
        seen=given.seen,
    )


def _done(token: str) -> str:
    return f"/{Purpose.ANSWER.value}/{token}?gedaan=besluit"


def _page(
    request: Request,
    site: Site,
    token: str,
    person: PersonView,
    dossier: Dossier,
    typed: dict[str, str] | None = None,
    faults: Faults | None = None,
) -> Response:
    path = f"/{Purpose.ANSWER.value}/{token}"
    values = {
        "dossier": dossier,
        "titles": dossier.titles,
        "person": person,
        "may_answer": dossier.may_answer(person),
        "possible": [kind.value for kind in dossier.possible()],
        "touched": dossier.opinion.touched_in(dossier.framework.slug)
        if dossier.opinion and dossier.framework
        else {},
        "path": path,
        "list_path": site.path(Purpose.MANAGER, person_id=person.id),
        "typed": with_blanks(typed),
        "faults": faults.sentences if faults else {},
        "done": request.query_params.get("gedaan", ""),
        "today": site.today,
        "first_later": max(site.today, dossier.promise.due_on if dossier.promise else site.today)
        + timedelta(days=1),
    }
    return site.renderer.page(
        request,
        "answer.html",
        values,
        status=422 if faults else 200,
        person_language=person.language,
        home_path=path,
    )
