"""Amounts in a text and bounds in a limit: "boven 10.000 euro" is passed by "de offerte komt op 38.000".

Numbers in digits and, up to the millions, in Dutch and English words; units of money, time, length, weight and area, per cent,
and people. Whatever else is counted ("2 verdiepingen") is known by its word.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_NUMBERS = (
    "nul zero, - one, twee two, drie three, vier four, vijf five, zes six, zeven seven, acht eight, negen nine, tien ten, "
    "elf eleven, twaalf twelve, dertien thirteen, veertien fourteen, vijftien fifteen, zestien sixteen, zeventien seventeen, "
    "achttien eighteen, negentien nineteen"
)
_TENS_NUMBERS = (
    "- -, tien ten, twintig twenty, dertig thirty, veertig forty, vijftig fifty, zestig sixty, zeventig seventy, "
    "tachtig eighty, negentig ninety"
)
# "een" and "one" are articles more often than numbers, so they're left out; "een paar" is two at least.
_SMALL = {
    word: value
    for value, words in enumerate(_NUMBERS.split(", "))
    for word in words.split()
    if word not in {"-", "one"}
}
_TENS = {
    word: 10 * value
    for value, words in enumerate(_TENS_NUMBERS.split(", "))
    for word in words.split()
    if value > 1
}
_WORDED = _SMALL | _TENS | dict.fromkeys(("paar", "few", "several", "enkele"), 2)
# Before "en" and a ten "een" is a number, as in "eenentwintig".
_BEFORE_TENS = _SMALL | {"een": 1}
_TIMES = {
    "honderd": 100,
    "hundred": 100,
    "duizend": 1_000,
    "thousand": 1_000,
    "k": 1_000,
    "ton": 100_000,  # said of money: a hundred thousand euros
    "miljoen": 1_000_000,
    "million": 1_000_000,
    "mln": 1_000_000,
}
_UNITS = {
    unit: (kind, size)
    for kind, size, units in (
        ("money", 1.0, "euro euros eur € pound pounds gbp £ dollar dollars $"),
        ("money", 0.01, "cent cents pence"),
        ("hours", 1 / 60, "minuut minuten minute minutes min"),
        ("hours", 1.0, "uur uren hour hours"),
        ("hours", 24.0, "dag dagen day days"),
        ("hours", 168.0, "week weken weeks"),
        ("hours", 730.0, "maand maanden month months"),
        ("hours", 8_760.0, "jaar jaren year years"),
        ("share", 1.0, "% procent percent"),
        ("metres", 0.01, "cm centimeter centimetre centimetres"),
        ("metres", 1.0, "m meter meters metre metres"),
        ("metres", 1_000.0, "km kilometer kilometers kilometre kilometres mijl mile miles"),
        ("square metres", 1.0, "m2 m²"),
        ("kilos", 1.0, "kg kilo kilogram kilos"),
        ("people", 1.0, "mensen personen people persons deelnemers participants fte collega's colleagues"),
    )
    for unit in units.split()
}
_TOKEN = re.compile(r"[€£$%]|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’²2](?!\d)[^\W\d_]*)?")
_THOUSANDS = re.compile(r"(\d{1,3}(?:[.,]\d{3})+)(?:[.,]\d{1,2})?$")
_SIGNS = frozenset("€£$")
_OVER = (
    "boven|meer dan|groter dan|hoger dan|langer dan|duurder dan|vanaf|maximaal|hoogstens|ten hoogste|niet meer dan|tot|"
    "over|above|more than|larger than|higher than|longer than|exceeding|at most|no more than|up to|maximum of"
)
_UNDER = (
    "onder|minder dan|lager dan|korter dan|kleiner dan|minimaal|minstens|ten minste|"
    "below|under|less than|fewer than|shorter than|smaller than|at least|minimum of"
)
# Up to the amount itself, with its article or sign: "over €20,000", "above a thousand".
_BOUND = re.compile(
    rf"\b(?:(?P<over>{_OVER})|(?P<under>{_UNDER}))\s+(?:(?:de|het|the|an?)\s+)?$", re.IGNORECASE
)
_YEARS = range(1900, 2101)
_LEAST_BARE = 1_000
# Characters. "honderd" a thousand times in a row is no number, and would be read a thousand calls deep.
_LONGEST_NUMBER = 64
_BEFORE = 24  # characters before an amount in which the words stand that make it a bound


@dataclass(frozen=True, slots=True)
class Amount:
    """`kind`: what is measured, or the word for what is counted; `value` in the unit of its kind.

    It stands in [`begin`, `end`) of its text.
    """

    kind: str
    value: float
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Bound:
    """An amount that a limit names, with the word before it: more than that touches the limit if `over`, else less does.

    Both stand in [`begin`, `amount.end`) of the limit.
    """

    amount: Amount
    over: bool
    begin: int


def amounts(text: str) -> list[Amount]:
    """All amounts in `text`, in order; a number with nothing after it has an empty kind."""
    return list(_amounts(text))


def bounds(limit: str) -> list[Bound]:
    """The bounds that `limit` names: amounts right after words such as "boven" or "less than"."""
    before = [
        (amount, _BOUND.search(limit, max(amount.begin - _BEFORE, 0), amount.begin))
        for amount in amounts(limit)
    ]
    return [Bound(amount, match["over"] is not None, match.start()) for amount, match in before if match]


def without_bounds(limit: str) -> str:
    """`limit` without its bounds: what remains says what they are about."""
    for bound in reversed(bounds(limit)):
        limit = limit[: bound.begin] + limit[bound.amount.end :]
    return limit


def passed(bound: Bound, found: Sequence[Amount]) -> int:
    """1 when one of the amounts found in an idea goes past `bound`, -1 when all of its kind stay within, else 0."""
    kind = bound.amount.kind
    same = [each.value for each in found if each.kind == kind or (kind == "money" and _may_be_money(each))]
    if not same:
        return 0
    return 1 if (max(same) > bound.amount.value if bound.over else min(same) < bound.amount.value) else -1


def _may_be_money(amount: Amount) -> bool:
    return not amount.kind and amount.value >= _LEAST_BARE and amount.value not in _YEARS


def _amounts(text: str) -> Iterator[Amount]:
    tokens = [(match.group().lower(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    place = 0
    while place < len(tokens):
        word, begin, end = tokens[place]
        value = _number(word)
        place += 1
        if value is None:
            continue
        money = place > 1 and tokens[place - 2][0] in _SIGNS
        if money:
            begin = tokens[place - 2][1]
        while place < len(tokens) and (times := _TIMES.get(tokens[place][0])):
            money = money or tokens[place][0] == "ton"
            value *= times
            end = tokens[place][2]
            place += 1
        unit, size = "", 1.0
        if place < len(tokens) and not text[end : tokens[place][1]].strip():
            unit = tokens[place][0]
            if unit in _UNITS:
                end = tokens[place][2]
        unit, size = _UNITS.get(unit, (unit, 1.0))
        yield Amount("money" if money else unit, value if money else value * size, begin, end)


def _number(word: str) -> float | None:
    if not word[0].isdigit():
        return _in_words(word) if len(word) <= _LONGEST_NUMBER else None
    if match := _THOUSANDS.match(word):
        return float(re.sub(r"[.,]", "", match[1]))
    try:
        return float(word.replace(",", "."))
    except ValueError:  # 12.30.15, say
        return None


@lru_cache(maxsize=4_096)
def _in_words(word: str) -> float | None:
    """Dutch writes numbers as one word: "elfduizend", "driehonderd", "vijfentwintig"."""
    if word in _WORDED:
        return float(_WORDED[word])
    for times in ("duizend", "honderd"):
        before, found, after = word.partition(times)
        if found:
            many = _in_words(before) if before else 1.0
            rest = _in_words(after.removeprefix("en")) if after else 0.0
            return None if many is None or rest is None else many * _TIMES[times] + rest
    for ten, value in _TENS.items():
        one = word.removesuffix(ten).removesuffix("en")
        if word.endswith("en" + ten) and one in _BEFORE_TENS:
            return float(_BEFORE_TENS[one] + value)
    return None
