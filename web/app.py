"""The web application: pages for submitters, managers and coordinators, and a JSON API."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from kader.errors import UserError
from kader.links import Links
from kader.secret import secret_key
from kader.settings import Settings, read_settings
from models.session import open_database
from web import problems
from web.finder import Finder
from web.guard import Guard
from web.render import make_renderer
from web.routes import answer, api, desk, follow, fresh_link, home, kept, mail, manager, progress, submit
from web.site import Site, utc_now

# A character takes at most 12 bytes in JSON (`\ud83d\ude00`) and as many in a form.
BYTES_A_CHARACTER = 12
ROOM_FOR_THE_REST = 65_536


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """Make the application; without settings they are read from the environment."""
    settings = settings or read_settings()
    database = open_database(settings.database)
    site = Site(
        settings=settings,
        database=database,
        links=Links(secret_key(settings), settings.pages, settings.link_days),
        renderer=make_renderer(
            organisation=settings.organisation, language=settings.language, zone=settings.zone
        ),
        clock=clock,
        finder=Finder(database, settings, clock),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        yield
        site.database.dispose()

    app = FastAPI(
        title=f"{settings.organisation}: Kader",
        version="1",
        # The usual pages for reading an API load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.site = site
    app.add_middleware(
        Guard,
        largest_body=settings.longest_idea * BYTES_A_CHARACTER + ROOM_FOR_THE_REST,
        error_page=problems.error_page,
    )
    app.add_exception_handler(HTTPException, problems.on_http_error)
    app.add_exception_handler(RequestValidationError, problems.on_invalid)
    app.add_exception_handler(UserError, problems.on_user_error)
    for part in (home, submit, follow, fresh_link, answer, manager, desk, kept, mail, progress, api):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=str(files("web") / "static")), name="static")
    return app
