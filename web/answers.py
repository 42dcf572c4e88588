"""What a manager filled in: read it, and say what is wrong with it."""

from dataclasses import dataclass
from datetime import date

from models.words import DecisionKind
from notifications.dates import long_date
from pipeline.answering import LONGEST_REASON, SHORTEST_REASON
from pipeline.store.deciding.repeats import Said
from web.forms import Faults, read_day
from web.queries.dossier import Dossier
from web.queries.people import PersonView
from web.texts import Catalogue


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as it was filled in. `seen` is the number of the last decision that the page showed."""

    kind: DecisionKind
    reason: str
    parked_until: date | None
    due_on: date | None
    framework: str | None
    seen: int

    def said_by(self, person_id: int) -> Said:
        """The decision as it is kept."""
        return Said(person_id, self.kind, self.reason, self.framework, self.parked_until, self.due_on)


def read_answer(typed: dict[str, str]) -> Answer | None:
    """Return the answer in a form, or None when no known decision was chosen."""
    try:
        kind = DecisionKind(typed.get("action", ""))
    except ValueError:
        return None
    return Answer(
        kind=kind,
        reason=typed.get("reason", "").strip(),
        parked_until=read_day(typed.get("parked_until", "")) if kind is DecisionKind.PARK else None,
        due_on=read_day(typed.get("due_on", "")) if kind is DecisionKind.EXTEND else None,
        framework=typed.get("framework") or None,
        seen=read_seen(typed),
    )


def read_seen(typed: dict[str, str]) -> int:
    """The number of the last decision that the page showed; 0 for none."""
    seen = typed.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 6 else 0


def check(
    typed: dict[str, str],
    given: Answer | None,
    dossier: Dossier,
    person: PersonView,
    texts: Catalogue,
    today: date,
) -> Faults:
    """Return what is wrong with an answer."""
    faults = Faults()
    if not dossier.may_answer(person):
        faults.add("page", texts.say("answer.not_yours"))
    if given is None:
        faults.add("action", texts.say("answer.action_missing"))
    else:
        _check_choice(given, dossier, texts, today, faults)
    reason = typed.get("reason", "").strip()
    if not reason:
        faults.add("reason", texts.say("answer.reason_missing"))
    elif len(reason) < SHORTEST_REASON:
        faults.add("reason", texts.say("answer.reason_too_short"))
    elif len(reason) > LONGEST_REASON:
        faults.add("reason", texts.say("answer.reason_too_long", longest=LONGEST_REASON))
    return faults


def _check_choice(given: Answer, dossier: Dossier, texts: Catalogue, today: date, faults: Faults) -> None:
    if given.seen != dossier.last_number:
        faults.add("page", texts.say("answer.changed"))
    elif given.kind not in dossier.possible():
        faults.add("page", texts.say("answer.not_possible"))
    days = {
        DecisionKind.PARK: ("parked_until", given.parked_until),
        DecisionKind.EXTEND: ("due_on", given.due_on),
    }
    if given.kind in days:
        name, day = days[given.kind]
        if day is None:
            faults.add(name, texts.say("answer.day_missing"))
        elif day <= today:
            faults.add(name, texts.say("answer.day_past"))
        elif given.kind is DecisionKind.EXTEND and dossier.promise and day <= dossier.promise.due_on:
            promised = long_date(dossier.promise.due_on, texts.language)
            faults.add(name, texts.say("answer.day_not_later", day=promised))
    if given.kind is DecisionKind.HAND_OVER and given.framework not in dict(dossier.choices):
        faults.add("framework", texts.say("answer.framework_missing"))
