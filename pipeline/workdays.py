"""Working days: Monday to Friday, without the public holidays of the country."""

from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5


def is_workday(day: date, *, country: str = "NL") -> bool:
    """Whether people work on this day."""
    return day.weekday() < SATURDAY and day not in _holidays(country)


@lru_cache(maxsize=4096)
def add_workdays(start: date, days: int, *, country: str = "NL") -> date:
    """The day that lies `days` working days after `start`; `start` itself doesn't count.

    Raises ValueError when `days` is below 1.
    """
    if days < 1:
        raise ValueError("a promise is at least one working day")
    day = start
    while days:
        day += timedelta(days=1)
        if is_workday(day, country=country):
            days -= 1
    return day


_CALENDARS: dict[str, holidays.HolidayBase] = {}


def _holidays(country: str) -> holidays.HolidayBase:
    # The calendar fills in each year when it is first asked for; making it anew for each day is slow.
    if country not in _CALENDARS:
        _CALENDARS[country] = holidays.country_holidays(country)
    return _CALENDARS[country]
