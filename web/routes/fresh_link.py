"""A new link for an expired one: one press, and it is mailed to whom the old one was made for."""

from fastapi import APIRouter, HTTPException, Request, Response

from kader.errors import UserError
from kader.links import ExpiredLinkError, Purpose
from notifications.fresh_link import send_fresh_link
from web.routes.pages import form, page, see
from web.site import Here
from workers.doorbell import ring

router = APIRouter()


@page(router, "/nieuwe-link")
def sent(request: Request, site: Here) -> Response:
    return site.renderer.page(request, "fresh_link.html", {})


@form(router, "/nieuwe-link/{purpose}/{token}")
def send(site: Here, purpose: Purpose, token: str) -> Response:
    try:
        site.links.read(purpose, token)
    except ExpiredLinkError as error:
        holder = error.holder
    except UserError:
        raise HTTPException(410) from None
    else:
        return see(f"/{purpose.value}/{token}")
    with site.database.writing() as session:
        send_fresh_link(session, holder, purpose, now=site.clock(), settings=site.settings)
    ring("mail")
    # Whether a mail went out is told in that mail only.
    return see("/nieuwe-link")
