"""What people and programs see when something can't be done: a friendly page, or problem+json (RFC 9457)."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kader.errors import UserError, half
from web.forms import told
from web.language import accepted_language
from web.site import site_of
from web.texts import Catalogue
from web.trust import ExpiredError

OWN_PAGES = {400, 403, 404, 405, 410, 413, 422, 500, 503}
OWN_DETAILS = {400, 403, 404, 405, 413, 415, 422, 500, 503}
BRIEF_PAUSE = "10"


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error for a program: `detail` says in one sentence what to do."""
    return JSONResponse(
        {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail},
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def error_page(request: Request, status: int, number: str | None, expired: str | None = None) -> Response:
    """Return the answer to an error; `number` is what the log line calls it, `expired` the path of a link too old."""
    site = site_of(request)
    headers = {"Retry-After": BRIEF_PAUSE} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if _is_api(request):
        detail = _texts(request).say(f"problem.{_nearest(status, OWN_DETAILS)}")
        return problem(status, f"{detail} ({number})" if number else detail, headers)
    key = "expired" if expired else str(_nearest(status, OWN_PAGES))
    response = site.renderer.page(
        request,
        "error.html",
        {"key": key, "number": number, "expired": expired},
        status=status,
        home_path="/",
    )
    response.headers.update(headers)
    return response


def on_http_error(request: Request, error: Exception) -> Response:
    """Answer an HTTPException."""
    if not isinstance(error, HTTPException):
        raise error
    spoken = error.detail != HTTPStatus(error.status_code).phrase
    if _is_api(request) and spoken:
        detail = half(str(error.detail), _texts(request).language)
        return problem(error.status_code, detail, dict(error.headers or {}))
    expired = error.path if isinstance(error, ExpiredError) else None
    response = error_page(request, error.status_code, None, expired)
    response.headers.update(error.headers or {})
    return response


def on_invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose path or fields have the wrong shape; a page with a wrong path isn't there."""
    if not isinstance(error, RequestValidationError):
        raise error
    return error_page(request, 422 if _is_api(request) else 404, None)


def on_user_error(request: Request, error: Exception) -> Response:
    """Answer what somebody can mend."""
    if not isinstance(error, UserError):
        raise error
    if _is_api(request):
        return problem(422, told(error, _texts(request)))
    return error_page(request, 422, None)


def _nearest(status: int, own: set[int]) -> int:
    """The status whose words fit: its own, or those for any mistake of the sender's, or of ours."""
    if status in own:
        return status
    return 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500


def _texts(request: Request) -> Catalogue:
    """The words for a program: English, unless it asks for Dutch."""
    language = accepted_language(request.headers.get("accept-language", "")) or "en"
    return site_of(request).renderer.catalogues[language]


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
