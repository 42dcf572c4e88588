from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.workdays import add_workdays, is_workday


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 4, 27),  # King's day
        date(2025, 4, 26),  # King's day, a day early because the 27th is a Sunday
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),  # Easter Monday
        date(2026, 5, 14),  # Ascension
        date(2026, 5, 25),  # Whit Monday
        date(2025, 5, 5),  # Liberation Day in its fifth year
        date(2026, 12, 25),
        date(2026, 1, 1),
        date(2026, 6, 6),  # a Saturday
        date(2026, 6, 7),  # a Sunday
    ],
)
def test_nobody_works(day):
    assert not is_workday(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 4, 28),
        date(2025, 4, 28),
        date(2026, 12, 24),
        date(2026, 6, 5),
        date(2026, 5, 5),  # Liberation Day is a day off once in five years only
        date(2026, 12, 31),
    ],
)
def test_people_work(day):
    assert is_workday(day)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 6, 1), 1, date(2026, 6, 2)),
        (date(2026, 6, 5), 1, date(2026, 6, 8)),  # over the weekend
        (date(2026, 6, 6), 1, date(2026, 6, 8)),  # from a Saturday
        (date(2026, 4, 24), 1, date(2026, 4, 28)),  # weekend and King's day
        (date(2026, 4, 2), 3, date(2026, 4, 9)),  # over Good Friday and Easter Monday
        (date(2026, 12, 24), 1, date(2026, 12, 28)),  # Christmas and a weekend
        (date(2026, 12, 30), 3, date(2027, 1, 5)),  # New Year and a weekend
        (date(2026, 12, 24), 10, date(2027, 1, 11)),
    ],
)
def test_due_date(start, days, due):
    assert add_workdays(start, days) == due


def test_another_country_has_other_holidays():
    assert is_workday(date(2026, 4, 27), country="BE")
    assert not is_workday(date(2026, 7, 21), country="BE")


@pytest.mark.parametrize("days", [0, -1])
def test_a_promise_is_at_least_one_day(days):
    with pytest.raises(ValueError, match="at least one"):
        add_workdays(date(2026, 6, 1), days)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.dates(date(2024, 1, 1), date(2032, 1, 1)), st.integers(1, 60))
def test_the_due_date_is_a_workday_with_the_right_number_of_workdays_up_to_it(start, days):
    due = add_workdays(start, days)
    between = [start + timedelta(days=step) for step in range(1, (due - start).days + 1)]
    assert is_workday(due)
    assert sum(map(is_workday, between)) == days
    assert add_workdays(start, days + 1) > due
