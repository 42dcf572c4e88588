"""What is known of an idea when it is decided on, gathered beforehand: plain values."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.core import Passage, Sameness
from pipeline.payloads import KnownIdea


@dataclass(frozen=True, slots=True)
class IdeaFacts:
    """The idea that is decided on."""

    id: int
    reference: str
    title: str
    submitter_id: int | None = None
    submitter_name: str | None = None
    unit_id: int | None = None
    unit_name: str | None = None
    excerpt: str = ""
    is_quiet: bool = False  # the submitter asked for no automatic messages
    received_at: datetime | None = None
    same_as_id: int | None = None  # the idea that the submitter said it is the same as

    @property
    def listener_id(self) -> int | None:
        """Who hears automatic messages about this idea."""
        return None if self.is_quiet else self.submitter_id


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An original that the idea resembles (never a duplicate itself), and how much.

    `compared_id`: the idea that it was compared with, the original or one that joined it, in which `passages` are.
    """

    original: KnownIdea
    probability: float
    sameness: Sameness
    reason: str
    passages: tuple[Passage, ...] = ()
    compared_id: int | None = None
    is_said: bool = False  # by the submitter, when sending the idea


@dataclass(frozen=True, slots=True)
class EarlierIdea:
    """An earlier idea near to this one, on which a person decided; `framework` is None when it fits none."""

    reference: str
    title: str
    framework: str | None
