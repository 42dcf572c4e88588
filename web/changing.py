"""Carrying out what somebody asks for on a page, or telling them why it can't be done."""

from collections.abc import Callable

from fastapi import Request
from sqlalchemy.orm import Session

from kader.errors import UserError
from web.forms import Faults, told
from web.site import Site


def refused(
    request: Request, site: Site, language: str | None, change: Callable[[Session], None]
) -> Faults | None:
    """What to tell the reader when `change` can't be made, in a transaction of its own; None when it was made.

    `language`: of the reader, None when nobody knows who that is.
    """
    try:
        with site.database.writing() as session:
            change(session)
    except UserError as error:
        return Faults({"page": told(error, site.renderer.texts(request, language))})
    return None
