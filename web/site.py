"""What every page needs: settings, database, links, texts and the clock, in one frozen object."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends, Request

from kader.links import Links, Purpose
from kader.settings import Settings
from models.session import Database
from web.finder import Finder
from web.render import Renderer


@dataclass(frozen=True, slots=True)
class Site:
    """One running web application."""

    settings: Settings
    database: Database
    links: Links
    renderer: Renderer
    clock: Callable[[], datetime]
    finder: Finder

    @property
    def today(self) -> date:
        """The day it is for the people who look at the pages."""
        return self.clock().astimezone(self.settings.zone).date()

    def path(self, purpose: Purpose, *, person_id: int, idea_id: int | None = None) -> str:
        """Return the path of a signed link, for use within the pages."""
        return self.links.make(purpose, person_id=person_id, idea_id=idea_id).removeprefix(
            self.settings.pages
        )

    def opener(self, person_id: int) -> Callable[[int], str]:
        """Return what gives the path of somebody's page of an idea."""
        return lambda idea_id: self.path(Purpose.ANSWER, person_id=person_id, idea_id=idea_id)


def utc_now() -> datetime:
    return datetime.now(UTC)


def site_of(request: Request) -> Site:
    """Return the site that `web.app.create_app` put on the application."""
    site = request.app.state.site
    if not isinstance(site, Site):
        raise TypeError("the application was not made by web.app.create_app")
    return site


Here = Annotated[Site, Depends(site_of)]
