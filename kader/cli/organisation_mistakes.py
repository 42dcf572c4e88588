"""Tells in plain words what is wrong in an organisation file, and on which line."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

# What `ValidationError.errors` gives; pydantic itself has no public name for it.
ErrorDetails = Mapping[str, Any]

SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
LANGUAGE = "^(nl|en)$"
FILLED = r"\S"

_PATTERNS = {
    SLUG: "use small letters, digits and hyphens, 64 at most",
    EMAIL: "this is no e-mail address",
    LANGUAGE: "this must be nl or en",
    FILLED: "this is empty",
}
_LIST = "this must be a list, with a '-' before each"
_NUMBER = "this must be a whole number"
_SWITCH = "this must be true or false"
_KINDS = {
    "missing": "this is missing",
    "string_too_short": "this is empty",
    "string_too_long": "this is longer than {max_length} characters",
    "too_short": "at least {min_length} is needed",
    "tuple_type": _LIST,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "bool_type": _SWITCH,
    "bool_parsing": _SWITCH,
    "greater_than_equal": "this must be {ge} or more",
    "less_than_equal": "this must be {le} or less",
}


def told(error: ErrorDetails, root: yaml.Node | None, known: Sequence[str]) -> str:
    """The line, the place and the mistake; `known` are the names that may stand in that place."""
    return placed(root, error["loc"], _mistake(error, known))


def placed(root: yaml.Node | None, place: Sequence[int | str], words: str) -> str:
    """The line, the place and what is wrong there."""
    names = ", ".join(step for step in place if isinstance(step, str))
    return f"line {_line(root, place)}: {f'{names}: ' if names else ''}{words}"


def _mistake(error: ErrorDetails, known: Sequence[str]) -> str:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        words = f"this name isn't known here; known are {', '.join(known)}"
    elif given is None:
        words = "this is empty: fill it in, or leave it out"
    elif kind == "model_type":
        words = f"this must have names with values, as in '{known[0]}: …'"
    elif kind == "string_pattern_mismatch":
        words = _PATTERNS[context["pattern"]]
    elif kind == "string_type":
        words = "this must be text"
        if not isinstance(given, list | dict):
            words += "; put it between quotation marks"
    elif kind.startswith("date"):
        words = "this must be a day, such as 2026-11-01"
    else:
        words = _KINDS[kind].format(**context) if kind in _KINDS else str(error["msg"]).lower()
    return words


def _line(root: yaml.Node | None, place: Sequence[int | str]) -> int:
    """The line on which a place begins, or what is around it when it isn't there."""
    node, line = root, 1 if root is None else root.start_mark.line + 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            found = [(node.value[step], node.value[step])]
        else:
            found = []
        if not found:
            break
        begin, node = found[-1]
        line = begin.start_mark.line + 1
    return line
