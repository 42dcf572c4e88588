"""What people and programs see when something can't be done: a friendly page, or problem+json (RFC 9457)."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kader.errors import UserError
from web.forms import told
from web.site import site_of

OWN_PAGES = {403, 404, 405, 410, 413, 422, 500, 503}
BRIEF_PAUSE = "10"


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error for a program: `detail` says in one sentence what to do."""
    return JSONResponse(
        {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail},
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def error_page(request: Request, status: int, number: str | None) -> Response:
    """Return the answer to an error; `number` is what the log line calls it."""
    site = site_of(request)
    headers = {"Retry-After": BRIEF_PAUSE} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    texts = site.renderer.texts(request)
    key = status if status in OWN_PAGES else 500
    if _is_api(request):
        detail = texts.say(f"error.{key}.advice")
        return problem(status, f"{detail} ({number})" if number else detail, headers)
    response = site.renderer.page(
        request, "error.html", {"key": str(key), "number": number}, status=status, home_path="/"
    )
    response.headers.update(headers)
    return response


def on_http_error(request: Request, error: Exception) -> Response:
    """Answer an HTTPException."""
    if not isinstance(error, HTTPException):
        raise error
    spoken = error.detail != HTTPStatus(error.status_code).phrase
    if _is_api(request) and spoken:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))
    return error_page(request, error.status_code, None)


def on_invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose path or fields have the wrong shape; a page with a wrong path isn't there."""
    if not isinstance(error, RequestValidationError):
        raise error
    return error_page(request, 422 if _is_api(request) else 404, None)


def on_user_error(request: Request, error: Exception) -> Response:
    """Answer what somebody can mend."""
    if not isinstance(error, UserError):
        raise error
    site = site_of(request)
    sentence = told(error, site.renderer.texts(request))
    if _is_api(request):
        return problem(422, sentence)
    return error_page(request, 422, None)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
