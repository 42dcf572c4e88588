"""What was kept for a person to look at: make an idea of it, take it as an answer, or settle it."""

from collections.abc import Callable

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy.orm import Session

from intake.kept import make_idea, read_mail, resolve, take_as_reply
from intake.mail.answering import answered
from intake.mail.parsed import ParsedMail
from intake.offer import Files
from kader.links import Purpose
from web.changing import refused
from web.forms import Faults, Typed, with_blanks
from web.queries.ideas import IdeaView, decisions_of, find_idea
from web.queries.people import PersonView, units
from web.queries.trouble import KeptView, kept_record
from web.routes.answer import download
from web.routes.desk import open_desk
from web.routes.pages import form, page, see
from web.site import Here, Site
from workers.doorbell import ring

router = APIRouter()

FIELDS = ("title", "text", "email", "name", "unit")


@page(router, "/bureau/{token}/apart/{record_id}")
def kept(request: Request, site: Here, token: str, record_id: int) -> Response:
    person, record = _open(site, token, record_id)
    return _page(request, site, token, person, record)


@page(router, "/bureau/{token}/ruw/{record_id}")
def raw(site: Here, token: str, record_id: int) -> Response:
    _, record = _open(site, token, record_id)
    return download(record.content, f"kader-{record_id}.txt")


@form(router, "/bureau/{token}/apart/{record_id}/idee")
def to_idea(request: Request, site: Here, token: str, record_id: int, typed: Typed) -> Response:
    person, record = _open(site, token, record_id)
    files = _files(site, record)

    def change(session: Session) -> None:
        make_idea(
            session,
            {name: typed.get(name, "").strip() for name in FIELDS},
            record_id=record.id,
            attachments=files,
            person_id=person.id,
            now=site.clock(),
            settings=site.settings,
        )

    return _say(request, site, token, person, record, typed, change, done="idee")


@form(router, "/bureau/{token}/apart/{record_id}/antwoord")
def to_reply(request: Request, site: Here, token: str, record_id: int, typed: Typed) -> Response:
    person, record = _open(site, token, record_id)
    files = _files(site, record)

    def change(session: Session) -> None:
        take_as_reply(
            session,
            record_id=record.id,
            reference=typed.get("reference", ""),
            text=typed.get("reply", ""),
            attachments=files,
            person_id=person.id,
            now=site.clock(),
            settings=site.settings,
        )

    return _say(request, site, token, person, record, typed, change, done="antwoord")


@form(router, "/bureau/{token}/apart/{record_id}/klaar")
def settle(request: Request, site: Here, token: str, record_id: int, typed: Typed) -> Response:
    person, record = _open(site, token, record_id)

    def change(session: Session) -> None:
        resolve(
            session,
            record_id=record.id,
            note=typed.get("note", ""),
            person_id=person.id,
            now=site.clock(),
        )

    return _say(request, site, token, person, record, typed, change, done="klaar")


def _open(site: Site, token: str, record_id: int) -> tuple[PersonView, KeptView]:
    with site.database.reading() as session:
        person = open_desk(session, site, token)
        record = kept_record(session, record_id)
    if record is None:
        raise HTTPException(404)
    return person, record


def _files(site: Site, record: KeptView) -> Files:
    mail = read_mail(record.content, record.content_type, site.settings)
    attachments = mail.attachments if mail is not None else ()
    return tuple((each.name, each.content_type, each.content) for each in attachments)


def _say(
    request: Request,
    site: Site,
    token: str,
    person: PersonView,
    record: KeptView,
    typed: dict[str, str],
    change: Callable[[Session], None],
    *,
    done: str,
) -> Response:
    if faults := refused(request, site, person.language, change):
        record = _open(site, token, record.id)[1]
        return _page(request, site, token, person, record, typed, faults)
    ring("triage")
    ring("mail")
    return see(f"/{Purpose.DESK.value}/{token}?gedaan={done}#mis")


def _page(
    request: Request,
    site: Site,
    token: str,
    person: PersonView,
    record: KeptView,
    typed: dict[str, str] | None = None,
    faults: Faults | None = None,
) -> Response:
    # Reading a mail takes a process of its own, so no transaction is open meanwhile.
    mail = (
        read_mail(record.content, record.content_type, site.settings) if record.resolved_at is None else None
    )
    with site.database.reading() as session:
        idea = _answered_idea(session, site, mail)
        decisions = decisions_of(session, idea.id) if idea is not None else ()
        choices = units(session)
    desk = f"/{Purpose.DESK.value}/{token}"
    values = {
        "record": record,
        "idea": idea,
        "question": decisions[-1].reason if decisions and decisions[-1].kind == "ask" else None,
        "units": choices,
        "desk_path": desk,
        "path": f"{desk}/apart/{record.id}",
        "open_path": site.opener(person.id),
        "typed": with_blanks({**_read(record, mail, idea), **(typed or {})}),
        "faults": faults.sentences if faults else {},
    }
    return site.renderer.page(
        request,
        "kept.html",
        values,
        status=422 if faults else 200,
        person_language=person.language,
        home_path=f"{desk}/apart/{record.id}",
    )


def _answered_idea(session: Session, site: Site, mail: ParsedMail | None) -> IdeaView | None:
    answer = answered(session, mail, site.settings) if mail is not None else None
    return find_idea(session, answer.idea_id) if answer is not None else None


def _read(record: KeptView, mail: ParsedMail | None, idea: IdeaView | None) -> dict[str, str]:
    """What could be read of it, as the forms begin with."""
    if mail is None:
        return {"text": record.excerpt}
    words = mail.text or mail.whole_text
    return {
        "title": mail.title,
        "text": words,
        "email": mail.from_address or "",
        "name": mail.from_name,
        "reference": idea.reference if idea is not None else "",
        "reply": words,
    }
