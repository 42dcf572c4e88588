"""Brings the demo's ideas in through the real doors, in the order in which they were written."""

import http.client
import json
import logging
import threading
import urllib.parse

from intake.mail.importer import import_message
from intake.mail.limits import MailLimits
from intake.mail.sandbox import SafeParser
from intake.mail.sources import RawMessage
from intake.table import import_rows
from kader.cli.here import now
from kader.demo.records import Demo, DemoIdea, DemoMail, DemoPerson
from kader.errors import TransientError
from kader.settings import Settings
from models.session import Database
from workers.doorbell import ring

logger = logging.getLogger(__name__)

TRIES = 5


def feed(demo: Demo, settings: Settings, database: Database, stopping: threading.Event, pause: float) -> None:
    """Offer every idea at its own door, then the mails that are no ideas; offering twice brings nothing in twice."""
    people = {person.slug: person for person in demo.people}
    mails = {mail.idea: mail for mail in demo.mails if mail.expect == "idea"}
    others = [mail for mail in demo.mails if mail.expect != "idea"]
    with SafeParser(MailLimits(total=settings.largest_mail), authserv_id=settings.authserv_id) as parser:
        for idea in demo.ideas:
            if stopping.wait(pause):
                return
            person = people.get(idea.submitter) if idea.submitter else None
            if idea.channel == "email":
                _by_mail(mails[idea.id], database, parser, settings)
            elif idea.channel == "import":
                _by_table(idea, person, database, settings)
            else:
                _by_web(idea, person, settings)
        for mail in others:
            _by_mail(mail, database, parser, settings)


def _by_mail(mail: DemoMail, database: Database, parser: SafeParser, settings: Settings) -> None:
    import_message(database, RawMessage(mail.file, mail.raw), parser, settings=settings, now=now())
    ring("triage")
    ring("mail")


def _by_table(idea: DemoIdea, person: DemoPerson | None, database: Database, settings: Settings) -> None:
    row = {
        "id": idea.id,
        "title": idea.title,
        "text": idea.text,
        "email": person.email if person else "",
        "name": person.name if person else "",
        "unit": idea.unit or "",
        "language": idea.language,
        "anonymous": "" if person else "yes",
    }
    for report in import_rows(database, [(2, row)], origin="demo.csv", settings=settings, clock=now):
        if report.message:
            raise TransientError(f"the demo idea {idea.id} was not accepted: {report.message}")
    ring("triage")
    ring("mail")


def _by_web(idea: DemoIdea, person: DemoPerson | None, settings: Settings) -> None:
    if idea.channel == "form":
        fields = {"key": f"demo-{idea.id}", "title": idea.title, "text": idea.text, "unit": idea.unit or ""}
        fields |= {"email": person.email, "name": person.name} if person else {"anonymous": "1"}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": settings.pages,
            "Sec-Fetch-Site": "same-origin",
        }
        _post(settings, "/idee", urllib.parse.urlencode(fields).encode(), headers, idea.id)
        return
    body: dict[str, object] = {"title": idea.title, "text": idea.text, "language": idea.language}
    body |= {"unit": idea.unit} if idea.unit else {}
    body |= (
        {"submitter_email": person.email, "submitter_name": person.name} if person else {"anonymous": True}
    )
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"demo-{idea.id}"}
    if settings.api_key:
        headers["Authorization"] = f"Bearer {settings.api_key}"
    _post(settings, "/api/v1/ideas", json.dumps(body).encode(), headers, idea.id)


def _post(settings: Settings, path: str, body: bytes, headers: dict[str, str], idea_id: str) -> None:
    for attempt in range(1, TRIES + 1):
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        except (http.client.HTTPException, OSError):
            if attempt == TRIES:
                raise
            logger.info("the pages didn't answer; trying again")
        else:
            if status >= http.HTTPStatus.BAD_REQUEST:
                raise TransientError(f"the demo idea {idea_id} was not accepted: HTTP {status}")
            return
        finally:
            connection.close()
