"""Turns a template and its values into a page in the language of the reader."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from kader.errors import half
from notifications.asked import reason
from notifications.dates import SHORT_MONTHS, long_date
from web.language import COOKIE, asked_language, choose_language
from web.queries.machine import OpinionView
from web.texts import LANGUAGES, Catalogue, read_catalogues

YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Renderer:
    """Templates and texts, loaded once."""

    environment: Environment
    catalogues: dict[str, Catalogue]
    organisation: str
    default_language: str
    zone: ZoneInfo

    def texts(self, request: Request, person_language: str | None = None) -> Catalogue:
        """Return the catalogue in the language of the reader."""
        return self.catalogues[choose_language(request, person_language, self.default_language)]

    def page(
        self,
        request: Request,
        template: str,
        values: dict[str, Any],
        *,
        status: int = 200,
        person_language: str | None = None,
        home_path: str | None = None,
    ) -> HTMLResponse:
        """Render a page.

        `person_language` is that of whom a signed link was made for. `home_path` is where the switch of
        language leads, for answers to a POST, whose own path can't be opened.
        """
        texts = self.texts(request, person_language)
        html = self.environment.get_template(template).render(
            **values,
            t=texts.say,
            n=texts.count,
            w=texts.word,
            half=lambda sentence: half(sentence, texts.language),
            day=partial(say_day, texts),
            because=partial(say_because, texts.language),
            moment=partial(say_moment, texts, zone=self.zone),
            language=texts.language,
            languages=LANGUAGES,
            here=home_path or request.url.path,
            organisation=self.organisation,
        )
        response = HTMLResponse(html, status_code=status, headers={"Content-Language": texts.language})
        if asked := asked_language(request):
            response.set_cookie(COOKIE, asked, max_age=YEAR, httponly=True, samesite="lax")
        return response


def make_renderer(*, organisation: str, language: str, zone: ZoneInfo) -> Renderer:
    """Load templates and texts."""
    environment = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = _asset
    return Renderer(environment, read_catalogues(), organisation, language, zone)


def say_day(texts: Catalogue, day: date, *, short: bool = False) -> str:
    """Return a day as people say it: `vrijdag 4 december 2026`, or short `4 dec 2026`."""
    if short:
        return f"{day.day} {SHORT_MONTHS[texts.language][day.month - 1]} {day.year}"
    return long_date(day, texts.language)


def say_because(language: str, opinion: OpinionView) -> str:
    """Return why a person is asked, in one sentence or two."""
    return reason("page", language, opinion.why or "other", opinion.asks.told() if opinion.asks else None)


def say_moment(texts: Catalogue, moment: datetime, *, zone: ZoneInfo) -> str:
    """Return a moment as people say it, in their own time zone: `4 dec 2026, 14:05`."""
    local = moment.astimezone(zone)
    return f"{say_day(texts, local.date(), short=True)}, {local:%H:%M}"


def _asset(name: str) -> str:
    """Address of a file of ours; it changes with the content, so that browsers may keep the file."""
    content = (files("web") / "static" / name).read_bytes()
    return f"/static/{name}?v={sha256(content).hexdigest()[:10]}"
