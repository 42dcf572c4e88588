"""What a new reading may change in an idea that was placed before. Pure."""

from dataclasses import dataclass
from typing import Any

from pipeline.core import Decision, Reading
from pipeline.lifecycle import MACHINE_MAY_PLACE
from pipeline.routing import Route


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an idea stands now, and whether a person has spoken on it."""

    idea_id: int
    reference: str
    title: str
    status: str
    framework: str | None
    owner: str | None
    person_spoke: bool

    def as_row(self) -> dict[str, Any]:
        return {"status": self.status, "framework": self.framework, "owner": self.owner}


@dataclass(frozen=True, slots=True)
class Change:
    """What the machine thinks now; `moves` tells whether the idea would go elsewhere."""

    moves: bool
    row: dict[str, Any]
    note: str | None = None


def why_untouchable(standing: Standing) -> str | None:
    """The reason why the machine may not touch this idea; None when it may."""
    if standing.person_spoke:
        return "a person decided on it"
    if standing.status not in MACHINE_MAY_PLACE:
        return f"its status is {standing.status}"
    return None


def compare(standing: Standing, reading: Reading, route: Route, owner: str) -> Change:
    """Compare where an idea stands with where the machine would send it now.

    Only a sure answer moves an idea: doubt is no reason to take it away from who already has it.
    """
    best = reading.candidates[0] if reading.candidates else None
    framework = route.framework.text.slug if route.framework else None
    row = {
        "decision": reading.decision.value,
        "framework": framework or standing.framework,
        "owner": owner if framework else standing.owner,
        "best": best.framework if best else None,
        "probability": round(best.probability, 4) if best else None,
    }
    moves = reading.decision is Decision.AUTO and framework is not None and framework != standing.framework
    note = None
    if not moves:
        row |= {"framework": standing.framework, "owner": standing.owner}
        if (
            best is not None
            and best.framework != standing.framework
            and reading.decision is not Decision.AUTO
        ):
            note = "the machine would ask a person"
    return Change(moves, row, note)
