"""The coordinator's desk: what the machine left open, what is late, and what went wrong."""

from collections.abc import Callable
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy.orm import Session

from intake.mail.fetched import silent_since
from kader.links import Purpose
from models.ids import id_in
from notifications.trouble import dismiss, resend
from pipeline.answering import LONGEST_REASON, SHORTEST_REASON
from pipeline.store.deciding.answers import place
from pipeline.store.deciding.objecting import let_stay, open_objections
from pipeline.store.deciding.organisation import awaits_first_framework
from web.answers import read_seen
from web.changing import refused
from web.forms import Faults, Typed, with_blanks
from web.queries.frameworks import published_frameworks, titles_by_slug
from web.queries.ideas import last_decisions, remarks_of
from web.queries.machine import latest_opinion, suggested_twins
from web.queries.people import PersonView, find_person
from web.queries.progress import progress
from web.queries.trouble import exceptions, troubled_messages
from web.queries.work import objected, overdue, waiting_for_coordinator
from web.routes.pages import form, page, page_number, see
from web.site import Here, Site
from web.texts import Catalogue
from web.trust import holder_of
from workers.doorbell import ring

router = APIRouter()

# What a coordinator may do with a message that failed or is uncertain, and what the desk says afterwards.
MESSAGE_WORDS = {"resend": (resend, "opnieuw"), "dismiss": (dismiss, "gelaten")}


@page(router, "/bureau/{token}")
def desk(request: Request, site: Here, token: str) -> Response:
    with site.database.reading() as session:
        person = open_desk(session, site, token)
    return _page(request, site, token, person, {}, Faults())


@form(router, "/bureau/{token}/plaats")
def place_idea(request: Request, site: Here, token: str, typed: Typed) -> Response:
    with site.database.reading() as session:
        person = open_desk(session, site, token)
        slugs = {each.slug for each in published_frameworks(session)}
    texts = site.renderer.texts(request, person.language)
    idea_id, framework = _idea_id(typed), typed.get("framework", "")
    faults = Faults()
    if framework not in slugs:
        faults.add("framework", texts.say("answer.framework_missing"))
    reason = _reason(typed, "reason", faults, texts)
    if faults:
        return _page(request, site, token, person, typed, faults)

    def change(session: Session) -> None:
        place(
            session,
            idea_id=idea_id,
            person_id=person.id,
            framework_slug=framework,
            reason=reason,
            now=site.clock(),
            settings=site.settings,
            seen=read_seen(typed),
        )

    return _say(request, site, token, person, typed, change, done=f"plaats{_pages(request, '&')}")


@form(router, "/bureau/{token}/blijft")
def leave_idea(request: Request, site: Here, token: str, typed: Typed) -> Response:
    with site.database.reading() as session:
        person = open_desk(session, site, token)
    texts = site.renderer.texts(request, person.language)
    idea_id = _idea_id(typed)
    faults = Faults()
    reason = _reason(typed, "stays", faults, texts)
    if faults:
        return _page(request, site, token, person, typed, faults)

    def change(session: Session) -> None:
        let_stay(
            session,
            idea_id=idea_id,
            person_id=person.id,
            reason=reason,
            now=site.clock(),
            settings=site.settings,
        )

    return _say(request, site, token, person, typed, change, done=f"blijft{_pages(request, '&')}")


@form(router, "/bureau/{token}/bericht")
def handle_message(request: Request, site: Here, token: str, typed: Typed) -> Response:
    with site.database.reading() as session:
        person = open_desk(session, site, token)
    number, word = id_in(typed.get("message", "")), typed.get("word", "")
    if word not in MESSAGE_WORDS or number is None:
        raise HTTPException(422)
    handle, done = MESSAGE_WORDS[word]

    def change(session: Session) -> None:
        handle(session, number, site.clock(), person_id=person.id)

    return _say(request, site, token, person, typed, change, done=f"{done}#mis")


def _say(
    request: Request,
    site: Site,
    token: str,
    person: PersonView,
    typed: dict[str, str],
    change: Callable[[Session], None],
    *,
    done: str,
) -> Response:
    if faults := refused(request, site, person.language, change):
        return _page(request, site, token, person, typed, faults)
    ring("mail")
    return see(f"/{Purpose.DESK.value}/{token}?gedaan={done}")


def _pages(request: Request, sign: str) -> str:
    """Which pages of its lists the desk showed, as the rest of an address: whoever places an idea goes on there."""
    numbers = {name: page_number(request, name) for name in ("klopt-niet", "wachten")}
    told = urlencode({name: number for name, number in numbers.items() if number > 1})
    return f"{sign}{told}" if told else ""


def _idea_id(typed: dict[str, str]) -> int:
    number = id_in(typed.get("idea", ""))
    if number is None:
        raise HTTPException(422)
    return number


def _reason(typed: dict[str, str], name: str, faults: Faults, texts: Catalogue) -> str:
    reason = typed.get(name, "").strip()
    if len(reason) < SHORTEST_REASON:
        faults.add(name, texts.say("desk.reason_missing"))
    elif len(reason) > LONGEST_REASON:
        faults.add(name, texts.say("answer.reason_too_long", longest=LONGEST_REASON))
    return reason


def open_desk(session: Session, site: Site, token: str) -> PersonView:
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
        waiting = waiting_for_coordinator(session, page_number(request, "wachten"))
        wrong = objected(session, page_number(request, "klopt-niet"))
        shown = [each.idea_id for each in (*wrong.rows, *waiting.rows)]
        values = {
            "person": person,
            "remarks_by_idea": remarks_of(session, shown),
            "twins": suggested_twins(session, shown),
            "waiting": waiting,
            "objected": wrong,
            "objections": open_objections(session, [each.idea_id for each in wrong.rows]),
            "opinions": {idea_id: latest_opinion(session, idea_id, titles) for idea_id in shown},
            "seen": last_decisions(session, shown),
            "frameworks": published_frameworks(session),
            "awaits_framework": awaits_first_framework(session),
            "overdue": overdue(session, site.today, page_number(request, "laat")),
            "exceptions": exceptions(session, page_number(request, "apart")),
            "messages": troubled_messages(session, page_number(request, "berichten")),
            "progress": progress(session, site.clock()),
            "silent_since": silent_since(session, site.settings, now=site.clock()),
            "path": path,
            "pages": _pages(request, "?"),
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
