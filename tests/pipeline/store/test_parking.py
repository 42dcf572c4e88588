from datetime import UTC, date, datetime

from models import Event
from pipeline.store.parking import bring_back_parked
from tests.pipeline.store.office import PUMP, Office
from tests.pipeline.store.test_answers import decide, healthy


def bring_back(office: Office, day: int, hour: int = 9) -> int:
    with office.database.writing() as session:
        return bring_back_parked(
            session, now=datetime(2026, 6, day, hour, tzinfo=UTC), settings=office.settings
        )


def test_a_parked_idea_comes_back_on_its_last_date(office: Office):
    idea = office.send(PUMP)
    other = office.send(f"{PUMP} Dank!")
    office.triage()
    decide(office, idea, "park", until=date(2026, 6, 8))
    decide(office, idea, "park", until=date(2026, 6, 12))
    decide(office, other, "park", until=date(2026, 6, 8))
    decide(office, other, "decline")
    assert [bring_back(office, 8), bring_back(office, 11)] == [0, 0]
    # In Amsterdam it is the 12th two hours earlier than in UTC.
    assert bring_back(office, 11, 21) == 0
    assert bring_back(office, 11, 22) == 1
    assert (office.status(idea), office.status(other)) == ("in_review", "declined")
    assert office.rows(Event)[-1].kind == "unparked"
    assert bring_back(office, 12) == 0
    assert healthy(office)
    # And may be parked once more.
    decide(office, idea, "park", until=date(2026, 6, 20))
    assert bring_back(office, 19) == 0
    assert bring_back(office, 20) == 1
