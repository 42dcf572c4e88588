"""The closed sets of values that columns may hold."""

from enum import StrEnum


class Source(StrEnum):
    """The door through which an idea came."""

    EMAIL = "email"
    FORM = "form"
    API = "api"
    IMPORT = "import"


class IntakeOutcome(StrEnum):
    """What became of one thing that came in."""

    IDEA = "idea"
    REPEAT = "repeat"
    AUTOMATIC = "automatic"
    EXCEPTION = "exception"
    REPLY = "reply"  # a submitter's answer by mail to a question about an idea


class IdeaStatus(StrEnum):
    """Where an idea is on its way; the arrows stand in `pipeline.lifecycle`."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    WITH_COORDINATOR = "with_coordinator"
    JOINED = "joined"
    IN_REVIEW = "in_review"
    WAITING_FOR_SUBMITTER = "waiting_for_submitter"
    ADOPTED = "adopted"
    DECLINED = "declined"
    PARKED = "parked"
    IN_PROGRESS = "in_progress"
    REALISED = "realised"
    STOPPED = "stopped"


class FrameworkState(StrEnum):
    """State of one framework version."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REPLACED = "replaced"
    CLOSED = "closed"


class LinkState(StrEnum):
    """State of a duplicate link."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNDONE = "undone"


class DecisionKind(StrEnum):
    """What a person decided on an idea."""

    ADOPT = "adopt"
    DECLINE = "decline"
    PARK = "park"
    ASK = "ask"
    HAND_OVER = "hand_over"
    START = "start"
    REALISE = "realise"
    STOP = "stop"
    EXTEND = "extend"


class CorrectionKind(StrEnum):
    """What a person's word was about."""

    FRAMEWORK = "framework"
    DUPLICATE = "duplicate"


class MessageKind(StrEnum):
    """What a message says."""

    RECEIPT = "receipt"
    ROUTED = "routed"
    JOINED = "joined"
    WITH_COORDINATOR = "with_coordinator"
    TO_MANAGER = "to_manager"
    TO_COORDINATOR = "to_coordinator"
    ADOPTED = "adopted"
    DECLINED = "declined"
    PARKED = "parked"
    IN_REVIEW = "in_review"
    QUESTION = "question"
    HANDED_OVER = "handed_over"
    ANSWERED = "answered"
    TWIN_JOINED = "twin_joined"
    EXTENDED = "extended"
    PROGRESS = "progress"
    OBJECTION = "objection"  # to a coordinator: the submitter says that the idea is in the wrong place
    STAYS = "stays"  # to that submitter: why the idea stays where it is
    FRESH_LINK = "fresh_link"


class MessageStatus(StrEnum):
    """How far a message is on its way out."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunStatus(StrEnum):
    """How far a reprocessing run is."""

    DRY_RUN = "dry_run"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class RunItemStatus(StrEnum):
    """How far one idea is within a reprocessing run."""

    PENDING = "pending"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    APPLIED = "applied"
    SKIPPED = "skipped"
