"""Live progress, and in the demo the doors to everybody's pages."""

from fastapi import APIRouter, Request, Response

from kader.links import Purpose
from models.words import IdeaStatus
from web.queries.doors import Door, busiest_managers, coordinators, some_submitters
from web.queries.progress import progress
from web.routes.pages import page
from web.site import Here, Site
from web.trust import is_local

router = APIRouter()


@page(router, "/stand")
def standing(request: Request, site: Here) -> Response:
    open_doors = is_local(request, site) and not site.settings.smtp_url
    with site.database.reading() as session:
        values = {
            "progress": progress(session, site.clock()),
            "open_doors": open_doors,
            "statuses": [status.value for status in IdeaStatus],
            "doors": {
                "desk": _paths(site, Purpose.DESK, coordinators(session)),
                "manager": _paths(site, Purpose.MANAGER, busiest_managers(session)),
                "submitter": _paths(site, Purpose.FOLLOW, some_submitters(session)),
            }
            if open_doors
            else {},
        }
    return site.renderer.page(request, "progress.html", values)


def _paths(site: Site, purpose: Purpose, doors: tuple[Door, ...]) -> list[tuple[Door, str]]:
    return [(door, site.path(purpose, person_id=door.person_id, idea_id=door.idea_id)) for door in doors]
