"""How every page is routed: by GET and HEAD, which never change anything."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from web.trust import same_site

Handler = Callable[..., Any]


def page(router: APIRouter, path: str) -> Callable[[Handler], Handler]:
    """Route a page that is looked at."""
    return router.api_route(
        path,
        methods=["GET", "HEAD"],
        include_in_schema=False,
        response_class=HTMLResponse,
        response_model=None,
    )


def form(router: APIRouter, path: str) -> Callable[[Handler], Handler]:
    """Route a form that is sent; one that another site sent is refused."""
    return router.post(
        path,
        include_in_schema=False,
        response_class=HTMLResponse,
        response_model=None,
        dependencies=[Depends(same_site)],
    )


def page_number(request: Request, name: str) -> int:
    """Return which page of a list is asked for (`?name=2`); the first when nothing sensible is."""
    asked = request.query_params.get(name, "")
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1


def see(path: str) -> RedirectResponse:
    """Lead the browser to a page after a form was handled, so that reloading sends nothing again."""
    return RedirectResponse(path, status_code=303)
