"""A small organisation of plain values, for the tests of the core."""

from collections.abc import Iterable
from datetime import date

from pipeline.core import FrameworkText, LimitText
from pipeline.routing import AbsenceCard, FrameworkCard, Organisation, PersonCard

TODAY = date(2026, 6, 3)  # a Wednesday
HOSPITAL, CARE, WARD = 100, 101, 102  # the ward is part of care, care of the hospital
ANNA, BRAM, CAS, DIEP, COOR, CORA = 1, 2, 3, 4, 8, 9
NAMES = {ANNA: "Anna", BRAM: "Bram", CAS: "Cas", DIEP: "Diep", COOR: "Coor", CORA: "Cora"}


def away(deputy: int | None, first: date = TODAY, last: date = TODAY) -> AbsenceCard:
    return AbsenceCard(first, last, deputy)


def framework(
    managers: dict[int | None, int],
    slug: str = "groen",
    *,
    response_days: int = 10,
    opens_on: date | None = None,
    closes_on: date | None = None,
) -> FrameworkCard:
    text = FrameworkText(
        slug,
        title=f"Kader {slug}",
        description=f"Ideeën over {slug}.",
        goal="Minder afval",
        limits=(LimitText("Verbouwen", "Dat loopt al."),),
        version=3,
    )
    return FrameworkCard(
        id=sum(map(ord, slug)),
        version_id=70,
        text=text,
        response_days=response_days,
        managers=managers,
        opens_on=opens_on,
        closes_on=closes_on,
    )


def organisation(
    *frameworks: FrameworkCard,
    absences: dict[int, tuple[AbsenceCard, ...]] | None = None,
    inactive: Iterable[int] = (),
    coordinators: tuple[int, ...] = (COOR, CORA),
) -> Organisation:
    gone = set(inactive)
    return Organisation(
        people={
            key: PersonCard(key, name, is_active=key not in gone, absences=(absences or {}).get(key, ()))
            for key, name in NAMES.items()
        },
        parents={HOSPITAL: None, CARE: HOSPITAL, WARD: CARE},
        frameworks={card.text.slug: card for card in frameworks},
        coordinators=coordinators,
    )
