"""Who is asking: this machine, another page of ours, a program with the key, or the holder of a signed link."""

import hmac
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from kader.errors import UserError
from kader.links import ExpiredLinkError, Holder, Purpose
from kader.settings import is_loopback
from web.site import Here, Site

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def is_local(request: Request, site: Site) -> bool:
    """Whether somebody at this machine asks, not a proxy on it and not a foreign name that points to it.

    A proxy need not say that it is one. So where others reach the pages at a public address, nobody is local.
    """
    if not site.settings.is_local or request.client is None:
        return False
    if any(name in request.headers for name in FORWARDED):
        return False
    return is_loopback(request.client.host) and is_loopback(request.url.hostname or "")


def demo_only(request: Request, site: Here) -> None:
    """Let through only who sits at this machine while no mail server is configured; others find nothing."""
    if site.settings.smtp_url or not is_local(request, site):
        raise HTTPException(404)


def same_site(request: Request, site: Here) -> None:
    """Refuse a form that another site sent.

    The signed link in the path is the real secret. Browsers leave `Origin` at `null` for a page without
    referrer and `Sec-Fetch-Site` out without HTTPS, so only what they do say is held against them.
    """
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        if fetched not in {"same-origin", "none"}:
            raise HTTPException(403)
        return
    origin = request.headers.get("origin", "null")
    # Behind a proxy Host may be the proxy's word for us; the pages know their own address.
    ours = {request.headers.get("host"), urlsplit(site.settings.pages).netloc}
    if origin != "null" and urlsplit(origin).netloc not in ours:
        raise HTTPException(403)


def may_post(request: Request, site: Here) -> None:
    """Let a program through that has the key; without a key in the settings: only from this machine."""
    key = site.settings.api_key
    if not key:
        if not is_local(request, site):
            raise HTTPException(
                403,
                "Stel KADER_API_KEY in en stuur die mee als 'Authorization: Bearer …', of vraag het vanaf deze machine. / "
                "Set KADER_API_KEY and send it as 'Authorization: Bearer …', or ask from this machine.",
            )
        return
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not hmac.compare_digest(given.encode(), key.encode()):
        raise HTTPException(
            401,
            "Stuur de sleutel mee als 'Authorization: Bearer …'. / Send the key as 'Authorization: Bearer …'.",
            headers={"WWW-Authenticate": "Bearer"},
        )


class ExpiredError(HTTPException):
    """A link of ours is too old; `path` is where it led. Its page offers a new one."""

    def __init__(self, path: str) -> None:
        super().__init__(410)
        self.path = path


def holder_of(site: Site, purpose: Purpose, token: str) -> Holder:
    """Return whom a signed link was made for; a link that doesn't work (any more) gives a friendly page."""
    try:
        return site.links.read(purpose, token)
    except ExpiredLinkError:
        raise ExpiredError(f"/{purpose.value}/{token}") from None
    except UserError:
        raise HTTPException(410) from None
