"""A manager's list: what waits, earliest due first, and what was decided."""

from fastapi import APIRouter, HTTPException, Request, Response

from kader.links import Purpose
from web.queries.people import find_person
from web.queries.work import decided_by, parked_of, work_of
from web.routes.pages import page, page_number
from web.site import Here
from web.trust import holder_of

router = APIRouter()


@page(router, "/mijn/{token}")
def manager_list(request: Request, site: Here, token: str) -> Response:
    holder = holder_of(site, Purpose.MANAGER, token)
    with site.database.reading() as session:
        person = find_person(session, holder.person_id)
        if person is None:
            raise HTTPException(410)
        values = {
            "person": person,
            "work": work_of(session, person.id, site.today, page_number(request, "open")),
            "parked": parked_of(session, person.id, page_number(request, "later")),
            "decided": decided_by(session, person.id),
            "path": f"/{Purpose.MANAGER.value}/{token}",
            "today": site.today,
            "open_path": site.opener(person.id),
        }
    return site.renderer.page(request, "manager.html", values, person_language=person.language)
