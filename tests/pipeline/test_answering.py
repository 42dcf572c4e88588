from datetime import date, timedelta

import pytest

from kader.errors import UserError
from pipeline.answering import FARTHEST, LONGEST_REASON, Answer, Listener, checked_reason, consequences
from pipeline.lifecycle import ARROWS, Status

TODAY = date(2026, 6, 3)
LATER = date(2026, 9, 1)
LISTENERS = [Listener(7, 1), Listener(9, 2, "K-2026-0007"), Listener(12, 3, "K-2026-0007")]
LEADS_TO = {
    "adopt": Status.ADOPTED,
    "decline": Status.DECLINED,
    "park": Status.PARKED,
    "ask": Status.WAITING_FOR_SUBMITTER,
    "start": Status.IN_PROGRESS,
    "realise": Status.REALISED,
    "stop": Status.STOPPED,
}
# As long as nobody has answered, a new last day can be promised.
EXTENDABLE = {Status.ASSIGNED, Status.WITH_COORDINATOR, Status.IN_REVIEW, Status.WAITING_FOR_SUBMITTER}


def answer(kind, *, reason="Omdat het past.", number=4, parked_until=LATER, due_on=LATER):
    return Answer(
        kind,
        reason,
        "Anna",
        number,
        parked_until if kind == "park" else None,
        due_on if kind == "extend" else None,
    )


def after(status, given, listeners=LISTENERS):
    return consequences(status, given, framework="Groen", listeners=listeners, today=TODAY)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("kind", [*LEADS_TO, "extend"])
def test_an_answer_is_possible_exactly_where_an_arrow_leads(status, kind):
    possible = status in EXTENDABLE if kind == "extend" else LEADS_TO[kind] in ARROWS[status]
    if possible:
        found = after(status.value, answer(kind))
        assert found.status is (status if kind == "extend" else LEADS_TO[kind])
    else:
        with pytest.raises(UserError):
            after(status.value, answer(kind))


@pytest.mark.parametrize(
    ("kind", "message", "progress"),
    [
        ("adopt", "adopted", None),
        ("decline", "declined", None),
        ("park", "parked", None),
        ("extend", "extended", None),
        ("start", "progress", "start"),
        ("realise", "progress", "realise"),
        ("stop", "progress", "stop"),
    ],
)
def test_the_submitter_and_all_who_joined_hear_the_answer(kind, message, progress):
    status = "adopted" if progress else "assigned"
    found = after(status, answer(kind))
    assert [(each.kind, each.recipient_id, each.idea_id, each.revision) for each in found.messages] == [
        (message, 1, 7, 4),
        (message, 2, 9, 4),
        (message, 3, 12, 4),
    ]
    payload = {
        "by": "Anna",
        "reason": "Omdat het past.",
        "framework": "Groen",
        "parked_until": "2026-09-01" if kind == "park" else None,
        "due_on": "2026-09-01" if kind == "extend" else None,
        "progress": progress,
    }
    assert found.messages[0].payload == {**payload, "linked_to": None}
    assert found.messages[1].payload == {**payload, "linked_to": "K-2026-0007"}
    (event,) = found.events
    assert event.kind == kind
    assert event.detail["reason"] == "Omdat het past."


def test_a_question_goes_to_the_submitter_alone():
    found = after("assigned", answer("ask", reason="Welke deur bedoel je?"))
    (message,) = found.messages
    assert (message.kind, message.recipient_id, message.idea_id) == ("question", 1, 7)
    assert message.payload == {"by": "Anna", "question": "Welke deur bedoel je?"}


@pytest.mark.parametrize("listeners", [[], LISTENERS[1:]])
def test_who_sent_an_idea_without_a_name_can_not_be_asked(listeners):
    with pytest.raises(UserError, match="zonder naam"):
        after("assigned", answer("ask"), listeners)


def test_an_answer_to_an_idea_without_a_name_tells_nobody_and_stands():
    found = after("assigned", answer("decline"), [])
    assert (found.status, found.messages) == (Status.DECLINED, ())
    assert len(found.events) == 1


@pytest.mark.parametrize("kind", [*LEADS_TO, "extend"])
@pytest.mark.parametrize("reason", ["", "  \n ", "ja", " ok "])
def test_no_answer_without_a_reason(kind, reason):
    with pytest.raises(UserError, match="waarom"):
        after("adopted" if kind in {"start", "realise", "stop"} else "assigned", answer(kind, reason=reason))


@pytest.mark.parametrize("day", [None, TODAY, date(2026, 6, 2)])
def test_parking_and_extending_need_a_day_after_today(day):
    with pytest.raises(UserError, match="na vandaag"):
        after("assigned", answer("park", parked_until=day))
    with pytest.raises(UserError, match="na vandaag"):
        after("assigned", answer("extend", due_on=day))
    tomorrow = date(2026, 6, 4)
    assert after("assigned", answer("park", parked_until=tomorrow)).status is Status.PARKED


@pytest.mark.parametrize("day", [date(9999, 12, 31), TODAY + FARTHEST + timedelta(days=1)])
def test_a_day_that_nobody_will_wait_for_is_refused(day):
    with pytest.raises(UserError, match="binnen vijf jaar"):
        after("assigned", answer("park", parked_until=day))
    with pytest.raises(UserError, match="binnen vijf jaar"):
        after("assigned", answer("extend", due_on=day))
    assert after("assigned", answer("extend", due_on=TODAY + FARTHEST)).status is Status.ASSIGNED


def test_a_reason_is_trimmed_and_has_an_end():
    assert checked_reason("  Ja, want het kan. \n") == "Ja, want het kan."
    assert len(checked_reason("a" * LONGEST_REASON)) == LONGEST_REASON
    with pytest.raises(UserError, match="te lang"):
        checked_reason("a" * (LONGEST_REASON + 1))
