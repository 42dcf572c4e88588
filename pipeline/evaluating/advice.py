"""What people can do so that the text model gets better, most promising first."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.evaluating.figures import Figures
from pipeline.text.certainty.measure import ENOUGH_FOR_NONE

# Up to some ten decided ideas a framework accuracy rises fastest (docs/text-model.md).
ENOUGH = 10
# Fewer mix-ups than this, or a smaller share of a framework's ideas, is no pattern.
_FEWEST_MIXED = 3
_LEAST_SHARE = 0.2
MOST = 5


class Helps(StrEnum):
    """Ways to help."""

    MORE_IDEAS = "more_ideas"  # decide on more ideas of a framework that has few
    TELL_APART = "tell_apart"  # say in the texts of two frameworks what tells them apart
    LABEL_NONE = "label_none"  # say of more ideas that they fit none


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do. `ideas`: how many people decided on there, `mistakes`: how many ideas, of there or said to be
    of there, went wrong. For TELL_APART: of how many ideas that were answered how many were mixed up.

    `framework` is empty for LABEL_NONE; `other` is the one that it is taken for.
    """

    helps: Helps
    framework: str
    ideas: int
    mistakes: int
    other: str = ""


def advice(figures: Figures, decided: Mapping[str | None, int], *, most: int = MOST) -> list[Advice]:
    """What touches most mistakes first. `decided`: how many ideas people put in each framework, None for in none."""
    found: list[tuple[int, Advice]] = []
    for each in figures.frameworks:
        ideas = decided.get(each.framework, 0)
        if ideas < ENOUGH:
            touched = each.ideas - each.right + each.drawn
            found.append((touched, Advice(Helps.MORE_IDEAS, each.framework, ideas, touched)))
        elif each.taken_for is not None:
            other, mixed = each.taken_for
            if mixed >= max(_FEWEST_MIXED, _LEAST_SHARE * each.ideas):
                found.append((mixed, Advice(Helps.TELL_APART, each.framework, each.ideas, mixed, other)))
    none, ideas = figures.none, decided.get(None, 0)
    if ideas < ENOUGH_FOR_NONE:
        touched = none.ideas - none.found + none.in_vain
        found.append((touched, Advice(Helps.LABEL_NONE, "", ideas, touched)))
    found = [each for each in found if each[0]]
    found.sort(key=lambda each: (-each[0], each[1].framework))
    return [each for _, each in found[:most]]
