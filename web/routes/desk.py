"""The coordinator's desk: what the machine left open, what is late, and what went wrong."""

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.links import Purpose
from pipeline.answering import LONGEST_REASON, SHORTEST_REASON
from pipeline.store.answers import place
from web.forms import Faults, Typed, told, with_blanks
from web.queries.frameworks import published_frameworks, titles_by_slug
from web.queries.machine import latest_opinion
from web.queries.people import PersonView, find_person
from web.queries.progress import progress
from web.queries.trouble import exceptions, raw_form, troubled_messages
from web.queries.work import overdue, waiting_for_coordinator
from web.routes.answer import download
from web.routes.pages import form, page, see
from web.site import Here, Site
from web.trust import holder_of
from workers.doorbell import ring

router = APIRouter()


@page(router, "/bureau/{token}")
def desk(request: Request, site: Here, token: str) -> Response:
    with site.database.reading() as session:
        person = _open(session, site, token)
    return _page(request, site, token, person, {}, Faults())


@form(router, "/bureau/{token}/plaats")
def place_idea(request: Request, site: Here, token: str, typed: Typed) -> Response:
    with site.database.reading() as session:
        person = _open(session, site, token)
        slugs = {each.slug for each in published_frameworks(session)}
    texts = site.renderer.texts(request, person.language)
    number, framework = typed.get("idea", ""), typed.get("framework", "")
    if not number.isdecimal() or len(number) > 12:
        raise HTTPException(422)
    faults = Faults()
    reason = typed.get("reason", "").strip()
    if framework not in slugs:
        faults.add("framework", texts.say("answer.framework_missing"))
    if len(reason) < SHORTEST_REASON:
        faults.add("reason", texts.say("desk.reason_missing"))
    elif len(reason) > LONGEST_REASON:
        faults.add("reason", texts.say("answer.reason_too_long", longest=LONGEST_REASON))
    if faults:
        return _page(request, site, token, person, typed, faults)
    try:
        with site.database.writing() as session:
            place(
                session,
                idea_id=int(number),
                person_id=person.id,
                framework_slug=framework,
                reason=reason,
                now=site.clock(),
                settings=site.settings,
            )
    except UserError as error:
        faults.add("page", told(error, texts))
        return _page(request, site, token, person, typed, faults)
    ring("mail")
    return see(f"/{Purpose.DESK.value}/{token}?gedaan=plaats")


@page(router, "/bureau/{token}/ruw/{record_id}")
def raw(site: Here, token: str, record_id: int) -> Response:
    with site.database.reading() as session:
        _open(session, site, token)
        content = raw_form(session, record_id)
    if content is None:
        raise HTTPException(404)
    return download(content, f"kader-{record_id}.txt")


def _open(session: Session, site: Site, token: str) -> PersonView:
    holder = holder_of(site, Purpose.DESK, token)
    person = find_person(session, holder.person_id)
    # Who was a coordinator once, and is no longer, has no business at the desk.
    if person is None or not person.is_coordinator:
        raise HTTPException(410)
    return person


def _page(
    request: Request, site: Site, token: str, person: PersonView, typed: dict[str, str], faults: Faults
) -> Response:
    path = f"/{Purpose.DESK.value}/{token}"
    with site.database.reading() as session:
        titles = titles_by_slug(session)
        waiting = waiting_for_coordinator(session)
        values = {
            "person": person,
            "waiting": waiting,
            "opinions": {
                each.idea_id: latest_opinion(session, each.idea_id, titles) for each in waiting.rows
            },
            "frameworks": published_frameworks(session),
            "overdue": overdue(session, site.today),
            "exceptions": exceptions(session),
            "messages": troubled_messages(session),
            "progress": progress(session, site.clock()),
            "path": path,
            "open_path": site.opener(person.id),
            "typed": with_blanks(typed),
            "faults": faults.sentences,
            "done": request.query_params.get("gedaan", ""),
            "today": site.today,
        }
    return site.renderer.page(
        request,
        "desk.html",
        values,
        status=422 if faults else 200,
        person_language=person.language,
        home_path=path,
    )
