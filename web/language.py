"""Which language a reader gets."""

from fastapi import Request

from web.texts import LANGUAGES

COOKIE = "kader_language"


def asked_language(request: Request) -> str | None:
    """Return the language that the reader asks for in the address (`?lang=en`)."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def choose_language(request: Request, person_language: str | None, default: str) -> str:
    """Return the language to use.

    What the reader chose goes first, then what we know of the person, then the browser, then the default.
    """
    chosen = asked_language(request) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    if person_language in LANGUAGES:
        return str(person_language)
    return accepted_language(request.headers.get("accept-language", "")) or default


def accepted_language(header: str) -> str | None:
    """Return the language of ours that an Accept-Language header prefers (RFC 9110, 12.5.4)."""
    weighed = []
    for position, part in enumerate(header[:1000].split(",")):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language in LANGUAGES and quality > 0:
            weighed.append((-quality, position, language))
    return min(weighed)[2] if weighed else None
