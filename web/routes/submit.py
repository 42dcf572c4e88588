"""The form for an idea, and the page that says it was received."""

import json
from hashlib import sha256
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from intake.accept import accept
from intake.offer import Offer, can_be_mailed
from kader.errors import UserError
from kader.links import Purpose
from models.words import IntakeOutcome, Source
from pipeline.store.deciding.organisation import awaits_first_framework
from web.finder import BusyError
from web.forms import Faults, Typed, told, with_blanks
from web.queries.deliveries import delivered
from web.queries.ideas import find_idea
from web.queries.people import units
from web.routes.pages import form, page, see
from web.same import same_as, same_token
from web.site import Here, Site
from web.texts import Catalogue
from workers.doorbell import ring

router = APIRouter()

LONGEST_LINE = 200
# Characters of a draft after which it is worth saying that there is nothing like it.
LONG_ENOUGH = 25
# How long the page after sending can be opened again, in seconds.
THANKS_AGE = 24 * 3600


@page(router, "/idee")
def idea_form(request: Request, site: Here) -> Response:
    return _form(request, site, {}, Faults())


@form(router, "/idee")
def send_idea(request: Request, site: Here, typed: Typed) -> Response:
    texts = site.renderer.texts(request)
    faults = check(typed, texts, site.settings.longest_idea)
    if faults:
        return _form(request, site, typed, faults, status=422)
    offer = offer_of(typed, texts.language, same_as_id=same_as(site, typed.get("same_as", "")))
    try:
        with site.database.writing() as session:
            accepted = accept(session, offer, now=site.clock(), settings=site.settings)
            kept = delivered(session, Source.FORM, offer.delivery_key)
    except UserError as error:
        faults.add("text", told(error, texts))
        return _form(request, site, typed, faults, status=422)
    ring("triage")
    ring("mail")
    # Who sends words that a colleague sent before learns no more than the reference.
    is_own = kept is not None and kept[0] is IntakeOutcome.IDEA
    token = _thanks(site).dumps([accepted.idea_id, is_own, accepted.follow_token])
    return see(f"/idee/bedankt/{token}")


@form(router, "/idee/lijkt-op")
def similar_ideas(request: Request, site: Here, typed: Typed) -> Response:
    """Return what is shown below the form while somebody writes: a part of a page."""
    words = "\n".join(typed.get(name, "").strip() for name in ("title", "text")).strip()
    try:
        found = site.finder.find(words)
    except BusyError:
        raise HTTPException(503, headers={"Retry-After": "2"}) from None
    values = {
        "found": [(each, same_token(site, each.id)) for each in found],
        "chosen": same_as(site, typed.get("same_as", "")),
        "looked": len(words) >= LONG_ENOUGH,
    }
    return site.renderer.page(request, "similar.html", values, home_path="/idee")


@page(router, "/idee/bedankt/{token}")
def thanks(request: Request, site: Here, token: str) -> Response:
    try:
        idea_id, is_own, follow_token = _thanks(site).loads(token, max_age=THANKS_AGE)
    except (BadData, ValueError, TypeError):
        raise HTTPException(410) from None
    with site.database.reading() as session:
        idea = find_idea(session, idea_id)
        waits = awaits_first_framework(session)
    if idea is None:
        raise HTTPException(410)
    follow = None
    if follow_token:
        follow = f"{site.settings.pages}/{Purpose.FOLLOW.value}/anoniem/{follow_token}"
    elif is_own and idea.submitter_id is not None:
        follow = site.links.make(Purpose.FOLLOW, person_id=idea.submitter_id, idea_id=idea.id)
    values = {"idea": idea, "is_own": is_own, "follow": follow, "awaits_framework": waits}
    return site.renderer.page(request, "thanks.html", values)


def check(typed: dict[str, str], texts: Catalogue, longest: int) -> Faults:
    """Return what is wrong with a filled-in form."""
    faults = Faults()
    text = typed.get("text", "").strip()
    if not text:
        faults.add("text", texts.say("form.text_missing"))
    elif len(text) > longest:
        faults.add("text", texts.say("form.text_too_long", longest=longest, length=len(text)))
    if len(typed.get("title", "").strip()) > LONGEST_LINE:
        faults.add("title", texts.say("form.title_too_long", longest=LONGEST_LINE))
    email = typed.get("email", "").strip()
    if not typed.get("anonymous"):
        if not email:
            faults.add("email", texts.say("form.email_missing"))
        elif not can_be_mailed(email.lower()):
            faults.add("email", texts.say("form.email_wrong"))
        if len(typed.get("name", "").strip()) > LONGEST_LINE:
            faults.add("name", texts.say("form.name_too_long", longest=LONGEST_LINE))
    return faults


def offer_of(typed: dict[str, str], language: str, same_as_id: int | None = None) -> Offer:
    """Return what is offered to the intake; `language` is that of the page.

    Of an anonymous idea nothing that could lead to a person is kept, not in the raw form either.
    """
    anonymous = bool(typed.get("anonymous"))
    kept = {name: typed.get(name, "").strip() for name in ("title", "text", "unit")}
    if not anonymous:
        kept |= {name: typed.get(name, "").strip() for name in ("name", "email")}
    said = {} if same_as_id is None else {"same_as": same_as_id}
    raw = json.dumps(kept | said | {"anonymous": anonymous}, ensure_ascii=False, sort_keys=True).encode()
    return Offer(
        source=Source.FORM,
        title=kept["title"],
        text=kept["text"],
        submitter_email=kept.get("email", "").lower() or None,
        submitter_name=kept.get("name") or None,
        anonymous=anonymous,
        unit_slug=kept["unit"] or None,
        language=None,
        # The same form with other words, or from somebody else, is another idea: who goes back may change all.
        delivery_key=f"{typed.get('key', '')[:100] or uuid4().hex} {sha256(raw).hexdigest()}",
        raw=raw,
        content_type="application/json",
        origin=None,
        reader_language=language,
        same_as_id=same_as_id,
    )


def _form(
    request: Request, site: Site, typed: dict[str, str], faults: Faults, *, status: int = 200
) -> Response:
    with site.database.reading() as session:
        choices = units(session)
        waits = awaits_first_framework(session)
    values = {
        "typed": with_blanks(typed),
        "faults": faults.sentences,
        "units": choices,
        # The key goes with the form: a double click or a reload offers the same idea, not a second one.
        "key": typed.get("key") or uuid4().hex,
        "longest": site.settings.longest_idea,
        "awaits_framework": waits,
        "shows_similar": site.settings.similar,
    }
    return site.renderer.page(request, "idea_form.html", values, status=status)


def _thanks(site: Site) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(site.links.secret, salt="kader.bedankt")
