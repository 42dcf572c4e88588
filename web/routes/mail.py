"""The mail catcher: while no mail server is configured, who sits at this machine reads all mail here."""

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from kader.errors import UserError
from notifications.mailbox import MailView, list_mails, read_mail
from web.routes.pages import page
from web.site import Here, Site
from web.trust import demo_only

router = APIRouter(dependencies=[Depends(demo_only)])

# Nothing of a mail runs or loads; a link opens in a window of its own.
FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)
OPEN_LINKS_OUTSIDE = '<base target="_blank">'


@page(router, "/mail")
def mail_list(request: Request, site: Here, recipient: str = "", number: int = 1) -> Response:
    mails = list_mails(site.settings.mailbox, recipient=recipient.strip() or None, page=number)
    return site.renderer.page(request, "mailbox.html", {"mails": mails, "recipient": recipient.strip()})


@page(router, "/mail/{key}")
def mail_page(request: Request, site: Here, key: str) -> Response:
    mail = _read(site, key)
    return site.renderer.page(request, "mail.html", {"mail": mail})


@page(router, "/mail/{key}/html")
def mail_html(site: Here, key: str) -> Response:
    html = _read(site, key).html
    return HTMLResponse(OPEN_LINKS_OUTSIDE + html, headers={"Content-Security-Policy": FRAME_POLICY})


def _read(site: Site, key: str) -> MailView:
    try:
        return read_mail(site.settings.mailbox, key)
    except UserError:
        raise HTTPException(404) from None
