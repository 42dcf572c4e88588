"""The front page: what is asked, within which limits, and who decides."""

from fastapi import APIRouter, Request, Response

from pipeline.store.deciding.organisation import awaits_first_framework
from web.queries.frameworks import published_frameworks
from web.routes.pages import page
from web.site import Here

router = APIRouter()


@page(router, "/")
def home(request: Request, site: Here) -> Response:
    with site.database.reading() as session:
        frameworks = published_frameworks(session)
        waits = awaits_first_framework(session)
    return site.renderer.page(
        request,
        "home.html",
        {
            "frameworks": [each for each in frameworks if each.is_open(site.today)],
            "awaits_framework": waits,
            "later": [each for each in frameworks if each.opens_on and each.opens_on > site.today],
            "today": site.today,
        },
    )
