"""Around every request: a limit on its size, headers that keep browsers careful, one log line, no stack traces."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

from fastapi import HTTPException, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.session import is_transient

logger = logging.getLogger(__name__)

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    # Paths hold signed links, so no other site may learn from where somebody came.
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}

ErrorPage = Callable[[Request, int, str | None], Response]


@dataclass(frozen=True, slots=True)
class Guard:
    """ASGI middleware. `largest_body` in bytes; `error_page` makes the page for an unexpected error."""

    app: ASGIApp
    largest_body: int
    error_page: ErrorPage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        status = 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, limited(scope, receive, self.largest_body), send_guarded)
        except Exception as error:
            number = uuid4().hex[:8]
            # A message may hold what somebody wrote, so only the kind of error and the places are logged.
            places = "".join(traceback.format_tb(error.__traceback__))
            logger.error("incident %s: %s\n%s", number, type(error).__name__, places)  # noqa: TRY400  # see above
            if status:
                raise
            code = 503 if is_transient(error) else 500
            response = self.error_page(Request(scope), code, number)
            await response(scope, receive, send_guarded)
        finally:
            # The template of the path: the path itself holds tokens.
            path = getattr(scope.get("route"), "path", None) or "-"
            milliseconds = (perf_counter() - started) * 1000
            logger.info("%s %s %s %.0f ms", scope["method"], path, status, milliseconds)


def limited(scope: Scope, receive: Receive, largest: int) -> Callable[[], Awaitable[Message]]:
    """Return `receive`, refusing a body of more than `largest` bytes before it is read whole."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    too_large = declared.isdigit() and int(declared) > largest
    seen = 0

    async def receive_limited() -> Message:
        nonlocal seen
        if too_large:
            raise HTTPException(413)
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > largest:
            raise HTTPException(413)
        return message

    return receive_limited
