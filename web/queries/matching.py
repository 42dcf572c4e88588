"""What two ideas have in common, as pages show it: the words in a sentence, the passages marked."""

from collections.abc import Mapping, Sequence
from typing import Any

# Part of a text, and whether the other idea has it too.
Parts = tuple[tuple[str, bool], ...]

_SHARED, _DIFFERS = "shared: ", "differs: "
_TRANSLATED = "translated"


def common_words(reason: str) -> tuple[str, str]:
    """The words that both have and those that only one has, of a reason as the pair model gives it; maybe empty."""
    shared = differs = ""
    for part in reason.split("; "):
        if part.startswith(_SHARED):
            shared = part.removeprefix(_SHARED)
        elif part.startswith(_DIFFERS):
            differs = part.removeprefix(_DIFFERS)
    return shared, differs


def is_translated(reason: str) -> bool:
    """Whether a reason, as the pair model gives it, is that both say the same in two languages."""
    return reason.split("; ", maxsplit=1)[0] == _TRANSLATED


def marked(
    title: str, text: str, evidence: Mapping[str, Any], *, idea_id: int, is_later: bool
) -> tuple[Parts, Parts]:
    """Title and text of an idea of a link, in parts; nothing is marked when another idea was compared instead of it."""
    passages = evidence.get("passages", ()) if is_later or evidence.get("compared") == idea_id else ()
    spans = [tuple(each[:2] if is_later else each[2:]) for each in passages]
    begins = len(title) + 1 if title else 0
    in_text = [(start - begins, end - begins) for start, end in spans]
    return _parts(title, spans), _parts(text, in_text)


def _parts(text: str, spans: Sequence[tuple[int, ...]]) -> Parts:
    """Divide a text at spans, which may lie partly outside of it."""
    parts, done = [], 0
    for start, end in sorted((max(each[0], 0), min(each[1], len(text))) for each in spans):
        begin = max(start, done)
        if end <= begin:
            continue
        parts += [(text[done:begin], False), (text[begin:end], True)]
        done = end
    parts.append((text[done:], False))
    return tuple(part for part in parts if part[0])
