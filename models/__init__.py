"""What is true: tables, constraints and sessions. No decisions are taken here."""

from models.base import Base, UtcDateTime
from models.framework import Framework, FrameworkLimit, FrameworkManager, FrameworkVersion
from models.idea import Attachment, Idea, IdeaReading, IntakeRecord, TextModelVersion
from models.judgement import Assessment, Assignment, Correction, DecisionRecord, DuplicateLink, Event
from models.organisation import Absence, Person, Unit
from models.outbox import OutboxMessage
from models.upkeep import Counter, Lease, ReprocessingItem, ReprocessingRun

__all__ = [
    "Absence",
    "Assessment",
    "Assignment",
    "Attachment",
    "Base",
    "Correction",
    "Counter",
    "DecisionRecord",
    "DuplicateLink",
    "Event",
    "Framework",
    "FrameworkLimit",
    "FrameworkManager",
    "FrameworkVersion",
    "Idea",
    "IdeaReading",
    "IntakeRecord",
    "Lease",
    "OutboxMessage",
    "Person",
    "ReprocessingItem",
    "ReprocessingRun",
    "TextModelVersion",
    "Unit",
    "UtcDateTime",
]
