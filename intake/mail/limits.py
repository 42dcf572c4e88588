"""How much one mail may ask of the parser. Whatever asks for more is set aside or cut, never parsed as it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailLimits:
    """Limits of one mail. Sizes in bytes, lengths in characters, times in seconds.

    `total`, `header_block`, `parts` and `depth` make a mail unreadable; `header`, `text` and `attachments`
    only cut, and `ParsedMail.problems` says what was cut. `seconds`, `processor_seconds` and `memory` hold
    for the child process in which `SafeParser` parses.
    """

    total: int = 25_000_000
    header_block: int = 256_000
    header: int = 16_000
    parts: int = 200
    depth: int = 30
    attachments: int = 25_000_000
    text: int = 200_000
    seconds: float = 10.0
    processor_seconds: int = 8
    memory: int = 1_000_000_000


DEFAULT_LIMITS = MailLimits()
